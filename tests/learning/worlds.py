"""Markets and weeks made up for the tests of learning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from allusedesk.learning.features import WeekAsked
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
)

FIRST = date(2010, 1, 4)


def market(days: int = 700, seed: int = 5) -> MarketHistory:
    """An index that wanders and a VIX that follows how much it does."""
    chance = np.random.default_rng(seed)
    dates = np.busday_offset(np.datetime64(FIRST, "D"), np.arange(days), roll="forward")
    wild = 0.008 * np.exp(0.5 * np.sin(np.arange(days) / 40.0))
    close = 100.0 * np.exp(np.cumsum(chance.standard_normal(days) * wild))
    opens = np.concatenate([[100.0], close[:-1]]) * (1.0 + 0.001 * chance.standard_normal(days))
    high, low = np.maximum(opens, close) * 1.002, np.minimum(opens, close) * 0.998
    bars = DailyBars(
        "SPY", dates, opens, high, low, close, np.ones(days),
        Adjustment.RAW, AdjustmentBasis.DECLARED, "made up",
    )  # fmt: skip
    level = wild * 1_600.0
    vix = IndexBars("VIX", dates, level, level, level, level, "made up")
    return MarketHistory({}, bars, vix, None, (), (), ())


def garbled_from(history: MarketHistory, day: date) -> MarketHistory:
    """The same market with everything from a day on turned to nonsense."""
    spoilt = np.datetime64(day, "D")

    def other(dates: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.where(dates >= spoilt, values * 3.0 + 17.0, values)

    bars, vix = history.trend, history.vix
    return replace(
        history,
        trend=replace(
            bars,
            open=other(bars.dates, bars.open),
            high=other(bars.dates, bars.high),
            low=other(bars.dates, bars.low),
            close=other(bars.dates, bars.close),
        ),
        vix=replace(vix, close=other(vix.dates, vix.close)),
    )


def weeks(count: int, first: date = date(2011, 6, 6)) -> tuple[WeekAsked, ...]:
    found = []
    for number in range(count):
        monday = first + timedelta(weeks=number)
        year, week, _ = monday.isocalendar()
        found.append(WeekAsked(f"{year}-W{week:02d}", monday, monday + timedelta(days=4), 5))
    return tuple(found)
