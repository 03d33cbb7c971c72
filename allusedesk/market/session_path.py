"""A seeded path through a daily bar, so that a session has prices at any instant; modelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MINUTES_PER_POINT = 5
_POINTS_MIN = 4
# A driftless walk's range has a mean of 1.596 standard deviations (Feller, 1951).
_RANGE_PER_DEVIATION = 1.596
# The first and last half hours of a session trade about three times as much as its middle.
_VOLUME_AT_ENDS = 2.0


@dataclass(frozen=True, slots=True)
class SessionPath:
    """Prices at the open and every few minutes to the close, marked as modelled where drawn.

    `prices[i]` stands at minute `minutes_per_point` x i after the open. `volumes[i]` is what
    traded in the minutes before it, nothing for the first.
    """

    prices: Floats
    volumes: NDArray[np.int64]
    is_modelled: bool = True
    minutes_per_point: int = MINUTES_PER_POINT

    def price_at(self, minutes: float) -> float:
        """Return the last price known `minutes` after the open; never a later one."""
        if minutes < 0:
            message = f"The session has no price {-minutes:g} minutes before its open."
            raise ValueError(message)
        return float(self.prices[self.point_at(minutes)])

    def point_at(self, minutes: float) -> int:
        """Return the place of the last price known `minutes` after the open."""
        return min(int(minutes // self.minutes_per_point), len(self.prices) - 1)


def generator_of_session(seed: int, symbol: str, day: date) -> np.random.Generator:
    """Return the generator of one symbol's day: same seed, symbol and day, same numbers."""
    entropy = [seed, int.from_bytes(symbol.encode(), "big"), day.toordinal()]
    return np.random.Generator(np.random.PCG64(entropy))


def points_of_session(minutes: int) -> int:
    """Return the points of a session of `minutes`, both ends included: 79 for 390 minutes."""
    return minutes // MINUTES_PER_POINT + 1


def path_of_session(
    opened: float,
    high: float,
    low: float,
    closed: float,
    rng: np.random.Generator,
    points: int,
    volume: int = 0,
    tick: float = 0.01,
) -> SessionPath:
    """Draw a path that opens, touches high and low exactly, stays between them, and closes.

    Three bridges of Brownian shape join open, first extreme, second extreme and close; whichever
    extreme lies nearer the open (and farther from the close) tends to come first, and both tend
    to come early or late, as the extremes of a random walk do (arcsine law). Raises ValueError
    for a bar whose prices are out of order, not finite or not positive, and for under 4 points.
    """
    _refuse_bar(opened, high, low, closed)
    if points < _POINTS_MIN:
        message = f"A session path needs at least {_POINTS_MIN} points, not {points}."
        raise ValueError(message)
    first, second = _turning_points(rng, points)
    width = high - low
    inclination = 0.5 if width == 0.0 else ((opened - low) + (high - closed)) / (2.0 * width)
    extremes = (high, low) if rng.random() < inclination else (low, high)
    noise = rng.standard_normal(points)
    noise[0] = 0.0
    deviation = width / _RANGE_PER_DEVIATION / np.sqrt(points - 1.0)
    walk = np.cumsum(noise * deviation)
    knots = np.array([0, first, second, points - 1])
    targets = np.array([opened, *extremes, closed])
    # Subtracting the walk's own chord between two knots makes each leg a bridge.
    walk += np.interp(np.arange(points), knots, targets - walk[knots])
    ticks = np.rint(_folded(walk, low, width) / tick)
    prices = np.clip(np.round(ticks * tick, 6), low, high)
    prices[knots] = targets
    return SessionPath(prices, _volumes(volume, rng, points))


def _refuse_bar(opened: float, high: float, low: float, closed: float) -> None:
    is_ordered = 0.0 < low <= opened <= high and low <= closed <= high
    if not (is_ordered and np.isfinite(high)):
        message = (
            f"The bar open {opened}, high {high}, low {low}, close {closed} has no path: "
            "low must be above zero and not above open or close, high not below them."
        )
        raise ValueError(message)


def _turning_points(rng: np.random.Generator, points: int) -> tuple[int, int]:
    """Draw two different inner points, first before second."""
    inner = points - 2
    drawn = np.sort((rng.beta(0.5, 0.5, 2) * inner).astype(np.int64).clip(0, inner - 1))
    first, second = int(drawn[0]), int(drawn[1])
    if first == second:
        first, second = (first - 1, second) if first > 0 else (first, second + 1)
    return first + 1, second + 1


def _folded(walk: Floats, low: float, width: float) -> Floats:
    """Reflect what leaves the range back into it, as often as it takes."""
    if width == 0.0:
        return np.full_like(walk, low)
    offset = np.mod(walk - low, 2.0 * width)
    return np.asarray(low + np.minimum(offset, 2.0 * width - offset))


def _volumes(volume: int, rng: np.random.Generator, points: int) -> NDArray[np.int64]:
    """Spread a day's volume in a U over the session; whole shares that sum to it."""
    place = np.linspace(-1.0, 1.0, points - 1)
    weights = (1.0 + _VOLUME_AT_ENDS * place * place) * rng.uniform(0.7, 1.3, points - 1)
    cumulative = np.concatenate(([0.0], np.cumsum(weights)))
    reached = np.rint(cumulative / cumulative[-1] * volume).astype(np.int64)
    return np.concatenate((reached[:1], reached[1:] - reached[:-1]))
