"""Bars for charts: columns of what a symbol traded at, never a bar that is not complete yet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allusedesk.engine.state import NEW_YORK
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split, split_factors
from allusedesk.market.history import DailyBars, IndexBars, MarketHistory
from allusedesk.market.indicators import average_true_ranges
from allusedesk.market.intraday import ShareTrades

Floats: TypeAlias = NDArray[np.float64]
Instants: TypeAlias = NDArray[np.datetime64]

# The protocol measures its levels in true ranges of fourteen sessions.
ATR_BARS = 14


class BarInterval(Enum):
    """How much time one candle stands for."""

    DAY = "day"
    WEEK = "week"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class SplitMark:
    """A split took effect with the bar at `place`; `ratio` new shares for one old."""

    place: int
    on: date
    ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class ChartBars:
    """Complete bars as equal-length columns, oldest first, on the scale of the newest.

    `times` are New York wall-clock times to the second (a session's is its date). Prices in USD
    per share; `atr` is the Wilder average of true range over 14 bars, NaN while unknown; volumes
    NaN where none is recorded. `factors` are shares of today per share of then: what was traded
    then at a price stands on the chart at that price divided by its factor. `next_at` is when
    one more bar may be complete.
    """

    symbol: str
    interval: BarInterval
    times: Instants
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    atr: Floats
    factors: Floats
    splits: tuple[SplitMark, ...]
    next_at: datetime | None
    origin: str

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.close)

    def place_of(self, moment: datetime) -> int:
        """The bar an instant belongs to; the one behind the last for what is not complete yet.

        -1 for what lies before all of them.
        """
        local = np.datetime64(moment.astimezone(NEW_YORK).replace(tzinfo=None), "s")
        if self.interval is BarInterval.MINUTE:
            return int(np.searchsorted(self.times, local))
        days = self.times.astype("datetime64[D]")
        day = local.astype("datetime64[D]")
        if len(days) and day > days[-1] and not self._is_in_week(day, days[-1]):
            return len(days)
        return int(np.searchsorted(days, day, side="right")) - 1

    def _is_in_week(self, day: np.datetime64, last: np.datetime64) -> bool:
        if self.interval is not BarInterval.WEEK:
            return False
        return bool(_weeks(np.array([day]))[0] == _weeks(np.array([last]))[0])


def chart_symbols(history: MarketHistory) -> tuple[str, ...]:
    """What there are bars of: traded symbols first, then the trend's index and VIX."""
    return tuple(dict.fromkeys((*sorted(history.symbols), history.trend.symbol, history.vix.name)))


def intervals_of(history: MarketHistory, symbol: str, at: datetime) -> tuple[BarInterval, ...]:
    """The intervals a symbol has bars of by then; minutes only where trades were recorded."""
    entry = history.symbols.get(symbol)
    day = at.astimezone(NEW_YORK).date()
    has_minutes = entry is not None and any(trades.day <= day for trades in entry.trades)
    return tuple(BarInterval) if has_minutes else (BarInterval.DAY, BarInterval.WEEK)


def chart_bars(
    history: MarketHistory,
    calendar: ExchangeCalendar,
    symbol: str,
    interval: BarInterval,
    at: datetime,
) -> ChartBars:
    """Every bar that was complete at `at`; raises KeyError for a symbol without bars."""
    entry = history.symbols.get(symbol)
    splits = entry.splits if entry is not None else ()
    if interval is BarInterval.MINUTE:
        trades = entry.trades if entry is not None else ()
        return _of_minutes(symbol, trades, calendar, splits, at)
    bars = _daily(history, symbol)
    end = _days_complete(bars, calendar, at)
    day = at.astimezone(NEW_YORK).date()
    daily = _of_days(symbol, bars, end, splits, day)
    daily = replace(daily, next_at=_next_close(calendar, at))
    return _in_weeks(daily) if interval is BarInterval.WEEK else daily


def _daily(history: MarketHistory, symbol: str) -> DailyBars | IndexBars:
    entry = history.symbols.get(symbol)
    if entry is not None:
        return entry.bars
    for bars, name in ((history.trend, history.trend.symbol), (history.vix, history.vix.name)):
        if name == symbol:
            return bars
    raise KeyError(f"There are no bars of {symbol}: import its prices, or choose another symbol.")


def _days_complete(bars: DailyBars | IndexBars, calendar: ExchangeCalendar, at: datetime) -> int:
    """How many sessions were over: all before today's date, and today's from its close on."""
    day = at.astimezone(NEW_YORK).date()
    is_over = calendar.is_session(day) and at >= calendar.session(day).closes_at
    return int(np.searchsorted(bars.dates, np.datetime64(day, "D"), "right" if is_over else "left"))


def _next_close(calendar: ExchangeCalendar, at: datetime) -> datetime | None:
    day = at.astimezone(NEW_YORK).date()
    if calendar.is_session(day) and at < calendar.session(day).closes_at:
        return calendar.session(day).closes_at
    return calendar.session(calendar.session_after(day)).closes_at


def _of_days(
    symbol: str, bars: DailyBars | IndexBars, end: int, splits: tuple[Split, ...], day: date
) -> ChartBars:
    dates = bars.dates[:end]
    is_known = np.isfinite(bars.close[:end]) & (bars.close[:end] > 0.0)
    factors = split_factors(dates, splits, day)
    close = bars.close[:end] / factors

    def column(prices: Floats) -> Floats:
        """A price, or the close where only closes were recorded."""
        found = prices[:end] / factors
        return np.where(np.isfinite(found) & (found > 0.0), found, close)[is_known]

    volume = bars.volume[:end] * factors if isinstance(bars, DailyBars) else np.full(end, np.nan)
    high, low, closes = column(bars.high), column(bars.low), close[is_known]
    kept = dates[is_known]
    return ChartBars(
        symbol,
        BarInterval.DAY,
        kept.astype("datetime64[s]"),
        column(bars.open),
        high,
        low,
        closes,
        volume[is_known],
        _ranges(high, low, closes),
        factors[is_known],
        _marks(kept, splits, day),
        None,
        bars.origin,
    )


def _marks(
    dates: NDArray[np.datetime64], splits: tuple[Split, ...], day: date
) -> tuple[SplitMark, ...]:
    """The splits inside the bars; one whose day has no bar yet stands at none."""
    places = [
        (int(np.searchsorted(dates, np.datetime64(split.effective_on, "D"))), split)
        for split in splits
        if split.effective_on <= day
    ]
    return tuple(
        SplitMark(place, split.effective_on, split.ratio)
        for place, split in places
        if 0 < place < len(dates)
    )


def _ranges(high: Floats, low: Floats, close: Floats) -> Floats:
    if len(close) < ATR_BARS + 1:
        return np.full(len(close), math.nan)
    return average_true_ranges(high, low, close, ATR_BARS)


def _in_weeks(daily: ChartBars) -> ChartBars:
    """Days joined into weeks of their Mondays; the running week shows its complete days."""
    if not len(daily):
        return replace(daily, interval=BarInterval.WEEK)
    weeks = _weeks(daily.times.astype("datetime64[D]"))
    starts = np.flatnonzero(np.concatenate(([True], weeks[1:] != weeks[:-1])))
    ends = np.concatenate((starts[1:], [len(daily)])) - 1
    high = np.maximum.reduceat(daily.high, starts)
    low = np.minimum.reduceat(daily.low, starts)
    close = daily.close[ends]
    return replace(
        daily,
        interval=BarInterval.WEEK,
        times=daily.times[starts],
        open=daily.open[starts],
        high=high,
        low=low,
        close=close,
        volume=np.add.reduceat(daily.volume, starts),
        atr=_ranges(high, low, close),
        factors=daily.factors[ends],
        splits=tuple(
            replace(mark, place=int(np.searchsorted(starts, mark.place, "right")) - 1)
            for mark in daily.splits
        ),
    )


def _weeks(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """A number for each day's week, Monday to Sunday: the first of January 1970 was a Thursday."""
    return np.asarray((days.astype(np.int64) + 3) // 7)


def _of_minutes(
    symbol: str,
    trades: tuple[ShareTrades, ...],
    calendar: ExchangeCalendar,
    splits: tuple[Split, ...],
    at: datetime,
) -> ChartBars:
    """The regular sessions of which trades were recorded, one behind the other, up to `at`."""
    day = at.astimezone(NEW_YORK).date()
    known = [
        one.in_session(calendar.session(one.day))
        for one in sorted(trades, key=lambda one: one.day)
        if one.day <= day and calendar.is_session(one.day)
    ]
    ends = np.concatenate([one.ends_at for one in known] or [np.empty(0, dtype=np.int64)])
    is_over = ends <= at.timestamp()
    days = [np.full(len(one), np.datetime64(one.day, "D")) for one in known]
    dates = np.concatenate(days or [np.empty(0, dtype="datetime64[D]")])[is_over]
    factors = split_factors(dates, splits, day)

    def column(parts: list[Floats]) -> Floats:
        return np.concatenate(parts or [np.empty(0)])[is_over]

    high = column([one.high for one in known]) / factors
    low = column([one.low for one in known]) / factors
    close = column([one.close for one in known]) / factors
    coming = ends[~is_over]
    return ChartBars(
        symbol,
        BarInterval.MINUTE,
        _wall_clock(ends[is_over], dates),
        column([one.open for one in known]) / factors,
        high,
        low,
        close,
        column([one.volumes for one in known]) * factors,
        _ranges(high, low, close),
        factors,
        _marks(dates, splits, day),
        datetime.fromtimestamp(int(coming[0]), UTC) if len(coming) else _next_close(calendar, at),
        known[0].origin if known else "",
    )


def _wall_clock(ends: NDArray[np.int64], dates: NDArray[np.datetime64]) -> Instants:
    """New York's clock at each instant; its distance from UTC is that of the day's noon."""
    local = np.empty(len(ends), dtype="datetime64[s]")
    for day in np.unique(dates):
        noon = datetime.combine(day.astype(object), datetime.min.time(), NEW_YORK).replace(hour=12)
        offset = noon.utcoffset()
        seconds = 0 if offset is None else int(offset.total_seconds())
        rows = dates == day
        local[rows] = (ends[rows] + seconds).astype("datetime64[s]")
    return local
