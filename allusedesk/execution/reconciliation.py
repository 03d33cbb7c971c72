"""The broker's statement against the book: differences as facts, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from allusedesk.domain.book import Book
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import notional, total
from allusedesk.domain.orders import BrokerStatement, Fill, Order, OrderStatus
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import StateRules

_OUR_ORDER = re.compile(r"^\d{4}-W\d{2}/[^/]+\.(gen|rev|com)/P\d+/O\d+$")


class Remedy(Enum):
    """What to do about a difference."""

    BOOK_FILLS = "book the fills we missed"
    CANCEL = "cancel an order we do not know"
    ADOPT = "adopt an order of ours"
    LOOK_UP = "ask what became of an order"
    STOP = "stop the desk; a person compares both sides"
    NOTE = "write it down"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what it is about, both sides as text, and its remedy."""

    what: str
    ours: str
    theirs: str
    remedy: Remedy
    order: OrderId | None = None
    executions: tuple[Fill, ...] = ()

    @property
    def stops(self) -> bool:
        return self.remedy is Remedy.STOP


def is_ours(order: OrderId) -> bool:
    """True for a client order id of the shape this desk writes."""
    return _OUR_ORDER.match(order) is not None


def compare(
    book: Book, orders: Iterable[Order], statement: BrokerStatement, rulebook: Rulebook
) -> tuple[Difference, ...]:
    """Every difference between what we know and what the broker says, by kind, then by name.

    `orders` are those alive and those that ended lately, with the fills booked. Positions and
    cash are compared as if the missed fills were booked already, so one pass settles all that
    can be explained; what is left beyond the rulebook's tolerance stops the desk. An order that
    is unknown to us and has our id was written before a crash and is adopted; another cancelled.
    """
    known = {order.id: order for order in orders}
    missed = _missed_fills(known, statement)
    at_broker = {line.order for line in statement.open_orders}
    found: list[Difference] = [
        Difference(
            f"fills of {order}",
            f"{len(known[order].fills)} known",
            f"{', '.join(fill.id for fill in fills)} besides",
            Remedy.BOOK_FILLS,
            order,
            fills,
        )
        for order, fills in missed.items()
        if order in known
    ]
    found.extend(_strange_orders(known, missed, statement))
    found.extend(
        Difference(f"order {order.id}", order.status.value, "not open", Remedy.LOOK_UP, order.id)
        for order in sorted(known.values(), key=lambda order: order.id)
        if _is_to_be_asked(order, at_broker)
    )
    explained = {order: fills for order, fills in missed.items() if order in known}
    rules = rulebook.states
    found.extend(_position_differences(book, known, explained, statement, rules))
    found.extend(_cash_differences(book, known, explained, statement, rules))
    return tuple(found)


def _missed_fills(
    known: dict[OrderId, Order], statement: BrokerStatement
) -> dict[OrderId, tuple[Fill, ...]]:
    """Executions on the statement that no order of ours has, each once, by order."""
    have = {fill.id for order in known.values() for fill in order.fills}
    missed: dict[OrderId, dict[str, Fill]] = {}
    told = [fill for line in statement.open_orders for fill in line.executions]
    for fill in (*statement.executions, *told):
        if fill.id not in have:
            missed.setdefault(fill.order, {}).setdefault(fill.id, fill)
    return {
        order: tuple(sorted(missed[order].values(), key=lambda fill: (fill.filled_at, fill.id)))
        for order in sorted(missed)
    }


def _strange_orders(
    known: dict[OrderId, Order],
    missed: dict[OrderId, tuple[Fill, ...]],
    statement: BrokerStatement,
) -> list[Difference]:
    found = []
    for line in sorted(statement.open_orders, key=lambda line: line.order):
        order = known.get(line.order)
        if order is None:
            remedy = Remedy.ADOPT if is_ours(line.order) else Remedy.CANCEL
            found.append(
                Difference(
                    f"order {line.order}",
                    "unknown",
                    f"open, version {line.version}",
                    remedy,
                    line.order,
                )
            )
        elif order.status.is_over:
            found.append(
                Difference(
                    f"order {line.order}", order.status.value, "open", Remedy.CANCEL, line.order
                )
            )
    found.extend(
        Difference(
            f"fills of {order}",
            "the order is unknown",
            ", ".join(f"{fill.id}: {fill.quantity} at {fill.price}" for fill in fills),
            Remedy.STOP,
            order,
            fills,
        )
        for order, fills in missed.items()
        if order not in known
    )
    return found


def _is_to_be_asked(order: Order, at_broker: set[OrderId]) -> bool:
    """Alive with us and not open there, or unknown: only an answer about the order settles it."""
    if order.status.is_over:
        return False
    return order.id not in at_broker or order.status is OrderStatus.UNKNOWN


def _position_differences(
    book: Book,
    known: dict[OrderId, Order],
    missed: dict[OrderId, tuple[Fill, ...]],
    statement: BrokerStatement,
    rules: StateRules,
) -> list[Difference]:
    ours: dict[Instrument, int] = {}
    for lot in book.positions.values():
        ours[lot.instrument] = ours.get(lot.instrument, 0) + lot.quantity_signed
    for order, fills in missed.items():
        for fill in fills:
            leg = known[order].legs[fill.leg]
            signed = leg.side.value * fill.quantity
            ours[leg.instrument] = ours.get(leg.instrument, 0) + signed
    theirs = {line.instrument: line.quantity_signed for line in statement.held}
    found = []
    for instrument in sorted({*ours, *theirs}, key=_by_name):
        here, there = ours.get(instrument, 0), theirs.get(instrument, 0)
        if here == there:
            continue
        stops = abs(here - there) >= rules.position_off_share * abs(here)
        found.append(
            Difference(
                f"position in {instrument}",
                str(here),
                str(there),
                Remedy.STOP if stops else Remedy.NOTE,
            )
        )
    return found


def _by_name(instrument: Instrument) -> tuple[str, int]:
    return str(instrument), instrument.multiplier


def _cash_differences(
    book: Book,
    known: dict[OrderId, Order],
    missed: dict[OrderId, tuple[Fill, ...]],
    statement: BrokerStatement,
    rules: StateRules,
) -> list[Difference]:
    ours = total([pile.whole for pile in book.cash.values()])
    for order, fills in missed.items():
        for fill in fills:
            leg = known[order].legs[fill.leg]
            signed = leg.side.value * fill.quantity
            ours = ours - notional(fill.price, signed, leg.instrument.multiplier) - fill.commission
    off = ours - statement.cash
    if not off:
        return []
    stops = abs(off.amount) >= rules.cash_off
    remedy = Remedy.STOP if stops else Remedy.NOTE
    return [Difference("cash", str(ours), str(statement.cash), remedy)]
