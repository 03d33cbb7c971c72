"""What the desk's result is held against: Treasury bills, and shares of the trend's index."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from allusedesk.market.corporate_actions import Split, split_factors
from allusedesk.market.history import MarketHistory, Series

_DAYS_PER_YEAR = 365
_DAYS_MIN = 2


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Something money could have been in instead; `values` are 1.0 on the first of the days.

    `note` says what it is and what it leaves out.
    """

    name: str
    note: str
    values: tuple[float, ...]


def yardsticks(history: MarketHistory, days: tuple[date, ...]) -> tuple[Yardstick, ...]:
    """Those the history can tell for every one of the days, ascending; none for less than two."""
    if len(days) < _DAYS_MIN:
        return ()
    found: list[Yardstick] = []
    if history.rate is not None:
        bills = _bills(history.rate, days)
        if bills is not None:
            found.append(Yardstick("T-bills", f"the short rate of {history.rate.name}", bills))
    shares = _shares(history, days)
    if shares is not None:
        found.append(shares)
    return tuple(found)


def _bills(rate: Series, days: tuple[date, ...]) -> tuple[float, ...] | None:
    """Money lent at each day's rate until the next; None where one is not known yet."""
    values = [1.0]
    for before, day in pairwise(days):
        percent = rate.last_before(before + timedelta(days=1))
        if percent is None:
            return None
        values.append(values[-1] * (1.0 + percent / 100.0 * (day - before).days / _DAYS_PER_YEAR))
    return tuple(values)


def _shares(history: MarketHistory, days: tuple[date, ...]) -> Yardstick | None:
    """The trend's index by its closes, its dividends put back where the history knows them."""
    bars = history.trend
    entry = history.symbols.get(bars.symbol)
    splits = entry.splits if entry is not None else ()
    paid = entry.dividends if entry is not None else ()
    factors = split_factors(bars.dates, splits, days[-1])
    wanted = np.array(days, dtype="datetime64[D]")
    # A day without a close keeps the one before.
    rows = np.searchsorted(bars.dates, wanted, side="right") - 1
    if rows[0] < 0:
        return None
    closes = (bars.close / factors)[rows].tolist()
    values = [1.0]
    for (before, day), (close_before, close) in zip(pairwise(days), pairwise(closes), strict=True):
        came = math.fsum(
            one.amount / _shares_of(splits, one.ex_date, days[-1])
            for one in paid
            if before < one.ex_date <= day
        )
        values.append(values[-1] * (close + came) / close_before)
    if not np.isfinite(values).all():
        return None
    note = "closes with dividends" if paid else "closes alone, dividends left out"
    return Yardstick(bars.symbol, note, tuple(values))


def _shares_of(splits: tuple[Split, ...], then: date, last: date) -> float:
    """What one share of then has become on the last day."""
    return math.prod(split.ratio for split in splits if then < split.effective_on <= last)
