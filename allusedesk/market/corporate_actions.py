"""Splits, dividends and earnings dates as facts, and what splits do to a column of prices."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

# A split below this ratio moves the price too little to be told from an ordinary day.
TELLING_RATIO = 1.4
# Vendors' adjusted closes carry rounding; a smaller step in their ratio is no dividend.
DIVIDEND_YIELD_MIN = 2e-5
HALF_CENT_TOLERANCE = 0.0004
WHOLE_SHARE_MIN = 0.8
# A dividend above this part of the price is a special one, which changes the terms of options.
SPECIAL_DIVIDEND = 0.03


@dataclass(frozen=True, slots=True)
class Split:
    """One old share became `ratio` new ones at the open of `effective_on` (4.0: four for one)."""

    symbol: str
    effective_on: date
    ratio: float


@dataclass(frozen=True, slots=True)
class CashDividend:
    """USD per share, unadjusted, for whoever held the share before the open of `ex_date`."""

    symbol: str
    ex_date: date
    amount: float

    def is_special(self, close_before: float) -> bool:
        """Tell a dividend far above any regular one by the last close before its ex-date."""
        return self.amount > SPECIAL_DIVIDEND * close_before


@dataclass(frozen=True, slots=True)
class EarningsDate:
    """A day on which a company reports; `is_reported` is False while it is only scheduled."""

    symbol: str
    date: date
    is_reported: bool


def split_facts(text: str) -> tuple[Split, ...]:
    """Return the splits written in resources/market_facts/splits.csv.

    Columns symbol, effective_on, new_shares, old_shares; lines starting with `#` are remarks.
    Raises ValueError where a line is not a split: the file ships with the product.
    """
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(
        Split(
            row["symbol"],
            date.fromisoformat(row["effective_on"]),
            float(row["new_shares"]) / float(row["old_shares"]),
        )
        for row in csv.DictReader(lines)
    )


def merged_splits(*sources: tuple[Split, ...]) -> tuple[Split, ...]:
    """Return the splits of all sources by symbol and date; of two for one day the first counts."""
    found: dict[tuple[str, date], Split] = {}
    for source in sources:
        for split in source:
            found.setdefault((split.symbol, split.effective_on), split)
    return tuple(found[key] for key in sorted(found))


def merged_dividends(*sources: tuple[CashDividend, ...]) -> tuple[CashDividend, ...]:
    """Return the dividends of all sources by symbol and date; of two for one day the first."""
    found: dict[tuple[str, date], CashDividend] = {}
    for source in sources:
        for dividend in source:
            found.setdefault((dividend.symbol, dividend.ex_date), dividend)
    return tuple(found[key] for key in sorted(found))


def split_factors(
    dates: NDArray[np.datetime64], splits: tuple[Split, ...], as_of: date
) -> NDArray[np.float64]:
    """Return, per date, the shares of `as_of` that one share of that date has become.

    An unadjusted price is the splits-only price of a series adjusted as of that day, times this
    factor; an unadjusted volume is the volume divided by it.
    """
    factors = np.ones(len(dates))
    for split in splits:
        if split.effective_on <= as_of:
            factors[dates < np.datetime64(split.effective_on, "D")] *= split.ratio
    return factors


def splits_shown(
    dates: NDArray[np.datetime64], closes: NDArray[np.float64], splits: tuple[Split, ...]
) -> tuple[tuple[Split, bool], ...]:
    """Tell for each telling split inside the series whether the closes fall by it (raw prices).

    The close before is compared with the close of the effective day: nearer to the ratio than
    to one means that the prices were not adjusted for it.
    """
    verdicts: list[tuple[Split, bool]] = []
    for split in splits:
        if 1 / TELLING_RATIO < split.ratio < TELLING_RATIO:
            continue
        row = int(np.searchsorted(dates, np.datetime64(split.effective_on, "D")))
        if 0 < row < len(dates):
            moved = float(np.log(closes[row - 1] / closes[row]))
            expected = float(np.log(split.ratio))
            verdicts.append((split, abs(moved - expected) < abs(moved)))
    return tuple(verdicts)


def inferred_dividends(
    symbol: str,
    dates: NDArray[np.datetime64],
    raw_closes: NDArray[np.float64],
    adjusted_closes: NDArray[np.float64],
    splits: tuple[Split, ...],
) -> tuple[CashDividend, ...]:
    """Return the dividends a vendor's adjusted close implies, in unadjusted USD per share.

    Each step of adjusted / close between two sessions, freed of splits, is one dividend d. Yahoo
    and CRSP multiply earlier prices by 1 - d / close before; Quandl divides them by
    1 + d / close of the ex-date. The second counts where it makes nearly all amounts whole
    half-cents and the first does not; funds' odd amounts are read the first way.
    """
    if len(dates) < 2:
        return ()
    ratios = adjusted_closes / raw_closes * split_factors(dates, splits, date.max)
    yields = 1.0 - ratios[:-1] / ratios[1:]
    rows = np.flatnonzero(yields > DIVIDEND_YIELD_MIN)
    paid = yields[rows]
    by_close_before = paid * raw_closes[rows] * _new_shares(dates, splits, rows)
    by_ex_close = paid / (1.0 - paid) * raw_closes[rows + 1]
    amounts = by_close_before
    whole = _whole_half_cents(by_ex_close)
    if whole > max(_whole_half_cents(by_close_before), WHOLE_SHARE_MIN * len(rows)):
        amounts = by_ex_close
    return tuple(
        CashDividend(symbol, dates[row + 1].astype(object), round(float(amount), 4))
        for row, amount in zip(rows, amounts, strict=True)
    )


def _new_shares(
    dates: NDArray[np.datetime64], splits: tuple[Split, ...], rows: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return old shares per new one where a split takes effect on the very ex-date."""
    factors = split_factors(dates, splits, date.max)
    per_new: NDArray[np.float64] = factors[rows + 1] / factors[rows]
    return per_new


def _whole_half_cents(amounts: NDArray[np.float64]) -> int:
    distance = np.abs(amounts * 200.0 - np.round(amounts * 200.0)) / 200.0
    return int((distance < HALF_CENT_TOLERANCE).sum())
