from __future__ import annotations

from allusedesk.protocol.week_types import frequencies_normalised
from tests.protocol.examples import D, classic


def test_the_quoted_weeks_are_brought_to_one_and_it_is_said() -> None:
    found = frequencies_normalised(classic())
    assert abs(sum(share for _, share in found.shares) - 1) < D("1e-20")
    assert dict(found.shares)["C-WAP"] == D(14) / D(60)
    assert found.note == "The quoted weeks sum to 60, not 52; each was divided by 60."
