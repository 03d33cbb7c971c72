"""Section 15, A12 and A4 for the constitution: the life of a covered call, and what follows it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind
from tests.acceptance.constitution_desks import fall_to, stage, with_put
from tests.acceptance.desks import (
    COM,
    F1_COM,
    F1_GEN,
    F1_REV,
    FRIDAY,
    GEN,
    MONDAY,
    NEXT_MONDAY,
    REV,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    proposals,
    rules_refused,
    sound,
)
from tests.acceptance.stage import Stage, at

COM_ONLY = {GEN: (), REV: (), COM: ("AAPL",)}


def covered(**changes: object) -> tuple[Stage, Position]:
    """A desk whose Com bought its first shares on Monday and sold calls on them."""
    desk = stage(COM_ONLY, **changes)
    desk.play(at(MONDAY, "12:00"))
    [call] = [lot for lot in desk.state.book.positions.values() if lot.is_short_call]
    return desk, call


def worth(desk: Stage, call: Position, mid: Decimal) -> None:
    desk.special[call.instrument] = {"mid": mid, "half_spread": Decimal("0.01")}


def closes(desk: Stage, call: Position) -> list[str]:
    return [p.rule.rule for p in proposals(desk) if p.concerns == (call.id,)]


@pytest.mark.parametrize(("left", "is_closed"), [("0.35", True), ("0.3501", False)])
def test_a12_a_call_whose_premium_decayed_by_65_per_cent_is_closed(
    left: str, *, is_closed: bool
) -> None:
    desk, call = covered()
    worth(desk, call, call.price_average.per_unit * Decimal(left))
    desk.play(at(TUESDAY, "12:00"))

    assert closes(desk, call) == ["profit.call_decay"] * is_closed
    assert (call.id not in desk.state.book.positions) is is_closed
    sound(desk)


@pytest.mark.parametrize(("above", "is_closed"), [("-0.01", True), ("0", True), ("0.01", False)])
def test_a12_a_call_at_one_day_is_closed_unless_it_is_to_be_called_away(
    above: str, *, is_closed: bool
) -> None:
    desk, call = covered()
    assert call.option is not None
    strike = call.option.strike
    worth(desk, call, call.price_average.per_unit)
    desk.play(at(WEDNESDAY, "16:05"))
    assert closes(desk, call) == []

    desk.spots["AAPL"] = strike + Decimal(above)
    desk.play(at(THURSDAY, "12:00"))
    assert closes(desk, call) == ["profit.call_days_left"] * is_closed


@pytest.mark.parametrize(
    ("capital", "announced", "lots", "covers"),
    [
        (300_000, FRIDAY, 2, 1),
        (450_000, FRIDAY, 3, 1),
        (300_000, FRIDAY + timedelta(days=1), 2, 2),
    ],
)
def test_a12_in_an_earnings_week_half_of_the_shares_are_covered_rounded_down(
    capital: int, announced: date, lots: int, covers: int
) -> None:
    desk = stage(COM_ONLY, capital=capital)
    desk.figures.earnings = announced
    desk.play(at(MONDAY, "12:00"))

    [purchase] = proposals(desk, ProposalKind.SHARE_PURCHASE)
    assert purchase.quantity == lots * 100
    calls = [lot for lot in desk.state.book.positions.values() if lot.is_short_call]
    assert sum(call.quantity for call in calls) == covers
    sound(desk)


def test_a12_of_a_single_lot_nothing_is_covered_in_an_earnings_week() -> None:
    desk = stage(COM_ONLY, capital=150_000)
    desk.figures.earnings = FRIDAY
    desk.play(at(MONDAY, "12:00"))
    assert not proposals(desk, ProposalKind.COVERED_CALL)
    assert "earnings.cover" in rules_refused(desk, F1_COM)


def test_a_share_called_away_from_com_is_entered_again_by_a_put() -> None:
    desk, call = covered()
    assert call.option is not None
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    fall_to(desk, call.option.strike + Decimal("2.20"), FRIDAY, "15:50")
    desk.play(at(NEXT_MONDAY, "12:00"))

    assert not any(lot.is_shares for lot in desk.state.book.positions.values())
    [again] = proposals(desk, ProposalKind.ENTRY)
    assert (again.account, again.made_at.date()) == (F1_COM, NEXT_MONDAY)
    assert len(proposals(desk, ProposalKind.SHARE_PURCHASE)) == 1
    sound(desk)


@pytest.mark.parametrize(("more", "is_closed"), [("0", False), ("0.01", True)])
def test_a12_a_dividend_above_time_value_closes_the_call_by_a_quarter_to_four(
    more: str, *, is_closed: bool
) -> None:
    desk, call = covered()
    worth(desk, call, call.price_average.per_unit)
    # The call is out of the money: all of its worth is time value.
    desk.figures.dividend = call.price_average.per_unit + Decimal(more)
    desk.figures.ex_dividend = WEDNESDAY
    desk.play(at(MONDAY, "16:05"))
    assert closes(desk, call) == []

    desk.play(at(TUESDAY, "16:05"))
    assert closes(desk, call) == ["dividend.close"] * is_closed
    if is_closed:
        [close] = [p for p in proposals(desk) if p.concerns == (call.id,)]
        [order] = [e.order for e in desk.all(ev.OrderWritten) if e.order.proposal == close.id]
        assert at(TUESDAY, "09:30") <= order.written_at <= at(TUESDAY, "15:45")
        assert call.id not in desk.state.book.positions
    sound(desk)


def test_a12_a_dividend_after_the_calls_end_closes_nothing() -> None:
    desk, call = covered()
    worth(desk, call, call.price_average.per_unit)
    desk.figures.dividend, desk.figures.ex_dividend = Decimal(9), FRIDAY + timedelta(days=1)
    desk.spots["AAPL"] = call.instrument.strike + 1  # type: ignore[union-attr]
    desk.play(at(FRIDAY, "12:00"))
    assert closes(desk, call) == []


def test_a4_shares_put_to_gen_on_friday_are_covered_in_the_window_whose_days_they_take() -> None:
    """On Gen's Thursday a name that lists Fridays alone has 1 and 8 days: neither is in 2 to 7."""
    desk = stage({GEN: ("AAPL",), REV: (), COM: ()}, spots={"AAPL": "99.30"})
    desk.figures.half_spread = Decimal("0.005")
    desk.play(at(THURSDAY, "12:00"))
    [put] = desk.state.book.positions_of(F1_GEN)
    assert put.option is not None
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.closings["AAPL", FRIDAY] = put.option.strike - 1
    fall_to(desk, put.option.strike - 1, FRIDAY, "15:50")
    desk.play(at(NEXT_MONDAY, "09:30"))
    assert proposals(desk, ProposalKind.COVERED_CALL) == []
    desk.play(at(NEXT_MONDAY, "12:00"))

    [call] = proposals(desk, ProposalKind.COVERED_CALL)
    assert (call.account, str(call.rule)) == (F1_GEN, "constitution@1.3/assignment.call")
    assert call.legs[0].instrument.expiry == FRIDAY + timedelta(weeks=1)
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    sound(desk)


def test_a4_once_the_shares_are_called_away_puts_come_back() -> None:
    desk, strike = with_put()
    desk.figures.half_spread = Decimal("0.005")
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.closings["AAPL", FRIDAY] = strike - 1
    fall_to(desk, strike - 1, FRIDAY, "15:50")
    desk.play(at(NEXT_MONDAY + timedelta(days=2), "12:00"))
    [call] = [lot for lot in desk.state.book.positions.values() if lot.is_short_call]
    assert call.option is not None
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1

    friday = FRIDAY + timedelta(weeks=1)
    fall_to(desk, call.option.strike + Decimal("2.20"), friday, "15:50")
    desk.play(at(NEXT_MONDAY + timedelta(days=9), "12:00"))
    assert not any(lot.is_shares for lot in desk.state.book.positions.values())
    again = proposals(desk, ProposalKind.ENTRY)
    assert [p.account for p in again] == [F1_REV, F1_REV]
    assert again[1].made_at >= at(NEXT_MONDAY + timedelta(days=9), "09:45")
    assert [e.label for e in desk.all(ev.WeekLabelled)] == ["Calm-Income", "Assignment"]
    sound(desk)
