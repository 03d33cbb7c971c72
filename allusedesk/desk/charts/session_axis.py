"""The axis under a chart of bars: places are sessions, so that nights and holidays take no room."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

# What may stand between two ticks, finest first, and how its ticks are written. A unit of NumPy's
# calendar and how many of them; weeks begin on Monday.
_STEPS: tuple[tuple[str, int, str], ...] = (
    ("m", 5, "%H:%M"),
    ("m", 15, "%H:%M"),
    ("m", 30, "%H:%M"),
    ("h", 1, "%H:%M"),
    ("h", 2, "%H:%M"),
    ("D", 1, "{0.day} %b"),
    ("W", 1, "{0.day} %b"),
    ("W", 2, "{0.day} %b"),
    ("M", 1, "%b %y"),
    ("M", 3, "%b %y"),
    ("M", 6, "%b %y"),
    ("Y", 1, "%Y"),
    ("Y", 2, "%Y"),
    ("Y", 5, "%Y"),
)
_PIXELS_BETWEEN = 80


class SessionAxis(pg.AxisItem):
    """Ticks at the first bar of each day, week, month or year, whichever has room."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom")
        self.times: NDArray[np.datetime64] = np.empty(0, dtype="datetime64[s]")
        self._written = "%b %y"
        self.enableAutoSIPrefix(enable=False)

    def show_times(self, times: NDArray[np.datetime64]) -> None:
        """The instant of each bar, in the clock of New York."""
        self.times = times
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[int]]]:
        """The places that get a tick."""
        first, end = max(0, int(low)), min(len(self.times), int(high) + 1)
        if first >= end:
            return []
        shown = self.times[first:end]
        most = max(2, int(size / _PIXELS_BETWEEN))
        for unit, count, written in _STEPS:
            if _whole(shown[-1] - shown[0], unit) > 40 * most * count:
                continue
            numbers = shown.astype(f"datetime64[{unit}]").astype(np.int64)
            if unit == "W":
                numbers = (shown.astype("datetime64[D]").astype(np.int64) + 3) // 7
            numbers = numbers // count
            ticks = np.flatnonzero(np.concatenate(([False], numbers[1:] != numbers[:-1])))
            if 0 < len(ticks) <= most:
                self._written = written
                return [(float(end - first) / len(ticks), (ticks + first).tolist())]
        self._written = "{0.day} %b %y"
        return [(1.0, [first])]

    def tickStrings(self, values: list[Any], _scale: float, _spacing: float) -> list[str]:
        """How the ticks are written."""
        moments = [self.times[int(value)].astype(object) for value in values]
        return [one.strftime(self._written.format(one)) for one in moments]


class VolumeAxis(pg.AxisItem):
    """Shares in thousands and millions."""

    def __init__(self) -> None:
        super().__init__(orientation="right")
        self.enableAutoSIPrefix(enable=False)

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """How the ticks are written."""
        return [_shares(value) for value in values]


def _shares(count: float) -> str:
    for size, letter in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if count >= size:
            return f"{count / size:,.4g}{letter}"
    return f"{count:,.0f}"


def _whole(length: np.timedelta64, unit: str) -> int:
    """About how many units a stretch of time has."""
    seconds = {"m": 60, "h": 3_600, "D": 86_400, "W": 604_800, "M": 2_630_000, "Y": 31_557_600}
    return int(length.astype("timedelta64[s]").astype(np.int64)) // seconds[unit]
