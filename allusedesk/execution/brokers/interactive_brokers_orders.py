"""One order of ours, and the orders at Interactive Brokers that stand for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.identifiers import OrderId, version_of_order
from allusedesk.domain.orders import (
    Fill,
    Order,
    OrderAtBroker,
    OrderCancelled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
)
from allusedesk.domain.proposals import Side

_VERSION = re.compile(r"^(.+)/v(\d+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A new order to be placed for so many units, under this reference."""

    quantity: int
    reference: str


@dataclass(frozen=True, slots=True)
class Move:
    """An order at the venue to be moved: its number, new quantity, and limit as signed there."""

    number: int
    quantity: int
    limit: Decimal


@dataclass
class Placed:
    """One order at the venue; several may stand for one of ours, one after another."""

    version: int
    client_id: int
    number: int
    quantity: int
    sells: bool
    since: int
    permanent_id: int = 0
    status: str = ""
    filled: int = 0
    is_heard: bool = False
    is_over: bool = False
    is_lost: bool = False
    is_taken_back: bool = False
    moving: tuple[int, int, Decimal] | None = None
    refusal: str = ""

    def lose(self, look: int) -> None:
        """The venue does not list it in a look that began after it was sent: it is not there."""
        if not self.is_over and self.since < look:
            self.is_over = self.is_lost = True


@dataclass
class Known:
    """One order of ours (or a stranger's) with everything the venue told of it.

    `contracts` are the numbers of its legs in our order of them; until they are known, executions
    wait in `unplaced` by their contracts, since a fill in the wrong leg is worse than none.
    `unread` are executions that were told and could not be read.
    """

    id: OrderId
    version: int
    order: Order | None = None
    placed: list[Placed] = field(default_factory=list)
    contracts: list[int] = field(default_factory=list)
    unplaced: dict[str, int] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    fills: dict[str, Fill] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    acknowledged: int = 0
    is_rejected: bool = False
    ending: OrderCancelled | OrderRunOut | OrderRejected | None = None

    @property
    def live(self) -> Placed | None:
        """The latest order at the venue that may still fill."""
        return next((each for each in reversed(self.placed) if not each.is_over), None)

    @property
    def doubled(self) -> list[Placed]:
        """Those beside which a later one stands, and that were not taken back yet."""
        live = [each for each in self.placed if not each.is_over]
        return [each for each in live[:-1] if not each.is_taken_back]

    def forget_cancels(self) -> None:
        """What was taken back over a line that is lost may never have been heard."""
        for each in self.placed:
            each.is_taken_back = each.is_taken_back and each.is_over

    @property
    def units_told_of(self) -> int:
        """Units the venue's statuses speak of."""
        return sum(each.filled for each in self.placed)

    @property
    def units(self) -> int:
        """Units that are filled in every leg."""
        return min(self._by_leg())

    @property
    def is_gone(self) -> bool:
        """True where the venue has none of the orders that were sent."""
        return bool(self.placed) and all(each.is_lost for each in self.placed)

    @property
    def is_balanced(self) -> bool:
        by_leg = self._by_leg()
        return min(by_leg) == max(by_leg)

    @property
    def is_whole(self) -> bool:
        """True where no execution is missing that the venue spoke of."""
        is_placed = not self.unplaced and not self.unread and self.is_balanced
        return is_placed and self.units >= self.units_told_of

    @property
    def at_broker(self) -> OrderAtBroker | None:
        """Its line on a statement; None where it cannot fill any more."""
        if self.live is None:
            return None
        return OrderAtBroker(self.id, self.version, tuple(self.fills.values()))

    def placed_as(self, permanent_id: int, version: int) -> Placed | None:
        """The order at the venue of that permanent id, or of that version where it has none yet."""
        for placed in self.placed:
            if permanent_id and placed.permanent_id == permanent_id:
                return placed
        unnamed = (each for each in self.placed if not each.permanent_id)
        return next((each for each in unnamed if each.version == version), None)

    def end(self, placed: Placed, now: datetime) -> None:
        """Nothing more fills of one order at the venue; what that means for ours.

        The venue says `Cancelled` of an order whose day is over too: where nobody of ours took it
        back and its time has passed, it ran out.
        """
        if placed.status == "Filled" or self.live is not None:
            return
        is_past = self.order is not None and now >= self.order.good_until
        if placed.status == "Inactive" or (placed.refusal and not placed.is_taken_back):
            reason = placed.refusal or "Interactive Brokers holds it inactive"
            self.is_rejected = True
            self.ending = OrderRejected(self.id, reason)
        elif is_past and not placed.is_taken_back:
            self.ending = OrderRunOut(self.id)
        else:
            self.ending = OrderCancelled(self.id)

    def answer(self) -> OrderLookedUp | None:
        """What became of it; None while executions are missing. What is answered is told."""
        if not self.is_whole:
            return None
        self.told.update(self.fills)
        return OrderLookedUp(self.id, self._standing(), tuple(self.fills.values()))

    def _standing(self) -> OrderStanding:
        if self.live is not None:
            return OrderStanding.WORKING
        is_filled = any(each.status == "Filled" for each in self.placed)
        if self.order is not None:
            is_filled = self.units >= self.order.quantity
        if is_filled and self.units:
            return OrderStanding.FILLED
        if self.is_rejected:
            return OrderStanding.REJECTED
        if self.is_gone and not self.units:
            return OrderStanding.NEVER_RECEIVED
        return OrderStanding.CANCELLED

    def _by_leg(self) -> list[int]:
        by_leg = [0] * max(len(self.contracts), 1)
        for fill in self.fills.values():
            by_leg[fill.leg] += fill.quantity
        return by_leg


def is_sale(order: Order) -> bool:
    """True for a single leg that is sold; several legs go out as a purchase of the combination.

    The venue's limit of a sale is our net credit, and that of a purchase our net credit with its
    sign turned: a combination bought at -0.10 pays us 0.10.
    """
    return len(order.legs) == 1 and order.legs[0].side is Side.SELL


def reference_of(order: Order) -> str:
    """The order's own id, with its version where an earlier order at the venue has the id."""
    return order.id if order.version == 1 else version_of_order(order.id, order.version)


def split_reference(reference: str) -> tuple[OrderId, int]:
    """The order and version a reference names."""
    found = _VERSION.match(reference)
    return (OrderId(reference), 1) if found is None else (OrderId(found[1]), int(found[2]))


def content_of(order: Order) -> tuple[object, ...]:
    """What makes two orders of one id and version the same."""
    return order.account, order.legs, order.quantity, order.type, order.limit, order.time_in_force
