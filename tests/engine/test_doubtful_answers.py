"""Answers of a broker that may be older than what they are about, or about something else."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import BrokerReported, CapitalDeposited
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    BrokerReport,
    Order,
    OrderAcknowledged,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderStatus,
    OrderUnclear,
)
from tests.acceptance.desks import MONDAY, stage
from tests.acceptance.stage import FAMILY, Stage, at

DENIED = OrderStanding.NEVER_RECEIVED


class Told:
    """A broker's door that says what the test has it say, and remembers what it was asked."""

    def __init__(self, desk: Stage) -> None:
        self.placed: list[Order] = []
        self.asked = 0
        self.coming: list[BrokerReport] = []
        self.statement = desk.broker.statement

    def place_order(self, order: Order) -> None:
        self.placed.append(order)

    def replace_order(self, *_asked: Any) -> None:
        """Nothing comes of it."""

    def cancel_order(self, _order: Any) -> None:
        """Nothing comes of it."""

    def look_up(self, _order: Any) -> None:
        self.asked += 1

    def next_event_at(self) -> None:
        return None

    def advance(self, _to: Any) -> list[BrokerReport]:
        coming, self.coming = self.coming, []
        return coming


def _with_an_order() -> tuple[Stage, Told, Order]:
    desk = stage()
    door = Told(desk)
    desk.door = door
    desk.play(at(MONDAY, "09:45:01"))
    return desk, door, door.placed[0]


def _say(desk: Stage, clock: str, *reports: BrokerReport) -> None:
    _at(desk, at(MONDAY, clock), *reports)


def _at(desk: Stage, instant: datetime, *reports: BrokerReport) -> None:
    desk.play(instant)
    desk.clock._now = instant
    desk.play(instant, *(BrokerReported(report) for report in reports))


def _status(desk: Stage, order: Order) -> OrderStatus:
    known = desk.state.orders.get(order.id) or desk.state.orders_over[order.id]
    return known.status


def test_a_refusal_of_an_order_that_was_taken_is_asked_about_and_never_believed() -> None:
    desk, door, order = _with_an_order()
    _say(desk, "09:45:02", OrderAcknowledged(order.id, 1))
    _say(desk, "09:45:03", OrderRejected(order.id, "there is no working order to replace"))

    assert _status(desk, order) is OrderStatus.UNKNOWN
    assert door.asked
    _say(desk, "09:45:04", OrderLookedUp(order.id, OrderStanding.REJECTED))
    assert _status(desk, order) is OrderStatus.REJECTED


def test_a_refused_cancellation_says_nothing_about_the_order() -> None:
    desk, door, order = _with_an_order()
    _say(desk, "09:45:02", OrderAcknowledged(order.id, 1))
    _say(desk, "09:46:30")
    assert _status(desk, order) in (OrderStatus.CANCELLING, OrderStatus.UNKNOWN)
    asked = door.asked
    _say(desk, "09:46:31", OrderRejected(order.id, "too late to cancel"))

    assert _status(desk, order) is OrderStatus.UNKNOWN
    assert door.asked > asked


def test_what_cannot_be_read_of_an_order_is_an_alarm_and_leaves_its_fate_open() -> None:
    desk, door, order = _with_an_order()
    _say(desk, "09:45:02", OrderAcknowledged(order.id, 1))
    _say(desk, "09:45:03", OrderUnclear(order.id, "execution 7 is cut off"))

    assert _status(desk, order) is OrderStatus.UNKNOWN
    assert door.asked == 1
    notices: list[Any] = [entry.event for entry in desk.entries(ev.NoticeRaised)]
    [told] = [one for one in notices if "execution 7" in one.text]
    assert told.severity == "alarm"
    assert order.id in told.text
    _say(desk, "09:45:04", OrderLookedUp(order.id, OrderStanding.WORKING))
    assert _status(desk, order) is OrderStatus.WORKING


def test_what_cannot_be_read_of_no_order_of_ours_has_the_account_compared() -> None:
    desk, _, order = _with_an_order()
    _say(desk, "09:45:02", OrderRejected(order.id, "no reason is given"))
    statements = 0

    def asked() -> None:
        nonlocal statements
        statements += 1

    desk.door.statement = asked
    for name in (order.id, "permanent id 7"):
        _say(desk, "09:45:03", OrderUnclear(name, "execution 7 is cut off"))

    assert _status(desk, order) is OrderStatus.REJECTED
    assert statements == 2


def test_a_refusal_of_an_order_never_heard_of_ends_it() -> None:
    desk, _, order = _with_an_order()
    _say(desk, "09:45:02", OrderRejected(order.id, "no reason is given"))

    assert _status(desk, order) is OrderStatus.REJECTED


@pytest.mark.parametrize(("seconds", "sent"), [(29, 2), (30, 3)])
def test_a_denial_soon_after_an_order_was_sent_again_may_be_an_old_answer(
    seconds: int, sent: int
) -> None:
    desk, door, order = _with_an_order()
    _say(desk, "09:45:05", OrderLookedUp(order.id, DENIED))
    assert [each.version for each in door.placed] == [1, 2]
    again = at(MONDAY, "09:45:05") + timedelta(seconds=seconds)
    _at(desk, again, OrderLookedUp(order.id, DENIED))

    assert len(door.placed) == sent
    assert len(desk.all(ev.OrderWritten)) == 1


def test_money_that_comes_in_while_the_broker_is_asked_is_no_difference() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:00"))
    amount = Money(Decimal(5_000))

    def told(_state: Any, entry: Any) -> None:
        if isinstance(entry.event, ev.CashBooked):
            desk.broker.transfer_cash(amount)

    desk.engine._observers = (told,)
    desk.when(
        at(MONDAY, "16:00"),
        lambda: desk.engine.inbox.admit(CapitalDeposited(FAMILY, amount, MONDAY)),
    )
    desk.play(at(MONDAY, "17:00"))

    assert desk.all(ev.DeskReconciled)
    assert not [event for event in desk.all(ev.DifferenceFound) if event.stops]


def test_a_broker_that_stays_silent_is_asked_ever_less_often_but_each_minute() -> None:
    desk, door, order = _with_an_order()
    _say(desk, "10:00")
    early = door.asked
    _say(desk, "11:00")

    assert _status(desk, order) is OrderStatus.UNKNOWN
    assert 15 <= early <= 40
    assert 59 <= door.asked - early <= 61
