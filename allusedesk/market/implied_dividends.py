"""Dividends read off the distance between a vendor's adjusted and unadjusted closes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from allusedesk.market.assembly import unsplit
from allusedesk.market.corporate_actions import CashDividend, Split, inferred_dividends
from allusedesk.market.history import Adjustment, DailyBars, Dates

_OVERLAP_SESSIONS_MIN = 2


@dataclass(frozen=True, slots=True)
class DividendReading:
    """What one file implies about the dividends between the first and the last of its days."""

    origin: str
    first: date
    last: date
    dividends: tuple[CashDividend, ...]


def dividend_readings(
    symbol: str,
    series: tuple[DailyBars, ...],
    bars: DailyBars | None,
    total_adjusted: tuple[DailyBars, ...],
    splits: tuple[Split, ...],
) -> tuple[DividendReading, ...]:
    """Return what `Adj Close` columns and dividend-adjusted series of one symbol imply.

    A longer file comes first, and each further one keeps only the days no earlier one covers.
    `bars` are the unadjusted prices against which `total_adjusted` series are read.
    """
    readings: list[tuple[int, DividendReading]] = []
    for own in series:
        if own.adjusted_close is None or own.adjustment is Adjustment.TOTAL:
            continue
        raw = unsplit(own, splits)
        found = inferred_dividends(symbol, raw.dates, raw.close, own.adjusted_close, splits)
        readings.append((len(own), _reading(own.origin, own.dates, found)))
    for total in total_adjusted:
        if bars is None:
            break
        common, here, there = np.intersect1d(bars.dates, total.dates, return_indices=True)
        if len(common) >= _OVERLAP_SESSIONS_MIN:
            # Both are un-split, so only dividends are left between them.
            found = inferred_dividends(symbol, common, bars.close[here], total.close[there], ())
            readings.append((len(common), _reading(total.origin, common, found)))
    readings.sort(key=lambda sized: (-sized[0], sized[1].origin))
    return _without_overlap([reading for _, reading in readings])


def _reading(origin: str, dates: Dates, dividends: tuple[CashDividend, ...]) -> DividendReading:
    return DividendReading(origin, dates[0].astype(object), dates[-1].astype(object), dividends)


def _without_overlap(readings: list[DividendReading]) -> tuple[DividendReading, ...]:
    kept: list[DividendReading] = []
    for reading in readings:
        fresh = tuple(
            dividend
            for dividend in reading.dividends
            if not any(other.first <= dividend.ex_date <= other.last for other in kept)
        )
        if not any(other.first <= reading.first and reading.last <= other.last for other in kept):
            kept.append(replace(reading, dividends=fresh))
    return tuple(sorted(kept, key=lambda reading: reading.first))
