"""What is written over the candles: strikes held, trades, splits and the latest price."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF, QTransform

from allusedesk.desk.charts.candles import cosmetic
from allusedesk.desk.theme import Theme

_SIZE = 6.0
_GAP = 5.0


class MarkKind(Enum):
    """What a mark tells; the letter stands beside it, so that no colour says it alone."""

    ENTRY = "E"
    ROLL = "R"
    EXIT = "X"
    ASSIGNMENT = "A"


@dataclass(frozen=True, slots=True)
class StrikeLine:
    """The strike of a held option, on the chart's scale; `text` says what is held."""

    level: float
    text: str
    is_call: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a bar: entries point up from below, all else from above."""

    place: int
    level: float
    kind: MarkKind


class MarkSheet(pg.GraphicsObject):
    """One item for all that is written over the candles; drawn in pixels, so text stands upright.

    It has no bounds of its own: what it shows never widens the chart's range.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.strikes: tuple[StrikeLine, ...] = ()
        self.marks: tuple[Mark, ...] = ()
        self.splits: tuple[tuple[int, str], ...] = ()
        self.price: tuple[float, str] | None = None
        self.setZValue(10)
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._pens = {
            "put": _dashed(theme.accent),
            "call": _dashed(theme.caution),
            "price": _dashed(theme.text),
            "split": _dashed(theme.text_muted),
        }
        self._colours = {
            MarkKind.ENTRY: QColor(theme.accent),
            MarkKind.ROLL: QColor(theme.caution),
            MarkKind.EXIT: QColor(theme.text),
            MarkKind.ASSIGNMENT: QColor(theme.alarm),
        }
        self.update()

    def show_strikes(self, strikes: tuple[StrikeLine, ...]) -> None:
        """Draw these strikes across the chart."""
        if strikes != self.strikes:
            self.strikes = strikes
            self.update()

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        """Draw these happenings at their bars."""
        self.marks = marks
        self.update()

    def show_splits(self, splits: tuple[tuple[int, str], ...]) -> None:
        """Draw a line at the place of each split, with its ratio in words."""
        self.splits = splits
        self.update()

    def show_price(self, price: tuple[float, str] | None) -> None:
        """Draw the latest price with its words; None where there is none."""
        if price != self.price:
            self.price = price
            self.update()

    def boundingRect(self) -> QRectF:
        """The whole view, whatever it shows."""
        view = self.getViewBox()
        return QRectF() if view is None else QRectF(view.viewRect())

    def viewTransformChanged(self) -> None:
        """The view has moved: so have our bounds."""
        self.prepareGeometryChange()

    def dataBounds(self, _axis: int, *_rest: Any) -> None:
        """None: strikes and marks do not decide what range is shown."""

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        """Draw everything that lies within the view."""
        view = self.getViewBox()
        if view is None:
            return
        shown = QRectF(view.viewRect())
        to_pixels = painter.transform()
        frame = to_pixels.mapRect(shown)
        painter.save()
        painter.resetTransform()
        self._draw_splits(painter, to_pixels, shown, frame)
        self._draw_levels(painter, to_pixels, frame)
        self._draw_marks(painter, to_pixels, shown)
        painter.restore()

    def _draw_splits(
        self, painter: QPainter, to_pixels: QTransform, shown: QRectF, frame: QRectF
    ) -> None:
        painter.setPen(self._pens["split"])
        height = QFontMetricsF(painter.font()).height()
        for place, text in self.splits:
            if shown.left() <= place <= shown.right():
                x = to_pixels.map(QPointF(place - 0.5, shown.top())).x()
                painter.drawLine(QLineF(x, frame.top(), x, frame.bottom()))
                painter.drawText(QPointF(x + 3.0, frame.top() + height), text)

    def _draw_levels(self, painter: QPainter, to_pixels: QTransform, frame: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        levels = [
            (one.level, one.text, self._pens["call" if one.is_call else "put"])
            for one in self.strikes
        ]
        if self.price is not None:
            levels.append((*self.price, self._pens["price"]))
        taken: list[float] = []
        for level, text, pen in sorted(levels, key=lambda one: -one[0]):
            y = to_pixels.map(QPointF(0.0, level)).y()
            if not frame.top() <= y <= frame.bottom():
                continue
            painter.setPen(pen)
            painter.drawLine(QLineF(frame.left(), y, frame.right(), y))
            # Words of near levels stand below each other instead of over each other.
            at = max(y - 2.0, *(other + metrics.height() for other in taken[-1:]), frame.top())
            taken.append(at)
            width = metrics.horizontalAdvance(text) + 6.0
            # On the left, for the newest trades' marks stand on the right.
            left = frame.left() + 2.0
            ground = QRectF(left, at - metrics.ascent(), width, metrics.height())
            painter.fillRect(ground, QColor(self._theme.panel))
            painter.drawText(QPointF(left + 3.0, at), text)

    def _draw_marks(self, painter: QPainter, to_pixels: QTransform, shown: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        stacked: dict[tuple[int, bool], int] = {}
        for mark in self.marks:
            if not shown.left() <= mark.place <= shown.right():
                continue
            is_below = mark.kind is MarkKind.ENTRY
            deep = stacked.get((mark.place, is_below), 0)
            stacked[mark.place, is_below] = deep + 1
            at = to_pixels.map(QPointF(mark.place, mark.level))
            sign = 1.0 if is_below else -1.0
            y = at.y() + sign * (_GAP + deep * (metrics.height() + 2 * _SIZE))
            painter.setPen(cosmetic(self._theme.panel))
            painter.setBrush(QBrush(self._colours[mark.kind]))
            tip = QPointF(at.x(), y)
            left = QPointF(at.x() - _SIZE, y + sign * 1.6 * _SIZE)
            right = QPointF(at.x() + _SIZE, y + sign * 1.6 * _SIZE)
            painter.drawPolygon(QPolygonF([tip, left, right]))
            painter.setPen(self._colours[mark.kind])
            half = metrics.horizontalAdvance(mark.kind.value) / 2.0
            down = metrics.ascent() if is_below else -2.0
            painter.drawText(QPointF(at.x() - half, y + sign * 1.6 * _SIZE + down), mark.kind.value)


def _dashed(colour: str) -> QPen:
    pen = cosmetic(colour)
    pen.setStyle(Qt.PenStyle.DashLine)
    return pen
