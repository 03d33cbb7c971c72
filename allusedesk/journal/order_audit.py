"""The life of every order as its journal has it, and what each fill gave up of the spread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from allusedesk.domain.events import (
    Entry,
    FillBooked,
    OrderMoved,
    OrderStatusChanged,
    OrderWritten,
    ProposalApproved,
    ProposalCompleted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalRefused,
    ProposalSigned,
    ProposalVoided,
)
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.orders import Fill, Order
from allusedesk.domain.proposals import Leg, Proposal
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.journal.origins import Origins

# How many of the last looks are searched for a quote of what is traded.
_LOOKS_KEPT = 8


@dataclass(frozen=True, slots=True)
class LifeLine:
    """One thing that happened to an order, with the entry that says so.

    `by` is who it goes back to: a person, the broker or the desk; `rule` is the proposal's.
    """

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
    rule: str = ""


@dataclass(frozen=True, slots=True)
class NetQuote:
    """What all legs of an order together stood at: net mid and net spread a share, and its age."""

    mid: Decimal
    spread: Decimal
    seconds_old: float
    is_modelled: bool = False


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill of an order against the market at decision, at sending and at the fill itself.

    Prices are net credits a share (a debit is negative). `better` is the fill less the mid at
    sending, in dollars for the whole quantity: below zero it was given up. None where nobody
    quoted all legs. `multiplier` is how many shares a unit of the order stands for.
    """

    entry: int
    at: datetime
    order: str
    account: str
    underlying: str
    legs: str
    quantity: int
    multiplier: int
    decided: NetQuote | None
    sent: NetQuote | None
    filled: NetQuote | None
    price: Decimal
    better: Decimal | None

    def better_than(self, quote: NetQuote | None) -> Decimal | None:
        """Dollars by which the fill was better than the mid of a quote; None without one."""
        if quote is None:
            return None
        return (self.price - quote.mid) * self.quantity * self.multiplier

    @property
    def half_spread(self) -> Decimal | None:
        """Dollars of half the spread at sending, for the whole quantity; None without a quote."""
        if self.sent is None:
            return None
        return self.sent.spread / 2 * self.quantity * self.multiplier


@dataclass(frozen=True, slots=True)
class OrderAudit:
    """Every order's life in the order of the entries, and every whole fill beside its quotes."""

    lines: tuple[LifeLine, ...]
    executions: tuple[Execution, ...]


def audit_orders(entries: Iterable[Entry]) -> OrderAudit:
    """Follow every order through entries from the journal's first on."""
    walk, origins = OrderWalk(), Origins()
    for entry in entries:
        walk.take(entry, origins.take(entry))
    return walk.audit()


class OrderWalk:
    """What is known of the orders on the way through the entries."""

    def __init__(self) -> None:
        self._lines: list[LifeLine] = []
        self._executions: list[Execution] = []
        self._looks: deque[MarketSnapshot] = deque(maxlen=_LOOKS_KEPT)
        self._orders: dict[str, Order] = {}
        self._decided: dict[str, NetQuote | None] = {}
        self._sent: dict[str, NetQuote | None] = {}
        self._accounts: dict[str, str] = {}
        self._rules: dict[str, str] = {}
        self._traded: set[str] = set()
        self._by = ""

    def audit(self) -> OrderAudit:
        """What was found so far."""
        return OrderAudit(tuple(self._lines), tuple(self._executions))

    def take(self, entry: Entry, by: str) -> None:
        """Follow one entry more; `by` is who it goes back to."""
        self._by = by
        match entry.event:
            case MarketSampled(snapshot=snapshot):
                self._looks.append(snapshot)
            case ProposalMade(proposal=proposal):
                self._proposed(entry, proposal)
            case (OrderWritten() | OrderStatusChanged() | OrderMoved() | FillBooked()) as event:
                self._of_order(entry, event)
            case _:
                self._answered(entry)

    def _proposed(self, entry: Entry, proposal: Proposal) -> None:
        self._accounts[proposal.id] = proposal.account
        self._rules[proposal.id] = str(proposal.rule)
        if not proposal.legs:
            return
        self._traded.add(proposal.id)
        self._decided[proposal.id] = self._quote(proposal.legs, entry.recorded_at)
        price = None if proposal.credit_net is None else proposal.credit_net.per_unit
        self._line(entry, "", proposal.id, "proposed", proposal.reason, proposal.quantity, price)

    def _answered(self, entry: Entry) -> None:
        """What was said to a proposal; those without legs never become an order."""
        match entry.event:
            case ProposalApproved(proposal=name) as said:
                by = " and ".join(filter(None, (said.granted_by, said.countersigned_by)))
                told = ("approved", "", said.quantity or 0, by)
            case ProposalSigned(proposal=name) as said:
                told = ("signed first", "", said.quantity or 0, said.operator)
            case ProposalDeclined(proposal=name) as said:
                told = ("declined", said.reason, 0, said.operator)
            case ProposalRefused(proposal=name) as said:
                told = ("refused", f"by {said.rule}", 0, self._by)
            case ProposalLapsed(proposal=name):
                told = ("lapsed", "nobody answered in time", 0, self._by)
            case ProposalVoided(proposal=name) as said:
                told = ("not sent", f"{said.rule}: {said.reason}", 0, self._by)
            case ProposalCompleted(proposal=name) as said:
                told = ("over", said.reason, said.quantity_done, self._by)
            case _:
                return
        if name in self._traded:
            what, detail, quantity, by = told
            self._line(entry, "", name, what, detail, quantity, None, by)

    def _of_order(
        self, entry: Entry, event: OrderWritten | OrderStatusChanged | OrderMoved | FillBooked
    ) -> None:
        match event:
            case OrderWritten(order=order):
                self._orders[order.id] = order
                self._sent[order.id] = self._quote(order.legs, entry.recorded_at)
                limit = None if order.limit is None else order.limit.per_unit
                legs = legs_in_short(order.legs)
                self._step(entry, order.id, "written", legs, order.quantity, limit)
            case OrderStatusChanged():
                detail = f"{event.status_before.value} to {event.status.value}"
                reason = f": {event.reason}" if event.reason else ""
                self._step(entry, event.order, "status", f"{detail}{reason}", 0, None)
            case OrderMoved():
                detail, limit = f"version {event.version}", event.limit.per_unit
                self._step(entry, event.order, "moved", detail, event.quantity, limit)
            case FillBooked():
                self._filled(entry, event)

    def _filled(self, entry: Entry, event: FillBooked) -> None:
        order = self._orders.get(event.order)
        for fill in event.fills:
            traded = f"{fill.filled_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
            detail = f"leg {fill.leg + 1}, execution {fill.id}, traded {traded} UTC"
            self._step(entry, event.order, "filled", detail, fill.quantity, fill.price.per_unit)
        if order is None:
            return
        quantity, price = _net_of(order, event.fills)
        sent = self._sent.get(order.id)
        multiplier = order.legs[0].instrument.multiplier
        self._executions.append(
            Execution(
                entry=entry.sequence,
                at=entry.recorded_at,
                order=order.id,
                account=order.account,
                underlying=order.legs[0].instrument.underlying,
                legs=legs_in_short(order.legs),
                quantity=quantity,
                multiplier=multiplier,
                decided=self._decided.get(order.proposal),
                sent=sent,
                filled=self._quote(order.legs, entry.recorded_at),
                price=price,
                better=None if sent is None else (price - sent.mid) * quantity * multiplier,
            )
        )

    def _quote(self, legs: Sequence[Leg], at: datetime) -> NetQuote | None:
        """The net of all legs at the latest look that showed them; None if a side was missing.

        An older look with both sides would tell of another market than the one at that instant.
        """
        for look in reversed(self._looks):
            quotes = [look.quote_of(leg.instrument) for leg in legs]
            shown = [quote for quote in quotes if quote is not None]
            if len(shown) == len(legs):
                return _net_quote(legs, shown, at)
        return None

    def _step(
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
        self._lines.append(
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
                by or self._by,
                self._rules.get(proposal, ""),
            )
        )


def _net_quote(legs: Sequence[Leg], quotes: Sequence[Quote], at: datetime) -> NetQuote | None:
    mid, spread, oldest = Decimal(0), Decimal(0), 0.0
    for leg, quote in zip(legs, quotes, strict=True):
        if quote.bid is None or quote.ask is None:
            return None
        bid, ask = quote.bid.per_unit, quote.ask.per_unit
        mid -= leg.side.value * (bid + ask) / 2
        spread += ask - bid
        oldest = max(oldest, (at - quote.quoted_at).total_seconds())
    return NetQuote(mid, spread, oldest, any(quote.is_modelled for quote in quotes))


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
