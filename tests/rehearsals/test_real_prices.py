"""The classic protocol over the prices that were: every invariant holds after every entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.rehearsals.real_market import Follower, asked, rehearsed

SPANS = {
    "the crisis": (date(2007, 1, 3), date(2009, 12, 31)),
    "the long rise": (date(2013, 1, 2), date(2019, 12, 31)),
    "the crash and the fall": (date(2020, 1, 2), date(2022, 12, 30)),
}


@pytest.mark.long
@pytest.mark.parametrize("span", SPANS)
def test_years_of_real_prices_balance_to_the_cent(
    span: str, shared_data: Path, tmp_path: Path
) -> None:
    first, last = SPANS[span]
    follower = rehearsed(asked(shared_data, first, last, tmp_path))
    weeks = len(follower.closed_weeks)
    years = last.year - first.year + 1
    assert 52 * years <= weeks <= 53 * years
    # The broker's books were told at every close and never differed.
    assert follower.statements > 245 * years
    assert follower.kinds["DifferenceFound"] == 0
    assert follower.kinds["DeskHalted"] == 0
    assert follower.kinds["ConditionMissing"] == 0
    assert sum(follower.labels.values()) >= weeks
    assert _is_a_desk_at_work(follower, years)


def _is_a_desk_at_work(follower: Follower, years: int) -> bool:
    """Entries, assignments, covered calls and rolls happened, so the invariants were tried."""
    happened = follower.kinds
    return (
        happened["FillBooked"] > 300 * years
        and happened["AssignmentBooked"] > 0
        and follower.codes["P-EW"] > 100 * years
        and follower.codes["C-WAP+"] > 0
        and follower.codes["P-RO"] + follower.codes["C-RO"] > 0
        and follower.codes["P-DD"] > 0
    )


@pytest.mark.long
def test_a_split_seven_for_one_is_followed(shared_data: Path, tmp_path: Path) -> None:
    follower = rehearsed(asked(shared_data, date(2014, 3, 3), date(2014, 7, 31), tmp_path))
    assert follower.splits == 1
