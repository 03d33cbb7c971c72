"""A day of the engine with fifty symbols: it keeps no more than it had, and misses no alarm."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.alarms import Alarm
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import AlarmRang, SymbolList
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.market.history import MarketHistory
from allusedesk.wiring.vitals import _memory_megabytes
from tests.simulation.world import World, sample_history, sessions_from

GROWTH_MEGABYTES_MAX = 5.0
NAMES = tuple(f"{first}{second}" for first in "ABCDE" for second in "KLMNOPQRST")
MONDAY = date(2007, 6, 18)
A_DAY = timedelta(hours=24)


@cache
def wide_history() -> MarketHistory:
    """Fifty symbols with the prices of four."""
    history = sample_history()
    known = [history.symbols[name] for name in ("AAPL", "GOOG", "IBM", "MSFT")]
    wide = dict(history.symbols)
    for place, name in enumerate(NAMES):
        told = known[place % len(known)]
        bars, signals = (replace(b, symbol=name) for b in (told.bars, told.signal_bars))
        wide[name] = replace(told, symbol=name, bars=bars, signal_bars=signals)
    return replace(history, symbols=wide)


def _world() -> World:
    return World(
        history=wide_history(),
        sessions=sessions_from(MONDAY, 8),
        seed=3,
        capital=Decimal(20_000_000),
        symbols=tuple(SymbolList(kind, NAMES) for kind in AccountKind),
    )


@pytest.mark.long
def test_a_day_with_fifty_symbols_leaves_no_memory_behind_and_misses_no_alarm(
    tmp_path: Path,
) -> None:
    world = _world()
    path = tmp_path / "paper.journal"
    journal = Journal.create(path, durable=False)
    world.record = journal  # type: ignore[assignment]
    engine = world.opened()
    # The first session fills what is filled once: indicators, facts and curves of each symbol.
    begins = world.sessions[0].closes_at
    asyncio.run(engine.run(begins))
    gc.collect()
    before = _memory_megabytes()
    asyncio.run(engine.run(begins + A_DAY))
    gc.collect()
    after = _memory_megabytes()
    journal.close()

    if before is None or after is None:
        pytest.skip("Only Linux tells a process's memory here, so its growth cannot be measured.")
    print(f"memory grew by {after - before:.1f} MB, {engine.state.sequence} entries")
    assert after - before <= GROWTH_MEGABYTES_MAX
    rang = _alarms_that_rang(path)
    assert rang > 60
    assert len({lot.underlying for lot in engine.state.book.positions.values()}) > 10


def _alarms_that_rang(path: Path) -> int:
    """Follow every alarm of the record: it rings at its instant, or was dropped or set anew."""
    state, rang = DeskState(), 0
    with JournalReader.open(path) as journal:
        for entry in journal.read():
            _check_none_overdue(state, entry)
            if isinstance(entry.event, AlarmRang):
                rang += 1
                assert entry.recorded_at == entry.event.alarm.due_at
            state = fold(state, entry)
    return rang


def _check_none_overdue(state: DeskState, entry: Entry) -> None:
    """Nothing is recorded at an instant while an alarm of an earlier one has not rung."""
    if isinstance(entry.event, AlarmRang | ev.AlarmsSet):
        return
    late: list[Alarm] = [
        alarm for alarm in state.alarms.values() if alarm.due_at < entry.recorded_at
    ]
    assert not late, f"{late[0].id} was due at {late[0].due_at}, and it is {entry.recorded_at}"
