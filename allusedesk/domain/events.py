"""Every fact the desk records, past tense, and the envelope each travels in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import get_args

from allusedesk.domain.accounts import Account, AccountId, Family, FamilyId
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.book import Booking
from allusedesk.domain.identifiers import ApprovalId, OrderId, PositionId, ProposalId
from allusedesk.domain.inputs import Input
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Fill, Order, OrderStatus
from allusedesk.domain.proposals import Comparison, Proposal, TurnedDown
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import WeekId


class SleeveState(Enum):
    """Where a sleeve stands in its day; governs entries only."""

    SAFE = "SAFE"
    SCANNING = "SCANNING"
    ANALYZING = "ANALYZING"
    ORDERING = "ORDERING"
    MONITORING = "MONITORING"
    CLOSING = "CLOSING"
    RECONCILING = "RECONCILING"
    EMERGENCY = "EMERGENCY"
    MAINTENANCE = "MAINTENANCE"
    AUDIT = "AUDIT"


@dataclass(frozen=True, slots=True)
class FamilyOpened:
    """A family of sleeves exists from now on, each with its base."""

    family: Family
    accounts: tuple[Account, ...]
    bases: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class CashBooked:
    """Cash came into, left or moved between sleeves: deposit, withdrawal, fork, merge, fee."""

    booking: Booking
    reason: str


@dataclass(frozen=True, slots=True)
class BaseChanged:
    """The base a sleeve's surplus is measured from was set anew."""

    account: AccountId
    base: Money
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmsSet:
    """Clock alarms that will ring; one with the id of an earlier one replaces it."""

    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class AlarmsDropped:
    """Clock alarms that need not ring any more."""

    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceAlarmsSet:
    """The price alarms of one sleeve, all of them; they replace its earlier ones."""

    account: AccountId
    alarms: tuple[PriceAlarm, ...]


@dataclass(frozen=True, slots=True)
class ConditionClassified:
    """Green, Red or Chop, with the evidence and the share of a sleeve that may be deployed.

    `deploy` is a fraction of a sleeve's equity; nothing new is entered where it is zero.
    """

    week: WeekId
    condition: str
    rule: str
    comparisons: tuple[Comparison, ...]
    deploy: Decimal
    vix: Decimal
    vix_average: Decimal


@dataclass(frozen=True, slots=True)
class ConditionMissing:
    """The condition could not be decided; `reason` names what is missing."""

    week: WeekId
    reason: str


@dataclass(frozen=True, slots=True)
class EntriesWeighed:
    """One look at a sleeve's window: what was proposed, and all that was turned down."""

    account: AccountId
    week: WeekId
    proposals: tuple[ProposalId, ...]
    turned_down: tuple[TurnedDown, ...]
    target: Decimal


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
    """Every check made on a proposal, passed or warned, before anyone was asked."""

    proposal: ProposalId
    comparisons: tuple[Comparison, ...]
    warnings: tuple[str, ...]
    worst_case: Money
    collateral_before: Money
    collateral_after: Money
    cash_free_after: Money


@dataclass(frozen=True, slots=True)
class ProposalApproved:
    """Somebody entitled to said yes, in time."""

    proposal: ProposalId
    approval: ApprovalId
    granted_by: str
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProposalRejected:
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
class OrderAdvanced:
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
class ExpiryBooked:
    """Options ended without value and left the book."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class DividendBooked:
    """A dividend's cash, shared over the sleeves that held the shares."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class SplitBooked:
    """Shares, strikes and contracts as a split left them."""

    notice: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """A position moved one level up or down, one step at a time.

    `distance` is in average true ranges, against the position.
    """

    position: PositionId
    level_before: str
    level: str
    distance: Decimal
    atr: Decimal
    spot: Price


@dataclass(frozen=True, slots=True)
class AssignmentPrepared:
    """A short option is likely to be assigned; cash or shares for it were checked."""

    position: PositionId
    probability: Decimal
    cash_needed: Money
    cash_settled: Money


@dataclass(frozen=True, slots=True)
class OutcomeClassified:
    """How one position (or an idle sleeve, `position` None) ended its week.

    `tag` is `final`, `closed` or `interim`; `price_change` is the figure the table was read with.
    """

    account: AccountId
    week: WeekId
    position: PositionId | None
    outcome: str
    tag: str
    comparisons: tuple[Comparison, ...]
    action: str


@dataclass(frozen=True, slots=True)
class WeekLabelled:
    """A family's label for the week between two Friday cuts; `tags` are the other matches."""

    family: FamilyId
    week: WeekId
    label: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SleeveStateChanged:
    """A sleeve moved to another state."""

    account: AccountId
    state_before: SleeveState
    state: SleeveState
    cause: str


@dataclass(frozen=True, slots=True)
class SleeveFrozen:
    """No entries in a sleeve (or in one symbol of it) until the reason is lifted."""

    account: AccountId
    reason: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class SleeveThawed:
    """A reason not to enter was lifted."""

    account: AccountId
    reason: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class RecoveryBegun:
    """GBR-4 set in: raised buffer and halved sizes until `until`."""

    account: AccountId
    position: PositionId
    until: date


@dataclass(frozen=True, slots=True)
class BreakerTripped:
    """A breaker changed what may be traded."""

    breaker: str
    effect: str
    comparisons: tuple[Comparison, ...]
    account: AccountId | None = None


@dataclass(frozen=True, slots=True)
class BreakerLowered:
    """A breaker was taken back."""

    breaker: str
    by: str
    account: AccountId | None = None


@dataclass(frozen=True, slots=True)
class DeskHalted:
    """Everything stopped: entries refused until a person resets the desk."""

    reason: str


@dataclass(frozen=True, slots=True)
class DeskReleased:
    """A person let the desk go on."""

    by: str


@dataclass(frozen=True, slots=True)
class SleeveMark:
    """One sleeve at one instant: equity is cash plus positions at their marks."""

    account: AccountId
    equity: Money
    cash: Money
    positions: Money
    collateral: Money
    high: Money
    drawdown: Decimal


@dataclass(frozen=True, slots=True)
class BalancesMarked:
    """Every sleeve marked at the close; `quotes` are the marks of what is held."""

    on: date
    marks: tuple[SleeveMark, ...]
    quotes: tuple[Quote, ...]
    is_modelled: bool


@dataclass(frozen=True, slots=True)
class FamilyForked:
    """A surplus left for a family of its own."""

    parent: AccountId
    family: FamilyId
    surplus: Money


@dataclass(frozen=True, slots=True)
class MergeBegun:
    """A fork is coming home: no entries any more, positions are closed first."""

    family: FamilyId
    into: AccountId


@dataclass(frozen=True, slots=True)
class FamilyMerged:
    """A fork's cash went to its parent's Com, and the fork is closed."""

    family: FamilyId
    into: AccountId
    amount: Money


@dataclass(frozen=True, slots=True)
class QuarterClosed:
    """A sleeve's quarter ended with this gain, money moved in or out left aside."""

    account: AccountId
    quarter: str
    equity: Money
    gain: Money


@dataclass(frozen=True, slots=True)
class GainReinvested:
    """A quarter's gain was split: tax reserve, contracts, LEAPS."""

    account: AccountId
    quarter: str
    gain: Money
    tax: Money
    contracts: Money
    leaps: Money


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something a person should read; `severity` is note, warning or alarm."""

    severity: str
    subject: str
    text: str


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


@dataclass(frozen=True, slots=True)
class WeekClosed:
    """The week's report is cut; provisional on its last session, final the session after."""

    week: WeekId
    is_final: bool
    version: int


Derived = (
    FamilyOpened
    | CashBooked
    | BaseChanged
    | AlarmsSet
    | AlarmsDropped
    | PriceAlarmsSet
    | ConditionClassified
    | ConditionMissing
    | EntriesWeighed
    | ProposalMade
    | ProposalRefused
    | RiskJudged
    | ProposalApproved
    | ProposalRejected
    | ProposalLapsed
    | ProposalVoided
    | ProposalCompleted
    | AnswerIgnored
    | OrderWritten
    | OrderAdvanced
    | OrderMoved
    | FillBooked
    | ReportIgnored
    | AssignmentBooked
    | ExpiryBooked
    | DividendBooked
    | SplitBooked
    | LevelChanged
    | AssignmentPrepared
    | OutcomeClassified
    | WeekLabelled
    | SleeveStateChanged
    | SleeveFrozen
    | SleeveThawed
    | RecoveryBegun
    | BreakerTripped
    | BreakerLowered
    | DeskHalted
    | DeskReleased
    | BalancesMarked
    | FamilyForked
    | MergeBegun
    | FamilyMerged
    | QuarterClosed
    | GainReinvested
    | NoticeRaised
    | DifferenceFound
    | DeskReconciled
    | WeekClosed
)

Event = Input | Derived

INPUT_KINDS: frozenset[type] = frozenset(get_args(Input))
EVENT_KINDS: tuple[type, ...] = get_args(Event)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with the one sequence number and the one instant it will ever have.

    `cause` is the sequence of the entry it follows from; None for inputs nobody caused.
    The chain of hashes is the journal's affair and stands beside the entry there.
    """

    sequence: int
    recorded_at: datetime
    cause: int | None
    event: Event

    @property
    def is_input(self) -> bool:
        return type(self.event) in INPUT_KINDS
