"""What the desk's panels ask of a record: why a candidate got no proposal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from allusedesk.journal.queries.desk import why_not
from tests.journal.test_practice_queries import WEEK, side_with, weighed
from tests.journal.week_entries import REV, TURNED


def test_what_stopped_two_parts_of_a_look_for_one_reason_is_told_once(tmp_path: Path) -> None:
    other = replace(TURNED, reason="another reason")
    with side_with(tmp_path, weighed(REV, TURNED, TURNED, other)) as side:
        found = [one for one in why_not(side, str(WEEK)) if one.account == REV]
    assert sorted(one.reason for one in found) == sorted([TURNED.reason, other.reason])
