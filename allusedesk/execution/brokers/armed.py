"""`ArmedBroker`: the last bolt on the door of a live desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import BrokerReport, BrokerStatement, Order, OrderRejected
from allusedesk.execution.brokers.line import LineStanding, LiveBroker


class ArmedBroker:
    """A live broker that hears of no order while `may_send`, once it is heeded, says no.

    The step writes none then; this holds should it ever err. What is held back was never sent,
    so it is told as rejected, and counted in `held_back`. Cancels and questions always pass.
    """

    def __init__(self, broker: LiveBroker) -> None:
        self.held_back = 0
        self._broker = broker
        self._may_send: Callable[[], bool] = lambda: False
        self._refused: list[BrokerReport] = []
        self._heard: Callable[[], None] | None = None

    def heed(self, may_send: Callable[[], bool]) -> None:
        """Ask this from now on whether an order may pass; until then none does."""
        self._may_send = may_send

    def place_order(self, order: Order) -> None:
        if self._passes(order.id):
            self._broker.place_order(order)

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        if self._passes(order):
            self._broker.replace_order(order, version, quantity, limit)

    def cancel_order(self, order: OrderId) -> None:
        self._broker.cancel_order(order)

    def look_up(self, order: OrderId) -> None:
        self._broker.look_up(order)

    def statement(self) -> BrokerStatement | None:
        return self._broker.statement()

    def next_event_at(self) -> datetime | None:
        return self._broker.next_event_at()

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        refused, self._refused = self._refused, []
        return [*refused, *self._broker.advance(to)]

    def open(self, heard: Callable[[], None]) -> None:
        """As the broker behind the bolt does."""
        self._heard = heard
        self._broker.open(heard)

    def close(self) -> None:
        """As the broker behind the bolt does."""
        self._broker.close()

    def standing(self) -> LineStanding:
        """As the broker behind the bolt tells it."""
        return self._broker.standing()

    def _passes(self, order: OrderId) -> bool:
        if self._may_send():
            return True
        self.held_back += 1
        self._refused.append(OrderRejected(order, "the live desk is not armed: it was not sent"))
        if self._heard is not None:
            self._heard()
        return False
