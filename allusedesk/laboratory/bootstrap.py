"""Block bootstrap: how far a figure of dependent weeks could have come out otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allusedesk.laboratory.refusals import TrialImpossible

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

WEEKS_MIN = 8
_RESAMPLES = 2_000
_CONFIDENCE = 0.95
_CELLS_MAX = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the bounds between which resampled ones lie with `confidence`.

    `low` and `high` are quantiles of the resampled figures (the percentile method), further out
    than the plain ones by what few blocks leave out (`_tail`).
    """

    value: float
    low: float
    high: float
    confidence: float
    block_weeks: float


def block_indices(
    count: int,
    resamples: int,
    block_weeks: float,
    rng: np.random.Generator,
    *,
    is_circular: bool = False,
) -> npt.NDArray[np.int64]:
    """Which weeks each resample consists of, shape (resamples, count), past the end from the start.

    Stationary blocks have geometric lengths with mean `block_weeks` (Politis and Romano, 1994,
    The Stationary Bootstrap); circular ones have that length exactly (Politis and Romano, 1992).
    Raises TrialImpossible for a block shorter than one week or longer than the span.
    """
    if not 1 <= block_weeks <= count:
        raise TrialImpossible(
            f"A block of {block_weeks:g} weeks does not fit {count}: choose from 1 to {count}."
        )
    if is_circular:
        length = round(block_weeks)
        blocks = -(-count // length)
        starts = rng.integers(0, count, (resamples, blocks))
        steps = np.arange(length)
        whole = (starts[:, :, np.newaxis] + steps).reshape(resamples, blocks * length)
        return np.asarray(whole[:, :count] % count, dtype=np.int64)
    begins = rng.random((resamples, count)) < 1.0 / block_weeks
    begins[:, 0] = True
    starts = rng.integers(0, count, (resamples, count))
    places = np.arange(count)
    # Each place goes on from the start of the block it lies in.
    begun = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    chosen = np.take_along_axis(starts, begun, axis=1)
    return np.asarray((chosen + places - begun) % count, dtype=np.int64)


def bootstrap_interval(
    values: Floats,
    statistic: Statistic,
    rng: np.random.Generator,
    *,
    block_weeks: float | None = None,
    resamples: int = _RESAMPLES,
    is_circular: bool = False,
    is_widened: bool = True,
) -> Interval:
    """The interval of a statistic of weekly figures, shape (weeks,).

    `statistic` takes resamples, shape (resamples, weeks), and gives one figure each; the block is
    `usual_block` where none is given. Without `is_widened` the bounds are the plain quantiles,
    which of few weeks hold the truth too seldom. Raises TrialImpossible for fewer than eight
    weeks and for figures that are not all finite.
    """
    weeks = checked_weeks(values)
    block = block_weeks or usual_block(len(weeks))
    drawn: list[Floats] = []
    left = resamples
    while left > 0:
        some = min(left, max(1, _CELLS_MAX // len(weeks)))
        places = block_indices(len(weeks), some, block, rng, is_circular=is_circular)
        drawn.append(statistic(weeks[places]))
        left -= some
    figures = np.concatenate(drawn)
    tail = (1.0 - _CONFIDENCE) / 2.0
    if is_widened:
        tail = _tail(tail, len(weeks) / block)
    low, high = np.quantile(figures, (tail, 1.0 - tail))
    value = float(statistic(weeks[np.newaxis, :])[0])
    return Interval(value, float(low), float(high), _CONFIDENCE, float(block))


def usual_block(weeks: int) -> float:
    """The mean length of a block where nothing asks for another: the cube root of the weeks."""
    return float(max(1, round(weeks ** (1 / 3))))


def _tail(tail: float, blocks: float) -> float:
    """The part of resamples beyond each bound, so that few blocks hold the truth often enough.

    Student's quantile for the normal one, and the spread of blocks without their own mean
    (Hesterberg, 2015, What Teachers Should Know About the Bootstrap, the expanded percentile
    interval), with blocks in place of independent draws.
    """
    from scipy.special import ndtr, stdtrit

    free = max(blocks - 1.0, 1.0)
    return float(ndtr(math.sqrt((free + 1.0) / free) * stdtrit(free, tail)))


def checked_weeks(values: Floats) -> Floats:
    """Weekly figures that can be resampled; raises TrialImpossible for what cannot."""
    weeks = np.asarray(values, dtype=np.float64)
    if weeks.size < WEEKS_MIN:
        raise TrialImpossible(
            f"So few weeks ({weeks.size}) say nothing of how a figure could have come out "
            f"otherwise: choose a span of at least {WEEKS_MIN} weeks."
        )
    if not np.isfinite(weeks).all():
        raise TrialImpossible(
            "Some weeks have no figure, so none can be drawn from them: choose a span with prices."
        )
    return weeks


def mean_of(samples: Floats) -> Floats:
    """The mean of each resample."""
    return np.asarray(samples.mean(axis=1), dtype=np.float64)


def growth_of(samples: Floats) -> Floats:
    """What each resample's weeks compound to, as a fraction of the beginning."""
    return np.asarray(np.prod(1.0 + samples, axis=1) - 1.0, dtype=np.float64)


def sharpe_of(samples: Floats) -> Floats:
    """Mean over standard deviation of each resample, by the week; 0 where nothing varies."""
    spread = samples.std(axis=1, ddof=1)
    is_even = spread <= np.abs(samples).max(axis=1) * 1e-12
    return np.asarray(
        np.where(is_even, 0.0, samples.mean(axis=1) / np.where(is_even, 1.0, spread)),
        dtype=np.float64,
    )
