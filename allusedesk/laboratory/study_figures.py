"""What a study's trials come to: tiers against targets, outcomes, worst weeks, costs, premiums."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.accounts import AccountKind
from allusedesk.laboratory.bootstrap import Interval, bootstrap_interval, mean_of
from allusedesk.laboratory.figures import WEEKS_A_YEAR, desk_returns, sleeve_returns
from allusedesk.laboratory.premium_fit import PremiumRows
from allusedesk.laboratory.study_plan import StudySpan, StudyTrial
from allusedesk.laboratory.trial import SLEEVES, TrialOutcome, TrialWeek

Floats = NDArray[np.float64]

# As in the realised projection: a quarter holds an assignment and the calls after it.
BLOCK_WEEKS = 13
IDLE = "W-IDL"
_WORST_WEEKS = 8
_ROWS_MIN = 20

Tried = Sequence[tuple[StudyTrial, TrialOutcome]]


@dataclass(frozen=True, slots=True)
class TierFigures:
    """A tier over all weeks it could trade; returns a week, `growth` what they make of a year."""

    rulebook: str
    kind: AccountKind
    weeks: int
    mean: Interval
    target: float
    reached: float
    up: float
    worst: float
    growth: float


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """One trial: what the whole desk made of a year, its deepest fall, and each tier's mean."""

    span: StudySpan
    fills: str
    weeks: int
    growth: float
    drawdown: float
    means: tuple[float | None, ...]
    commissions: float
    fills_made: int
    modelled: float
    tax: float


@dataclass(frozen=True, slots=True)
class CodeShare:
    """An outcome's or label's part of all, as found and as quoted (None: nothing is quoted)."""

    code: str
    count: int
    share: float
    quoted: float | None


@dataclass(frozen=True, slots=True)
class WeekSeen:
    """One week of one rulebook: the desk's return and each tier's."""

    rulebook: str
    week: TrialWeek
    value: float


@dataclass(frozen=True, slots=True)
class YearFigures:
    """One calendar year of one rulebook, with the weeks that named it."""

    rulebook: str
    year: int
    weeks: int
    gain: float
    drawdown: float
    worst: float
    tiers: tuple[float, ...]
    labels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PremiumFigures:
    """Modelled against recorded: medians, and what lies between a tenth and nine tenths."""

    title: str
    rows: int
    bias: float
    low: float
    high: float
    points: float
    spread: float
    spread_modelled: float


def tiers_of(tried: Tried, rulebook: str, seed: int) -> tuple[TierFigures, ...]:
    """Each tier over the spans in which it had symbols, at default fills, weeks in their order."""
    found = []
    chosen = sorted(
        (one for one in tried if _is(one, rulebook, "default")), key=lambda one: one[0].span.first
    )
    for place, kind in enumerate(SLEEVES):
        parts = [
            sleeve_returns(outcome)[:, place]
            for trial, outcome in chosen
            if trial.span.symbols[place].symbols
        ]
        if not parts:
            continue
        weeks = np.concatenate(parts)
        target = chosen[0][1].weeks[0].sleeves[place].target
        rng = np.random.default_rng([seed, place])
        interval = bootstrap_interval(
            weeks,
            mean_of,
            rng,
            block_weeks=min(BLOCK_WEEKS, max(len(weeks) // 4, 1)),
            is_circular=True,
            # Hundreds of weeks need no widening, and the page says how its bounds were found.
            is_widened=False,
        )
        found.append(
            TierFigures(
                rulebook,
                kind,
                len(weeks),
                interval,
                target,
                reached=float((weeks >= target).mean()),
                up=float((weeks > 0).mean()),
                worst=float(weeks.min()),
                growth=yearly(weeks),
            )
        )
    return tuple(found)


def spans_of(tried: Tried) -> tuple[SpanFigures, ...]:
    """Every trial, by rulebook, span and kind of fill."""
    order = {"mid": 0, "default": 1, "full": 2}
    found = []
    for trial, outcome in sorted(
        tried, key=lambda one: (one[0].span.rulebook, one[0].span.first, order[one[0].plan.fills])
    ):
        returns, sleeves = desk_returns(outcome), sleeve_returns(outcome)
        means = [
            float(sleeves[:, place].mean()) if one.symbols else None
            for place, one in enumerate(trial.span.symbols)
        ]
        found.append(
            SpanFigures(
                trial.span,
                trial.plan.fills,
                len(returns),
                yearly(returns),
                drawdown_of(returns),
                tuple(means),
                float(outcome.totals.commissions.amount),
                outcome.totals.fills,
                outcome.totals.quotes_modelled,
                float(outcome.totals.tax.amount),
            )
        )
    return tuple(found)


def outcomes_of(
    tried: Tried, rulebook: str, quoted: Sequence[tuple[str, Decimal]]
) -> tuple[CodeShare, ...]:
    """How often each outcome came, beside what is quoted for it.

    The idle weeks of a tier that had no symbols are left out: nobody could have traded in them.
    """
    counts = Counter(
        code for _, outcome in _default(tried, rulebook) for week in outcome.weeks
        for code in week.outcomes
    )  # fmt: skip
    for trial, outcome in _default(tried, rulebook):
        waiting = sum(not one.symbols for one in trial.span.symbols)
        counts[IDLE] -= min(waiting * len(outcome.weeks), counts[IDLE])
    whole = sum(counts.values())
    return tuple(
        CodeShare(code, counts[code], counts[code] / whole if whole else 0.0, float(share))
        for code, share in quoted
    )


def labels_of(tried: Tried, rulebook: str) -> tuple[CodeShare, ...]:
    """How often each label named a week, most often first."""
    counts = Counter(
        week.label or "none" for _, outcome in _default(tried, rulebook) for week in outcome.weeks
    )
    whole = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(CodeShare(code, count, count / whole, None) for code, count in ordered)


def worst_weeks(tried: Tried, rulebook: str) -> tuple[WeekSeen, ...]:
    """The weeks in which the whole desk lost most."""
    found = [
        WeekSeen(rulebook, week, float(value))
        for _, outcome in _default(tried, rulebook)
        for week, value in zip(outcome.weeks, desk_returns(outcome), strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (one.value, one.week.week))[:_WORST_WEEKS])


def year_of(tried: Tried, rulebook: str, year: int) -> YearFigures | None:
    """A calendar year, by the weeks that began in it; None where none was tried."""
    weeks: list[TrialWeek] = []
    values: list[float] = []
    for _, outcome in _default(tried, rulebook):
        for week, value in zip(outcome.weeks, desk_returns(outcome), strict=True):
            if week.starts_on.year == year:
                weeks.append(week)
                values.append(float(value))
    if not weeks:
        return None
    returns = np.array(values)
    tiers = [
        float(np.prod([1.0 + week.sleeves[place].value for week in weeks]) - 1.0)
        for place in range(len(SLEEVES))
    ]
    labels = Counter(week.label or "none" for week in weeks)
    return YearFigures(
        rulebook,
        year,
        len(weeks),
        float(np.prod(1.0 + returns) - 1.0),
        drawdown_of(returns),
        float(returns.min()),
        tuple(tiers),
        tuple(sorted(labels.items(), key=lambda one: (-one[1], one[0]))),
    )


def premium_figures(title: str, rows: PremiumRows) -> PremiumFigures | None:
    """Medians of some rows; None where there are too few to say anything."""
    if len(rows.ratios) < _ROWS_MIN:
        return None
    low, middle, high = np.percentile(rows.ratios, (10, 50, 90))
    return PremiumFigures(
        title,
        len(rows.ratios),
        float(middle),
        float(low),
        float(high),
        float(np.median(rows.points)),
        float(np.median(rows.spreads)),
        float(np.median(rows.spreads_modelled)),
    )


def yearly(returns: Floats) -> float:
    """What weekly returns compound to in a year of 52 weeks, as a fraction."""
    if not len(returns) or bool((returns <= -1.0).any()):
        return -1.0 if len(returns) else 0.0
    return math.expm1(float(np.log1p(returns).mean()) * WEEKS_A_YEAR)


def drawdown_of(returns: Floats) -> float:
    """The deepest fall from one week's end to a later one's, as a fraction."""
    index = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    return float((1.0 - index / np.maximum.accumulate(index)).max())


def _is(one: tuple[StudyTrial, TrialOutcome], rulebook: str, fills: str) -> bool:
    return one[0].span.rulebook == rulebook and one[0].plan.fills == fills


def _default(tried: Tried, rulebook: str) -> list[tuple[StudyTrial, TrialOutcome]]:
    chosen = [one for one in tried if _is(one, rulebook, "default")]
    return sorted(chosen, key=lambda one: one[0].span.first)
