"""What a trial is asked and what it answers: plain values that cross processes and machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.money import Money

# What a fill gives up of half the spread: nothing, a drawn part, all of it.
FILLS = ("mid", "default", "full")
# The order of all figures by sleeve.
SLEEVES = (AccountKind.GENERATION, AccountKind.REVENUE, AccountKind.COMPOUNDING)

Setting = str | int | Decimal | bool


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One backtest: the market, the span, the rules and how fills are counted.

    `symbols` leaves out the tiers that trade the rulebook's own. `strategies` are
    `NAME@VERSION=ACCOUNT` as `rehearse --strategy` takes them, none for the protocol alone;
    `overrides` are dotted rules of the rulebook with the values they have in this trial;
    `approve` is all, none or the path of a policy. The tax rates are fractions of gains held
    short and long; the defaults are the highest federal ones.
    """

    data: tuple[Path, ...]
    first: date
    last: date
    symbols: tuple[SymbolList, ...] = ()
    rulebook: str = "classic"
    capital: Decimal = Decimal(300_000)
    seed: int = 1
    fills: str = "default"
    strategies: tuple[str, ...] = ()
    overrides: tuple[tuple[str, Setting], ...] = ()
    approve: str = "all"
    trend: str | None = None
    tax_rate_short: Decimal = Decimal("0.37")
    tax_rate_long: Decimal = Decimal("0.20")


@dataclass(frozen=True, slots=True)
class SleeveWeek:
    """One tier's week, all its families together, cash moved in or out left aside.

    `income` is what the week gained, `value` that over what the tier began with (a fraction);
    `target` the return the rulebook wanted of it, that of the rulebook where none was asked.
    """

    kind: AccountKind
    income: Money
    value: float
    target: float


@dataclass(frozen=True, slots=True)
class TrialWeek:
    """A week of a trial: `sleeves` in the order of `SLEEVES`, `moved` is money from outside.

    `label` is the first family's, empty where none was given; `outcomes` are final codes in the
    order they were classified. `is_modelled` tells whether any quote of the week was modelled.
    """

    week: str
    starts_on: date
    equity: Money
    moved: Money
    sleeves: tuple[SleeveWeek, ...]
    label: str
    outcomes: tuple[str, ...]
    is_modelled: bool

    @property
    def income(self) -> Money:
        """What the whole desk gained."""
        return Money(sum((one.income.amount for one in self.sleeves), Decimal(0)))


@dataclass(frozen=True, slots=True)
class TrialTotals:
    """Sums over the whole span; money is exact.

    `taxable_short` and `taxable_long` are gains as the tax report would name them, `disallowed`
    what wash sales defer, and `tax` an estimate at the plan's rates, never below nothing.
    `collateral_max` is the most that was tied up at any close: all is secured by cash or shares.
    `quotes_modelled` is the fraction of all quotes decisions were shown that was modelled.
    """

    proposals: int
    orders: int
    fills: int
    commissions: Money
    assignments: int
    dividends: Money
    taxable_short: Money
    taxable_long: Money
    disallowed: Money
    tax: Money
    collateral_max: Money
    forks: int
    merges: int
    quotes_modelled: float


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What came of a trial; `chain_head` is that of the rehearsal's journal, entry for entry.

    `notes` say which data was used for what, `gaps` what was to be traded and had no price.
    `strategies` are those of the plan by name and version, a file's too, as `mine@1.0=rev`.
    """

    plan: TrialPlan
    entries: int
    chain_head: str
    weeks: tuple[TrialWeek, ...]
    totals: TrialTotals
    notes: tuple[str, ...]
    gaps: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()

    @property
    def equity_start(self) -> Money:
        """What was paid in at the beginning."""
        return Money(self.plan.capital)

    @property
    def equity_end(self) -> Money:
        """The whole desk at its last mark; the capital where no week was marked."""
        return self.weeks[-1].equity if self.weeks else self.equity_start


@dataclass(frozen=True, slots=True)
class TrialRefused:
    """A plan that cannot be tried; `reason` is one plain sentence."""

    plan: TrialPlan
    reason: str
