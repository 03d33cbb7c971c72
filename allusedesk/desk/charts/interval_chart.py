"""Figures with the interval each may as well have come out in, beside what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.wiring.laboratory.views import Bar

_GAP = 8.0
_ROOM = 0.06


class IntervalChart(QWidget):
    """A line a figure: a dot for it, a whisker for its interval, a hollow diamond for a target."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        letters = self.fontMetrics()
        self.setMinimumSize(letters.horizontalAdvance("M" * 16), letters.height() * 5)
        self._theme = theme
        self.bars: tuple[Bar, ...] = ()
        self.empty = "Intervals show here once a run is chosen."

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Draw these, from the top."""
        self.bars = tuple(bars)
        self.setMinimumHeight(self.fontMetrics().height() * max(4, len(self.bars) + 2))
        self.setAccessibleDescription("; ".join(_told(bar) for bar in bars))
        self.setToolTip(formatting.tip("\n".join(_told(bar) for bar in bars)) if bars else "")
        self.update()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if not self.bars:
            painter.setPen(QColor(self._theme.text_muted))
            centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), centred, self.empty)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(painter.font())
        names = max(metrics.horizontalAdvance(bar.name) for bar in self.bars) + _GAP
        values = max(metrics.horizontalAdvance(_percent(bar.value)) for bar in self.bars) + _GAP
        frame = QRectF(
            names + _GAP,
            4.0,
            max(self.width() - names - values - 3 * _GAP, 1.0),
            self.height() - metrics.height() - 10.0,
        )
        self._draw_nought(painter, frame, metrics)
        step = frame.height() / len(self.bars)
        for place, bar in enumerate(self.bars):
            self._draw_bar(painter, frame, metrics, bar, frame.top() + step * (place + 0.5))

    def _draw_nought(self, painter: QPainter, frame: QRectF, metrics: QFontMetricsF) -> None:
        low, high = self._range()
        painter.setPen(_pen(self._theme.line))
        for value in (low, 0.0, high):
            x = self._x(value, frame)
            if value == 0.0:
                painter.drawLine(QLineF(x, frame.top(), x, frame.bottom()))
        painter.setPen(QColor(self._theme.text_muted))
        for value in (low, 0.0, high):
            text = _percent(value)
            width = metrics.horizontalAdvance(text)
            x = min(max(self._x(value, frame) - width / 2, frame.left()), frame.right() - width)
            if (
                value == 0.0
                and min(abs(self._x(0.0, frame) - self._x(end, frame)) for end in (low, high))
                < 2 * width
            ):
                continue
            painter.drawText(QPointF(x, frame.bottom() + metrics.ascent() + 3.0), text)

    def _draw_bar(
        self, painter: QPainter, frame: QRectF, metrics: QFontMetricsF, bar: Bar, y: float
    ) -> None:
        base_line = y + metrics.ascent() / 2.0 - 1.0
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QPointF(_GAP, base_line), bar.name)
        text = _percent(bar.value)
        painter.drawText(QPointF(frame.right() + 2 * _GAP, base_line), text)
        colour = self._theme.gain if bar.value >= 0.0 else self._theme.loss
        painter.setPen(_pen(colour))
        if bar.low is not None and bar.high is not None:
            left, right = self._x(bar.low, frame), self._x(bar.high, frame)
            painter.drawLine(QLineF(left, y, right, y))
            for x in (left, right):
                painter.drawLine(QLineF(x, y - 4.0, x, y + 4.0))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(self._x(bar.value, frame), y), 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if bar.target is not None:
            x = self._x(bar.target, frame)
            painter.setPen(_pen(self._theme.caution))
            painter.drawPolygon(
                QPolygonF(
                    [QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5), QPointF(x - 5, y)]
                )
            )

    def _x(self, value: float, frame: QRectF) -> float:
        low, high = self._range()
        return frame.left() + (value - low) / (high - low) * frame.width()

    def _range(self) -> tuple[float, float]:
        known = [0.0]
        for bar in self.bars:
            parts = (bar.value, bar.low, bar.high, bar.target)
            known += [part for part in parts if part is not None]
        low, high = min(known), max(known)
        room = (high - low) * _ROOM or 0.001
        return low - room, high + room


def _told(bar: Bar) -> str:
    parts = [f"{bar.name} {_percent(bar.value)}"]
    if bar.low is not None and bar.high is not None:
        parts.append(f"95 % interval {_percent(bar.low)} to {_percent(bar.high)}")
    if bar.target is not None:
        parts.append(f"target {_percent(bar.target)}")
    return ", ".join(parts)


def _percent(value: float) -> str:
    return formatting.percent(value, 2, signed=True)


def _pen(colour: str) -> QPen:
    pen = QPen(QColor(colour))
    pen.setCosmetic(True)
    pen.setWidth(1)
    return pen
