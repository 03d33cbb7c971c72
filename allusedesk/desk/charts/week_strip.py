"""Five sessions side by side: the alarms of each and what happened on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.theme import Theme, Tone


@dataclass(frozen=True, slots=True)
class StripMark:
    """One thing on a day's line of time: an alarm, past or to come, or something that happened.

    `letter` is what is drawn of an event; an alarm has none.
    """

    at: datetime
    text: str
    is_past: bool
    letter: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class StripDay:
    """One session: its hours, its marks in order of time, and a few words on what it brought."""

    date: date
    opens_at: datetime
    closes_at: datetime
    is_early_close: bool
    marks: tuple[StripMark, ...]
    words: tuple[str, ...]


class WeekStrip(QWidget):
    """The days of a week; arrow keys or a click choose one, `chosen` gives its date."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._days: tuple[StripDay, ...] = ()
        self._now: datetime | None = None
        self._chosen = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Days of the week")

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def show_days(self, days: tuple[StripDay, ...], now: datetime | None) -> None:
        """Show these days with the hand of the clock at `now`."""
        has_other_days = [day.date for day in days] != [day.date for day in self._days]
        if days == self._days and now == self._now:
            return
        self._days, self._now = days, now
        if has_other_days:
            self._chosen = self._today()
        self.setAccessibleDescription(self._spoken())
        self.update()

    def chosen_day(self) -> StripDay | None:
        """The day that is chosen; None where there are none."""
        return self._days[self._chosen] if self._days else None

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(70 * line // 2, 7 * line)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(20 * line, 6 * line)

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, day in enumerate(self._days):
            self._paint_day(painter, self._frame(place), day, is_chosen=place == self._chosen)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self._days:
            self._choose(max(0, min(len(self._days) - 1, self._chosen + step)))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._days:
            self._choose(self._place_at(event.position()))
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._days:
            day = self._days[self._place_at(QPointF(event.pos()))]
            lines = [f"{formatting.clock(mark.at)}  {mark.text}" for mark in day.marks]
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def _choose(self, place: int) -> None:
        self._chosen = place
        self.update()
        self.chosen.emit(self._days[place].date)

    def _today(self) -> int:
        for place, day in enumerate(self._days):
            if self._now is not None and self._now <= day.closes_at:
                return place
        return max(0, len(self._days) - 1)

    def _place_at(self, point: QPointF) -> int:
        width = self.width() / len(self._days)
        return max(0, min(len(self._days) - 1, int(point.x() / width)))

    def _frame(self, place: int) -> QRectF:
        width = self.width() / len(self._days)
        return QRectF(place * width, 0, width, self.height()).adjusted(2, 2, -2, -2)

    def _paint_day(
        self, painter: QPainter, frame: QRectF, day: StripDay, *, is_chosen: bool
    ) -> None:
        theme, line = self._theme, self.fontMetrics().height()
        painter.setPen(QPen(QColor(theme.accent if is_chosen else theme.line), 1))
        painter.setBrush(QColor(theme.panel_other if is_chosen else theme.panel))
        painter.drawRect(frame)
        text = frame.adjusted(5, 2, -4, 0)
        title = f"{day.date:%a} {day.date.day} {day.date:%b}"
        if day.is_early_close:
            title += f"  closes {formatting.clock(day.closes_at, seconds=False)}"
        painter.setPen(QColor(theme.text))
        self._write(painter, text, title)
        axis = frame.top() + 2.5 * line
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(text.left(), axis), QPointF(text.right(), axis))
        for mark in day.marks:
            self._paint_mark(painter, text, axis, day, mark)
        if self._now is not None and day.opens_at <= self._now <= day.closes_at:
            hand = self._along(text, day, self._now)
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawLine(QPointF(hand, axis - line / 2), QPointF(hand, axis + line / 2))
        painter.setPen(QColor(theme.text_muted))
        for number, words in enumerate(day.words):
            row = text.translated(0, 2.9 * line + number * line)
            if row.top() + line <= frame.bottom():
                self._write(painter, row, words)

    def _paint_mark(
        self, painter: QPainter, text: QRectF, axis: float, day: StripDay, mark: StripMark
    ) -> None:
        place = self._along(text, day, mark.at)
        ink = self._theme.colour(mark.tone)
        painter.setPen(QPen(ink, 1))
        if mark.letter:
            painter.drawText(QPointF(place - 3, axis - 4), mark.letter)
            return
        painter.setBrush(ink if mark.is_past else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(place, axis), 2.5, 2.5)

    def _along(self, text: QRectF, day: StripDay, at: datetime) -> float:
        """Where an instant lies on a day's line; what is before or after stands at its ends."""
        whole = (day.closes_at - day.opens_at).total_seconds()
        part = (at - day.opens_at).total_seconds() / whole
        return text.left() + min(1.0, max(0.0, part)) * text.width()

    def _write(self, painter: QPainter, where: QRectF, words: str) -> None:
        fitting = self.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideRight, int(where.width())
        )
        painter.drawText(where, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, fitting)

    def _spoken(self) -> str:
        return "; ".join(
            f"{day.date:%A %d %B}: {', '.join(day.words) or 'nothing yet'}" for day in self._days
        )
