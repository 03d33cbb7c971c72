"""Figures of the desk that are unlike their own past, by medians and median deviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# So many figures must have gone before; fewer do not say what is usual.
USUAL_LEAST = 20
# What counts as usual is read from at most so many figures before.
USUAL_MOST = 104
# A figure is unlike its past beyond so many deviations. Of figures that scatter normally fewer
# than one in two thousand is marked without cause, with twenty to a hundred known before.
LIMIT = 5.0
# The scaled median deviation is a standard deviation where figures scatter normally.
_SCALE = 1.4826
# And so is the mean deviation by this factor, where most figures are the very same.
_SCALE_OF_MEAN = 1.2533
# Scatter below this part of the level is rounding, not a measure of anything.
_SCATTER_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One figure unlike those before it: its place, its median then, and how many deviations."""

    place: int
    value: float
    usual: float
    deviations: float


def anomalies_of(values: Sequence[float]) -> tuple[Anomaly, ...]:
    """Every figure beyond five deviations of those before it, and farther out than any of them.

    The second is for figures with fat tails, such as returns: a mark stays rare whatever they are.

    Figures in time's order; NaN is no figure. What comes later never changes an earlier mark, and
    what is marked stays among the figures before the next, whose median it hardly moves. Where
    most figures before are the same their mean deviation counts, and where all are a hundredth of
    their level.
    """
    figures = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(figures))
    found = []
    for count, place in enumerate(known.tolist()):
        if count < USUAL_LEAST:
            continue
        before = figures[known[max(count - USUAL_MOST, 0) : count]]
        usual = float(np.median(before))
        deviations = np.abs(before - usual)
        scatter = max(_scatter(deviations), _SCATTER_LEAST * abs(usual), 1e-9)
        away = (float(figures[place]) - usual) / scatter
        if abs(away) > LIMIT and abs(away) * scatter > deviations.max():
            found.append(Anomaly(place, float(figures[place]), usual, away))
    return tuple(found)


def _scatter(deviations: NDArray[np.float64]) -> float:
    middle = float(np.median(deviations))
    return _SCALE * middle if middle > 0.0 else _SCALE_OF_MEAN * float(deviations.mean())
