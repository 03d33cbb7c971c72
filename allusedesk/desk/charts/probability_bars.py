"""Probabilities as bars with their numbers, each with a mark at its base rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.theme import Theme

_GAP = 8.0
_BAR = 0.62
_STRENGTH = 0.75


@dataclass(frozen=True, slots=True)
class Bar:
    """One code with its probability and its base rate, both fractions."""

    name: str
    probability: float
    base_rate: float


class ProbabilityBars(QWidget):
    """One line a code: its name, a bar from 0 to 100 %, the number, and the base rate's."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip("Bars are probabilities, upright marks the base rates of the weeks before")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self.bars: tuple[Bar, ...] = ()

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these, in their order."""
        self.bars = tuple(bars)
        self.setAccessibleDescription(
            "; ".join(f"{bar.name} {_percent(bar.probability)}, {_base(bar)}" for bar in bars)
        )
        self.updateGeometry()
        self.update()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("M" * 24), self._row_height() * len(self.bars))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        metrics = QFontMetricsF(self.font())
        names = max((metrics.horizontalAdvance(bar.name) for bar in self.bars), default=0.0)
        number = metrics.horizontalAdvance("100%")
        base = metrics.horizontalAdvance("base 100%")
        left = _GAP + names + _GAP
        width = max(self.width() - left - number - base - 4 * _GAP, 1.0)
        height = float(self._row_height())
        for row, bar in enumerate(self.bars):
            top = row * height
            line = QRectF(0, top, self.width(), height)
            text, muted = QColor(self._theme.text), QColor(self._theme.text_muted)
            painter.setPen(text)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(line.adjusted(_GAP, 0, 0, 0), middle, bar.name)
            thick = height * _BAR
            colour = QColor(self._theme.accent)
            colour.setAlphaF(_STRENGTH)
            frame = QRectF(left, top + (height - thick) / 2, width, thick)
            painter.fillRect(frame, QColor(self._theme.raised))
            filled = QRectF(frame)
            filled.setWidth(width * bar.probability)
            painter.fillRect(filled, colour)
            pen = QPen(text)
            pen.setCosmetic(True)
            pen.setWidth(2)
            painter.setPen(pen)
            at = left + width * bar.base_rate
            painter.drawLine(QLineF(at, frame.top() - 2, at, frame.bottom() + 2))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.setPen(text)
            cell = QRectF(left + width + _GAP, top, number, height)
            painter.drawText(cell, right, _percent(bar.probability))
            painter.setPen(muted)
            cell = QRectF(cell.right() + _GAP, top, base, height)
            painter.drawText(cell, right, _base(bar))

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 6


def _percent(value: float) -> str:
    return formatting.percent(value, 0)


def _base(bar: Bar) -> str:
    return f"base {_percent(bar.base_rate)}"
