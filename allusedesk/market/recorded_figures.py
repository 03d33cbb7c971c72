"""What was known before a day: indicators, volatility, interest and announcements."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.quotes import Indicators, Volatility
from allusedesk.market import indicators
from allusedesk.market.corporate_actions import CashDividend, Split, split_factors
from allusedesk.market.history import DailyBars, IndexBars, SymbolHistory
from allusedesk.market.raw_quotes import SymbolFacts
from allusedesk.market.recorded_sessions import day_ordinals

Floats = NDArray[np.float64]

# The history tells dates in hindsight; they count as announced this many days ahead.
EARNINGS_ANNOUNCED_DAYS = 21
DIVIDENDS_ANNOUNCED_DAYS = 7
SPLITS_ANNOUNCED_DAYS = 14
# A company reports a quarter, that is thirteen weeks, after its last report.
_QUARTER = timedelta(days=91)
_YEAR = 252
_MONTH = 21
_WEEK = 7


class KnownBars:
    """Figures over one symbol's completed bars, each on the scale of the day that asks.

    Averages of true range are computed once, from the oldest bar on, so that each knows nothing
    of a later one; a split not yet effective is taken out by its ratio alone. Rows without four
    proper prices are left out.
    """

    def __init__(self, bars: DailyBars, splits: tuple[Split, ...]) -> None:
        columns = np.stack((bars.open, bars.high, bars.low, bars.close))
        is_usable = (np.isfinite(columns) & (columns > 0.0)).all(axis=0)
        self._symbol = bars.symbol
        dates = bars.dates[is_usable]
        self._ordinals = day_ordinals(dates)
        # No holiday of the exchanges ever kept two sessions more than a week apart since 1933.
        self._is_after_hole = np.diff(self._ordinals, prepend=self._ordinals[:1]) > _WEEK
        factors = split_factors(dates, splits, date.max)
        _, self._highs, self._lows, self._closes = columns[:, is_usable] / factors
        self._splits = splits
        self._ranges = {sessions: self._true_range(sessions) for sessions in (5, 14)}

    def indicators(self, day: date) -> Indicators:
        """Return the figures over bars strictly before `day`, rounded to four places."""
        known, scale = self._known(day), self._scale(day)
        closes, lows = self._closes[:known] * scale, self._lows[:known] * scale
        volatility = self.realised_volatility(day, _MONTH)
        return Indicators(
            symbol=self._symbol,
            closes_known=known,
            close=_exact(float(closes[-1])) if known else None,
            atr_5=self._range_known(5, known, scale),
            atr_14=self._range_known(14, known, scale),
            average_10=_figure(indicators.simple_average, closes, 10),
            average_20=_figure(indicators.simple_average, closes, 20),
            average_50=_figure(indicators.simple_average, closes, 50),
            low_20=_figure(indicators.lowest_low, lows, 20),
            realised_volatility=None if volatility is None else round(volatility, 6),
        )

    def last_close(self, day: date) -> float | None:
        """Return the close of the last bar before `day`, on the scale of `day`."""
        known = self._known(day)
        return float(self._closes[known - 1]) * self._scale(day) if known else None

    def realised_volatility(self, day: date, sessions: int) -> float | None:
        """Return annual volatility over the last sessions; over fewer while history is young.

        What happened in a hole of more than a week is no session's return and is left out. None
        where not even a month is known.
        """
        known = self._known(day)
        used = min(sessions, known - 1)
        if used < _MONTH:
            return None
        recent = slice(known - used - 1, known)
        holes = self._is_after_hole[recent]
        return indicators.realised_volatility(self._closes[recent], used, holes)

    def _known(self, day: date) -> int:
        return int(np.searchsorted(self._ordinals, day.toordinal()))

    def _scale(self, day: date) -> float:
        """Return what prices of the last scale are multiplied by to be prices of `day`."""
        return math.prod(split.ratio for split in self._splits if split.effective_on > day)

    def _true_range(self, sessions: int) -> Floats:
        if len(self._closes) < sessions + 1:
            return np.full(len(self._closes), np.nan)
        return indicators.average_true_ranges(self._highs, self._lows, self._closes, sessions)

    def _range_known(self, sessions: int, known: int, scale: float) -> Decimal | None:
        value = float(self._ranges[sessions][known - 1]) if known else math.nan
        return None if math.isnan(value) else _exact(value * scale)


class KnownVolatility:
    """VIX by its completed closes."""

    def __init__(self, levels: IndexBars) -> None:
        is_usable = np.isfinite(levels.close) & (levels.close > 0.0)
        self._ordinals = day_ordinals(levels.dates[is_usable])
        self._closes: Floats = levels.close[is_usable]
        self._told: tuple[int, Volatility] | None = None

    def through(self, day: date) -> Volatility | None:
        """Return the last close on or before `day` and the mean of the year it ends."""
        known = int(np.searchsorted(self._ordinals, day.toordinal(), side="right"))
        if not known:
            return None
        if self._told is None or self._told[0] != known:
            average = _figure(indicators.volatility_index_average, self._closes[:known], _YEAR)
            as_of = date.fromordinal(int(self._ordinals[known - 1]))
            close = _exact(float(self._closes[known - 1]))
            self._told = known, Volatility(close, average, as_of)
        return self._told[1]

    def level_before(self, day: date) -> tuple[float, float] | None:
        """Return the last close before `day` and its mean over what is known of a year."""
        known = int(np.searchsorted(self._ordinals, day.toordinal()))
        if not known:
            return None
        year = self._closes[max(known - _YEAR, 0) : known]
        return float(year[-1]), float(year.mean())


class KnownFacts:
    """Announcements of one symbol: earnings, dividends and splits, as far as they were public."""

    def __init__(self, history: SymbolHistory, bars: KnownBars) -> None:
        self._symbol = history.symbol
        self._earnings = sorted({entry.date for entry in history.earnings})
        self._dividends = sorted(history.dividends, key=lambda entry: entry.ex_date)
        self._ex_dates = [entry.ex_date for entry in self._dividends]
        self._splits = history.splits
        self._bars = bars

    def on(self, day: date) -> SymbolFacts:
        """Return what was announced on `day`, the events of that day among them."""
        earnings, is_estimated = self._earnings_next(day)
        dividend = self._dividend_next(day)
        return SymbolFacts(
            symbol=self._symbol,
            earnings_next=earnings,
            earnings_estimated=is_estimated,
            ex_dividend_next=dividend.ex_date if dividend else None,
            dividend_next=_exact(dividend.amount) if dividend else None,
            is_frozen_for_action=self._is_frozen(day, dividend),
        )

    def dividend_yield(self, day: date) -> float:
        """Return the dividends of the year that ends on `day` over the last close before it."""
        price = self._bars.last_close(day)
        first = bisect_right(self._ex_dates, day - timedelta(days=365))
        paid = self._dividends[first : bisect_right(self._ex_dates, day)]
        if not paid or not price:
            return 0.0
        return (
            math.fsum(entry.amount / self._splits_since(entry.ex_date, day) for entry in paid)
            / price
        )

    def _splits_since(self, first: date, last: date) -> float:
        return math.prod(s.ratio for s in self._splits if first < s.effective_on <= last)

    def _earnings_next(self, day: date) -> tuple[date | None, bool]:
        place = bisect_left(self._earnings, day)
        announced_by = day + timedelta(days=EARNINGS_ANNOUNCED_DAYS)
        if place < len(self._earnings) and self._earnings[place] <= announced_by:
            return self._earnings[place], False
        if not place:
            return None, False
        estimate = self._earnings[place - 1] + _QUARTER
        while estimate < day:
            estimate += _QUARTER
        return estimate, True

    def _dividend_next(self, day: date) -> CashDividend | None:
        place = bisect_left(self._ex_dates, day)
        announced_by = day + timedelta(days=DIVIDENDS_ANNOUNCED_DAYS)
        if place < len(self._ex_dates) and self._ex_dates[place] <= announced_by:
            return self._dividends[place]
        return None

    def _is_frozen(self, day: date, dividend: CashDividend | None) -> bool:
        announced_by = day + timedelta(days=SPLITS_ANNOUNCED_DAYS)
        if any(day < split.effective_on <= announced_by for split in self._splits):
            return True
        price = self._bars.last_close(day)
        return (
            dividend is not None
            and dividend.ex_date > day
            and price is not None
            and dividend.is_special(price)
        )


def _figure(
    figure: Callable[[Floats, int], float], values: Floats, sessions: int
) -> Decimal | None:
    """Return a figure over the last `sessions` values; None where there are not as many."""
    return None if len(values) < sessions else _exact(figure(values, sessions))


def _exact(value: float) -> Decimal:
    """Return a figure rounded to four places, as every machine rounds it."""
    return Decimal(repr(round(value, 4)))
