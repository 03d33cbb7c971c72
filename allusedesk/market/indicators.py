"""Figures over completed daily bars: true range, averages, lows and realised volatility.

Arrays are one value a session, oldest first, on one scale of splits, and end with the last
completed session; a bar of the running session never enters. Which lengths the protocol
wants, and what the figures mean for it, stands in the rulebook.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SESSIONS_PER_YEAR = 252


class HistoryTooShortError(ValueError):
    """Too few completed sessions for a figure; the text names the figure, the need, the have."""


def true_ranges(highs: Floats, lows: Floats, closes: Floats) -> Floats:
    """Return the true range of each session but the first, which has no close before it.

    The largest of high - low, |high - close before| and |low - close before| (Wilder, 1978).
    """
    _refuse_short(len(closes), 2, "The true range", "daily bars")
    before = closes[:-1]
    above = np.maximum(highs[1:], before)
    below = np.minimum(lows[1:], before)
    return np.asarray(_finite(above - below, "The true range"))


def average_true_ranges(highs: Floats, lows: Floats, closes: Floats, sessions: int) -> Floats:
    """Return the Wilder average of true range as known after each session; NaN before the first.

    The first value is the mean of the first `sessions` true ranges, so it needs one bar more;
    then (before x (sessions - 1) + today) / sessions. Same length as the input.
    """
    _refuse_short(len(closes), sessions + 1, f"ATR({sessions})", "daily bars")
    ranges = true_ranges(highs, lows, closes)
    averages = np.full(len(closes), np.nan)
    average = float(ranges[:sessions].mean())
    averages[sessions] = average
    smoothed = []
    for today in ranges[sessions:].tolist():
        average = (average * (sessions - 1) + today) / sessions
        smoothed.append(average)
    averages[sessions + 1 :] = smoothed
    return averages


def simple_average(closes: Floats, sessions: int) -> float:
    """Return the mean of the last `sessions` closes."""
    _refuse_short(len(closes), sessions, f"The {sessions}-day average", "closes")
    return float(_finite(closes[-sessions:], "The average").mean())


def lowest_low(lows: Floats, sessions: int) -> float:
    """Return the lowest low of the last `sessions` completed sessions."""
    _refuse_short(len(lows), sessions, f"The lowest low of {sessions} sessions", "lows")
    return float(_finite(lows[-sessions:], "The lowest low").min())


def realised_volatility(
    closes: Floats, sessions: int, is_after_hole: NDArray[np.bool_] | None = None
) -> float:
    """Return the annual standard deviation of the last `sessions` logarithmic returns.

    `is_after_hole`, of the shape of `closes`, marks closes before which sessions are missing: the
    return into such a close is no session's and is left out.
    """
    _refuse_short(len(closes), sessions + 1, f"Volatility over {sessions} sessions", "closes")
    recent = _finite(closes[-sessions - 1 :], "Realised volatility")
    returns = np.diff(np.log(recent))
    if is_after_hole is not None:
        returns = returns[~is_after_hole[-sessions:]]
        _refuse_short(len(returns), 2, "Volatility beside a hole", "returns")
    return float(returns.std(ddof=1)) * math.sqrt(SESSIONS_PER_YEAR)


def volatility_index_average(closes: Floats, sessions: int = SESSIONS_PER_YEAR) -> float:
    """Return the mean of the volatility index over its own last year of closes."""
    _refuse_short(len(closes), sessions, "The 1-year average of VIX", "closes")
    return float(_finite(closes[-sessions:], "The 1-year average of VIX").mean())


def _refuse_short(have: int, need: int, figure: str, what: str) -> None:
    if have < need:
        message = f"{figure} needs {need} {what}, has {have}."
        raise HistoryTooShortError(message)


def _finite(figures: Floats, figure: str) -> Floats:
    if not np.isfinite(figures).all():
        message = f"{figure} cannot be computed: a price in its window is missing."
        raise HistoryTooShortError(message)
    return figures
