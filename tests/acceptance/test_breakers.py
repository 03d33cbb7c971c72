"""Section 15, A5 and section 10 under both rulebooks: VIX breakers by print, and what they stop."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import BrokerReported
from allusedesk.domain.orders import LinkChanged
from allusedesk.domain.proposals import ProposalKind
from tests.acceptance.constitution_desks import EXIT, TEXT, HedgingStage, fall_to, with_put
from tests.acceptance.desks import (
    F1_REV,
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    REV_ONLY,
    WEDNESDAY,
    kept_to_the_end,
    proposals,
    rules_refused,
    sound,
)
from tests.acceptance.stage import Stage, at
from tests.simulation.world import classic_text

SPOTS = {"AAPL": "100.20", "IBM": "100"}
BOTH = pytest.mark.parametrize(("text", "day"), [("", MONDAY), (TEXT, WEDNESDAY)])


def printed(text: str, **changes: Any) -> Stage:
    """A desk that sees prints of VIX; what is high enough is no idle week under classic."""
    desk = HedgingStage(MONDAY, SPOTS, REV_ONLY, rulebook=text, **changes)
    desk.figures.is_vix_printed = True
    desk.figures.vix, desk.figures.vix_average = Decimal(40), Decimal(60)
    return desk


def prints(desk: Stage, day: date, clock: str, vix: str) -> None:
    desk.when(at(day, clock), lambda: setattr(desk.figures, "vix", Decimal(vix)))


def tripped(desk: Stage) -> list[str]:
    return [event.breaker for event in desk.all(ev.BreakerTripped) if event.account is None]


@BOTH
@pytest.mark.parametrize(
    ("vix", "breaker"),
    [
        ("50", []),
        ("52", ["hedged"]),
        ("65", ["hedged"]),
        ("66", ["hedged", "safe"]),
        ("80", ["hedged", "safe"]),
        ("81", ["hedged", "safe", "kill"]),
    ],
)
def test_a5_two_prints_trip_at_the_second_of_them(
    text: str, day: date, vix: str, breaker: list[str]
) -> None:
    desk = printed(text)
    desk.play(at(day, "10:00"))
    assert desk.state.book.positions_of(F1_REV)
    prints(desk, day, "10:29", vix)
    desk.play(at(day, "10:31"))
    assert tripped(desk) == []

    desk.play(at(day, "12:31"))
    assert tripped(desk) == breaker
    for entry in desk.entries(ev.BreakerTripped):
        assert entry.recorded_at == at(day, "12:30")
    state = desk.state.sleeves[F1_REV].state
    assert (state is ev.SleeveState.EMERGENCY) is (breaker[-1:] == ["kill"])
    assert (state is ev.SleeveState.SAFE) is (breaker[-1:] == ["safe"])


@BOTH
@pytest.mark.parametrize("vix", ["52", "66", "81"])
def test_a5_one_print_alone_trips_nothing(text: str, day: date, vix: str) -> None:
    desk = printed(text)
    desk.play(at(day, "10:00"))
    prints(desk, day, "10:29", vix)
    prints(desk, day, "10:31", "40")
    desk.play(at(day, "16:05"))
    assert tripped(desk) == []


@BOTH
@pytest.mark.parametrize(("second", "enters"), [("66", False), ("40", True)])
def test_a5_between_the_first_print_and_the_second_nothing_is_sold(
    text: str, day: date, second: str, *, enters: bool
) -> None:
    desk = printed(text)
    prints(desk, day, "09:44", "66")
    prints(desk, day, "09:45:10", second)
    desk.play(at(day, "09:45:10"))
    assert not proposals(desk)
    desk.play(at(day, "10:40"))

    made = proposals(desk, ProposalKind.ENTRY)
    assert [proposal.made_at for proposal in made] == [at(day, "09:45:15")] * enters
    assert tripped(desk) == ([] if enters else ["hedged", "safe"])
    assert ("freeze.entries" in rules_refused(desk)) is not enters


@BOTH
def test_a5_a_breaker_on_vix_halves_what_is_deployed(text: str, day: date) -> None:
    sizes = []
    for vix in ("40", "52"):
        text = (text or classic_text()).replace("issuer_cap = 0.25", "issuer_cap = 1")
        desk = HedgingStage(MONDAY, SPOTS, REV_ONLY, rulebook=text, capital=1_000_000)
        desk.figures.vix, desk.figures.vix_average = Decimal(vix), Decimal(60)
        desk.play(at(day + timedelta(days=7), "12:00"))
        sizes.append([p.quantity for p in proposals(desk, ProposalKind.ENTRY)])
    calm, hedged = sizes
    assert calm[-1] > 1
    assert hedged[-1] in (calm[-1] // 2, calm[-1] // 2 + calm[-1] % 2)


def test_a5_in_an_emergency_an_exit_goes_on_and_the_emergency_too() -> None:
    desk, strike = with_put()
    desk.figures.is_vix_printed = True
    prints(desk, WEDNESDAY, "12:20", "81")
    prints(desk, WEDNESDAY, "15:50", "40")
    fall_to(desk, strike - 6, WEDNESDAY, "15:20:30")
    desk.play(at(WEDNESDAY, "15:25"))

    assert tripped(desk)[:3] == ["hedged", "safe", "kill"]
    assert len(proposals(desk, EXIT)) == 1
    assert not desk.state.book.positions_of(F1_REV)
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.EMERGENCY
    # A person lowers it after a close below, and the sleeves rest in SAFE again.
    desk.play(at(NEXT_MONDAY, "09:30"))
    assert "kill" not in desk.state.breakers
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.SAFE
    sound(desk)


@BOTH
@pytest.mark.parametrize(("close", "is_lowered"), [("64.99", True), ("65", False)])
def test_a5_a_person_lowers_a_breaker_after_a_close_below_it(
    text: str, day: date, close: str, *, is_lowered: bool
) -> None:
    desk = printed(text)
    desk.play(at(day, "10:00"))
    prints(desk, day, "10:29", "66")
    prints(desk, day, "15:59", close)
    desk.play(at(day, "16:05"))

    assert tripped(desk)[:2] == ["hedged", "safe"]
    asked = [p for p in proposals(desk, ProposalKind.RESUME) if p.note == "safe"]
    assert bool(asked) is is_lowered
    assert [event.by for event in desk.all(ev.BreakerLowered)] == ["tester"] * is_lowered
    assert ("safe" in desk.state.breakers) is not is_lowered


@BOTH
def test_a5_a_milder_breaker_that_was_lowered_trips_again_with_the_harder_one(
    text: str, day: date
) -> None:
    desk = printed(text)
    desk.play(at(day, "10:00"))
    prints(desk, day, "10:29", "66")
    # The close lies below 65, so a person lowers `safe`; `hedged` stands.
    prints(desk, day, "15:59", "64.99")
    desk.play(at(day, "16:05"))
    assert desk.state.breakers == ("hedged",)

    tomorrow = day + timedelta(days=1)
    prints(desk, tomorrow, "10:29", "81")
    desk.play(at(tomorrow, "14:35"))
    assert tripped(desk) == ["hedged", "safe", "safe", "kill"]
    again = [entry.recorded_at for entry in desk.entries(ev.BreakerTripped)][2:]
    assert len(set(again)) == 1
    assert desk.state.breakers == ("hedged", "safe", "kill")


@BOTH
def test_a_lost_broker_brings_every_sleeve_to_safe(text: str, day: date) -> None:
    desk = printed(text)
    desk.play(at(day, "10:00"))
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.MONITORING
    desk.play(at(day, "10:05"), BrokerReported(LinkChanged(is_up=False, reason="dead")))
    assert {sleeve.state for sleeve in desk.state.sleeves.values()} == {ev.SleeveState.SAFE}


def test_an_idle_week_enters_nothing_and_covers_its_shares() -> None:
    desk = kept_to_the_end()
    desk.when(at(FRIDAY, "15:00"), lambda: desk.spots.update(AAPL=Decimal(96)))
    prints(desk, NEXT_MONDAY, "08:30", "25")
    desk.play(at(NEXT_MONDAY + timedelta(days=2), "15:35"))

    [call] = proposals(desk, ProposalKind.COVERED_CALL)
    assert call.rule.rule == "assignment.call_at_the_money"
    assert desk.state.condition is not None
    assert desk.state.condition.deploy == 0
    assert "condition.idle" in rules_refused(desk)
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1


def test_gbr_4_is_asked_once_for_one_fall_and_anew_for_another() -> None:
    desk = kept_to_the_end()
    desk.when(at(FRIDAY, "15:50"), lambda: desk.spots.update(AAPL=Decimal(95)))
    deep = NEXT_MONDAY + timedelta(days=4)
    desk.when(at(deep, "14:00"), lambda: desk.spots.update(AAPL=Decimal(78)))
    desk.play(at(deep + timedelta(weeks=7), "16:05"))
    assert len(proposals(desk, ProposalKind.RECOVERY)) == 1
    assert not desk.state.sleeves[F1_REV].freezes

    # Back at its basis for the end of a week: the next fall is another one.
    [lot] = [lot for lot in desk.state.book.positions.values() if lot.is_shares]
    assert lot.basis is not None
    basis = lot.basis.per_unit
    desk.when(at(deep + timedelta(weeks=8), "14:00"), lambda: desk.spots.update(AAPL=basis))
    down = at(deep + timedelta(weeks=9), "14:00")
    desk.when(down, lambda: desk.spots.update(AAPL=Decimal(78)))
    desk.play(at(deep + timedelta(weeks=9), "16:05"))
    assert [p.made_at.date() for p in proposals(desk, ProposalKind.RECOVERY)] == [
        deep,
        deep + timedelta(weeks=9),
    ]
