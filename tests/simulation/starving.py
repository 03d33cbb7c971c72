"""A desk whose journal cannot be written any more: the disk is full, or somebody holds the file.

`python -m tests.simulation.starving FOLDER full|locked|readonly` prints one line of JSON: what was
said, what had been sent by then, and what the journal holds of it; then the desk goes on.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sqlite3
import sys
from pathlib import Path

from allusedesk.domain.events import Entry, OrderWritten
from allusedesk.engine.state import DeskState
from allusedesk.journal.faults import JournalCannotWrite
from allusedesk.journal.store import Journal
from allusedesk.journal.verification import verify
from allusedesk.wiring.paper_desk import state_of
from tests.simulation.invariants import Watcher
from tests.simulation.killing import plan_for
from tests.simulation.seeds import world_of
from tests.simulation.world import World

SEED = 20
ORDERS_BEFORE = 2
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class _Starved:
    """The journal, which fails when the third order is to be written down."""

    def __init__(self, journal: Journal, how: str) -> None:
        self.journal = journal
        self._how = how
        self._orders = 0
        self._holder: sqlite3.Connection | None = None

    def append(self, entries: tuple[Entry, ...]) -> None:
        self._orders += sum(isinstance(entry.event, OrderWritten) for entry in entries)
        if self._orders > ORDERS_BEFORE and self._how:
            getattr(self, f"_{self._how}")()
            self._how = ""
        self.journal.append(entries)

    def _full(self) -> None:
        """No file of this process may grow beyond the log as it is now."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        log = self.journal.path.with_name(self.journal.path.name + "-wal")
        size = max(log.stat().st_size, self.journal.path.stat().st_size)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def _locked(self) -> None:
        """Another program holds the file, as a copying tool might."""
        self.journal._connection.execute("PRAGMA busy_timeout = 50")
        self._holder = sqlite3.connect(self.journal.path, isolation_level=None)
        self._holder.execute("BEGIN IMMEDIATE")

    def _readonly(self) -> None:
        """The medium became read-only."""
        self.journal._connection.execute("PRAGMA query_only = ON")

    def recover(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, UNLIMITED)
        if self._holder is not None:
            self._holder.close()


def main(folder: str, how: str) -> int:
    path = Path(folder) / "paper.journal"
    plan = plan_for(SEED)
    world = world_of(plan)
    starved = _Starved(Journal.create(path, durable=True), how)
    world.record = starved  # type: ignore[assignment]
    engine = world.opened()
    said = ""
    try:
        asyncio.run(engine.run(plan.until))
    except JournalCannotWrite as refusal:
        said = str(refusal)
    sent = list(world.broker.received)
    starved.recover()
    starved.journal.close()
    with Journal.open(path) as journal:
        written = [e.event.order.id for e in journal.read() if isinstance(e.event, OrderWritten)]
        entries = journal.head()[0]
        ends = _go_on(world, journal)
    print(
        json.dumps(
            {
                "said": said,
                "sent": sent,
                "written": written,
                "entries": entries,
                "is_intact": verify(path).is_intact,
                **ends,
            }
        )
    )
    return 0


def _go_on(world: World, journal: Journal) -> dict[str, object]:
    """The desk starts again once there is room, and plays its week to the end."""
    state: DeskState = state_of(journal)
    world.record = journal  # type: ignore[assignment]
    engine = world.resumed(list(journal.read()))
    assert engine.state == state
    asyncio.run(engine.run(world.sessions[6].closes_at))
    watcher = Watcher(is_strict_about_state=False)
    for entry in journal.read():
        watcher.take(entry)
    watcher.check_weeks()
    watcher.check_broker(world.inner.statement())
    return {"halted_by": engine.state.halted_by, "entries_at_the_end": journal.head()[0]}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
