"""Figures of the desk that are unlike their own past, by medians and median deviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# So many figures must have gone before; fewer do not say what is usual.
USUAL_LEAST = 20
# What counts as usual is read from at most so many figures before.
USUAL_MOST = 104
# A figure is unlike its past beyond so many deviations. For figures that scatter normally, and
# twenty to a hundred known before, fewer than one in two thousand is marked without cause.
LIMIT = 5.0
# The scaled median deviation is a standard deviation where figures scatter normally.
_SCALE = 1.4826
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
    """Every figure that lies beyond five deviations of those before it, in order.

    Figures in time's order; NaN is no figure. What comes later never changes an earlier mark, and
    what is marked stays among the figures before the next, whose median it hardly moves. Where
    all figures before are the same, a hundredth of their level is one deviation.
    """
    figures = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(figures))
    found = []
    for count, place in enumerate(known.tolist()):
        if count < USUAL_LEAST:
            continue
        before = figures[known[max(count - USUAL_MOST, 0) : count]]
        usual = float(np.median(before))
        scatter = _SCALE * float(np.median(np.abs(before - usual)))
        scatter = max(scatter, _SCATTER_LEAST * abs(usual), 1e-9)
        away = (float(figures[place]) - usual) / scatter
        if abs(away) > LIMIT:
            found.append(Anomaly(place, float(figures[place]), usual, away))
    return tuple(found)
