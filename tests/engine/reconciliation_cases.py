"""What a broker did with three orders, and what of it was told: in any order, twice, or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from allusedesk.domain import commands as cmd
from allusedesk.domain import events as ev
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import AlarmRang, BrokerReported, Input
from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import (
    BrokerNotice,
    BrokerReport,
    BrokerStatement,
    Fill,
    HeldAtBroker,
    OptionsAssigned,
    OptionsExpired,
    Order,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
    OrderStatus,
)
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from tests.acceptance.desks import COM, GEN, MONDAY, REV, stage
from tests.acceptance.stage import Stage, at

ENDS = ("working", "filled", "cancelled", "run out", "rejected", "never received")
STANDINGS = {
    "working": OrderStanding.WORKING,
    "filled": OrderStanding.FILLED,
    "cancelled": OrderStanding.CANCELLED,
    "run out": OrderStanding.CANCELLED,
    "rejected": OrderStanding.REJECTED,
    "never received": OrderStanding.NEVER_RECEIVED,
}
SPOTS = {"AAPL": "100", "IBM": "100", "MSFT": "50"}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an order at the broker: the parts that traded, and how it ended."""

    order: Order
    fills: tuple[Fill, ...]
    end: str

    @property
    def done(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def answer(self) -> OrderLookedUp:
        return OrderLookedUp(self.order.id, STANDINGS[self.end], self.fills)

    def reports(self) -> Iterator[BrokerReport]:
        """Everything that a broker would tell of it, once."""
        if self.end == "never received":
            return
        if self.end != "rejected":
            yield OrderAcknowledged(self.order.id, 1)
        for fill in self.fills:
            yield OrderFilled(self.order.id, (fill,))
        if self.end == "cancelled":
            yield OrderCancelled(self.order.id, self.done)
        elif self.end == "run out":
            yield OrderRunOut(self.order.id)
        elif self.end == "rejected":
            yield OrderRejected(self.order.id, "no reason is given")


@dataclass(frozen=True, slots=True)
class Case:
    """The fates, the notice about puts that were sold, and the reports as they arrive."""

    fates: tuple[Fate, ...]
    notices: tuple[BrokerNotice, ...]
    told: tuple[BrokerReport, ...]
    is_overdue: bool


class Silent:
    """A broker's door behind which nobody answers."""

    def __init__(self) -> None:
        self.placed: list[Order] = []

    def place_order(self, order: Order) -> None:
        self.placed.append(order)

    def __getattr__(self, _name: str) -> object:
        return lambda *_asked: None

    def advance(self, _to: datetime) -> tuple[BrokerReport, ...]:
        return ()


@cache
def sent() -> tuple[DeskState, tuple[Order, ...]]:
    """A desk that has just sent its first orders: shares twice, and puts."""
    symbols = {GEN: (), REV: ("MSFT", "IBM"), COM: ("MSFT", "AAPL")}
    desk: Stage = stage(symbols, spots=dict(SPOTS))
    door = Silent()
    desk.door = door
    desk.play(at(MONDAY, "09:45:01"))
    orders = tuple(desk.state.orders[order.id] for order in door.placed)
    assert any(isinstance(order.legs[0].instrument, OptionContract) for order in orders)
    assert len({order.legs[0].instrument.underlying for order in orders}) == len(orders) > 2
    return desk.state, orders


@st.composite
def cases(draw: st.DrawFn) -> Case:
    _, orders = sent()
    fates = tuple(draw(_fates(order)) for order in orders)
    notices = _notices(draw, fates)
    reports = [report for fate in fates for report in fate.reports()] + list(notices)
    # As many as three in ten are lost; the others come in any order, some of them twice.
    lost = draw(st.sets(st.integers(0, max(0, len(reports) - 1)), max_size=3 * len(reports) // 10))
    kept = [report for place, report in enumerate(reports) if place not in lost]
    again = draw(st.lists(st.sampled_from(kept), max_size=4)) if kept else []
    told = draw(st.permutations([*kept, *again]))
    return Case(fates, notices, tuple(told), draw(st.booleans()))


@st.composite
def _fates(draw: st.DrawFn, order: Order) -> Fate:
    end = draw(st.sampled_from(ENDS))
    if end in ("rejected", "never received"):
        return Fate(order, (), end)
    most = order.quantity if end == "filled" else order.quantity - 1
    done = order.quantity if end == "filled" else draw(st.integers(0, most))
    cuts = draw(st.sets(st.integers(1, max(1, done - 1)), max_size=2)) if done > 1 else set()
    edges = [0, *sorted(cuts), done]
    assert order.limit is not None
    paid = Price(abs(order.limit.per_unit))
    fills = tuple(
        Fill(
            f"{order.id}/{number}",
            order.id,
            0,
            last - first,
            paid,
            Money(Decimal("0.65") * (last - first)),
            order.written_at + timedelta(milliseconds=number),
        )
        for number, (first, last) in enumerate(pairwise(edges))
        if last > first
    )
    return Fate(order, fills, end)


def _notices(draw: st.DrawFn, fates: tuple[Fate, ...]) -> tuple[BrokerNotice, ...]:
    """What came of the puts that were sold, where none of them can be sold any more."""
    for fate in fates:
        put = fate.order.legs[0].instrument
        if isinstance(put, OptionContract) and fate.done and fate.end != "working":
            what = draw(st.sampled_from(("nothing", "expired", "assigned")))
            if what == "expired":
                return (OptionsExpired("N1", put, -fate.done),)
            if what == "assigned":
                return (OptionsAssigned("N1", put, fate.done),)
    return ()


@dataclass
class Told:
    """A desk that hears one thing after another; what it wishes is remembered, not done."""

    state: DeskState
    wishes: list[cmd.Command]
    entries: list[Entry]

    def hear(self, event: Input) -> list[Entry]:
        now = self.state.instant + timedelta(milliseconds=10)
        entry = Entry(self.state.sequence + 1, now, None, event)
        result = step(self.state, entry)
        self.state = result.state
        self.wishes += result.commands
        self.entries += (entry, *result.entries)
        return list(result.entries)


def converges(case: Case) -> None:
    """After the reports one statement and its questions settle all; telling it again, nothing."""
    before, _ = sent()
    desk = Told(before, [], [])
    if case.is_overdue:
        for name in sorted(before.alarms):
            alarm = before.alarms[name]
            if alarm.kind is AlarmKind.ORDER_ACKNOWLEDGEMENT:
                desk.hear(AlarmRang(alarm))
    for report in case.told:
        desk.hear(BrokerReported(report))
    desk.wishes.clear()
    told = _statement(case, before, desk.state.instant)
    desk.hear(BrokerReported(told))
    _answer(desk, case)
    _check_book(desk.state, told)
    _check_orders(desk, case)
    settled = (desk.state.book, desk.state.orders, desk.state.orders_over)
    found = desk.hear(BrokerReported(told))
    again = [entry.event for entry in found if isinstance(entry.event, ev.DeskReconciled)]
    denied = sum(fate.end == "never received" for fate in case.fates)
    assert [event.differences for event in again] <= [denied], found
    for report in case.told:
        desk.hear(BrokerReported(report))
    now = (desk.state.book, desk.state.orders, desk.state.orders_over)
    assert now == settled, "what was told before changed something"


def _answer(desk: Told, case: Case) -> None:
    fates = {fate.order.id: fate for fate in case.fates}
    asked = [wish.order for wish in desk.wishes if isinstance(wish, cmd.LookUpOrder)]
    for order in dict.fromkeys(asked):
        desk.hear(BrokerReported(fates[order].answer))


def _statement(case: Case, before: DeskState, as_of: datetime) -> BrokerStatement:
    cash = sum((pile.whole.amount for pile in before.book.cash.values()), Decimal(0))
    held: dict[Instrument, int] = {}
    for fate in case.fates:
        leg = fate.order.legs[0]
        for fill in fate.fills:
            signed = leg.side.value * fill.quantity
            held[leg.instrument] = held.get(leg.instrument, 0) + signed
            cash -= fill.price.per_unit * signed * leg.instrument.multiplier
            cash -= fill.commission.amount
    for notice in case.notices:
        assert isinstance(notice, OptionsAssigned | OptionsExpired)
        contract = notice.contract
        signed = held.pop(contract)
        if isinstance(notice, OptionsAssigned):
            shares = -signed * contract.multiplier
            held[Stock(contract.underlying)] = held.get(Stock(contract.underlying), 0) + shares
            cash -= contract.strike * shares
    working = (fate for fate in case.fates if fate.end == "working")
    return BrokerStatement(
        as_of,
        Money(cash),
        tuple(HeldAtBroker(instrument, signed) for instrument, signed in held.items() if signed),
        tuple(OrderAtBroker(fate.order.id, 1, fate.fills) for fate in working),
        tuple(fill for fate in case.fates for fill in fate.fills),
        case.notices,
    )


def _check_book(state: DeskState, told: BrokerStatement) -> None:
    assert not state.halted_by, state.halted_by
    cash = sum((pile.whole.amount for pile in state.book.cash.values()), Decimal(0))
    assert cash == told.cash.amount
    held: dict[Instrument, int] = {}
    for lot in state.book.positions.values():
        held[lot.instrument] = held.get(lot.instrument, 0) + lot.quantity_signed
    held = {instrument: signed for instrument, signed in held.items() if signed}
    assert held == {line.instrument: line.quantity_signed for line in told.held}


def _check_orders(desk: Told, case: Case) -> None:
    for fate in case.fates:
        alive = desk.state.orders.get(fate.order.id)
        known = alive or desk.state.orders_over[fate.order.id]
        if fate.end == "working":
            assert alive is not None, f"{known.status} while it works"
        elif fate.end != "never received":
            assert known.status.is_over, f"{known.status}, {fate.end}"
        if fate.end != "rejected":
            assert known.status is not OrderStatus.REJECTED
        assert known.quantity_filled == fate.done
    written = [entry for entry in desk.entries if isinstance(entry.event, ev.OrderWritten)]
    assert not written, "an order was written while fates were open"


def try_fresh(count: int, number: int) -> int:
    """Try so many cases that no run before this number has drawn; how many were tried."""
    tried = 0

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        derandomize=False,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def check(case: Case) -> None:
        nonlocal tried
        tried += 1
        converges(case)

    check()
    return tried
