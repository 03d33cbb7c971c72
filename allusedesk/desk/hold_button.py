"""A button that acts only after it was held down, by mouse or by key."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QElapsedTimer, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from allusedesk.desk.theme import Theme

HOLD_MILLISECONDS = 600
_TICK_MILLISECONDS = 30


class HoldButton(QPushButton):
    """`fired` comes once it was held for long enough; letting go earlier does nothing.

    Space holds it where it has the keyboard. Enter never does anything, and it is never a
    dialog's default. `begin` and `let_go` are for a key that holds it from elsewhere.
    """

    fired = Signal()

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAutoDefault(False)
        self.setDefault(False)
        self.setAccessibleDescription("Hold for six tenths of a second; Space holds it too.")
        self._theme = theme
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self.pressed.connect(self._on_pressed)
        self.released.connect(self.let_go)

    @property
    def is_held(self) -> bool:
        """True while somebody holds it."""
        return self._timer.isActive()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def begin(self) -> None:
        """Start to hold; a button that is disabled cannot be held."""
        if self.isEnabled() and not self.is_held:
            self._since.start()
            self._timer.start()
            self.update()

    def let_go(self) -> None:
        """Stop to hold; nothing happens unless it was long enough."""
        self._timer.stop()
        self.update()

    def keyPressEvent(self, event: Any) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        self.let_go()
        self.setDown(False)
        super().focusOutEvent(event)

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if not self.is_held:
            return
        done = min(1.0, self._since.elapsed() / HOLD_MILLISECONDS)
        colour = QColor(self._theme.accent)
        colour.setAlphaF(0.4)
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(2.0, 2.0, -2.0, -2.0)
        painter.fillRect(QRectF(box.x(), box.y(), box.width() * done, box.height()), colour)
        painter.end()

    def _on_pressed(self) -> None:
        self.begin()

    def _tick(self) -> None:
        if not self.isEnabled():
            self.let_go()
        elif self._since.elapsed() >= HOLD_MILLISECONDS:
            self.let_go()
            self.setDown(False)
            self.fired.emit()
        else:
            self.update()
