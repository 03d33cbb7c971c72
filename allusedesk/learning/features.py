"""A week as numbers, from what was known before its first session and nothing later."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from allusedesk.market.corporate_actions import split_factors
from allusedesk.market.history import MarketHistory
from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.market.recorded_figures import KnownBars, KnownFacts, KnownVolatility
from allusedesk.protocol.market_condition import (
    MissingEvidence,
    classify_market,
    support_of,
    trend_of,
)
from allusedesk.protocol.rulebook import Condition, Rulebook

Floats = NDArray[np.float64]

_WEEK, _MONTH, _QUARTER = 5, 21, 63
_AVERAGE_MIDDLE, _AVERAGE_LONG = 50, 200
CALM = "Calm-Income"
IDLE, EXPIRED, ASSIGNED = ("W-IDL",), ("P-EW",), ("P-AOL", "P-AWL", "P-DD")

# The columns of a row, in order. Returns and distances are natural logarithms, volatilities are
# annual, shares and flags lie between 0 and 1; what is not known is NaN.
FEATURES: tuple[str, ...] = (
    "return of 5 sessions",
    "return of 21 sessions",
    "return of 63 sessions",
    "volatility of 5 sessions",
    "volatility of 21 sessions",
    "volatility of 63 sessions",
    "short over long volatility",
    "distance to the 50-day average",
    "distance to the 200-day average",
    "mean overnight gap of 21 sessions",
    "last overnight gap",
    "index drawdown from its one-year high",
    "VIX",
    "VIX change of 5 sessions",
    "VIX change of 21 sessions",
    "VIX against its quarter",
    "VIX against its year",
    "VIX over realised volatility",
    "condition is Green",
    "condition is Red",
    "sessions in the week",
    "share of symbols with earnings",
    "share of symbols with an ex-date",
    "families calm last week",
    "outcomes expired last week",
    "outcomes assigned last week",
    "outcomes idle last week",
    "mean drawdown of the sleeves",
)


@dataclass(frozen=True, slots=True)
class WeekAsked:
    """A week to be described: its name, first and last session, and how many there are."""

    name: str
    first: date
    last: date
    sessions: int


@dataclass(frozen=True, slots=True)
class WeekPast:
    """What the desk recorded of a week that is over; pairs of code and count, by code.

    `drawdown` is the mean fraction by which the sleeves stood below their highs at its end.
    """

    name: str
    condition: str | None = None
    labels: tuple[tuple[str, int], ...] = ()
    outcomes: tuple[tuple[str, int], ...] = ()
    drawdown: float | None = None


class MarketPast:
    """A market's history, prepared once; every answer is what was known before a day."""

    def __init__(self, history: MarketHistory, rulebook: Rulebook | None) -> None:
        self._rulebook = rulebook
        bars = history.trend
        splits = history.trend_splits
        columns = np.stack((bars.open, bars.high, bars.low, bars.close))
        is_usable = (np.isfinite(columns) & (columns > 0.0)).all(axis=0)
        self._dates = bars.dates[is_usable]
        columns = columns[:, is_usable] / split_factors(self._dates, splits, date.max)
        self._opens, self._closes = np.log(columns[0]), np.log(columns[3])
        self._known = KnownBars(bars, splits)
        self._volatility = KnownVolatility(history.vix)
        is_level = np.isfinite(history.vix.close) & (history.vix.close > 0.0)
        self._vix_dates = history.vix.dates[is_level]
        self._vix = np.log(history.vix.close[is_level])
        self._facts = tuple(
            KnownFacts(one, KnownBars(one.bars, one.splits))
            for name, one in sorted(history.symbols.items())
            if name not in history.only_hedges
        )

    def last_day_before(self, day: date) -> date | None:
        """The last day before a day of which both the index and VIX are known."""
        known = int(np.searchsorted(self._dates, np.datetime64(day, "D")))
        levels = int(np.searchsorted(self._vix_dates, np.datetime64(day, "D")))
        if not known or not levels:
            return None
        ends = min(self._dates[known - 1], self._vix_dates[levels - 1])
        found: date = ends.astype("datetime64[D]").astype(object)
        return found

    def condition_before(self, day: date) -> Condition | None:
        """The condition by the rulebook's own table at the last close before a day.

        None where the rulebook knows no conditions or the evidence is missing.
        """
        if self._rulebook is None or self._rulebook.condition is None:
            return None
        seen = self._volatility.through(day - timedelta(days=1))
        figures = self._known.indicators(day)
        if seen is None or seen.average_year is None or figures.close is None:
            return None
        trend = trend_of(figures, figures.close)
        support = support_of(figures, figures.close, self._rulebook)
        if isinstance(trend, MissingEvidence) or isinstance(support, MissingEvidence):
            return None
        verdict = classify_market(trend, seen.vix, seen.average_year, support, self._rulebook)
        return verdict.condition

    def row(self, asked: WeekAsked) -> Floats:
        """The columns of the market and the calendar, shape (23,); NaN where not known."""
        known = int(np.searchsorted(self._dates, np.datetime64(asked.first, "D")))
        levels = int(np.searchsorted(self._vix_dates, np.datetime64(asked.first, "D")))
        moves = _moves(self._opens[:known], self._closes[:known])
        volatility = math.log(moves[4]) if moves[4] > 0.0 else math.nan
        condition = self.condition_before(asked.first)
        is_known = condition is not None
        flags = [
            float(condition is one) if is_known else math.nan
            for one in (Condition.GREEN, Condition.RED)
        ]
        earnings, dividends = self._announced(asked)
        return np.array(
            [
                *moves,
                *_levels(self._vix[:levels], volatility),
                *flags,
                float(asked.sessions),
                earnings,
                dividends,
            ]
        )

    def _announced(self, asked: WeekAsked) -> tuple[float, float]:
        """Of the symbols traded, the share that reports and the share that pays in the week."""
        if not self._facts:
            return math.nan, math.nan
        facts = [one.on(asked.first) for one in self._facts]
        reports = sum(_lies_in(one.earnings_next, asked) for one in facts)
        pays = sum(_lies_in(one.ex_dividend_next, asked) for one in facts)
        return reports / len(facts), pays / len(facts)


def row_of(asked: WeekAsked, market: MarketPast, before: WeekPast | None) -> Floats:
    """A week as numbers, shape (28,), in the order of `FEATURES`; NaN where not known.

    `before` is the last week that was over when this one was planned. Nothing of the week itself
    or of any later day is looked at.
    """
    return np.concatenate([market.row(asked), _desk_row(before)])


def _desk_row(before: WeekPast | None) -> Floats:
    if before is None:
        return np.full(5, math.nan)
    outcomes = dict(before.outcomes)
    return np.array(
        [
            _share(dict(before.labels), (CALM,)),
            *(_share(outcomes, codes) for codes in (EXPIRED, ASSIGNED, IDLE)),
            math.nan if before.drawdown is None else before.drawdown,
        ]
    )


def _share(counts: dict[str, int], codes: tuple[str, ...]) -> float:
    whole = sum(counts.values())
    return sum(counts.get(code, 0) for code in codes) / whole if whole else math.nan


def _lies_in(day: date | None, asked: WeekAsked) -> bool:
    return day is not None and asked.first <= day <= asked.last


def _moves(opens: Floats, closes: Floats) -> list[float]:
    """Returns, volatilities, distances and gaps of the index, from logarithms of its prices."""
    volatilities = [_volatility(closes, sessions) for sessions in (_WEEK, _MONTH, _QUARTER)]
    is_moving = volatilities[0] > 0.0 and volatilities[2] > 0.0
    gaps = opens[1:] - closes[:-1]
    return [
        *(_change(closes, sessions) for sessions in (_WEEK, _MONTH, _QUARTER)),
        *volatilities,
        math.log(volatilities[0] / volatilities[2]) if is_moving else math.nan,
        *(_distance(closes, sessions) for sessions in (_AVERAGE_MIDDLE, _AVERAGE_LONG)),
        float(np.abs(gaps[-_MONTH:]).mean()) if len(gaps) >= _MONTH else math.nan,
        float(gaps[-1]) if len(gaps) else math.nan,
        float(closes[-SESSIONS_PER_YEAR:].max() - closes[-1]) if len(closes) else math.nan,
    ]


def _levels(levels: Floats, volatility: float) -> list[float]:
    """VIX, its changes, and what it stands above, from logarithms."""
    last = float(levels[-1]) if len(levels) else math.nan
    return [
        last,
        _change(levels, _WEEK),
        _change(levels, _MONTH),
        *(_distance(levels, sessions) for sessions in (_QUARTER, SESSIONS_PER_YEAR)),
        last - math.log(100.0) - volatility,
    ]


def _change(values: Floats, sessions: int) -> float:
    return float(values[-1] - values[-1 - sessions]) if len(values) > sessions else math.nan


def _distance(values: Floats, sessions: int) -> float:
    if len(values) < sessions:
        return math.nan
    return float(values[-1] - values[-sessions:].mean())


def _volatility(closes: Floats, sessions: int) -> float:
    if len(closes) <= sessions:
        return math.nan
    returns = np.diff(closes[-sessions - 1 :])
    return float(returns.std(ddof=1)) * math.sqrt(SESSIONS_PER_YEAR)
