"""Facts about families, sleeves and their balances, past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from allusedesk.domain.accounts import Account, AccountId, Family, FamilyId
from allusedesk.domain.book import Booking
from allusedesk.domain.identifiers import PositionId, ProposalId
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Comparison, TurnedDown
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
class SurplusFloorSet:
    """The base a sleeve's surplus is measured from was set anew."""

    account: AccountId
    base: Money
    reason: str


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
    """A breaker was taken back; with `resets_high` drawdown is measured from today's equity."""

    breaker: str
    by: str
    account: AccountId | None = None
    resets_high: bool = False


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
    unrealised: Money
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
class CarriedBudget:
    """What a quarter's hedge budget left, and for how many quarters more it may be spent."""

    quarter: str
    amount: Money
    quarters_left: int


@dataclass(frozen=True, slots=True)
class HedgeMissed:
    """A hedge was called for and none was bought: nothing quoted, tight and affordable."""

    family: FamilyId
    week: WeekId
    budget: Money
    turned_down: tuple[TurnedDown, ...]


@dataclass(frozen=True, slots=True)
class HedgeBudgetCarried:
    """A family's quarter of hedging ended: its budget, what was spent, what is carried on."""

    family: FamilyId
    quarter: str
    budget: Money
    spent: Money
    carried: tuple[CarriedBudget, ...]


@dataclass(frozen=True, slots=True)
class LadderWeighed:
    """A look at a sleeve's LEAPS ladder; growth and hedge are what the rungs of each are worth.

    `budget` is the ladder's money that lies in cash.
    """

    account: AccountId
    week: WeekId
    budget: Money
    growth: Money
    hedge: Money
    proposals: tuple[ProposalId, ...]
    turned_down: tuple[TurnedDown, ...]
