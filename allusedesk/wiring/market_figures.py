"""Daily returns, volumes and VIX as a history knows them, aligned for measuring risk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allusedesk.engine.state import NEW_YORK
from allusedesk.engine.what_if.book import MarketFigures
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import split_factors
from allusedesk.market.history import DailyBars, MarketHistory
from allusedesk.risk.value_at_risk import ReturnTable
from allusedesk.wiring.histories import history_below
from allusedesk.wiring.requests import DEFAULT_TREND

Floats = NDArray[np.float64]

_MONTH, _CLOSES_AT = 21, 16
# A bar missing for at most so many sessions keeps the close before; beyond that it is unknown.
_GAP_MAX = 5
# A larger move over one day is a split nobody told of, or an error: the day counts as unknown.
_MOVE_MAX = 0.7
_OLD = timedelta(days=7)


def figures_of(
    history: MarketHistory, symbols: Sequence[str], last: date, sessions: int = 0
) -> MarketFigures:
    """What was known after the close of `last`; with `sessions`, only so many of the latest days.

    Prices are freed of splits; dividends stay in the returns, as they fall on an ex-date.
    """
    end = np.datetime64(last, "D")
    dates = np.intersect1d(history.trend.dates, history.vix.dates)
    dates = dates[dates <= end]
    dates = dates[-sessions - 1 :] if sessions else dates
    if len(dates) < 2:  # noqa: PLR2004 - one return needs two closes
        return MarketFigures(None, (), "The history holds no two days before this one.")
    known = [symbol for symbol in symbols if symbol in history.symbols]
    columns = [
        _returns(history.symbols[symbol].bars, history.symbols[symbol].splits, dates, last)
        for symbol in known
    ]
    market = _returns(history.trend, history.trend_splits, dates, last)
    fear = _steps(_closes(history.vix.dates, history.vix.close, dates))
    # Where the index or VIX itself is unknown, the day tells nothing of the market.
    is_whole = np.isfinite(market) & np.isfinite(fear)
    rows = np.array(columns).T if columns else np.zeros((len(market), 0))
    table = ReturnTable(
        dates=tuple(dates[1:][is_whole].astype(object).tolist()),
        symbols=tuple(known),
        returns=np.ascontiguousarray(rows[is_whole]),
        index=history.trend.symbol,
        market=market[is_whole],
        volatility=fear[is_whole],
    )
    volumes = tuple(
        (symbol, volume)
        for symbol in known
        if (volume := _volume(history.symbols[symbol].bars, end)) is not None
    )
    return MarketFigures(table, volumes, _age(table, last))


def _age(table: ReturnTable, last: date) -> str:
    """A sentence where the returns end long before the book they measure; else nothing."""
    if not table.dates or last - table.dates[-1] <= _OLD:
        return ""
    return (
        f"The prices end on {table.dates[-1]} and the book is of {last}: nothing of the time "
        "between is in these losses. Name newer prices."
    )


def last_known(at: datetime) -> date:
    """The last day whose close is known at an instant: today's from four in the afternoon on."""
    local = at.astimezone(NEW_YORK)
    return local.date() if local.hour >= _CLOSES_AT else local.date() - timedelta(days=1)


def history_for_risk(
    paths: Sequence[Path],
    symbols: Sequence[str],
    trend: str,
    calendar: ExchangeCalendar,
    last: date,
) -> MarketHistory:
    """The daily history of some symbols below `paths`; a symbol nobody prices is left out.

    Raises RequestRefused where the trend's symbol or VIX is missing, FileRefused for a path that
    is none.
    """
    return history_below(
        paths,
        (),
        trend or DEFAULT_TREND,
        calendar,
        days=(last - timedelta(days=1), last),
        if_there=symbols,
        advice="The index and VIX are what losses and betas are measured by: name their prices "
        "with --data too, or leave --data out to measure by what the journal saw.",
    )


def _returns(
    bars: DailyBars, splits: tuple[object, ...], dates: NDArray[np.datetime64], last: date
) -> Floats:
    factors = split_factors(bars.dates, splits, last)  # type: ignore[arg-type]
    return _steps(_closes(bars.dates, bars.close / factors, dates))


def _closes(known: NDArray[np.datetime64], closes: Floats, dates: NDArray[np.datetime64]) -> Floats:
    """The close of each date, or the last one of at most five sessions before; else NaN."""
    is_good = np.isfinite(closes) & (closes > 0.0)
    known, closes = known[is_good], closes[is_good]
    places = np.searchsorted(known, dates, side="right") - 1
    found = np.where(places >= 0, closes[np.maximum(places, 0)] if len(closes) else np.nan, np.nan)
    if len(known):
        age = (dates - known[np.maximum(places, 0)]).astype(np.int64)
        found[age > _GAP_MAX + 2] = np.nan
    return np.asarray(found, dtype=np.float64)


def _steps(closes: Floats) -> Floats:
    """Logarithmic returns; NaN where a close is missing or the step is no market's."""
    steps = np.diff(np.log(closes))
    return np.asarray(np.where(np.abs(steps) > _MOVE_MAX * 2.0, np.nan, steps))


def _volume(bars: DailyBars, end: np.datetime64) -> float | None:
    """Shares traded on an average day of the last month; None where none are recorded."""
    volumes = bars.volume[bars.dates <= end][-_MONTH:]
    volumes = volumes[np.isfinite(volumes) & (volumes > 0.0)]
    return float(volumes.mean()) if len(volumes) else None
