"""Highs and lows at which nobody traded, told from crashes by their distance and their volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from allusedesk.market.corporate_actions import Split, split_factors
from allusedesk.market.history import DailyBars, Defect, Effect, Floats

# A share that falls or rises by half of what it was and comes back the same day draws a crowd.
_RATIO_AT_USUAL_VOLUME = 1.5
_USUAL_VOLUME_MULTIPLE = 1.5
_USUAL_SESSIONS = 20
# On 2010-05-06 the exchanges cancelled what traded more than 60% away; the rest stood.
_RATIO_AT_ANY_VOLUME = 2.5


@dataclass(frozen=True, slots=True)
class FalseExtreme:
    """A high or low of one day's bar that was never traded, in USD per share.

    `held_at` is what counts instead: the greater (high) or the lesser (low) of open and close.
    `close_before` is None on a first day.
    """

    day: date
    is_low: bool
    price: float
    held_at: float
    close_before: float | None
    origin: str

    @property
    def reason(self) -> str:
        """Return why it is not believed, as the beginning of a sentence."""
        name, end = ("low", "lesser") if self.is_low else ("high", "greater")
        before = "" if self.close_before is None else f", the close before {self.close_before:g}"
        return (
            f"the {name} of {self.price:g} on {self.day} was never traded: the {end} of open and "
            f"close is {self.held_at:g}{before}"
        )


def false_extremes(bars: DailyBars, splits: tuple[Split, ...]) -> tuple[FalseExtreme, ...]:
    """Return the highs and lows too far from open, close and the close before to be true.

    Too far is half as much again at ordinary volume (up to 1.5 times the median of 20 sessions),
    two and a half times at any. `splits` are those by which these prices fall: none of a series
    that is adjusted for them. Only that day and days before it are looked at. For shares, funds
    and indexes of shares: a VIX may double and halve within a day.
    """
    own = tuple(split for split in splits if split.symbol == bars.symbol)
    if not len(bars):
        return ()
    factors = split_factors(bars.dates, own, date.max)
    # In shares of one day: an unknown close before, as of the first bar, speaks neither way.
    closes = bars.close / factors
    before = np.concatenate(([np.nan], closes[:-1])) * factors
    least = np.fmin(np.fmin(bars.open, bars.close), before)
    greatest = np.fmax(np.fmax(bars.open, bars.close), before)
    found: list[FalseExtreme] = []
    for is_low, above, below in ((True, least, bars.low), (False, bars.high, greatest)):
        held = (np.minimum if is_low else np.maximum)(bars.open, bars.close)
        prices = bars.low if is_low else bars.high
        found.extend(
            FalseExtreme(
                bars.dates[row].astype(object),
                is_low,
                float(prices[row]),
                float(held[row]),
                float(before[row]) if row else None,
                bars.origin,
            )
            for row in np.flatnonzero(above > _RATIO_AT_USUAL_VOLUME * below)
            if above[row] > _RATIO_AT_ANY_VOLUME * below[row]
            or _is_quiet(bars.volume * factors, int(row))
        )
    return tuple(sorted(found, key=lambda each: (each.day, not each.is_low)))


def with_extremes_held(bars: DailyBars, found: Sequence[FalseExtreme]) -> DailyBars:
    """Return the bars with each false high and low replaced by what counts instead."""
    if not found:
        return bars
    high, low = bars.high.copy(), bars.low.copy()
    for each in found:
        row = bars.index_of(each.day)
        if row is not None:
            (low if each.is_low else high)[row] = each.held_at
    return replace(bars, high=high, low=low)


def better_told(
    standing: Sequence[FalseExtreme], other: DailyBars, of_other: Sequence[FalseExtreme]
) -> tuple[FalseExtreme, ...]:
    """Return those false extremes on whose days another series has a bar without any."""
    doubted = {each.day for each in of_other}
    return tuple(
        each
        for each in standing
        if each.day not in doubted
        and (row := other.index_of(each.day)) is not None
        and bool(np.isfinite(other.open[row]))
    )


def extremes_held(symbol: str, found: Sequence[FalseExtreme]) -> tuple[str, ...]:
    """Return a sentence for each false extreme that is held to its open and close."""
    return tuple(
        f"{symbol}: {each.reason}. No other usable series has that day, so it counts as "
        f"{each.held_at:g} ({each.origin})."
        for each in found
    )


def extremes_exchanged(symbol: str, found: Sequence[FalseExtreme], origin: str) -> tuple[str, ...]:
    """Return a sentence for each false extreme whose bar another series takes over."""
    return tuple(
        f"{symbol}: {each.reason} ({each.origin}). That day's bar comes from {origin}."
        for each in found
    )


def extremes_found(bars: DailyBars, splits: tuple[Split, ...]) -> tuple[Defect, ...]:
    """Return one defect per false extreme, for the report of an import."""
    return tuple(
        Defect(
            bars.origin,
            0,
            "low" if each.is_low else "high",
            f"{each.reason}; it counts as {each.held_at:g} where no other series has the day",
            Effect.VALUE_IGNORED,
        )
        for each in false_extremes(bars, splits)
    )


def _is_quiet(volumes: Floats, row: int) -> bool:
    usual = volumes[max(0, row - _USUAL_SESSIONS) : row]
    if not len(usual) or np.median(usual) <= 0:
        return False
    return bool(volumes[row] <= _USUAL_VOLUME_MULTIPLE * np.median(usual))
