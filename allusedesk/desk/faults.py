"""What a slot or a painting raised: counted and shown at the border, while the rest goes on."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from allusedesk.desk.context import Notices

_Hook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


class Faults(QObject):
    """Hears what nobody caught, on whatever thread, and tells it on the screen's.

    Qt goes on after a slot that raised; without this the person would see a window that looks
    well. Whoever listened before is told as well.
    """

    _heard = Signal(str)

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self._notices = notices
        # Keeps a fault beyond this sitting; the log does, once there is one.
        self.note: Callable[[BaseException], None] = lambda _: None
        # Keeps it as a report that is offered at the next start.
        self.keep: Callable[[BaseException], None] = lambda _: None
        self._before: _Hook | None = None
        self._before_threads: Callable[[Any], Any] | None = None
        self._heard.connect(notices.fault, Qt.ConnectionType.QueuedConnection)

    def watch(self) -> None:
        """Begin to hear; `rest` gives the ear back."""
        self._before, self._before_threads = sys.excepthook, threading.excepthook
        sys.excepthook = self._hear
        threading.excepthook = self._hear_thread

    def rest(self) -> None:
        """Hear no more."""
        if self._before is not None and sys.excepthook == self._hear:
            sys.excepthook = self._before
        if self._before_threads is not None and threading.excepthook == self._hear_thread:
            threading.excepthook = self._before_threads
        self._before = self._before_threads = None

    def _hear(
        self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, Exception):
            self.note(fault)
            self.keep(fault)
            self._heard.emit(in_words(fault, trace))
        if self._before is not None:
            self._before(kind, fault, trace)

    def _hear_thread(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and issubclass(told.exc_type, Exception):
            self.note(told.exc_value)
            self.keep(told.exc_value)
            self._heard.emit(in_words(told.exc_value, told.exc_traceback))
        if self._before_threads is not None:
            self._before_threads(told)


def in_words(fault: BaseException, trace: TracebackType | None) -> str:
    """One sentence: what failed and where, what it means, what to do."""
    frames = traceback.extract_tb(trace)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return (
        f"A part of the window failed ({type(fault).__name__}: {fault}{where}): the engine and the "
        "other parts go on. If it comes again, close the desk and start it anew."
    )
