"""What a study's trials come to: tiers against targets, outcomes, worst weeks, costs, premiums."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.accounts import AccountKind
from allusedesk.laboratory.bootstrap import (
    WEEKS_MIN,
    Interval,
    block_indices,
    bootstrap_interval,
    mean_of,
)
from allusedesk.laboratory.figures import desk_returns, drawdown_of, sleeve_returns
from allusedesk.laboratory.study.plan import StudySpan, StudyTrial
from allusedesk.laboratory.trial import FILLS, SLEEVES, TrialOutcome, TrialWeek
from allusedesk.portfolio.projection_realised import BLOCK_WEEKS
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR

Floats = NDArray[np.float64]

IDLE = "W-IDL"
_WORST_WEEKS = 8
_RESAMPLES = 2_000

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
    """An outcome's or label's part of all, as found and as quoted (None: nothing is quoted).

    Between `low` and `high` lie 95 % of the parts of resampled weeks, both None where there are
    too few weeks or nobody asked.
    """

    code: str
    count: int
    share: float
    quoted: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class WeekSeen:
    """One week of one rulebook: the desk's return and each tier's, None where it had no symbol."""

    rulebook: str
    week: TrialWeek
    value: float
    tiers: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CostFigures:
    """One span at several fills: what the desk made of a year at each.

    `difference` is the mean week at full spread less that at mid, over the same weeks, with its
    bounds; None where not both were tried or the weeks are too few.
    """

    span: StudySpan
    growths: tuple[float | None, ...]
    difference: Interval | None
    fills_a_year: float
    commissions_a_year: float


@dataclass(frozen=True, slots=True)
class YearFigures:
    """One calendar year of one rulebook, with the weeks that named it."""

    rulebook: str
    year: int
    weeks: int
    gain: float
    drawdown: float
    worst: float
    tiers: tuple[float | None, ...]
    labels: tuple[tuple[str, int], ...]


def tiers_of(tried: Tried, rulebook: str, seed: int) -> tuple[TierFigures, ...]:
    """Each tier over the spans in which it had symbols, at default fills, weeks in their order."""
    found = []
    chosen = _default(tried, rulebook)
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
            block_weeks=_block_of(len(weeks)),
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
    found = []
    for trial, outcome in sorted(tried, key=_by_span):
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


def _by_span(one: tuple[StudyTrial, TrialOutcome]) -> tuple[str, date, int]:
    trial = one[0]
    return trial.span.rulebook, trial.span.first, FILLS.index(trial.plan.fills)


def outcomes_of(
    tried: Tried, rulebook: str, quoted: Sequence[tuple[str, Decimal]], seed: int
) -> tuple[CodeShare, ...]:
    """How often each outcome came, beside what is quoted for it.

    The idle week of a tier that had no symbols is left out: nobody could have traded in it.
    """
    rows = []
    for trial, outcome in _default(tried, rulebook):
        waiting = sum(not one.symbols for one in trial.span.symbols)
        for week in outcome.weeks:
            counts = Counter(week.outcomes)
            counts[IDLE] -= min(waiting, counts[IDLE])
            # Codes that are not quoted stand together, so that parts are of all outcomes.
            named = [counts[code] for code, _ in quoted]
            rows.append([*named, counts.total() - sum(named)])
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(quoted) + 1)
    totals = table.sum(axis=0)
    shares = totals / max(float(totals.sum()), 1.0)
    bounds = _bounds_of_shares(table, np.random.default_rng([seed, len(SLEEVES)]))
    return tuple(
        CodeShare(
            code,
            int(totals[place]),
            float(shares[place]),
            float(share),
            None if bounds is None else float(bounds[0][place]),
            None if bounds is None else float(bounds[1][place]),
        )
        for place, (code, share) in enumerate(quoted)
    )


def _bounds_of_shares(table: Floats, rng: np.random.Generator) -> tuple[Floats, Floats] | None:
    """Bounds of each column's part of all, over blocks of rows; None where rows are too few."""
    if len(table) < WEEKS_MIN or not table.sum():
        return None
    places = block_indices(len(table), _RESAMPLES, _block_of(len(table)), rng, is_circular=True)
    drawn = np.array([table[chosen].sum(axis=0) for chosen in places])
    wholes = np.maximum(drawn.sum(axis=1, keepdims=True), 1.0)
    low, high = np.quantile(drawn / wholes, (0.025, 0.975), axis=0)
    return low, high


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
        WeekSeen(rulebook, week, float(value), _tiers_of_week(trial, week))
        for trial, outcome in _default(tried, rulebook)
        for week, value in zip(outcome.weeks, desk_returns(outcome), strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (one.value, one.week.week))[:_WORST_WEEKS])


def _tiers_of_week(trial: StudyTrial, week: TrialWeek) -> tuple[float | None, ...]:
    return tuple(
        sleeve.value if tier.symbols else None
        for tier, sleeve in zip(trial.span.symbols, week.sleeves, strict=True)
    )


def year_of(tried: Tried, rulebook: str, year: int) -> YearFigures | None:
    """A calendar year, by the weeks that began in it; None where none was tried."""
    weeks: list[TrialWeek] = []
    values: list[float] = []
    by_tier: list[tuple[float | None, ...]] = []
    for trial, outcome in _default(tried, rulebook):
        for week, value in zip(outcome.weeks, desk_returns(outcome), strict=True):
            if week.starts_on.year == year:
                weeks.append(week)
                values.append(float(value))
                by_tier.append(_tiers_of_week(trial, week))
    if not weeks:
        return None
    returns = np.array(values)
    tiers = [
        None if None in column else float(np.prod(1.0 + np.array(column, dtype=np.float64)) - 1.0)
        for column in zip(*by_tier, strict=True)
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


def costs_of(tried: Tried, seed: int) -> tuple[CostFigures, ...]:
    """Each span that was tried at several fills, by rulebook and first day."""
    by_span: dict[tuple[str, str], dict[str, TrialOutcome]] = {}
    for trial, outcome in tried:
        by_span.setdefault((trial.span.rulebook, trial.span.name), {})[trial.plan.fills] = outcome
    found = []
    for one in spans_of(tried):
        outcomes = by_span[one.span.rulebook, one.span.name]
        if one.fills != "default" or len(outcomes) == 1:
            continue
        years = one.weeks / WEEKS_OF_A_YEAR
        growths = [yearly(desk_returns(outcomes[at])) if at in outcomes else None for at in FILLS]
        found.append(
            CostFigures(
                one.span,
                tuple(growths),
                _difference(outcomes.get("mid"), outcomes.get("full"), seed),
                one.fills_made / years,
                one.commissions / years,
            )
        )
    return tuple(found)


def _difference(mid: TrialOutcome | None, full: TrialOutcome | None, seed: int) -> Interval | None:
    """The mean of full less mid over the weeks both have."""
    if mid is None or full is None:
        return None
    at_mid = {week.week: value for week, value in zip(mid.weeks, desk_returns(mid), strict=True)}
    pairs = zip(full.weeks, desk_returns(full), strict=True)
    values = np.array([value - at_mid[week.week] for week, value in pairs if week.week in at_mid])
    if len(values) < WEEKS_MIN:
        return None
    rng = np.random.default_rng([seed, len(SLEEVES) + 1])
    block = _block_of(len(values))
    return bootstrap_interval(values, mean_of, rng, block_weeks=block, is_circular=True)


def _block_of(weeks: int) -> int:
    """Weeks in a block: a quarter of a year, or of a record too short for four of those."""
    return min(BLOCK_WEEKS, max(weeks // 4, 1))


def yearly(returns: Floats) -> float:
    """What weekly returns compound to in a year of 52 weeks, as a fraction."""
    if not len(returns) or bool((returns <= -1.0).any()):
        return -1.0 if len(returns) else 0.0
    return math.expm1(float(np.log1p(returns).mean()) * WEEKS_OF_A_YEAR)


def _default(tried: Tried, rulebook: str) -> list[tuple[StudyTrial, TrialOutcome]]:
    """A rulebook's trials at default fills, by their first day."""
    chosen = [
        one for one in tried if one[0].span.rulebook == rulebook and one[0].plan.fills == "default"
    ]
    return sorted(chosen, key=_by_span)
