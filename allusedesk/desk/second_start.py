"""A second start on the same journal: the window that is there already comes to the front."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_LOOK_MILLISECONDS = 400


def knock_of(journal: Path) -> Path:
    """The file by which a second start asks the window over a journal to show itself."""
    return journal.with_name(journal.name + ".knock")


def knock(journal: Path, pause: Callable[[], None], times: int) -> bool:
    """Ask the window over a journal to come to the front; True once it has heard.

    Waits `times` pauses at most. A plain file carries the question, so nothing listens anywhere.
    """
    file = knock_of(journal)
    try:
        file.touch(mode=0o600)
        for _ in range(times):
            pause()
            if not file.exists():
                return True
        file.unlink(missing_ok=True)
    except OSError:
        # Where it cannot even knock, the sentence says where the other desk is.
        return False
    return False


class Door(QObject):
    """Hears knocks at one journal and shows its window; those of an earlier start are forgotten."""

    def __init__(self, journal: Path, window: QWidget) -> None:
        # No child of the window, which may be gone before the desk is let go.
        super().__init__()
        self._file = knock_of(journal)
        self._window = window
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Listen from now on."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        self._timer.start()

    def rest(self) -> None:
        """Listen no more."""
        self._timer.stop()

    def look(self) -> None:
        """Come to the front where somebody knocked."""
        if not self._file.exists():
            return
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        state = self._window.windowState() & ~Qt.WindowState.WindowMinimized
        self._window.setWindowState(state | Qt.WindowState.WindowActive)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
