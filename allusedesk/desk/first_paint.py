"""What waits until a window has been painted once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

# A window nobody can see (minimised, on a locked screen) is never painted: its desk must run.
_UNSEEN_MILLISECONDS = 500


class FirstPaint(QObject):
    """Calls `run` once, when `window` has been painted or was not seen for half a second."""

    def __init__(self, window: QWidget, run: Callable[[], None]) -> None:
        super().__init__(window)
        self._run = run
        self._window = window
        window.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)
        self._timer.start(_UNSEEN_MILLISECONDS)

    def give_up(self) -> None:
        """Call nothing any more: the window has been closed before it was seen."""
        self._timer.stop()
        self._window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            # All that lies in the window is painted within this event: what comes next is ours.
            self._window.removeEventFilter(self)
            self._timer.start(0)
        return super().eventFilter(watched, event)

    def _go(self) -> None:
        self.give_up()
        self._run()
