"""The desk's result over a period beside what the money could have done instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.charts.line_chart import Line, LineChart, Stroke
from allusedesk.desk.theme import Theme
from allusedesk.journal.queries.performance import CurveDay

if TYPE_CHECKING:
    from allusedesk.wiring.yardsticks import Yardstick

_STROKES = ((Stroke.DASHED, "caution"), (Stroke.DOTTED, "text_muted"))
_MONTHS_BETWEEN = (1, 2, 3, 6, 12, 24, 60)
_TICKS_MAX = 10


class EquityCurve(QWidget):
    """Two charts over the same days: value since the period began, and the fall from its high."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._days: tuple[date, ...] = ()
        self.growth = LineChart(theme, "Growth", self._day_at, _percent)
        self.falls = LineChart(theme, "Drawdown", self._day_at, _percent)
        self.growth.empty = (
            "The curve begins with the first close: until then nothing has been marked."
        )
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.growth)
        parts.addWidget(self.falls)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(parts)

    def show_days(self, days: Sequence[CurveDay], yardsticks: Sequence[Yardstick]) -> None:
        """Draw the desk's closes; yardsticks have one value for each of them."""
        self._days = tuple(day.on for day in days)
        places = np.arange(len(days), dtype=np.float64)
        desk = np.array([float(day.index) - 1.0 for day in days])
        lines = [Line("desk", desk)]
        for (stroke, role), found in zip(_STROKES, yardsticks, strict=False):
            lines.append(Line(found.name, np.array(found.values) - 1.0, role, stroke))
        ticks = self._ticks()
        self.growth.show_lines(places, lines if len(days) > 1 else [], (), ticks)
        falls = Line("drawdown", np.array([-float(day.drawdown) for day in days]), "loss")
        self.falls.show_lines(places, [falls] if len(days) > 1 else [], (), ticks)

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.growth.wear(theme)
        self.falls.wear(theme)

    def _day_at(self, place: float) -> str:
        at = round(place)
        return formatting.day(self._days[at]) if 0 <= at < len(self._days) else ""

    def _ticks(self) -> list[tuple[float, str]]:
        """The first close of every so many months; of each week where there are few."""
        days = self._days
        firsts = [
            place
            for place in range(1, len(days))
            if (days[place].year, days[place].month)
            != (days[place - 1].year, days[place - 1].month)
        ]
        if len(firsts) < 2:
            firsts = [
                place
                for place in range(1, len(days))
                if days[place].isocalendar()[:2] != days[place - 1].isocalendar()[:2]
            ]
            return [(float(place), formatting.day(days[place])) for place in firsts]
        step = next(n for n in _MONTHS_BETWEEN if len(firsts) / n <= _TICKS_MAX or n == 60)
        chosen = [
            place for place in firsts if (days[place].year * 12 + days[place].month - 1) % step == 0
        ]
        return [(float(place), f"{days[place]:%b %y}") for place in chosen]


def _percent(value: float) -> str:
    return formatting.percent(value, 1, signed=True)
