"""Our orders as Interactive Brokers tells of them: what was placed, heard, filled and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import (
    BrokerReport,
    Fill,
    Order,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderUnclear,
)
from allusedesk.execution.brokers.interactive_brokers_facts import (
    CommissionSeen,
    ErrorSeen,
    ExecutionSeen,
    ExecutionUnread,
    Fact,
    OrderSeen,
    StatusSeen,
    without_correction,
)
from allusedesk.execution.brokers.interactive_brokers_orders import (
    Known,
    Move,
    Place,
    Placed,
    content_of,
    is_sale,
    reference_of,
    split_reference,
)

_WORKING = frozenset({"PreSubmitted", "Submitted"})
_FINAL = frozenset({"Filled", "Cancelled", "ApiCancelled"})


class Ledger:
    """Turns what is heard into reports, each once, whatever is lost, doubled or out of order.

    A fill is told once its commission is known and every leg of its unit is there, an ending
    after the fills before it. What was listed before `is_level` is set, of orders not placed in
    this run, is only answered. `heard` are all executions in their row; `revision` rises with
    each and with each price. It belongs to one thread.
    """

    def __init__(self, tell: Callable[[BrokerReport], None], now: Callable[[], datetime]) -> None:
        self.client_id = -1
        self.is_level = False
        self.heard: list[ExecutionSeen] = []
        self.revision = 0
        self._tell = tell
        self._now = now
        self._orders: dict[OrderId, Known] = {}
        self._at_venue: dict[tuple[int, int], tuple[Known, Placed]] = {}
        self._executions: dict[str, tuple[Known, ExecutionSeen]] = {}
        self._commissions: dict[str, Money] = {}
        self._names: set[str] = set()
        self._look = 0
        self._seen: set[int] = set()

    def knows(self, order: OrderId) -> bool:
        """True for an order that was placed or heard of."""
        return order in self._orders

    def is_live(self, order: OrderId) -> bool:
        """True while the venue has an order that may fill."""
        return order in self._orders and self._orders[order].live is not None

    # What the desk wishes.

    def plan(self, order: Order) -> Place | Move | None:
        """What to do about an order to be placed; nothing for one that is known in this version."""
        known = self._orders.get(order.id)
        if known is None:
            return Place(order.quantity, reference_of(order))
        if order.version < known.version:
            return None
        if order.version == known.version and not known.is_gone:
            self._repeated(known, order)
            return None
        if known.live is not None:
            # An order that stands is never doubled, only moved.
            limit = order.limit
            if limit is None:
                return None
            return self.move(order.id, order.version, order.quantity, limit)
        left = order.quantity - max(known.units, known.units_told_of)
        if left <= 0:
            self._tell(OrderRejected(order.id, "nothing of it is left to fill"))
            return None
        return Place(left, reference_of(order))

    def _repeated(self, known: Known, order: Order) -> None:
        if known.order is not None and content_of(known.order) != content_of(order):
            self._tell(OrderRejected(order.id, "this id was used for another order"))
            return
        known.order = order
        live = known.live
        if live is not None and known.acknowledged == order.version:
            self._tell(OrderAcknowledged(order.id, order.version))

    def placing(self, order: Order, number: int, contracts: tuple[int, ...], plan: Place) -> None:
        """An order is about to go out under a number of the venue's."""
        known = self._orders.setdefault(order.id, Known(order.id, order.version))
        known.order, known.version = order, order.version
        known.contracts = list(contracts)
        known.ending, known.is_rejected = None, False
        placed = Placed(
            order.version, self.client_id, number, plan.quantity, is_sale(order), self._look
        )
        known.placed.append(placed)
        self._at_venue[self.client_id, number] = (known, placed)

    def refuse(self, order: Order, reason: str) -> None:
        """The venue has no such contract, or takes no such order: nothing goes out."""
        known = self._orders.setdefault(order.id, Known(order.id, order.version, order))
        known.is_rejected = True
        self._tell(OrderRejected(order.id, reason))

    def move(self, order: OrderId, version: int, quantity: int, limit: Price) -> Move | None:
        """What to do about an order to be moved; nothing for a version known already."""
        known = self._orders.get(order)
        live = None if known is None else known.live
        if known is None or live is None:
            self._tell(OrderRejected(order, "there is no working order to replace"))
            return None
        if version <= known.version:
            return None
        others = sum(each.filled for each in known.placed if each is not live)
        per_share = limit.per_unit if live.sells else -limit.per_unit
        live.moving = (version, quantity - others, per_share)
        known.version = version
        return Move(live.number, quantity - others, per_share)

    def cancel(self, order: OrderId) -> int | None:
        """The venue's number of the order to be taken back; None where there is none to name."""
        known = self._orders.get(order)
        live = None if known is None else known.live
        if live is None:
            if known is None:
                self._tell(OrderRejected(order, "there is no such order to cancel"))
            return None
        live.is_taken_back = True
        return live.number if live.number > 0 else None

    # What is heard.

    def new_line(self, client_id: int) -> None:
        """A connection begins: numbers of before mean nothing until the venue names them again."""
        self.client_id = client_id
        self.is_level = False
        self._at_venue.clear()
        for known in self._orders.values():
            known.forget_cancels()

    def hear(self, fact: Fact) -> None:
        """Take one fact."""
        match fact:
            case OrderSeen():
                self._on_order(fact)
            case StatusSeen():
                found = self._at_venue.get((fact.client_id, fact.number))
                if found is not None:
                    found[1].permanent_id = fact.permanent_id
                    self._on_status(*found, fact.status, fact.filled)
            case ExecutionSeen():
                self._on_execution(fact)
            case ExecutionUnread():
                self._on_unread(fact)
            case CommissionSeen():
                self._commissions.setdefault(without_correction(fact.execution), fact.commission)
                self._price(without_correction(fact.execution))
            case _:
                self._on_error(fact)

    def _on_order(self, seen: OrderSeen) -> None:
        known, placed = self._find(seen)
        placed.permanent_id = seen.permanent_id or placed.permanent_id
        self._seen.add(id(placed))
        self._name_legs(known, seen.contracts)
        if seen.filled is not None:
            placed.is_lost = False
        else:
            self._at_venue[seen.client_id, seen.number] = (known, placed)
            placed.client_id, placed.number = seen.client_id, seen.number
            self._take_move(placed, seen)
        self._on_status(known, placed, seen.status, seen.filled or 0)

    def _find(self, seen: OrderSeen) -> tuple[Known, Placed]:
        name, version = split_reference(seen.reference or f"permanent id {seen.permanent_id}")
        known = self._orders.setdefault(name, Known(name, version))
        known.version = max(known.version, version)
        found = known.placed_as(seen.permanent_id, version)
        if found is not None:
            return known, found
        placed = Placed(
            version, seen.client_id, seen.number, seen.quantity, seen.is_sale, self._look
        )
        placed.is_heard = True
        known.acknowledged = max(known.acknowledged, version)
        known.placed.append(placed)
        return known, placed

    def _take_move(self, placed: Placed, seen: OrderSeen) -> None:
        """The venue shows an order with the limit we asked for last: it has moved."""
        if placed.moving is not None and placed.moving[1:] == (seen.quantity, seen.limit):
            placed.version, placed.quantity, _ = placed.moving
            placed.moving = None
            placed.is_heard = False

    def _on_status(self, known: Known, placed: Placed, status: str, filled: int) -> None:
        placed.filled = max(placed.filled, filled)
        # What comes after the end is late; only what was taken for lost or refused comes back.
        placed.status = placed.status if placed.status in _FINAL else status
        if placed.status in _WORKING:
            placed.is_over = placed.is_lost = False
            if not placed.is_heard and placed.version > known.acknowledged:
                known.acknowledged = placed.version
                self._tell(OrderAcknowledged(known.id, placed.version))
            placed.is_heard = True
        elif placed.status in {"Inactive", *_FINAL} and not placed.is_over:
            placed.is_over = True
            known.end(placed, self._now())
        self._settle(known)

    def _on_execution(self, seen: ExecutionSeen) -> None:
        name = without_correction(seen.id)
        if name in self._names:
            return
        self.revision += 1
        self.heard.append(seen)
        self._names.add(name)
        if seen.is_orderless:
            return
        known = self._of_execution(seen)
        known.unread.discard(name)
        if self._is_of_before(known):
            known.told.add(name)
        self._executions[name] = (known, seen)
        if known.contracts:
            self._price(name)
        else:
            known.unplaced[name] = seen.contract

    def _on_unread(self, seen: ExecutionUnread) -> None:
        """A fill may hide in it, so the order's fate is open until it is told anew and read."""
        name, known = without_correction(seen.id), self._of_execution(seen)
        if name not in self._names and name not in known.unread:
            known.unread.add(name)
            self._tell(OrderUnclear(known.id, f"execution {name} is not what the vendor documents"))

    def _of_execution(self, seen: ExecutionSeen | ExecutionUnread) -> Known:
        if not seen.reference:
            for known in self._orders.values():
                if any(each.permanent_id == seen.permanent_id for each in known.placed):
                    return known
        name, version = split_reference(seen.reference or f"permanent id {seen.permanent_id}")
        return self._orders.setdefault(name, Known(name, version))

    def _name_legs(self, known: Known, contracts: Iterable[int]) -> None:
        """Which contract is which leg, once the venue has shown the order itself."""
        if not known.contracts:
            known.contracts = list(contracts)
            waiting, known.unplaced = known.unplaced, {}
            for name in waiting:
                self._price(name)

    def _price(self, name: str) -> None:
        """An execution and its commission have both been heard, in whatever row."""
        commission = self._commissions.get(name)
        if commission is None or name not in self._executions:
            return
        known, seen = self._executions[name]
        if name in known.unplaced:
            return
        leg = known.contracts.index(seen.contract)
        self.revision += name not in known.fills
        known.fills[name] = Fill(
            f"{name}/L{leg + 1}",
            known.id,
            leg,
            seen.quantity,
            seen.price,
            commission,
            seen.at,
        )
        self._settle(known)

    def _settle(self, known: Known) -> None:
        """Tell the fills that are whole, then the ending if nothing before it is missing."""
        if self._is_of_before(known):
            known.ending = None
            return
        news = [name for name in known.fills if name not in known.told]
        if news and known.is_balanced:
            known.told.update(news)
            # Of an order of before, legs told now may belong to units of before.
            names = news if known.order is not None else known.fills
            self._tell(OrderFilled(known.id, tuple(known.fills[name] for name in names)))
        if known.ending is not None and known.is_whole:
            ending, known.ending = known.ending, None
            if isinstance(ending, OrderCancelled):
                ending = OrderCancelled(known.id, known.units)
            self._tell(ending)

    def _is_of_before(self, known: Known) -> bool:
        return known.order is None and not self.is_level

    def _on_error(self, seen: ErrorSeen) -> None:
        found = self._at_venue.get((self.client_id, seen.number))
        if found is None:
            return
        known, placed = found
        if seen.is_cancellation:
            self._on_status(known, placed, "Cancelled", placed.filled)
        elif not seen.refuses:
            return
        elif placed.moving is not None:
            placed.moving = None
            self._tell(OrderRejected(known.id, seen.text))
        elif placed.is_heard:
            # It was taken before; its status, which follows, says whether it still stands.
            placed.refusal = seen.text if seen.is_rejection else ""
        else:
            placed.is_over = True
            known.is_rejected = True
            self._tell(OrderRejected(known.id, seen.text))

    # What is asked.

    def begin_look(self) -> None:
        """The venue is about to list all it has; orders placed later are not judged by that."""
        self._look += 1
        self._seen = set()

    def end_look(self) -> None:
        """Everything was listed: what it did not name is not there."""
        for known in self._orders.values():
            # Of an order that is listed no more, executions in one contract are its only leg.
            if len({*known.unplaced.values()}) == 1:
                self._name_legs(known, known.unplaced.values())
            for placed in known.placed:
                if id(placed) not in self._seen:
                    placed.lose(self._look)

    def answer(self, order: OrderId) -> OrderLookedUp | None:
        """What became of an order; None while executions the venue speaks of are missing."""
        known = self._orders.get(order)
        if known is None:
            return OrderLookedUp(order, OrderStanding.NEVER_RECEIVED)
        return known.answer()

    def take_doubled(self) -> list[int]:
        """Numbers of orders that a later one of the same order stands beside: to be taken back."""
        older = [each for known in self._orders.values() for each in known.doubled]
        for each in older:
            each.is_taken_back = True
        return [each.number for each in older]

    @property
    def is_incomplete(self) -> bool:
        """True while an execution lacks its commission, its other legs, or is missing itself.

        Only orders of this run are judged by their legs: a stranger's may have uneven ones.
        """
        return any(name not in self._commissions for name in self._executions) or any(
            known.order is not None and not known.is_whole for known in self._orders.values()
        )

    def assume_commissions(self, assumed: Callable[[Instrument, int], Money]) -> tuple[str, ...]:
        """Give what was never priced the commission of the rulebook; returns their ids."""
        missing = [name for name in self._executions if name not in self._commissions]
        for name in missing:
            seen = self._executions[name][1]
            self._commissions[name] = assumed(seen.instrument, seen.quantity)
            self._price(name)
        return tuple(missing)

    def open_orders(self) -> tuple[OrderAtBroker, ...]:
        """Every order that may still fill, strangers' included."""
        return tuple(filter(None, (known.at_broker for known in self._orders.values())))

    def executions(self, start: datetime) -> tuple[Fill, ...]:
        """Every execution of an order since an instant, order by order."""
        fills = (fill for known in self._orders.values() for fill in known.fills.values())
        return tuple(fill for fill in fills if fill.filled_at >= start)
