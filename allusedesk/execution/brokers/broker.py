"""`Broker`: what a door to a broker must do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import BrokerReport, BrokerStatement, Order


class Broker(Protocol):
    """Five wishes a broker hears, and the reports it has for us.

    Wishes return at once; what became of them comes as reports. An order's id is its idempotency
    key: the same version sent twice is one order, a version lower than the broker knows is
    ignored, and whatever a version says, no more than the order's whole quantity is ever filled
    under one id. `quantity` is always that whole quantity, what was filled included.
    """

    def place_order(self, order: Order) -> None:
        """Send an order, or the next version of one that is over with a part not filled.

        Answered by `OrderAcknowledged` or `OrderRejected`, later by `OrderFilled`,
        `OrderCancelled` or `OrderRunOut`.
        """
        ...

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        """Move a working order; answered as `place_order` is."""
        ...

    def cancel_order(self, order: OrderId) -> None:
        """Take an order back; answered by `OrderCancelled`, or by the fill that came first."""
        ...

    def look_up(self, order: OrderId) -> None:
        """Ask what became of an order; answered by `OrderLookedUp`."""
        ...

    def statement(self) -> BrokerStatement | None:
        """Cash, positions, open orders and late executions as the broker has them now.

        None where they must be fetched first: then the statement comes among the reports.
        """
        ...

    def next_event_at(self) -> datetime | None:
        """When a report may come next; None while nothing is to be expected or known."""
        ...

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        """The reports that have come up to an instant, in the order they came."""
        ...
