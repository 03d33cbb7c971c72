"""Green, Red or Chop, and how much of a sleeve it lets work (protocol, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.proposals import Comparison
from allusedesk.domain.quotes import Indicators, MarketSnapshot
from allusedesk.protocol.rulebook import (
    Condition,
    ConditionRules,
    Rulebook,
    Support,
    Trend,
    VixSide,
)
from allusedesk.protocol.verdicts import RuleAbsent, compared, ratio, written


@dataclass(frozen=True, slots=True)
class ConditionVerdict:
    """The condition and the evidence it was read from."""

    condition: Condition
    rule: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Deployment:
    """The fraction of a sleeve's equity that may work; zero makes the week idle."""

    fraction: Decimal
    rule: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class MarketReading:
    """Everything the condition was decided from, and what it allows."""

    verdict: ConditionVerdict
    deployment: Deployment
    trend: Trend
    support: Support
    vix: Decimal
    vix_average: Decimal


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """The condition cannot be decided; `reason` names what is missing."""

    reason: str


def condition_rules(rulebook: Rulebook) -> ConditionRules:
    """The rules of the market condition. Raises RuleAbsent under a rulebook without one."""
    if rulebook.condition is None:
        raise RuleAbsent(
            f"{rulebook.id} knows no market condition: its deltas, days and deployment hold in "
            "every market. Ask a rulebook that has one."
        )
    return rulebook.condition


def condition_binds(rulebook: Rulebook) -> bool:
    """Tell whether entries depend on the market condition."""
    return rulebook.condition is not None and rulebook.condition.binds


def delta_shift(condition: Condition | None, rulebook: Rulebook) -> Decimal:
    """By how much a condition moves the delta bands; nothing where none binds."""
    rules = rulebook.condition
    if condition is None or rules is None or not rules.binds:
        return Decimal(0)
    return rules.effect(condition).delta_shift


def trend_of(indicators: Indicators, price: Decimal) -> Trend | MissingEvidence:
    """Up or down where price and the averages of 10, 20 and 50 days are stacked, else flat."""
    fast, middle, slow = indicators.average_10, indicators.average_20, indicators.average_50
    if fast is None or middle is None or slow is None:
        return MissingEvidence(
            f"The averages of {indicators.symbol} are missing: {indicators.closes_known} "
            "closes are known."
        )
    if price > fast > middle > slow:
        return Trend.UP
    if price < fast < middle < slow:
        return Trend.DOWN
    return Trend.FLAT


def support_of(
    indicators: Indicators, price: Decimal, rulebook: Rulebook
) -> Support | MissingEvidence:
    """Price against the lowest low of the 20 sessions before, measured in ATR(14)."""
    low, atr = indicators.low_20, indicators.atr_14
    if low is None or atr is None:
        lacking = "lowest low of 20 sessions" if low is None else "ATR(14)"
        return MissingEvidence(
            f"The {lacking} of {indicators.symbol} is missing: {indicators.closes_known} "
            "closes are known."
        )
    if price < low:
        return Support.BELOW
    is_strong = price - low > condition_rules(rulebook).support_strong_atr * atr
    return Support.STRONG if is_strong else Support.MIXED


def classify_market(
    trend: Trend, vix: Decimal, vix_average: Decimal, support: Support, rulebook: Rulebook
) -> ConditionVerdict:
    """The row of the table that holds. `above` counts as mixed: nobody measured it as strong."""
    measured = Support.MIXED if support is Support.ABOVE else support
    side = VixSide.ABOVE if vix > vix_average else VixSide.AT_OR_BELOW
    row = next(
        row
        for row in condition_rules(rulebook).rows
        if row.trend is trend and row.vix in (VixSide.ANY, side) and measured in row.support
    )
    supports = " or ".join(item.value for item in row.support)
    return ConditionVerdict(
        row.condition,
        f"condition.{row.condition.value.lower()}",
        (
            compared("index trend", trend.value, row.trend.value, passed=True),
            compared(
                "VIX against its one-year average",
                f"{written(vix)} is {side.value} {written(vix_average)}",
                row.vix.value,
                passed=True,
            ),
            compared("support", support.value, supports, passed=True),
        ),
    )


def deployment_of(
    condition: Condition, vix: Decimal, vix_average: Decimal, rulebook: Rulebook
) -> Deployment:
    """The upper end while VIX is at or below its average, else the lower; far above it nothing."""
    rules = condition_rules(rulebook)
    is_calm = vix <= vix_average
    calm = compared("VIX for the upper end", vix, f"at most {written(vix_average)}", passed=is_calm)
    if not rules.binds:
        fraction = tier_deployment(AccountKind.GENERATION, rulebook, is_calm=is_calm)
        return Deployment(fraction, "accounts.deploy", (calm,))
    effect = rules.effect(condition)
    whole = rules.standard if effect.of_standard else Decimal(1)
    idle: tuple[Comparison, ...] = ()
    if rules.idle_vix_ratio is not None:
        is_idle = vix > rules.idle_vix_ratio * vix_average
        against_idle = compared(
            "VIX over its one-year average",
            ratio(vix, vix_average),
            f"at most {written(rules.idle_vix_ratio)}",
            passed=not is_idle,
        )
        idle = (against_idle,)
        if is_idle:
            return Deployment(Decimal(0), "condition.idle", idle)
    end = effect.deploy_high if is_calm else effect.deploy_low
    return Deployment(end * whole, f"condition.{condition.value.lower()}.deploy", (*idle, calm))


def tier_deployment(kind: AccountKind, rulebook: Rulebook, *, is_calm: bool) -> Decimal:
    """The part of a tier's equity that works where no condition binds; all where unsaid.

    The upper end while VIX is known and at or below its one-year average, else the lower.
    """
    rules = rulebook.account(kind)
    end = rules.deploy_high if is_calm else rules.deploy_low
    return Decimal(1) if end is None else end


def read_market(snapshot: MarketSnapshot, rulebook: Rulebook) -> MarketReading | MissingEvidence:
    """Trend, VIX and support of a snapshot, and what they decide, or what is missing."""
    seen, volatility = snapshot.trend, snapshot.volatility
    if seen is None:
        return MissingEvidence("The index is missing: no trend symbol was seen.")
    if volatility is None or volatility.average_year is None:
        lacking = "VIX" if volatility is None else "The one-year average of VIX"
        return MissingEvidence(f"{lacking} is missing.")
    known, needed = seen.indicators.closes_known, condition_rules(rulebook).closes_needed
    if known < needed:
        return MissingEvidence(
            f"The history of {seen.symbol} is too short: {known} closes are known, "
            f"the condition needs {needed}."
        )
    mark = seen.quote.mark
    price = mark.per_unit if mark is not None else seen.indicators.close
    if price is None:
        return MissingEvidence(f"The price of {seen.symbol} is missing.")
    trend = trend_of(seen.indicators, price)
    support = support_of(seen.indicators, price, rulebook)
    if isinstance(trend, MissingEvidence):
        return trend
    if isinstance(support, MissingEvidence):
        return support
    vix, average = volatility.vix, volatility.average_year
    verdict = classify_market(trend, vix, average, support, rulebook)
    deployment = deployment_of(verdict.condition, vix, average, rulebook)
    return MarketReading(verdict, deployment, trend, support, vix, average)
