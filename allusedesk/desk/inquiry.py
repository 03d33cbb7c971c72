"""Questions of one panel to the engine: one under way at a time, and only the newest waits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer

from allusedesk.desk.bridge import Bridge

if TYPE_CHECKING:
    from allusedesk.engine.state import DeskState
    from allusedesk.wiring.screen_looks import ScreenLooks

_Answer = TypeVar("_Answer")

_LOOK_MILLISECONDS = 10


class Inquiry(QObject):
    """Asks on the engine's thread and hands answers to the screen's, which looks for them.

    A panel can never pile up questions: while one is under way a second waits, and a third takes
    its place.
    """

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked: Future[Any] | None = None
        self._take: Callable[[Any], None] = _forget
        self._fail: Callable[[str], None] = _forget
        self._waiting: tuple[Any, Callable[[Any], None], Callable[[str], None]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    @property
    def is_under_way(self) -> bool:
        return self._asked is not None

    def ask(
        self,
        question: Callable[[DeskState, ScreenLooks, datetime], _Answer],
        take: Callable[[_Answer], None],
        fail: Callable[[str], None],
    ) -> None:
        """Ask; `take` gets the answer here, `fail` a sentence where there is none."""
        if self._asked is not None:
            self._waiting = question, take, fail
            return
        try:
            self._asked = self._bridge.consult(question)
        except RuntimeError as fault:
            fail(str(fault))
            return
        self._take, self._fail = take, fail
        self._timer.start()

    def _look(self) -> None:
        asked = self._asked
        if asked is None or not asked.done():
            return
        self._asked = None
        self._timer.stop()
        take, fail = self._take, self._fail
        try:
            answer = asked.result()
        except CancelledError:
            fail("The engine has ended: what you see is the last it said.")
        except Exception as fault:  # noqa: BLE001 - an observer is isolated and shown
            fail(f"The engine could not answer: {fault}")
        else:
            take(answer)
        if self._waiting is not None and self._asked is None:
            waiting, self._waiting = self._waiting, None
            self.ask(*waiting)


def _forget(_what: object) -> None:
    """Nothing was asked yet."""
