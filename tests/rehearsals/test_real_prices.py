"""Both rulebooks over the prices that were: every invariant holds after every entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from allusedesk.domain.proposals import ProposalKind
from tests.rehearsals.real_market import Follower, Part, asked, observed, rehearsed


@dataclass(frozen=True)
class Years:
    """A span under a rulebook, and the days of it that are thought about once more."""

    rulebook: str
    first: date
    last: date
    replayed: tuple[date, date]


AUTUMN_2008 = date(2008, 9, 15), date(2008, 10, 31)
MARCH_2020 = date(2020, 2, 24), date(2020, 3, 27)
SPANS = {
    "the crisis, classic": Years("classic", date(2007, 1, 3), date(2009, 12, 31), AUTUMN_2008),
    "the crisis, constitution": Years(
        "constitution", date(2007, 1, 3), date(2009, 12, 31), AUTUMN_2008
    ),
    "the crash and the fall, classic": Years(
        "classic", date(2019, 1, 2), date(2022, 12, 30), MARCH_2020
    ),
    "the crash and the fall, constitution": Years(
        "constitution", date(2019, 1, 2), date(2022, 12, 30), MARCH_2020
    ),
    "the long rise, classic": Years(
        "classic", date(2013, 1, 2), date(2016, 12, 30), (date(2014, 6, 2), date(2014, 6, 20))
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("span", SPANS)
def test_years_of_real_prices_balance_to_the_cent(
    span: str, shared_data: Path, tmp_path: Path
) -> None:
    asked_for = SPANS[span]
    request = asked(
        shared_data, asked_for.first, asked_for.last, tmp_path, rulebook=asked_for.rulebook
    )
    follower = observed(request, Part(*asked_for.replayed))
    weeks = len(follower.closed_weeks)
    years = asked_for.last.year - asked_for.first.year + 1
    assert 52 * years <= weeks <= 53 * years
    # The broker's books were told at every close and never differed.
    assert follower.statements > 245 * years
    assert follower.kinds["DifferenceFound"] == 0
    assert follower.kinds["ConditionMissing"] == 0
    assert sum(follower.labels.values()) >= weeks
    if asked_for.rulebook == "classic":
        assert _is_classic_at_work(follower, years)
    else:
        assert _is_constitution_at_work(follower, years)


def _is_classic_at_work(follower: Follower, years: int) -> bool:
    """Entries, assignments, covered calls and rolls happened, so the invariants were tried."""
    happened = follower.kinds
    return (
        happened["DeskHalted"] == 0
        and happened["FillBooked"] > 200 * years
        and happened["AssignmentBooked"] > 0
        and follower.codes["P-EW"] > 80 * years
        and follower.codes["C-WAP+"] > 0
        and follower.codes["P-RO"] + follower.codes["C-RO"] > 0
        and follower.codes["P-DD"] > 0
    )


def _is_constitution_at_work(follower: Follower, years: int) -> bool:
    """Its levels, rolls, breakers and hedges were tried as well."""
    happened = follower.kinds
    return (
        happened["FillBooked"] > 150 * years
        and happened["AssignmentBooked"] > 0
        and {"L1", "L2", "L3"} <= set(follower.levels.values())
        and follower.traded[ProposalKind.ROLL] > 0
        and follower.traded[ProposalKind.COVERED_CALL] > 30 * years
        and {"hedge", "hedged", "safe", "kill"} <= set(follower.breakers)
    )


@pytest.mark.long
def test_a_split_seven_for_one_is_followed(shared_data: Path, tmp_path: Path) -> None:
    follower = rehearsed(asked(shared_data, date(2014, 3, 3), date(2014, 7, 31), tmp_path))
    assert follower.splits == 1
