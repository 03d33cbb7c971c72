"""One outcome for each position and week, whenever and however it ended."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain.proposals import ProposalKind
from tests.acceptance.desks import (
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    TUESDAY,
    WEDNESDAY,
    kept_to_the_end,
    proposals,
    sound,
    stage,
)
from tests.acceptance.stage import at


def test_a_rolled_leg_starts_next_week() -> None:
    desk = stage()
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.figures.atr = Decimal(1)
    desk.when(at(TUESDAY, "12:00"), lambda: desk.spots.update(AAPL=Decimal("98.2")))
    desk.play(at(NEXT_MONDAY + timedelta(days=4), "17:00"))

    rolls = proposals(desk, ProposalKind.ROLL)
    assert rolls
    outcomes = {(e.position, e.week.number): e for e in desk.all(ev.OutcomeClassified)}
    old = rolls[0].legs[0].closes
    assert outcomes[old, 5].outcome == "P-RO"
    assert outcomes[old, 5].tag == "closed"
    new = f"{rolls[0].id}/O1/L1"
    assert (new, 5) not in outcomes
    assert (new, 6) in outcomes
    assert "Roll" in desk.all(ev.WeekLabelled)[0].label
    sound(desk)


def test_a_rolled_leg_closed_in_the_week_of_its_roll_is_not_counted_beside_it() -> None:
    desk = stage()
    desk.figures.atr = Decimal(1)
    desk.when(at(TUESDAY, "12:00"), lambda: desk.spots.update(AAPL=Decimal("98.2")))
    desk.when(at(WEDNESDAY, "12:00"), lambda: desk.spots.update(AAPL=Decimal(112)))
    desk.play(at(NEXT_MONDAY, "09:00"))

    [roll] = proposals(desk, ProposalKind.ROLL)
    new = f"{roll.id}/O1/L1"
    closed = proposals(desk, ProposalKind.ADJUSTMENT)
    assert new in [leg.closes for proposal in closed for leg in proposal.legs]
    measured = [event for event in desk.all(ev.OutcomeClassified) if event.position is not None]
    assert [(event.position, event.outcome) for event in measured] == [
        (roll.legs[0].closes, "P-RO")
    ]
    sound(desk)


def test_an_idle_sleeve_has_an_outcome_of_its_own() -> None:
    desk = stage()
    desk.refuses = lambda _proposal: True
    desk.play(at(NEXT_MONDAY, "09:00"))

    outcomes = desk.all(ev.OutcomeClassified)
    assert {event.outcome for event in outcomes} == {"W-IDL"}
    assert sorted(event.account for event in outcomes) == ["F1.com", "F1.gen", "F1.rev"]
    sound(desk)


def test_a_put_closed_at_a_profit_counts_as_worthless_and_says_that_it_was_closed() -> None:
    desk = stage()
    desk.play(at(FRIDAY, "17:00"))

    measured = [event for event in desk.all(ev.OutcomeClassified) if event.position is not None]
    assert [(event.outcome, event.tag) for event in measured] == [("P-EW", "closed")]
    sound(desk)


def test_a_put_that_ends_in_the_middle_of_a_week_is_measured_once() -> None:
    desk = kept_to_the_end()
    # The exchange lists a Wednesday instead of the Friday, as it does for some names.
    desk.listed = (WEDNESDAY,)
    desk.play(at(MONDAY, "09:30"))
    desk.play(at(NEXT_MONDAY, "09:00"))

    puts = [event for event in desk.all(ev.OutcomeClassified) if event.position is not None]
    assert [(event.outcome, event.tag) for event in puts] == [("P-EW", "final")]
    sound(desk)
