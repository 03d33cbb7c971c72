"""Paper desks under watch whose doors can be made to fail, and a clock for durations."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import AlertCleared, AlertRaised
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    LinkChanged,
    Order,
    OrderRejected,
)
from allusedesk.engine import loop, market_watch, meters
from allusedesk.engine.clock import ticks
from allusedesk.settings import Settings
from allusedesk.wiring.paper_desk import PaperDesk, build_paper_desk
from allusedesk.wiring.sample_desk import sample_request
from allusedesk.wiring.watching import Send, Watch

# Two weeks of the sample market trade some twenty orders.
LAST = date(2012, 1, 20)


class Ticks:
    """Real time, and whatever a test lets pass beyond it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return ticks() + self.passed


class Door:
    """A door that does what the one behind it does, unless a test says otherwise."""

    def __init__(self, behind: Any) -> None:
        self._behind = behind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


class FaultyBroker(Door):
    """The simulated broker, that may reject, lose its line, be slow or state nonsense."""

    def __init__(self, behind: Any) -> None:
        super().__init__(behind)
        self.does_reject = False
        self.before_placing: Callable[[], None] = lambda: None
        self.stated: Callable[[BrokerStatement], BrokerStatement] = lambda one: one
        self.to_say: list[BrokerReport] = []

    def place_order(self, order: Order) -> None:
        self.before_placing()
        if self.does_reject:
            self.to_say.append(OrderRejected(order.id, "margin"))
        else:
            self._behind.place_order(order)

    def link(self, *, is_up: bool) -> None:
        self.to_say.append(LinkChanged(is_up, "a test pulled the plug"))

    def statement(self) -> BrokerStatement | None:
        told = self._behind.statement()
        return None if told is None else self.stated(told)

    def next_event_at(self) -> datetime | None:
        return self._behind.next_event_at()  # type: ignore[no-any-return]

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        said, self.to_say = self.to_say, []
        return [*said, *self._behind.advance(to)]


class SlowRecord(Door):
    """The journal, on a disk that may be slow."""

    def __init__(self, behind: Any) -> None:
        super().__init__(behind)
        self.before_writing: Callable[[], None] = lambda: None

    def append(self, entries: Sequence[Entry]) -> None:
        self.before_writing()
        self._behind.append(entries)


class WatchedRun:
    """A paper desk over the sample market with doors of its own, in the engine's own thread."""

    def __init__(
        self,
        out: Path,
        monkeypatch: Any,
        settings: Settings | None = None,
        send_mail: Send | None = None,
        **changes: Any,
    ) -> None:
        self.now = Ticks()
        for part in (meters, loop, market_watch):
            monkeypatch.setattr(part, "ticks", self.now)
        chosen = Settings() if settings is None else settings
        self.watch = Watch(chosen, out / "home", send_mail, self.now)
        request = replace(sample_request(out, last=LAST, approve="all").desk, **changes)
        self.desk: PaperDesk = build_paper_desk(request, None, (self.watch.observe,))
        engine = self.desk.engine
        self.broker = FaultyBroker(engine._doors.broker)
        self.record = SlowRecord(engine._doors.record)
        doors: Any = {"broker": self.broker, "record": self.record}
        engine._doors = replace(engine._doors, **doors)
        self.watch.look_after(self.desk.watched())
        self.clock = self.desk.clock
        self._turned = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.fault: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.desk.engine.stop()
        self._thread.join(10)
        self.watch.end()
        if self.fault is not None and kind is None:
            raise self.fault

    def run_to(self, instant: str) -> None:
        """Let recorded time pass up to an instant and stand still there."""
        at = datetime.fromisoformat(instant)
        self.steer(lambda: self.clock.run_to(at))
        self.until(lambda: self.clock.is_standing and self.desk.engine.inbox.waiting == 0)
        self.beat()

    def steer(self, change: Callable[[], None]) -> None:
        """Change how time passes; the first call begins to run."""
        change()
        if not self._thread.is_alive():
            self._thread.start()
        self.desk.engine.inbox.nudge()

    def beat(self) -> None:
        """Wait for the engine to turn once more, so that what it last did is to be seen."""
        before = self.desk.engine.meters.beats
        self.until(lambda: self.desk.engine.meters.beats > before + 1)

    def until(self, is_so: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something is so, at most so long."""
        ends = ticks() + seconds
        while not is_so():
            assert self.fault is None, self.fault
            assert ticks() < ends, "It did not come about in time."
            self._turned.wait(0.005)

    def look(self, passing: float = 0.0) -> tuple[set[str], set[str]]:
        """One round of the watch, after so many seconds; the rules raised and cleared."""
        self.now.passed += passing
        changes = self.watch.look()
        raised = {one.alert.rule for one in changes if isinstance(one, AlertRaised)}
        return raised, {one.alert for one in changes if isinstance(one, AlertCleared)}

    @property
    def kept(self) -> set[str]:
        """The rules of alerts that stand in the engine's own state."""
        return {one.alert.rule for one in self.desk.engine.state.alerts.values()}

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as raised:  # noqa: BLE001 - told by the test's own thread
            self.fault = raised

    async def _work(self) -> None:
        beating = asyncio.create_task(self.desk.engine.meters.beat(self.clock.now))
        try:
            await self.desk.run()
        finally:
            beating.cancel()
