"""Facts about proposals, orders and what they did to the book, past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.book import Booking
from allusedesk.domain.identifiers import ApprovalId, OrderId, ProposalId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Fill, Order, OrderStatus
from allusedesk.domain.proposals import Comparison, NamedAmount, Proposal
from allusedesk.domain.terms import Alternative, NetGreeks, TermsSeen


@dataclass(frozen=True, slots=True)
class ProposalMade:
    """Something is wanted; nothing happens until it is approved."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class ProposalRefused:
    """Our own checks refused a proposal; the failed comparisons say why."""

    proposal: ProposalId
    account: AccountId
    rule: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class RiskJudged:
    """Every check made on a proposal, passed or warned, before anyone was asked.

    `probability_of_profit` is an estimate at expiry, for an option sold alone. `greeks` are those
    of the proposal's own legs, `alternatives` its nearest neighbours; `look` is the alarm that
    asked for the look it rests on.
    """

    proposal: ProposalId
    comparisons: tuple[Comparison, ...]
    warnings: tuple[str, ...]
    worst_case: Money
    scenarios: tuple[NamedAmount, ...]
    break_evens: tuple[Price, ...]
    collateral_before: Money
    collateral_after: Money
    cash_free_after: Money
    probability_of_profit: Decimal | None = None
    greeks: NetGreeks | None = None
    alternatives: tuple[Alternative, ...] = ()
    look: Alarm | PriceAlarm | None = None


@dataclass(frozen=True, slots=True)
class ProposalApproved:
    """Somebody entitled to said yes, in time.

    `granted_by` is a person, or the standing authority by which an exit waits for nobody: the
    rulebook and its clause, or trust and its level. `quantity` and `limit` are those of an edited
    answer, `seen` is what its card showed: sent is only what is still so. `countersigned_by` is
    the second of two persons, where two had to sign.
    """

    proposal: ProposalId
    approval: ApprovalId
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    quantity: int | None = None
    limit: Price | None = None
    seen: TermsSeen | None = None
    countersigned_by: str = ""


@dataclass(frozen=True, slots=True)
class ProposalDeclined:
    """Somebody entitled to said no."""

    proposal: ProposalId
    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalLapsed:
    """Nobody answered in time; it is not executed."""

    proposal: ProposalId


@dataclass(frozen=True, slots=True)
class ProposalVoided:
    """What was approved no longer holds, so it is not sent."""

    proposal: ProposalId
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalCompleted:
    """An approved proposal is over: `quantity_done` of what it wanted was traded."""

    proposal: ProposalId
    quantity_done: int
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerIgnored:
    """An answer to a proposal that was no longer open changed nothing."""

    proposal: ProposalId
    reason: str


@dataclass(frozen=True, slots=True)
class OrderWritten:
    """An approval became an order, about to be sent; `mid` is the net mid at that instant."""

    order: Order
    mid: Price | None = None


@dataclass(frozen=True, slots=True)
class OrderStatusChanged:
    """An order took one legal step of its life."""

    order: OrderId
    status_before: OrderStatus
    status: OrderStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderMoved:
    """An order's limit was moved under the same id, next version."""

    order: OrderId
    version: int
    limit: Price
    quantity: int


@dataclass(frozen=True, slots=True)
class FillBooked:
    """Executions of an order became lots and cash, once."""

    order: OrderId
    fills: tuple[Fill, ...]
    booking: Booking


@dataclass(frozen=True, slots=True)
class ReportIgnored:
    """A broker's report changed nothing: heard before, or about nothing we know."""

    report: str
    reason: str


@dataclass(frozen=True, slots=True)
class AssignmentBooked:
    """Option gone, shares in or out at the strike, cash moved: one transaction."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class SettlementBooked:
    """Cash-settled options left the book and their worth was paid; no share moved."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class ExpiryBooked:
    """Options ended without value and left the book."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class ChargeBooked:
    """A fee, interest or tax the broker took or paid, shared over the sleeves by their cash."""

    notice: str
    reason: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class DividendBooked:
    """A dividend's cash, shared over the sleeves that held the shares."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class SplitBooked:
    """Shares, strikes and contracts as a split or a special dividend left them."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class DifferenceFound:
    """The broker's statement and the book disagree: both sides."""

    what: str
    ours: str
    theirs: str
    stops: bool


@dataclass(frozen=True, slots=True)
class DeskReconciled:
    """The book and the broker's statement agree (or the differences are all named)."""

    as_of: datetime
    differences: int
