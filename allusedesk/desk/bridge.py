"""The one module that knows both threads: the engine's pictures here, a person's words there.

The desk's thread looks twenty times a second for a newer picture. Nothing is ever sent into Qt
from the engine's thread, so no signal can queue up behind a slow screen.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    # The engine's modules are heavy and not needed before the first paint.
    from allusedesk.domain.arming import ArmingEvidence
    from allusedesk.domain.inputs import Input
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.state import DeskState
    from allusedesk.wiring.desk_engine import DeskEngine
    from allusedesk.wiring.past_desk import PastDesk
    from allusedesk.wiring.screen_looks import ScreenLooks

_Answer = TypeVar("_Answer")

_LOOK_MILLISECONDS = 50
# An engine that has not stirred for this long is shown as lost.
_LOST_AFTER_MILLISECONDS = 900


class Bridge(QObject):
    """Publishes pictures to the desk and takes a person's facts to the engine's inbox.

    `published` gives each new picture. `lost` gives a sentence when the engine has not stirred
    for a second or has ended, `found` comes when it stirs again; `over` when recorded time ended.
    """

    published = Signal(object)
    lost = Signal(str)
    found = Signal()
    over = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.engine: DeskEngine | PastDesk | None = None
        self.latest: DeskSnapshot | None = None
        self.is_lost = False
        # Tells why a person's fact must not reach the engine now; the lock does.
        self.refusal: Callable[[Input], str] = lambda _: ""
        self._beats = -1
        self._silent_milliseconds = 0
        self._is_over = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def attach(self, engine: DeskEngine) -> None:
        """Begin to look at an engine."""
        self.engine = engine
        self._timer.start()

    def show_once(self, past: PastDesk) -> None:
        """Publish the one picture of a past moment and look at nothing."""
        self.engine = past
        self.latest = past.latest
        self.published.emit(past.latest)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def admit(self, event: Input) -> None:
        """Put a person's fact into the engine's inbox.

        Every fact of a person comes this way. Raises RuntimeError where no engine runs, and where
        the desk is locked.
        """
        refusal = self.refusal(event)
        if refusal:
            raise RuntimeError(refusal)
        self._running().admit(event)

    def ask(self, question: Callable[[], _Answer]) -> Future[_Answer]:
        """Have a read-only question answered on the engine's thread."""
        return self._running().ask(question)

    def consult(
        self, question: Callable[[DeskState, ScreenLooks, datetime], _Answer]
    ) -> Future[_Answer]:
        """Have a question about the desk's state and its market answered on the engine's thread."""
        return self._running().consult(question)

    def evidence(self, *, is_unlocked: bool) -> ArmingEvidence:
        """What arming rests on, measured now; it waits, so not on the screen's thread."""
        return self._running().evidence(is_unlocked=is_unlocked)

    def look(self) -> None:
        """Take what is new; called by the timer."""
        engine = self._running()
        picture = engine.latest
        if picture is not None and picture is not self.latest:
            self.latest = picture
            self.published.emit(picture)
        if engine.is_over:
            self._end(engine.fault)
            return
        if engine.beats != self._beats:
            self._beats = engine.beats
            self._silent_milliseconds = 0
            if self.is_lost:
                self.is_lost = False
                self.found.emit()
            return
        if not engine.beats:
            # It is still being built from its record, and nothing is shown that could be old.
            return
        # Counted in ticks of our own: when this thread was held up, the engine is not to blame.
        self._silent_milliseconds += self._timer.interval()
        if self._silent_milliseconds >= _LOST_AFTER_MILLISECONDS and not self.is_lost:
            self.is_lost = True
            self.lost.emit(
                "The engine has not stirred for a second: what you see is old, and nothing is "
                "managed until it goes on. Orders at the broker stand as they were."
            )

    def _end(self, fault: BaseException | None) -> None:
        if self._is_over:
            return
        self._is_over = True
        if fault is None:
            self.over.emit()
            return
        self.is_lost = True
        if self.latest is None:
            self.lost.emit(
                f"The desk could not be opened. {_in_words(fault)} Nothing is traded here; open "
                "another desk with Ctrl+N."
            )
            return
        self.lost.emit(
            f"The engine stopped ({fault}): what you see is old and nothing is managed any more. "
            "Everything up to that point is in the journal; start the desk again to go on."
        )

    def _running(self) -> DeskEngine | PastDesk:
        if self.engine is None:
            raise RuntimeError("The engine is still starting: wait a moment and try again.")
        return self.engine


def _in_words(fault: BaseException) -> str:
    """What kept a desk from opening, as a sentence; our own faults are sentences already."""
    if isinstance(fault, OSError) and fault.strerror:
        return f"{fault.filename or 'A file'} cannot be used: {fault.strerror}."
    if type(fault).__module__.startswith("allusedesk"):
        return str(fault)
    return f"It failed with {type(fault).__name__}: {fault}."
