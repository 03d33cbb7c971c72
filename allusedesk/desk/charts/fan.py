"""A projection's fan: where the paths lie over the years, and what the targets promise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from allusedesk.desk.charts.line_chart import Line, LineChart, Stroke
from allusedesk.desk.theme import Theme
from allusedesk.reports.round_amounts import money_ticks, short_money

if TYPE_CHECKING:
    from allusedesk.wiring.laboratory.projecting import ProjectionView

# Paths that lost nearly all would stretch the axis over all others; they end at its foot.
_DECADES = 5.0
_EDGES = ((0, 4, 0.5), (1, 3, 1.0))
_MIDDLE = 2


class ProjectionFan(LineChart):
    """Totals by year on a logarithmic axis: bands of 90 and 50 of 100 paths, their median."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Projection over the years", _year, _money, parent=parent)
        self.empty = (
            "Choose whose weeks are drawn, and press Project: ten thousand lives of those weeks, "
            "beside what the targets promise."
        )

    def show_view(self, view: ProjectionView) -> None:
        """Draw a projection."""
        totals = np.array(view.fan)
        low = max(float(totals.max()) / 10.0**_DECADES, 1.0)
        totals = np.log10(np.maximum(totals, low))
        years, goals = np.array(view.original).T
        goals = np.interp(view.quarters, years, np.log10(goals))
        lines = [
            Line("median", totals[:, _MIDDLE]),
            Line("targets", goals, "caution", Stroke.DASHED),
            Line("5 of 100 below", totals[:, 0], "text_muted", Stroke.DOTTED),
            Line("5 of 100 above", totals[:, -1], "text_muted", Stroke.DOTTED),
        ]
        self._bands = [(totals[:, low], totals[:, high], depth) for low, high, depth in _EDGES]
        self.show_lines(np.array(view.quarters), lines)

    def _levels(self) -> list[float]:
        low, high = self._range()
        ticks = money_ticks(10.0**low, 10.0**high)
        return [math.log10(tick) for tick in ticks if low <= math.log10(tick) <= high]

    def _draw_marks(self, painter: QPainter, frame: QRectF) -> None:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        for below, above, depth in self._bands:
            colour = QColor(self._theme.band)
            colour.setAlphaF(depth)
            painter.setBrush(colour)
            there = [
                self.pixel_of(place, value)
                for place, value in zip(self.places.tolist(), above.tolist(), strict=True)
            ]
            back = [
                self.pixel_of(place, value)
                for place, value in zip(self.places.tolist(), below.tolist(), strict=True)
            ]
            points: list[QPointF] = [*there, *reversed(back)]
            painter.drawPolygon(QPolygonF(points))
        painter.restore()
        super()._draw_marks(painter, frame)


def _year(place: float) -> str:
    return f"year {place:g}"


def _money(level: float) -> str:
    return short_money(10.0**level)
