"""A journal added up entry by entry, by no query of the program: what reports are held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from allusedesk.domain.events import Entry
from allusedesk.domain.money import Money
from allusedesk.domain.order_events import FillBooked, OrderWritten
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.sleeve_events import BalancesMarked, CashBooked
from allusedesk.reports.cells import Cell, Percent
from allusedesk.reports.statement import KeyFigures, Number, Statement, Table

_NOTHING = Decimal(0)
Amounts = dict[str, Decimal]


@dataclass
class Flows:
    """What came between two closes, by sleeve; commissions are positive."""

    moved: Amounts = field(default_factory=lambda: defaultdict(Decimal))
    realised: Amounts = field(default_factory=lambda: defaultdict(Decimal))
    commissions: Amounts = field(default_factory=lambda: defaultdict(Decimal))
    dividends: Amounts = field(default_factory=lambda: defaultdict(Decimal))
    fees: Amounts = field(default_factory=lambda: defaultdict(Decimal))
    by_lot: Amounts = field(default_factory=lambda: defaultdict(Decimal))
    fills: int = 0
    slippage: Decimal = _NOTHING


@dataclass
class Close:
    on: date
    equity: Amounts
    unrealised: Amounts
    flows: Flows

    @property
    def whole(self) -> Decimal:
        return sum(self.equity.values(), _NOTHING)

    @property
    def moved(self) -> Decimal:
        return sum(self.flows.moved.values(), _NOTHING)


def closes_of(entries: Iterable[Entry]) -> list[Close]:
    """Every close, with what was booked since the one before."""
    found: list[Close] = []
    flows = Flows()
    orders: dict[str, tuple[Order, Decimal]] = {}
    for entry in entries:
        event: Any = entry.event
        if isinstance(event, OrderWritten):
            mid = event.mid
            if mid is not None:
                orders[event.order.id] = (event.order, abs(mid.per_unit))
        elif isinstance(event, BalancesMarked):
            found.append(
                Close(
                    event.on,
                    {mark.account: mark.equity.amount for mark in event.marks},
                    {mark.account: mark.unrealised.amount for mark in event.marks},
                    flows,
                )
            )
            flows = Flows()
        elif hasattr(event, "booking"):
            _book(flows, event, orders)
    return found


def _book(flows: Flows, event: Any, orders: dict[str, tuple[Order, Decimal]]) -> None:
    booking = event.booking
    cash: Amounts = defaultdict(Decimal)
    for move in booking.cash:
        cash[move.account] += move.amount.amount
    if isinstance(event, CashBooked):
        is_cost = any(word in event.reason.lower() for word in ("fee", "interest", "commission"))
        for account, amount in cash.items():
            (flows.fees if is_cost else flows.moved)[account] += amount
        return
    if not booking.changes:
        for account, amount in cash.items():
            flows.dividends[account] += amount
        return
    lots = [one.after or one.before for one in booking.changes]
    account = lots[0].account
    cost = _NOTHING
    for one in booking.changes:
        cost += _cost(one.after) - _cost(one.before)
        flows.by_lot[(one.before or one.after).id] += one.realised.amount
    # What came in cash and in cost, before the commission that was taken off the cash.
    flows.realised[account] += cash[account] + booking.commission.amount + cost
    flows.commissions[account] += booking.commission.amount
    if isinstance(event, FillBooked):
        for fill in event.fills:
            flows.fills += 1
            order, mid = orders[fill.order]
            if len(order.legs) == 1:
                sign = -order.legs[0].side.value
                units = fill.quantity * order.legs[0].instrument.multiplier
                flows.slippage += sign * (fill.price.per_unit - mid) * units


def _cost(lot: Position | None) -> Decimal:
    if lot is None:
        return _NOTHING
    return lot.price_average.per_unit * lot.quantity_signed * lot.instrument.multiplier


def between(closes: Iterable[Close], first: date, last: date) -> list[Close]:
    return [one for one in closes if first <= one.on <= last]


def summed(closes: Iterable[Close], of: str) -> Amounts:
    """One kind of flow over some closes, by sleeve or lot."""
    found: Amounts = defaultdict(Decimal)
    for close in closes:
        for name, amount in getattr(close.flows, of).items():
            found[name] += amount
    return found


def growth(closes: list[Close], accounts: set[str] | None = None) -> list[tuple[date, Decimal]]:
    """What a dollar has become at each close, in these sleeves or in all."""

    def of(amounts: Amounts) -> Decimal:
        return sum(
            (one for name, one in amounts.items() if accounts is None or name in accounts),
            _NOTHING,
        )

    index, before, found = Decimal(1), _NOTHING, []
    for close in closes:
        base = before + of(close.flows.moved)
        if base > 0:
            index = index * of(close.equity) / base
        before = of(close.equity)
        found.append((close.on, index))
    return found


def plain(cell: Cell) -> Any:
    """The bare figure of a cell."""
    match cell:
        case Money(amount):
            return amount
        case Percent(fraction):
            return fraction
        case Number(value):
            return value
        case _:
            return cell


def table(statement: Statement, title: str) -> Table:
    return next(
        block
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Table) and block.title == title
    )


def rows(statement: Statement, title: str) -> dict[str, dict[str, Any]]:
    """A table's rows by their first cell, its totals under `=`; cells by title and unit."""
    found = table(statement, title)
    names = [f"{one.title} {one.unit}".strip() for one in found.columns]
    named = {str(row[0]): dict(zip(names, map(plain, row), strict=True)) for row in found.rows}
    if found.totals:
        named["="] = dict(zip(names, map(plain, found.totals), strict=True))
    return named


def figure(statement: Statement, label: str) -> Any:
    return next(
        plain(one.value)
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, KeyFigures)
        for one in block.figures
        if one.label == label
    )
