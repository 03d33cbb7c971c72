"""The engine behind a screen: built and run in its own thread, steered and asked from another."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from datetime import datetime
from typing import Any, TypeVar

from allusedesk.domain.arming import ArmingEvidence
from allusedesk.domain.inputs import Input
from allusedesk.engine.clock import SteeredClock
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.engine.state import DeskState
from allusedesk.engine.thread import EngineThread
from allusedesk.market.normal import normal_cumulative
from allusedesk.wiring.connecting import open_live
from allusedesk.wiring.live_desk import LiveDesk
from allusedesk.wiring.paper_desk import PaperDesk, build_paper_desk
from allusedesk.wiring.requests import DeskRequest
from allusedesk.wiring.screen_looks import ScreenLooks
from allusedesk.wiring.vitals import Vitals, vitals_of
from allusedesk.wiring.watching import Watch, under_watch

_Answer = TypeVar("_Answer")
_ANSWER_SECONDS = 10.0


class DeskEngine:
    """A desk in a thread of its own, on paper or live.

    Every member may be used from the screen's thread.
    """

    def __init__(
        self,
        request: DeskRequest,
        observers: tuple[Observer, ...] = (),
        watch: Watch | None = None,
    ) -> None:
        self.request = request
        self.watch = watch
        self._observers = observers if watch is None else (*observers, watch.observe)
        self._desk: PaperDesk | LiveDesk | None = None
        self._thread = EngineThread(self._build)

    def start(self) -> None:
        """Build and run the desk; returns at once, what it becomes shows in `latest`."""
        self._thread.begin()

    @property
    def latest(self) -> DeskSnapshot | None:
        """The newest picture; None until the engine has made one."""
        return None if self._desk is None else self._desk.publisher.latest

    @property
    def beats(self) -> int:
        """Rises while the engine lives."""
        return 0 if self._desk is None else self._desk.publisher.beats

    @property
    def is_over(self) -> bool:
        """True once the engine has ended, for whatever reason."""
        return self._thread.is_over

    @property
    def fault(self) -> BaseException | None:
        """What ended the engine, if it was not its own time."""
        return self._thread.fault

    @property
    def clock(self) -> SteeredClock | None:
        """The recorded clock, for steering; None until the desk is built, and in real time."""
        clock = None if self._desk is None else self._desk.clock
        return clock if isinstance(clock, SteeredClock) else None

    def steer(self, change: Callable[[SteeredClock], None]) -> None:
        """Change the pace of recorded time and wake the engine to it; real time has its own."""
        clock = self.clock
        if self._desk is not None and clock is not None:
            change(clock)
            self._desk.engine.inbox.nudge()

    def admit(self, event: Input) -> None:
        """Put a fact into the inbox; before the desk is built it is lost, which `is_ready` tells.

        Raises RuntimeError where no engine takes it, so that nobody believes it was heard.
        """
        if self._desk is None or self.is_over:
            raise RuntimeError("No engine is running, so nothing was recorded: start the desk.")
        self._desk.engine.inbox.admit(event)

    def ask(self, question: Callable[[], _Answer]) -> Future[_Answer]:
        """Answer a read-only question on the engine's thread."""
        return self._thread.ask(question)

    def vitals(self) -> Vitals | None:
        """How the engine is; None until the desk is built."""
        desk = self._desk
        if desk is None:
            return None
        notes = desk.lines.feed.health().notes if isinstance(desk, LiveDesk) else ()
        return vitals_of(desk, desk.market.watch.counts(), notes)

    @property
    def looks(self) -> ScreenLooks | None:
        """The market's history up to any instant, for charts; None until the desk is built."""
        return None if self._desk is None else self._desk.looks

    def consult(
        self, question: Callable[[DeskState, ScreenLooks, datetime], _Answer]
    ) -> Future[_Answer]:
        """Answer a question about the desk's state and its market now, on the engine's thread."""

        def answer() -> _Answer:
            desk = self._desk
            if desk is None:
                raise RuntimeError("The engine is still starting: wait a moment and try again.")
            return question(desk.engine.state, desk.looks, desk.clock.now())

        return self.ask(answer)

    def evidence(self, *, is_unlocked: bool) -> ArmingEvidence:
        """What arming rests on, measured now; waits for it, so not on the screen's thread.

        Raises RuntimeError for a desk that has no broker to be armed for.
        """
        desk = self._desk
        if not isinstance(desk, LiveDesk) or desk.lines.broker is None:
            raise RuntimeError("This desk has no broker but the simulated one: nothing to arm.")
        try:
            age = self.ask(desk.quote_age_seconds).result(_ANSWER_SECONDS)
        except (CancelledError, TimeoutError) as silence:
            raise RuntimeError("The engine does not answer: wait a moment, try again.") from silence
        return desk.evidence(age, is_unlocked=is_unlocked)

    def ask_to_stop(self) -> None:
        """Ask the engine to end; `is_over` tells when it has."""
        self._thread.ask_to_stop()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True once the engine has ended."""
        return self._thread.wait(seconds)

    def _build(self) -> tuple[Engine, Coroutine[Any, Any, None]]:
        # The first price imports SciPy, which would hold up a running engine for half a second.
        normal_cumulative(0.0)
        request = self.request.desk
        desk: PaperDesk | LiveDesk
        if request.connections is None:
            desk = build_paper_desk(request, self.request.speed, self._observers)
        else:
            desk = open_live(request, self._observers)
        self._desk = desk
        watch, work = self.watch, desk.publisher.during(desk.run())
        if watch is None:
            return desk.engine, work
        watched = desk.watched()
        watch.look_after(watched)
        return desk.engine, under_watch(watch, watched, work)
