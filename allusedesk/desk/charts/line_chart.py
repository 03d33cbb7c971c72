"""Lines over one axis, painted by one widget: payoffs, equity, drawdowns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from allusedesk.desk.charts.legend import SAMPLE_WIDTH, legend_places
from allusedesk.desk.theme import Theme

Floats: TypeAlias = NDArray[np.float64]

_PIXELS_BETWEEN = 36
_ROOM = 0.06


class Stroke(Enum):
    """How a line is drawn, so that lines differ without their colours."""

    SOLID = Qt.PenStyle.SolidLine
    DASHED = Qt.PenStyle.DashLine
    DOTTED = Qt.PenStyle.DotLine


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line: `role` is the theme's colour, NaN in `values` leaves a gap."""

    name: str
    values: Floats
    role: str = "accent"
    stroke: Stroke = Stroke.SOLID


@dataclass(frozen=True, slots=True)
class UprightMark:
    """A place on the axis that has a name, such as spot or a break-even."""

    at: float
    text: str
    role: str = "text_muted"


class LineChart(QWidget):
    """Lines over ascending places; `pointed` gives the number of the place under the crosshair.

    Left and Right move the crosshair, and -1 stands for none. `is_split_at_nought` shades what
    lies above and below nothing.
    """

    pointed = Signal(int)

    def __init__(
        self,
        theme: Theme,
        name: str,
        write_place: Callable[[float], str],
        write_value: Callable[[float], str],
        *,
        is_split_at_nought: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        letters = self.fontMetrics()
        self.setMinimumSize(letters.horizontalAdvance("M" * 16), letters.height() * 7)
        self._theme = theme
        self._write_place, self._write_value = write_place, write_value
        self._is_split = is_split_at_nought
        self.places: Floats = np.empty(0)
        self.lines: tuple[Line, ...] = ()
        self.marks: tuple[UprightMark, ...] = ()
        self.ticks: tuple[tuple[float, str], ...] = ()
        self.empty = ""
        self._at = -1
        self._legend_rows = 1

    def show_lines(
        self,
        places: Floats,
        lines: Sequence[Line],
        marks: Sequence[UprightMark] = (),
        ticks: Sequence[tuple[float, str]] = (),
    ) -> None:
        """Draw these; without `ticks` the axis is numbered by itself."""
        self.places, self.lines = places, tuple(lines)
        self.marks, self.ticks = tuple(marks), tuple(ticks)
        self._at = min(self._at, len(places) - 1)
        self._fit_legend()
        self.setAccessibleDescription("; ".join(self._told(len(places) - 1)))
        self.update()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def frame(self) -> QRectF:
        """Where the lines are drawn, in the widget's pixels."""
        metrics = QFontMetricsF(self.font())
        right = max(metrics.horizontalAdvance(text) for text in self._value_texts() or ["0"]) + 8.0
        height = metrics.height()
        top = self._legend_rows * height + 4.0
        return QRectF(4.0, top, self.width() - right - 4.0, self.height() - top - height - 6.0)

    def pixel_of(self, place: float, value: float) -> QPointF:
        """Where a point is painted."""
        frame, (left, right), (low, high) = self.frame(), self._across(), self._range()
        return QPointF(
            frame.left() + (place - left) / (right - left) * frame.width(),
            frame.bottom() - (value - low) / (high - low) * frame.height(),
        )

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if not len(self.places) or not self.lines:
            painter.setPen(QColor(self._theme.text_muted))
            centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), centred, self.empty)
            return
        frame = self.frame()
        self._draw_axes(painter, frame)
        self._draw_marks(painter, frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(frame.adjusted(-1, -1, 1, 1))
        if self._is_split:
            self._shade(painter, frame)
        for line in self.lines:
            painter.setPen(_pen(self._theme, line.role, line.stroke))
            for run in self._runs(line, frame):
                painter.drawPolyline(run)
        painter.setClipping(False)
        self._draw_legend(painter)
        if 0 <= self._at < len(self.places):
            x = self.pixel_of(float(self.places[self._at]), 0.0).x()
            painter.setPen(_pen(self._theme, "text_muted", Stroke.SOLID))
            painter.drawLine(QLineF(x, frame.top(), x, frame.bottom()))

    def resizeEvent(self, event: Any) -> None:
        self._fit_legend()
        super().resizeEvent(event)

    def mouseMoveEvent(self, event: Any) -> None:
        if len(self.places):
            frame, (left, right) = self.frame(), self._across()
            share = (event.position().x() - frame.left()) / max(frame.width(), 1.0)
            place = left + share * (right - left)
            self._point(int(np.abs(self.places - place).argmin()))

    def leaveEvent(self, event: Any) -> None:
        self._point(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: Any) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())
        if step is None or not len(self.places):
            super().keyPressEvent(event)
            return
        at = self._at
        if at < 0 and step < 0:
            at = len(self.places)
        self._point(min(max(at + step, 0), len(self.places) - 1))

    def _point(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.setToolTip("")
            self.pointed.emit(at)
            self.update()

    def _told(self, at: int) -> list[str]:
        """Every line at a place, in words."""
        if not 0 <= at < len(self.places):
            return []
        return [
            f"{line.name} {self._write_value(float(line.values[at]))}"
            for line in self.lines
            if math.isfinite(line.values[at])
        ]

    def _across(self) -> tuple[float, float]:
        left, right = float(self.places[0]), float(self.places[-1])
        return (left, right) if right > left else (left - 0.5, left + 0.5)

    def _range(self) -> tuple[float, float]:
        known = [line.values[np.isfinite(line.values)] for line in self.lines]
        every = np.concatenate(known) if known else np.empty(0)
        if not len(every):
            return 0.0, 1.0
        low, high = float(every.min()), float(every.max())
        if self._is_split:
            low, high = min(low, 0.0), max(high, 0.0)
        room = (high - low) * _ROOM or abs(high) * _ROOM or 1.0
        return low - room, high + room

    def _levels(self) -> list[float]:
        """Round levels, so many as have room."""
        low, high = self._range()
        most = max(2, int(self.height() / _PIXELS_BETWEEN))
        step = _round_step((high - low) / most)
        first = math.ceil(low / step)
        return [step * number for number in range(first, math.floor(high / step) + 1)]

    def _value_texts(self) -> list[str]:
        return [self._write_value(level) for level in self._levels()] if self.lines else []

    def _draw_axes(self, painter: QPainter, frame: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        quiet, words = _pen(self._theme, "band", Stroke.SOLID), QColor(self._theme.text_muted)
        for level in self._levels():
            y = self.pixel_of(float(self.places[0]), level).y()
            is_nought = self._is_split and level == 0.0
            painter.setPen(_pen(self._theme, "line", Stroke.SOLID) if is_nought else quiet)
            painter.drawLine(QLineF(frame.left(), y, frame.right(), y))
            painter.setPen(words)
            at = QPointF(frame.right() + 4.0, y + metrics.ascent() / 2.0 - 1.0)
            painter.drawText(at, self._write_value(level))
        edge = -math.inf
        painter.setPen(words)
        for place, text in self.ticks or self._numbered():
            x = self.pixel_of(place, 0.0).x()
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2.0, frame.left()), frame.right() - width)
            if left > edge + 10.0:
                painter.drawText(QPointF(left, frame.bottom() + metrics.ascent() + 3.0), text)
                edge = left + width

    def _numbered(self) -> list[tuple[float, str]]:
        left, right = self._across()
        step = _round_step((right - left) / max(2.0, self.width() / (3.0 * _PIXELS_BETWEEN)))
        numbers = range(math.ceil(left / step), math.floor(right / step) + 1)
        return [(step * number, self._write_place(step * number)) for number in numbers]

    def _draw_marks(self, painter: QPainter, frame: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        left, right = self._across()
        edges: list[float] = []
        for mark in sorted(self.marks, key=lambda one: one.at):
            if not left <= mark.at <= right:
                continue
            x = self.pixel_of(mark.at, 0.0).x()
            painter.setPen(_pen(self._theme, mark.role, Stroke.DASHED))
            painter.drawLine(QLineF(x, frame.top(), x, frame.bottom()))
            width = metrics.horizontalAdvance(mark.text)
            start = min(x + 3.0, frame.right() - width)
            # Names that would stand over each other go one line down.
            row = next((n for n, edge in enumerate(edges) if start > edge + 6.0), len(edges))
            edges[row : row + 1] = [start + width]
            painter.setPen(QColor(getattr(self._theme, mark.role)))
            y = frame.top() + metrics.ascent() + row * metrics.height()
            painter.drawText(QPointF(start, y), mark.text)

    def _draw_legend(self, painter: QPainter) -> None:
        """Names above the lines; under a crosshair with their values there."""
        metrics = QFontMetricsF(painter.font())
        is_pointed = 0 <= self._at < len(self.places)
        place = self._write_place(float(self.places[self._at])) if is_pointed else ""
        texts = [line.name for line in self.lines]
        for number, line in enumerate(self.lines):
            if is_pointed and math.isfinite(line.values[self._at]):
                texts[number] += f" {self._write_value(float(line.values[self._at]))}"
        head, *places = legend_places(metrics, place, texts, self.width())
        painter.setPen(QColor(self._theme.text))
        painter.drawText(head + QPointF(0.0, metrics.ascent()), place)
        for line, text, at in zip(self.lines, texts, places, strict=True):
            y = at.y() + metrics.ascent()
            middle = y - metrics.ascent() / 3.0
            painter.setPen(_pen(self._theme, line.role, line.stroke))
            painter.drawLine(QLineF(at.x(), middle, at.x() + SAMPLE_WIDTH, middle))
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(at.x() + SAMPLE_WIDTH + 4.0, y), text)

    def _fit_legend(self) -> None:
        """Keep as many rows above the lines as their names and widest values need."""
        if not self.lines or not len(self.places):
            return
        metrics = QFontMetricsF(self.font())
        widest = partial(max, key=metrics.horizontalAdvance)
        ends = (float(self.places[0]), float(self.places[-1]))
        texts = []
        for line in self.lines:
            known = line.values[np.isfinite(line.values)]
            values = (float(known.min()), float(known.max())) if len(known) else ()
            texts.append(f"{line.name} {widest([*map(self._write_value, values), ''])}")
        place = widest(list(map(self._write_place, ends)))
        last = legend_places(metrics, place, texts, self.width())[-1]
        # Rows that came and went with the crosshair would make the lines jump.
        self._legend_rows = 1 + round(last.y() / metrics.height())

    def _shade(self, painter: QPainter, frame: QRectF) -> None:
        """The ground between the first line and nothing: gain above, loss below."""
        nought = self.pixel_of(float(self.places[0]), 0.0).y()
        for role, half in (
            ("gain", QRectF(frame.left(), frame.top(), frame.width(), nought - frame.top())),
            ("loss", QRectF(frame.left(), nought, frame.width(), frame.bottom() - nought)),
        ):
            colour = QColor(getattr(self._theme, role))
            colour.setAlphaF(0.16)
            painter.save()
            painter.setClipRect(half)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for run in self._runs(self.lines[0], frame):
                closed = [QPointF(run.first().x(), nought), *run.toList()]
                painter.drawPolygon(QPolygonF([*closed, QPointF(run.last().x(), nought)]))
            painter.restore()

    def _runs(self, line: Line, frame: QRectF) -> list[QPolygonF]:
        """A line as polygons between its gaps, its peaks kept where there are more than pixels."""
        is_known = np.isfinite(line.values)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], is_known.astype(np.int8), [0]))))
        (left, right), (low, high) = self._across(), self._range()
        found = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            places, values = thinned(
                self.places[start:end], line.values[start:end], int(frame.width())
            )
            x = frame.left() + (places - left) / (right - left) * frame.width()
            y = frame.bottom() - (values - low) / (high - low) * frame.height()
            found.append(
                QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)])
            )
        return found


def thinned(places: Floats, values: Floats, pixels: int) -> tuple[Floats, Floats]:
    """The lowest and the highest of each run, so that no more than two points share a pixel."""
    step = max(1, len(values) // max(1, pixels))
    if step == 1:
        return places, values
    runs = np.arange(0, len(values), step)
    low, high = np.minimum.reduceat(values, runs), np.maximum.reduceat(values, runs)
    both = np.stack((low, high), axis=1).ravel()
    return np.repeat(places[runs], 2), both


def _round_step(rough: float) -> float:
    """The next of 1, 2, 2.5 and 5 times a power of ten."""
    size = 10.0 ** math.floor(math.log10(rough)) if rough > 0.0 else 1.0
    return next(
        size * part for part in (1.0, 2.0, 2.5, 5.0, 10.0) if size * part >= rough or part == 10.0
    )


def _pen(theme: Theme, role: str, stroke: Stroke) -> QPen:
    pen = QPen(QColor(getattr(theme, role)))
    pen.setCosmetic(True)
    pen.setWidth(1)
    pen.setStyle(stroke.value)
    return pen
