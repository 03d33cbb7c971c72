"""What is known of each order at Alpaca, and what of it is news for the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Price
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
    OrderRunOut,
    OrderStanding,
)
from allusedesk.execution.brokers.alpaca_words import (
    Execution,
    Ticket,
    WireOrder,
    fill_of,
    name_of,
    read_name,
    symbol_of,
    ticket_again,
    ticket_of,
)

_NOT_TAKEN_YET = frozenset({"pending_new", "accepted"})


@dataclass(frozen=True, slots=True)
class Move:
    """A replacement on its way: the version it makes, its whole quantity and its limit."""

    version: int
    quantity: int
    limit: Price


@dataclass(slots=True)
class KnownOrder:
    """One order of ours with everything Alpaca has under its names.

    Each submission is an order of its own there: the first, those that replaced it, and those
    that sent what was not filled once more. `names` says which version each was meant to be. An
    order the desk asked about or heard of is `followed`, and looked at now and then.
    """

    id: OrderId
    wish: Order | None = None
    version: int = 0
    quantity: int = 0
    wires: dict[str, WireOrder] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    executions: dict[str, dict[int, Execution]] = field(default_factory=dict)
    fills: dict[str, Fill] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    acknowledged: int = 0
    move: Move | None = None
    is_leaving_to_move: bool = False
    refused: str = ""
    is_end_told: bool = False
    is_followed: bool = False
    is_taken_back: bool = False
    is_in_doubt: bool = False

    @property
    def open_wire(self) -> WireOrder | None:
        """The submission that can still fill, the newest if there are several."""
        waiting = [wire for wire in self.wires.values() if not wire.is_over]
        return waiting[-1] if waiting else None

    @property
    def filled(self) -> int:
        """Units that Alpaca filled under all names."""
        return sum(wire.filled for wire in self.wires.values())

    @property
    def is_cancelled(self) -> bool:
        """True where the submission that ends the order was cancelled."""
        ending = self._ending()
        return self.open_wire is None and ending is not None and ending.status == "canceled"

    @property
    def has_all_executions(self) -> bool:
        return all(
            sum(one.quantity for one in self.executions.get(leg.id, {}).values()) >= wire.filled
            for wire in self.wires.values()
            for leg in wire.legs
        )

    @property
    def is_unsettled(self) -> bool:
        """True where Alpaca has to be asked before all of it can be told."""
        return self.move is not None or self.is_in_doubt or not self.has_all_executions

    def free_name(self) -> str:
        """The first client order id that Alpaca does not have.

        A submission whose answer was lost is sent again under the same name, so that of two
        that arrive one is refused.
        """
        number = 1
        taken = {wire.name for wire in self.wires.values()}
        while name_of(self.id, number) in taken:
            number += 1
        return name_of(self.id, number)

    def ticket(self) -> Ticket | None:
        """What the order asks for: as the desk wrote it, or as Alpaca has it; None for neither."""
        if self.wish is not None:
            return ticket_of(self.wish)
        wires = list(self.wires.values())
        return ticket_again(wires[-1]) if wires else None

    def submitted(self, name: str, version: int) -> None:
        """A submission is on its way under a name."""
        self.names[name] = version
        self.is_end_told = False
        self.refused, self.is_taken_back = "", False

    def hear(self, wire: WireOrder) -> None:
        """Take Alpaca's word of one submission; words that come late change nothing back."""
        known = self.wires.get(wire.id)
        if known is not None and (
            (known.is_over and not wire.is_over)
            or wire.filled < known.filled
            or (known.is_resting and wire.status in _NOT_TAKEN_YET)
        ):
            return
        self.wires[wire.id] = wire
        self.version = max(self.version, self._version_of(wire))

    def add(self, execution: Execution) -> None:
        """Keep an execution, once, however often and from wherever it is told."""
        for wire in self.wires.values():
            for place, leg in enumerate(wire.legs):
                if leg.id == execution.leg and execution.id not in self.fills:
                    self.executions.setdefault(leg.id, {})[execution.filled] = execution
                    index = self._leg_of(leg.symbol, place)
                    self.fills[execution.id] = fill_of(execution, self.id, index)

    def news(self) -> list[BrokerReport]:
        """What was not told yet: acknowledgement, executions, the end; told by this call."""
        reports: list[BrokerReport] = [*self._acknowledgement(), *self._refused_move()]
        fresh = tuple(fill for fill in self.whole_fills() if fill.id not in self.told)
        if fresh:
            self.told.update(fill.id for fill in fresh)
            reports.append(OrderFilled(self.id, fresh))
        reports.extend(self._end())
        return reports

    def whole_fills(self) -> tuple[Fill, ...]:
        """Executions in the order of submissions, as far as every leg was filled alike."""
        found: list[Fill] = []
        for wire in self.wires.values():
            by_leg = [self.executions.get(leg.id, {}) for leg in wire.legs]
            reach = max((one for one in by_leg[0] if _reaches(one, by_leg)), default=0)
            for executions in by_leg:
                found.extend(
                    self.fills[executions[filled].id]
                    for filled in sorted(executions)
                    if filled <= reach or len(by_leg) == 1
                )
        return tuple(found)

    def looked_up(self) -> OrderLookedUp | None:
        """The whole answer about the order; None while part of it is still to be fetched."""
        is_half_known = bool(self.wires) and self.open_wire is None and self._ending() is None
        if is_half_known or not self.has_all_executions:
            return None
        fills = self.whole_fills()
        self.told.update(fill.id for fill in fills)
        return OrderLookedUp(self.id, self._standing(), fills)

    def on_statement(self) -> OrderAtBroker | None:
        """The line of an open order on a statement; None for one that is over."""
        wire = self.open_wire
        if wire is None:
            return None
        return OrderAtBroker(self.id, self._version_of(wire), self.whole_fills())

    def _standing(self) -> OrderStanding:
        if self.open_wire is not None:
            return OrderStanding.WORKING
        ending = self._ending()
        if ending is None:
            if self.is_taken_back:
                return OrderStanding.CANCELLED
            return OrderStanding.REJECTED if self.refused else OrderStanding.NEVER_RECEIVED
        return _STANDINGS[ending.status]

    def _acknowledgement(self) -> Sequence[BrokerReport]:
        wire = self.open_wire
        if wire is None:
            return ()
        version = self._version_of(wire)
        replaced = self.wires.get(wire.replaces)
        is_in_its_place = replaced is None or replaced.status == "replaced"
        is_taken = is_in_its_place or wire.status not in _NOT_TAKEN_YET
        if version <= self.acknowledged or not is_taken or self.is_leaving_to_move:
            return ()
        self.acknowledged = version
        return (OrderAcknowledged(self.id, version),)

    def _refused_move(self) -> Sequence[BrokerReport]:
        for wire in self.wires.values():
            is_refused = wire.status == "rejected" and wire.replaces
            if is_refused and self.open_wire is not None and wire.id not in self.told:
                self.told.add(wire.id)
                return (OrderRejected(self.id, "the exchange refused to move it"),)
        return ()

    def _end(self) -> Sequence[BrokerReport]:
        ending = self._ending()
        is_over = ending is not None and self.open_wire is None and self.move is None
        if ending is None or not is_over or self.is_end_told or not self.has_all_executions:
            return ()
        self.is_end_told = True
        match ending.status:
            case "canceled":
                return (OrderCancelled(self.id, self.filled),)
            case "expired":
                return (OrderRunOut(self.id),)
            case "rejected":
                return (OrderRejected(self.id, "the exchange sent it back"),)
            case _:
                return ()

    def _ending(self) -> WireOrder | None:
        """The submission whose end is the order's: not one replaced, nor a move that failed."""
        ends = [
            wire
            for wire in self.wires.values()
            if wire.status != "replaced" and not (wire.status == "rejected" and wire.replaces)
        ]
        return ends[-1] if ends else None

    def _version_of(self, wire: WireOrder) -> int:
        return self.names.get(wire.name) or read_name(wire.name)[1]

    def _leg_of(self, symbol: str, place: int) -> int:
        """Which leg of ours a leg of Alpaca's is; in the order sent where we do not remember."""
        if self.wish is None:
            return place
        return [symbol_of(leg.instrument) for leg in self.wish.legs].index(symbol)


class OrderLedger:
    """Every order heard of, by our id; whoever uses it keeps other threads out."""

    def __init__(self) -> None:
        self._orders: dict[OrderId, KnownOrder] = {}
        self._by_leg: dict[str, KnownOrder] = {}

    def order(self, order: OrderId) -> KnownOrder:
        """What is known of an order; nothing yet where it is new."""
        return self._orders.setdefault(order, KnownOrder(order))

    def hear(self, wire: WireOrder) -> KnownOrder | None:
        """Take Alpaca's word of a submission; returns the order it belongs to.

        A leg of several says nothing that its order does not; None where that was not heard of.
        An order told without its legs is in doubt until it was asked for whole.
        """
        known = self._by_leg.get(wire.id)
        if wire.is_leg:
            return known
        if not wire.legs:
            known = known or self.order(read_name(wire.name)[0])
            before = known.wires.get(wire.id)
            if before is None:
                known.is_in_doubt = True
                return known
            wire = replace(wire, legs=before.legs)
        if known is None:
            known = self.order(read_name(wire.name)[0])
            for name in (wire.id, *(leg.id for leg in wire.legs)):
                self._by_leg[name] = known
        known.hear(wire)
        return known

    def add(self, execution: Execution) -> KnownOrder | None:
        """Keep an execution with its order; None where no order has that leg."""
        known = self._by_leg.get(execution.leg)
        if known is not None:
            known.add(execution)
        return known

    def followed(self) -> list[KnownOrder]:
        """Orders of which there may be news: asked about or heard of, and not over or told."""
        return [
            one
            for one in self._orders.values()
            if one.is_followed and one.wires and not (one.is_end_told and one.move is None)
        ]

    def all(self) -> list[KnownOrder]:
        return list(self._orders.values())


_STANDINGS = {
    "filled": OrderStanding.FILLED,
    "canceled": OrderStanding.CANCELLED,
    "expired": OrderStanding.CANCELLED,
    "rejected": OrderStanding.REJECTED,
}


def _reaches(filled: int, by_leg: Sequence[dict[int, Execution]]) -> bool:
    """True where every leg's executions add up to exactly so many units."""
    return all(
        sum(one.quantity for upto, one in executions.items() if upto <= filled) == filled
        for executions in by_leg
    )
