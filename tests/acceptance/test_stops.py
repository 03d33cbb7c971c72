"""Section 15 for classic, breakers, stops and crashes: checks A5, A6, A6b and A14."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import (
    DeskResumed,
    Instruction,
    OperatorInstructed,
)
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import (
    Order,
    OrderLookedUp,
    OrderStanding,
    OrderStatus,
)
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.weeks import WeekId
from tests.acceptance.desks import (
    COM,
    F1_REV,
    FRIDAY,
    GEN,
    MONDAY,
    NEXT_MONDAY,
    REV,
    TUESDAY,
    proposals,
    rules_refused,
    sound,
    stage,
)
from tests.acceptance.stage import CENT, at


@pytest.mark.parametrize(
    ("vix", "tripped"),
    [
        ("50", ()),
        ("50.01", ("breaker.hedged",)),
        ("65", ("breaker.hedged",)),
        ("65.01", ("breaker.hedged", "breaker.safe")),
        ("80", ("breaker.hedged", "breaker.safe")),
        ("80.01", ("breaker.hedged", "breaker.safe", "breaker.kill")),
    ],
)
def test_a5_vix_breakers_trip_strictly_above_their_numbers(
    vix: str, tripped: tuple[str, ...]
) -> None:
    desk = stage()
    desk.figures.vix_average = Decimal(60)
    desk.when(at(MONDAY, "15:59"), lambda: setattr(desk.figures, "vix", Decimal(vix)))
    desk.play(at(TUESDAY, "10:00"))

    assert tuple(f"breaker.{event.breaker}" for event in desk.all(ev.BreakerTripped)) == tripped


def test_a5_the_highest_breaker_stops_entries_until_a_person_lowers_it() -> None:
    desk = stage()
    desk.refuses = lambda proposal: proposal.kind is ProposalKind.RESUME
    desk.figures.vix_average = Decimal(60)
    desk.when(at(FRIDAY, "15:59"), lambda: setattr(desk.figures, "vix", Decimal("80.01")))
    desk.when(at(NEXT_MONDAY, "08:30"), lambda: setattr(desk.figures, "vix", Decimal(40)))
    desk.play(at(NEXT_MONDAY, "16:30"))

    assert all(sleeve.state is ev.SleeveState.EMERGENCY for sleeve in desk.state.sleeves.values())
    assert "freeze.entries" in rules_refused(desk)
    assert proposals(desk, ProposalKind.RESUME)

    desk.refuses = lambda _proposal: False
    desk.play(at(NEXT_MONDAY + timedelta(days=7), "12:00"))
    # Asked again at Tuesday's close: puts on Wednesday, and on the Monday after.
    lowered = desk.entries(ev.BreakerLowered)
    assert [event.breaker for event in desk.all(ev.BreakerLowered)] == ["hedged", "safe", "kill"]
    assert {one.recorded_at for one in lowered} == {at(NEXT_MONDAY + timedelta(days=1), "16:00")}
    assert len(proposals(desk, ProposalKind.ENTRY)) == 3
    sound(desk)


def test_a6_a_crash_with_an_unknown_fill_and_an_orphan_order_is_reconciled() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    [written] = desk.all(ev.OrderWritten)
    assert not desk.all(ev.FillBooked)

    # The desk is gone while the broker fills the order, and a stray order rests there.
    stray = replace(written.order, id=OrderId("by-hand"), limit=Price(Decimal(50)), quantity=1)
    desk.broker.place_order(stray)
    desk.clock._now = at(MONDAY, "10:15")
    desk.broker.on_market(desk.clock.now(), desk.quote)
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(NEXT_MONDAY, "12:00"))

    fills = [event for event in desk.all(ev.FillBooked) if event.order == written.order.id]
    assert len(fills) == 1
    differences = [event.what for event in desk.all(ev.DifferenceFound)]
    assert f"fills of {written.order.id}" in differences
    assert "order by-hand" in differences
    assert not desk.broker.statement().open_orders
    assert [e.order.id for e in desk.all(ev.OrderWritten)].count(written.order.id) == 1
    assert [event.is_final for event in desk.all(ev.WeekClosed)] == [False, True]
    sound(desk)


def test_a6_a_desk_that_slept_over_the_weekend_rings_what_was_due_and_labels_the_week() -> None:
    desk = stage()
    desk.figures.volatility = 0.8
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.play(at(FRIDAY, "14:00"))
    desk.clock._now = at(NEXT_MONDAY, "10:20")
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(NEXT_MONDAY, "16:05"))

    assert [(e.week, e.is_final) for e in desk.all(ev.WeekClosed)] == [
        (WeekId(2013, 5), False),
        (WeekId(2013, 5), True),
    ]
    assert [event.week for event in desk.all(ev.WeekLabelled)] == [WeekId(2013, 5)]
    assert desk.state.week_id == WeekId(2013, 6)
    assert desk.state.condition is not None
    sound(desk)


def test_a6b_no_word_for_three_seconds_is_unknown_and_asked_and_never_doubled() -> None:
    desk = stage()
    deaf = _Deaf(desk.broker)
    desk.door = deaf
    desk.play(at(MONDAY, "09:45:10"))

    [written] = desk.entries(ev.OrderWritten)
    changes = desk.entries(ev.OrderStatusChanged)
    assert changes[0].event.status is OrderStatus.UNKNOWN
    assert changes[0].recorded_at - written.recorded_at == timedelta(seconds=3)
    assert deaf.placed == [(written.event.order.id, 1)]
    assert deaf.asked >= 3

    deaf.answer = OrderStanding.NEVER_RECEIVED
    desk.play(at(MONDAY, "09:50"))

    assert deaf.placed == [(written.event.order.id, 1), (written.event.order.id, 2)]
    assert desk.state.book.positions
    assert len(desk.entries(ev.OrderWritten)) == 1
    sound(desk)


class _Deaf:
    """A broker that neither takes nor answers anything until it is told what to answer."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.answer: OrderStanding | None = None
        self.placed: list[tuple[str, int]] = []
        self.asked = 0
        self._answers: list[OrderLookedUp] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def place_order(self, order: Order) -> None:
        self.placed.append((order.id, order.version))
        if self.answer is not None:
            self._inner.place_order(order)

    def look_up(self, order: OrderId) -> None:
        self.asked += 1
        if self.answer is not None:
            self._answers.append(OrderLookedUp(order, self.answer))

    def advance(self, to: Any) -> list[Any]:
        answers, self._answers = self._answers, []
        return [*answers, *self._inner.advance(to)]


@pytest.mark.parametrize(("equity", "pivots"), [("81000.00", True), ("81000.01", False)])
def test_a14_a_sleeve_at_its_greatest_drawdown_sells_calls_only(equity: str, pivots: bool) -> None:
    desk = stage({GEN: (), REV: ("AAPL",), COM: ()}, spots={"AAPL": "100", "IBM": "100"})
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.play(at(MONDAY, "15:00"))
    put = next(lot for lot in desk.state.book.positions.values() if lot.is_short_put)
    cash = desk.state.book.cash[F1_REV].whole.amount
    mark = (cash - Decimal(equity)) / (put.quantity * 100)
    desk.special[put.instrument] = {"mid": mark, "half_spread": CENT}
    desk.play(at(TUESDAY, "09:40"))

    tripped = [event for event in desk.all(ev.BreakerTripped) if event.account == F1_REV]
    high = desk.all(ev.BalancesMarked)[-1].marks[-1].high
    assert high == Money(Decimal(90_000))
    assert bool(tripped) is pivots
    assert desk.state.sleeves[F1_REV].is_calls_only is pivots


def test_the_kill_switch_takes_working_orders_back_and_nothing_follows_until_a_reset() -> None:
    desk = stage()
    contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(99))
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    [written] = desk.all(ev.OrderWritten)
    desk.special[contract] = {"mid": Decimal("0.50")}
    kill = OperatorInstructed(Instruction.KILL, "tester", "drill")
    desk.play(at(MONDAY, "14:30"), kill)

    assert not desk.broker.statement().open_orders
    assert desk.state.halted_by
    assert not desk.state.tickets
    assert len(desk.all(ev.OrderWritten)) == 1
    assert desk.state.orders_over[written.order.id].status is OrderStatus.CANCELLED

    desk.special.clear()
    desk.play(at(TUESDAY, "16:05"), OperatorInstructed(Instruction.RESET, "tester", "over"))
    assert not desk.state.halted_by
    sound(desk)


def test_the_kill_switch_of_one_sleeve_stops_its_retries_too() -> None:
    desk = stage(capital=600_000)
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    for strike in range(60, 140):
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"mid": Decimal("0.50")}
    desk.play(at(MONDAY, "16:05"), OperatorInstructed(Instruction.KILL, "tester", "drill", F1_REV))

    assert len(desk.all(ev.OrderWritten)) == 1
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.SAFE
    assert not desk.state.halted_by
    sound(desk)
