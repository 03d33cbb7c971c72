from __future__ import annotations

from dataclasses import replace

import pytest

from allusedesk.reports.evidence_pages import days_of, statement_of_period
from allusedesk.reports.statement import Section, Standing
from tests.reports.regulatory_sample import PERIOD, evidence


@pytest.mark.parametrize(
    ("is_over", "standing", "version"),
    [(True, Standing.FINAL, 1), (False, Standing.PROVISIONAL, 0)],
)
def test_a_period_is_final_once_nothing_can_be_added(
    is_over: bool, standing: Standing, version: int
) -> None:
    seen = replace(evidence(), period=replace(PERIOD, is_over=is_over))
    made = statement_of_period(seen, "A title", "of days", (Section("One", ()),))
    assert (made.standing, made.version) == (standing, version)
    assert made.period == f"2013-Q1, {days_of(PERIOD)}"
    assert days_of(PERIOD) == "1 January 2013 to 31 March 2013"
    assert (made.title, made.subtitle, made.mode) == ("A title", "of days", seen.mode)
    assert (made.sequence_first, made.sequence_last) == (
        seen.seen.sequence_first,
        seen.seen.sequence_last,
    )
    assert (made.rulebook, made.chain_head) == (seen.rulebook, seen.chain_head)
