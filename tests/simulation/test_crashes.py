"""A desk that dies between any two writes goes on as if nothing had been lost (check A6)."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from allusedesk.domain.events import Entry, FillBooked, WeekClosed
from allusedesk.domain.inputs import DeskResumed
from tests.simulation.invariants import Watcher
from tests.simulation.ledger import Broken, Must
from tests.simulation.playing import Crash, check_replay
from tests.simulation.seeds import SESSIONS_PLAYED, Plan, world_of
from tests.simulation.shrinking import told
from tests.simulation.world import SYMBOLS, MemoryRecord, World


def _run_with_crashes(world: World, crash_at: set[int], *, after_write: bool) -> Watcher:
    """Play the world's days, dying at the given writes and resuming from the record each time."""
    record = MemoryRecord()
    world.record = record

    def die(write: int, is_written: bool) -> None:
        if write in crash_at and is_written is after_write:
            raise Crash

    record.on_write = die
    until = world.sessions[SESSIONS_PLAYED - 1].closes_at
    engine = None
    for _ in range(len(crash_at) + 1):
        try:
            if engine is None or not record.entries:
                engine = world.opened() if engine is None else world.reopened_empty()
            else:
                engine = world.resumed(record.entries)
            asyncio.run(engine.run(until))
            break
        except Crash:
            continue
    watcher = Watcher(is_strict_about_state=False)
    for entry in record.entries:
        watcher.take(entry)
    assert engine is not None
    if watcher.state != engine.state:
        raise Broken(Must.REPLAY, "the desk and its record tell different stories")
    if engine.state.halted_by:
        raise Broken(Must.EXPLAINED, engine.state.halted_by)
    watcher.check_weeks()
    watcher.check_broker(world.inner.statement())
    assert world.broker.received
    return watcher


# A calm week of falling prices, in which a sleeve trades, is assigned and covers.
EVENTFUL = Plan(8, "classic", date(2009, 2, 2), Decimal(60_000), SYMBOLS)
# Irregular gaps: no crash falls into step with the desk's own asking again. Together the draws
# die after, or before, every kind of write the week has; half of them are long tests.
DRAWS = range(10)
AFTER = [(draw, True) for draw in DRAWS]
BEFORE = [(draw, False) for draw in DRAWS]
LATER = [(draw, after) for draw in range(10, 40) for after in (True, False)]
MORE = [*AFTER[5:], *BEFORE[3:], *LATER]


def _writes_drawn(draw: int) -> set[int]:
    gaps = np.random.default_rng([draw, 9]).integers(4, 22, size=2_000)
    return {int(at) for at in np.cumsum(gaps) - 3}


@pytest.mark.parametrize(
    ("draw", "after_write"),
    [*AFTER[:5], *BEFORE[:3], *(pytest.param(*case, marks=pytest.mark.long) for case in MORE)],
)
def test_a6_crashes_between_all_writes_of_an_eventful_week(draw: int, *, after_write: bool) -> None:
    world = world_of(EVENTFUL)
    writes = _writes_drawn(draw)
    entries: list[Entry] = []
    try:
        watcher = _run_with_crashes(world, writes, after_write=after_write)
        entries = world.record.entries
        check_replay(entries, watcher.state)
    except Broken as fault:
        pytest.fail(f"draw {draw}: {fault}\n{chr(10).join(told(world.record.entries[-12:]))}")

    resumptions = sum(isinstance(entry.event, DeskResumed) for entry in entries)
    assert resumptions > 10
    assert sum(isinstance(entry.event, FillBooked) for entry in entries) > 3
    assert [e.event.is_final for e in entries if isinstance(e.event, WeekClosed)] == [False, True]
