"""The rulebook as typed values: the shape of every rule, and never its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import assert_never

from allusedesk.domain.accounts import AccountKind
from allusedesk.protocol.rulebook_conduct import ConductRules
from allusedesk.protocol.rulebook_management import (
    AssignmentRules,
    BreakerRules,
    EarlyAssignmentRules,
    HedgeRules,
    LadderRules,
    LevelRules,
    ManagementRules,
    MiniRules,
    PinRiskRules,
    RecoveryRules,
    RollRules,
    StateRules,
)
from allusedesk.protocol.rulebook_ranges import DayBand, DeltaBand, Interval
from allusedesk.protocol.rulebook_trading import (
    ApprovalRules,
    CalendarRules,
    CostRules,
    MarginRules,
    OrderRules,
    QuoteRules,
    Weekday,
    Window,
)


class Trend(Enum):
    """Which way the index goes, by the stack of its averages."""

    UP = "up"
    DOWN = "down"
    FLAT = "flat"


class Support(Enum):
    """Where price stands against its support; `above` is said where nobody measured how far."""

    STRONG = "strong"
    MIXED = "mixed"
    ABOVE = "above"
    BELOW = "below"


class VixSide(Enum):
    """VIX against its own one-year average."""

    ANY = "any"
    AT_OR_BELOW = "at or below"
    ABOVE = "above"


class Condition(Enum):
    """The market condition of a week."""

    GREEN = "Green"
    RED = "Red"
    CHOP = "Chop"


class EntryInstrument(Enum):
    """What a sleeve may open."""

    PUT = "CSP"
    CALL = "CC"


class WeekFact(Enum):
    """A happening that can name a week."""

    RECOVERY = "recovery"
    EXIT = "exit"
    HEDGE = "hedge"
    BREAKER_HEDGED = "breaker hedged"
    CALL_AFTER_ASSIGNMENT = "call after assignment"
    ROLL = "roll"
    EARNINGS_SKIP = "earnings skip"


@dataclass(frozen=True, slots=True)
class AccountRules:
    """One tier. Shares and ratios are fractions; `symbol_cap` is of the sleeve's equity.

    Without a cap a symbol takes deployment over eligible symbols. `widened` says whether the
    listed expiry may lie in the widened band when none lies in `days_to_expiry`. Where no market
    condition binds, `deploy_low` to `deploy_high` of equity works. From `prepare_distance` rolls
    are priced; `puts_reenter` lets puts be sold only where shares were called away.
    """

    capital_share: Decimal
    cash_buffer: Decimal
    delta: DeltaBand
    days_to_expiry: DayBand
    widened: bool
    entry_days: tuple[Weekday, ...]
    entry_window: Window
    symbols: tuple[str, ...]
    instruments: tuple[EntryInstrument, ...]
    weekly_target: Decimal
    drawdown_max: Decimal
    withdrawals: bool
    first_shares: bool = False
    symbol_cap: Decimal | None = None
    days_to_expiry_hedged: DayBand | None = None
    deploy_low: Decimal | None = None
    deploy_high: Decimal | None = None
    prepare_distance: Decimal | None = None
    puts_reenter: bool = False


@dataclass(frozen=True, slots=True)
class Accounts:
    """The rules of the three tiers."""

    gen: AccountRules
    rev: AccountRules
    com: AccountRules


@dataclass(frozen=True, slots=True)
class CapitalRules:
    """The smallest start, the cap on one issuer over all families, and issuers of many symbols."""

    start_min: Decimal
    issuer_cap: Decimal
    issuers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One row of the table that names the market condition."""

    trend: Trend
    vix: VixSide
    support: tuple[Support, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class EntryOverride:
    """What a condition changes for one tier: its days (none: no entry) and its expiries."""

    account: AccountKind
    entry_days: tuple[Weekday, ...]
    days_to_expiry: DayBand | None = None


@dataclass(frozen=True, slots=True)
class ConditionEffect:
    """What a condition allows; `deploy` ends are fractions of the sleeve or of `standard`."""

    condition: Condition
    deploy_low: Decimal
    deploy_high: Decimal
    of_standard: bool
    delta_shift: Decimal
    overrides: tuple[EntryOverride, ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionRules:
    """Section 3: evidence needed, the table, and what follows from each condition.

    One that does not bind is recorded and changes nothing; it has no effects.
    """

    closes_needed: int
    support_strong_atr: Decimal
    rows: tuple[ConditionRow, ...]
    effects: tuple[ConditionEffect, ...] = ()
    standard: Decimal = Decimal(1)
    idle_vix_ratio: Decimal | None = None
    binds: bool = True

    def effect(self, condition: Condition) -> ConditionEffect:
        return next(effect for effect in self.effects if effect.condition is condition)


@dataclass(frozen=True, slots=True)
class EntryRules:
    """Section 4 and the readings of section 2 that bind entries."""

    band_slack_below: Decimal
    widened_days: DayBand
    widened_nearest: int
    earnings_estimate_sessions: int


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One weekly outcome. `fall` is how far price lies under the strike (or the basis).

    `roll_available` is None where it does not matter; weekly targets are fractions.
    """

    code: str
    meaning: str
    holding: str
    weeks_quoted: Decimal
    target_low: Decimal
    target_high: Decimal
    action: str
    fall: Interval | None = None
    roll_available: bool | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRules:
    """Section 5: the eleven outcomes; `deep` is the fall beyond which the 15% test speaks."""

    deep: Decimal
    deep_code: str
    rows: tuple[OutcomeRow, ...]

    def row(self, code: str) -> OutcomeRow:
        return next(row for row in self.rows if row.code == code)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label and the happening that gives it."""

    label: str
    facts: tuple[WeekFact, ...]


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Section 6: labels in order of precedence, and the one that is left."""

    otherwise: str
    rows: tuple[LabelRow, ...]


@dataclass(frozen=True, slots=True)
class ForkRule:
    """One tier's fork: the surplus that makes it and the tiers that share it, in fractions.

    A mini never forks and never reinvests, and comes home by `ForkingRules.mini`.
    """

    account: AccountKind
    surplus_min: Decimal
    gen: Decimal
    rev: Decimal
    com: Decimal
    is_mini: bool = False


@dataclass(frozen=True, slots=True)
class ForkingRules:
    """Section 11: when a sleeve forks, when a fork comes home, how many may live at once."""

    forks: tuple[ForkRule, ...]
    merge_total_min: Decimal | None = None
    families_max: int | None = None
    mini: MiniRules | None = None


@dataclass(frozen=True, slots=True)
class ReinvestmentRules:
    """Section 11: months, tiers and the split of a quarter's gain, in fractions."""

    months: tuple[int, ...]
    accounts: tuple[AccountKind, ...]
    tax: Decimal
    contracts: Decimal
    leaps: Decimal


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules of one version; published versions never change."""

    name: str
    version: str
    effective_from: date
    changelog: tuple[str, ...]
    capital: CapitalRules
    accounts: Accounts
    entry: EntryRules
    outcomes: OutcomeRules
    labels: LabelRules
    management: ManagementRules
    roll: RollRules
    assignment: AssignmentRules
    early_assignment: EarlyAssignmentRules
    pin_risk: PinRiskRules
    recovery: RecoveryRules
    orders: OrderRules
    quotes: QuoteRules
    costs: CostRules
    margin: MarginRules
    breakers: BreakerRules
    states: StateRules
    forking: ForkingRules
    reinvestment: ReinvestmentRules
    calendar: CalendarRules
    approvals: ApprovalRules
    condition: ConditionRules | None = None
    levels: LevelRules | None = None
    ladder: LadderRules | None = None
    hedging: HedgeRules | None = None
    conduct: ConductRules | None = None

    @property
    def id(self) -> str:
        """Name and version, such as `classic@1.0`."""
        return f"{self.name}@{self.version}"

    def account(self, kind: AccountKind) -> AccountRules:
        match kind:
            case AccountKind.GENERATION:
                return self.accounts.gen
            case AccountKind.REVENUE:
                return self.accounts.rev
            case AccountKind.COMPOUNDING:
                return self.accounts.com
            case _:
                assert_never(kind)

    def issuer_of(self, symbol: str) -> str:
        """The first symbol of the issuer behind `symbol`."""
        for issuer in self.capital.issuers:
            if symbol in issuer:
                return issuer[0]
        return symbol
