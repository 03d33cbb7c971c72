"""The life of every order as its journal has it, and what each fill gave up of the spread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.events import (
    Entry,
    FillBooked,
    OrderMoved,
    OrderStatusChanged,
    OrderWritten,
    ProposalApproved,
    ProposalMade,
)
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.orders import Fill, Order
from allusedesk.domain.proposals import Leg
from allusedesk.domain.quotes import MarketSnapshot

# How many of the last looks are searched for a quote of what is traded.
_LOOKS_KEPT = 8


@dataclass(frozen=True, slots=True)
class LifeLine:
    """One thing that happened to an order, with the entry that says so."""

    entry: int
    at: datetime
    order: str
    proposal: str
    account: str
    what: str
    detail: str
    quantity: int
    price: Decimal | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class NetQuote:
    """What all legs of an order together stood at: net mid and net spread a share, and its age."""

    mid: Decimal
    spread: Decimal
    seconds_old: float


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill of an order against the market at decision, at sending and at the fill itself.

    Prices are net credits a share (a debit is negative). `better` is the fill less the mid at
    sending, in dollars for the whole quantity: below zero it was given up. None where nobody
    quoted all legs.
    """

    entry: int
    order: str
    account: str
    legs: str
    quantity: int
    decided: NetQuote | None
    sent: NetQuote | None
    filled: NetQuote | None
    price: Decimal
    better: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderAudit:
    """Every order's life in the order of the entries, and every whole fill beside its quotes."""

    lines: tuple[LifeLine, ...]
    executions: tuple[Execution, ...]


def audit_orders(entries: Iterable[Entry]) -> OrderAudit:
    """Follow every order through entries from the journal's first on."""
    walk = _Walk()
    for entry in entries:
        walk.take(entry)
    return OrderAudit(tuple(walk.lines), tuple(walk.executions))


class _Walk:
    """What is known on the way through the entries."""

    def __init__(self) -> None:
        self.lines: list[LifeLine] = []
        self.executions: list[Execution] = []
        self._looks: deque[MarketSnapshot] = deque(maxlen=_LOOKS_KEPT)
        self._orders: dict[str, Order] = {}
        self._decided: dict[str, NetQuote | None] = {}
        self._sent: dict[str, NetQuote | None] = {}
        self._accounts: dict[str, str] = {}

    def take(self, entry: Entry) -> None:
        event = entry.event
        match event:
            case MarketSampled():
                self._looks.append(event.snapshot)
            case ProposalMade(proposal=proposal):
                self._accounts[proposal.id] = proposal.account
                if proposal.legs:
                    self._decided[proposal.id] = self._quote(proposal.legs, entry.recorded_at)
                    detail = f"{proposal.rule}: {proposal.reason}"
                    self._line(
                        entry,
                        "",
                        proposal.id,
                        "proposed",
                        detail,
                        proposal.quantity,
                        None if proposal.credit_net is None else proposal.credit_net.per_unit,
                    )
            case ProposalApproved():
                by = " and ".join(filter(None, (event.granted_by, event.countersigned_by)))
                self._line(entry, "", event.proposal, "approved", "", event.quantity or 0, None, by)
            case OrderWritten(order=order):
                self._orders[order.id] = order
                self._sent[order.id] = self._quote(order.legs, entry.recorded_at)
                limit = None if order.limit is None else order.limit.per_unit
                self._line(
                    entry,
                    order.id,
                    order.proposal,
                    "written",
                    legs_in_short(order.legs),
                    order.quantity,
                    limit,
                )
            case OrderStatusChanged():
                detail = f"{event.status_before.value} to {event.status.value}"
                reason = f": {event.reason}" if event.reason else ""
                self._of_order(entry, event.order, "status", f"{detail}{reason}", 0, None)
            case OrderMoved():
                self._of_order(
                    entry,
                    event.order,
                    "moved",
                    f"version {event.version}",
                    event.quantity,
                    event.limit.per_unit,
                )
            case FillBooked():
                self._filled(entry, event)
            case _:
                pass

    def _filled(self, entry: Entry, event: FillBooked) -> None:
        order = self._orders.get(event.order)
        for fill in event.fills:
            detail = f"leg {fill.leg + 1}, execution {fill.id}"
            self._of_order(entry, event.order, "filled", detail, fill.quantity, fill.price.per_unit)
        if order is None:
            return
        quantity, price = _net_of(order, event.fills)
        sent = self._sent.get(order.id)
        multiplier = order.legs[0].instrument.multiplier
        self.executions.append(
            Execution(
                entry=entry.sequence,
                order=order.id,
                account=order.account,
                legs=legs_in_short(order.legs),
                quantity=quantity,
                decided=self._decided.get(order.proposal),
                sent=sent,
                filled=self._quote(order.legs, entry.recorded_at),
                price=price,
                better=None if sent is None else (price - sent.mid) * quantity * multiplier,
            )
        )

    def _quote(self, legs: Sequence[Leg], at: datetime) -> NetQuote | None:
        """The net of all legs at the latest look that quoted them on both sides."""
        for look in reversed(self._looks):
            mid, spread, oldest = Decimal(0), Decimal(0), 0.0
            for leg in legs:
                quote = look.quote_of(leg.instrument)
                if quote is None or quote.bid is None or quote.ask is None:
                    break
                bid, ask = quote.bid.per_unit, quote.ask.per_unit
                mid -= leg.side.value * (bid + ask) / 2
                spread += ask - bid
                oldest = max(oldest, (at - quote.quoted_at).total_seconds())
            else:
                return NetQuote(mid, spread, oldest)
        return None

    def _of_order(
        self,
        entry: Entry,
        name: str,
        what: str,
        detail: str,
        quantity: int,
        price: Decimal | None,
    ) -> None:
        order = self._orders.get(name)
        proposal = "" if order is None else order.proposal
        self._line(entry, name, proposal, what, detail, quantity, price)

    def _line(
        self,
        entry: Entry,
        order: str,
        proposal: str,
        what: str,
        detail: str,
        quantity: int,
        price: Decimal | None,
        by: str = "",
    ) -> None:
        self.lines.append(
            LifeLine(
                entry.sequence,
                entry.recorded_at,
                order,
                proposal,
                self._accounts.get(proposal, ""),
                what,
                detail,
                quantity,
                price,
                by,
            )
        )


def legs_in_short(legs: Sequence[Leg]) -> str:
    """Each leg with its side, such as `sell AAPL 2020-02-21 185 put`."""
    return "; ".join(f"{leg.side.name.lower()} {leg.instrument}" for leg in legs)


def _net_of(order: Order, fills: Sequence[Fill]) -> tuple[int, Decimal]:
    """Units filled in every leg, and their net credit a share."""
    units, paid = [0] * len(order.legs), [Decimal(0)] * len(order.legs)
    for fill in fills:
        units[fill.leg] += fill.quantity
        paid[fill.leg] += fill.price.per_unit * fill.quantity
    net = Decimal(0)
    for leg, count, whole in zip(order.legs, units, paid, strict=True):
        if count:
            net -= leg.side.value * whole / count
    return min(count for count in units), net
