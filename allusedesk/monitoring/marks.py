"""Marks on a figure's last minutes: where it is heading, and whether it is unlike itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

# Fewer figures say nothing of a trend; this many are half a minute at one a second.
_LEAST = 30
# The scaled median deviation is a standard deviation where figures scatter normally.
_SCALE = 1.4826
# A trend moved the level by so many deviations, and an unusual figure lies so many away.
_TREND, _UNUSUAL = 3.0, 8.0
# Scatter below this part of the level is rounding, not a measure of anything.
_SCATTER_LEAST = 0.01


class Trend(Enum):
    """Where a figure is heading."""

    STEADY = ""
    RISING = "rising"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be seen in a figure's history; nothing of a short or quiet one."""

    trend: Trend = Trend.STEADY
    is_unusual: bool = False


def marks_of(history: Sequence[float]) -> Marks:
    """Marks of figures in their order, equally far apart, the newest last.

    A trend is a shift of the median between the first and the last third by three median
    deviations of the figures from their thirds. A figure is unusual that lies eight of them from
    the median of all before it: medians, so that what is being looked for does not hide itself.
    """
    if len(history) < _LEAST:
        return Marks()
    third = len(history) // 3
    parts = (history[:third], history[third:-third], history[-third:])
    levels = [median(part) for part in parts]
    scatter = _scatter(
        [value - level for part, level in zip(parts, levels, strict=True) for value in part],
        median(history),
    )
    shift = levels[-1] - levels[0]
    goes_one_way = levels[0] <= levels[1] <= levels[-1] or levels[0] >= levels[1] >= levels[-1]
    trend = Trend.STEADY
    if goes_one_way and abs(shift) > _TREND * scatter:
        trend = Trend.RISING if shift > 0 else Trend.FALLING
    before = history[:-1]
    usual = median(before)
    away = abs(history[-1] - usual)
    is_unusual = away > _UNUSUAL * _scatter([value - usual for value in before], usual)
    return Marks(trend, is_unusual=is_unusual)


def _scatter(residuals: Sequence[float], level: float) -> float:
    found = _SCALE * median([abs(value) for value in residuals])
    return max(found, _SCATTER_LEAST * abs(level), 1e-9)
