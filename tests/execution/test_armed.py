from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    Order,
    OrderAcknowledged,
    OrderRejected,
)
from allusedesk.execution.brokers.armed import ArmedBroker
from allusedesk.execution.brokers.line import LineStanding
from tests.trading import NOON, order, price, put, sell

SALE = order(sell(put()))
UP = LineStanding(
    is_up=True,
    reason="",
    account="U1",
    is_paper=False,
    clock_offset_seconds=0.0,
    options_level=None,
)
KEPT_BACK = "the live desk is not armed: it was not sent"


@dataclass
class Listener:
    """A broker that writes down what reaches it and answers each order with a yes."""

    reached: list[tuple[object, ...]] = field(default_factory=list)
    answers: list[BrokerReport] = field(default_factory=list)

    def place_order(self, wanted: Order) -> None:
        self.reached.append(("place", wanted.id))
        self.answers.append(OrderAcknowledged(wanted.id, wanted.version))

    def replace_order(self, wanted: OrderId, version: int, quantity: int, limit: Price) -> None:
        self.reached.append(("replace", wanted, version, quantity, limit))
        self.answers.append(OrderAcknowledged(wanted, version))

    def cancel_order(self, wanted: OrderId) -> None:
        self.reached.append(("cancel", wanted))

    def look_up(self, wanted: OrderId) -> None:
        self.reached.append(("look up", wanted))

    def statement(self) -> BrokerStatement | None:
        self.reached.append(("statement",))
        return None

    def next_event_at(self) -> datetime | None:
        return NOON + timedelta(seconds=1)

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        self.reached.append(("advance", to))
        came, self.answers = self.answers, []
        return came

    def open(self, heard: Callable[[], None]) -> None:
        self.reached.append(("open", heard))

    def close(self) -> None:
        self.reached.append(("close",))

    def standing(self) -> LineStanding:
        return UP


def test_until_it_is_heeded_no_order_passes_and_each_is_told_once_as_rejected() -> None:
    behind = Listener()
    door = ArmedBroker(behind)
    door.place_order(SALE)
    door.replace_order(SALE.id, 2, 1, price("1.95"))
    assert behind.reached == []
    assert door.held_back == 2
    assert door.advance(NOON) == [OrderRejected(SALE.id, KEPT_BACK)] * 2
    assert door.advance(NOON) == []


def test_an_order_passes_only_while_the_answer_is_yes() -> None:
    behind = Listener()
    door = ArmedBroker(behind)
    answers = [True, True, False, False]
    door.heed(lambda: answers.pop(0))
    for _ in range(2):
        door.place_order(SALE)
        door.replace_order(SALE.id, 2, 1, price("1.95"))
    assert behind.reached == [("place", SALE.id), ("replace", SALE.id, 2, 1, price("1.95"))]
    assert door.held_back == 2
    # What was kept back is told before what the broker has to say.
    assert door.advance(NOON) == [
        OrderRejected(SALE.id, KEPT_BACK),
        OrderRejected(SALE.id, KEPT_BACK),
        OrderAcknowledged(SALE.id, 1),
        OrderAcknowledged(SALE.id, 2),
    ]


def test_cancels_and_questions_pass_though_nothing_is_armed() -> None:
    behind = Listener()
    door = ArmedBroker(behind)
    door.cancel_order(SALE.id)
    door.look_up(SALE.id)
    assert door.statement() is None
    door.close()
    assert [what for what, *_ in behind.reached] == ["cancel", "look up", "statement", "close"]
    assert door.next_event_at() == NOON + timedelta(seconds=1)
    assert door.standing() is UP
    assert door.held_back == 0


def test_what_is_kept_back_on_an_open_line_is_to_be_fetched_at_once() -> None:
    behind = Listener()
    door = ArmedBroker(behind)
    rung: list[int] = []

    def heard() -> None:
        rung.append(len(rung))

    door.open(heard)
    assert behind.reached == [("open", heard)]
    door.place_order(SALE)
    assert rung == [0]
    door.heed(lambda: True)
    door.place_order(SALE)
    assert rung == [0]
