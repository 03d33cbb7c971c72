"""Growth week by week, and how far it could have gone otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from allusedesk.desk import formatting
from allusedesk.desk.charts.line_chart import Floats, Line, LineChart, Stroke
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.wiring.laboratory.views import Curve

_ROLES = ("accent", "caution", "text")
_STROKES = (Stroke.SOLID, Stroke.DASHED, Stroke.SOLID)
_TICKS_MAX = 8


class GrowthFan(LineChart):
    """Curves over the weeks they share; around the first, where 95 of 100 resampled paths lie."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Growth of the runs chosen", self._week_at, _percent, parent=parent)
        self.empty = "Choose a run to see its growth, two with Ctrl to compare them."
        self._days: tuple[date, ...] = ()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw curves by the weeks they begin in; a place is where one week meets the next."""
        shown = [curve for curve in curves if len(curve.days)]
        self._days = tuple(sorted({day for curve in shown for day in curve.days}))
        places = np.arange(len(self._days) + 1, dtype=np.float64)
        lines: list[Line] = []
        for number, curve in enumerate(shown):
            role = _ROLES[number % len(_ROLES)]
            stroke = _STROKES[number % len(_STROKES)]
            lines.append(Line(curve.name, self._placed(curve, curve.growth), role, stroke))
        if shown and shown[0].low is not None and shown[0].high is not None:
            first = shown[0]
            for name, edge in (
                (f"{first.name} at best", first.high),
                (f"{first.name} at worst", first.low),
            ):
                if edge is not None:
                    lines.append(Line(name, self._placed(first, edge), "text_muted", Stroke.DOTTED))
        self.show_lines(places, lines, (), self._week_ticks())

    def _placed(self, curve: Curve, values: Floats) -> Floats:
        found = np.full(len(self._days) + 1, np.nan)
        begins = self._days.index(curve.days[0])
        found[begins] = values[0]
        for day, value in zip(curve.days, values[1:].tolist(), strict=True):
            found[self._days.index(day) + 1] = value
        return found

    def _week_at(self, place: float) -> str:
        at = round(place)
        if not self._days or not 0 <= at <= len(self._days):
            return ""
        # The last place is where the last week ends.
        whole = self._days[at] if at < len(self._days) else self._days[-1] + timedelta(days=7)
        return formatting.day(whole)

    def _week_ticks(self) -> list[tuple[float, str]]:
        step = max(1, -(-len(self._days) // _TICKS_MAX))
        return [
            (float(place), formatting.day(self._days[place]))
            for place in range(0, len(self._days), step)
        ]


def _percent(value: float) -> str:
    return formatting.percent(value, 1, signed=True)
