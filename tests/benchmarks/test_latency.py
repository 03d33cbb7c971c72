"""From a quote to a decision, from a decision to the broker's word, from a stop back to work."""

from __future__ import annotations

import asyncio
import itertools
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.inputs import BrokerReported, MarketSampled, PriceAlarmRang
from allusedesk.engine.looks import watch_for
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import write_state
from allusedesk.engine.step import step
from allusedesk.journal.store import Journal
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.resource_files import resource_path
from allusedesk.wiring.paper_desk import state_of
from allusedesk.wiring.rehearsal import build_rehearsal
from tests.benchmarks.curves import latencies_of, note_percentiles
from tests.benchmarks.test_journal import SENT, numbered, plain_commit, plain_table
from tests.doors.broker_rigs import Rig, two_sided
from tests.rehearsals.real_market import asked
from tests.trading import order, put

SAMPLE = ("AAPL", "IBM", "MSFT")
QUOTES_PER_ALARM, SECONDS_PER_QUOTE = 1_000, 1 / 20_000
ENTRIES, TAIL = 1_000_000, 1_000


@pytest.mark.benchmark(group="quote to decision, a price alarm at 20k quotes/s (goal p99 1 ms)")
def test_quote_to_decision(benchmark: Any, tmp_path: Path) -> None:
    """A look and a step for every alarm; the quotes behind it wait, and are caught up with."""
    request = asked(
        resource_path("sample_market"), date(2012, 4, 2), date(2012, 4, 30), tmp_path, SAMPLE
    )
    rehearsal = build_rehearsal(request)
    asyncio.run(rehearsal.engine.run(datetime.fromisoformat("2012-04-18T15:00:00Z")))
    state = rehearsal.engine.state
    sample = rehearsal.engine._doors.market.sample
    board = QuoteBoard()
    rows = [board.row_of_share(symbol) for symbol in SAMPLE]
    alarms = itertools.cycle(sorted(state.price_alarms.values(), key=lambda alarm: alarm.id))

    def decide() -> None:
        alarm = next(alarms)
        for row in itertools.islice(itertools.cycle(rows), QUOTES_PER_ALARM // 50):
            board.post_one(row, 100.0, 100.02, 100.01, 1.7e9)
        at = state.instant
        rang = Entry(state.sequence + 1, at, None, PriceAlarmRang(alarm, alarm.level))
        after = step(state, rang).state
        watch = watch_for(after, alarm)
        assert watch is not None
        sampled = MarketSampled(alarm.id, sample(watch, at))
        step(after, Entry(after.sequence + 1, at, rang.sequence, sampled))

    decide()
    found = latencies_of(decide, 500)
    rehearsal.journal.close()
    benchmark.pedantic(decide, rounds=50)
    # While one decision is taken, quotes gather: they wait no longer than it takes.
    benchmark.extra_info["quotes_waiting"] = found[-5] / SECONDS_PER_QUOTE
    note_percentiles(benchmark, found, "goal p99 1 ms")


@pytest.mark.benchmark(group="decision to acknowledgement, durable (goals p50 0.5 ms, p99 3 ms)")
@pytest.mark.parametrize("way", ["desk", "limit: two commits to a plain table"])
def test_decision_to_acknowledgement(benchmark: Any, tmp_path: Path, way: str) -> None:
    if way != "desk":
        table = plain_table(tmp_path / "plain.db")
        row = [("2026-02-09T14:30:00Z", "OrderStatusChanged", "text")]

        def twice() -> None:
            plain_commit(table, row)
            plain_commit(table, row)

        found = latencies_of(twice, 500)
        benchmark.pedantic(twice, rounds=50)
        note_percentiles(benchmark, found, "the least two durable commits cost")
        table.close()
        return
    rig = Rig(cash=10_000_000)
    rig.show(two_sided(put()))
    names = itertools.count()
    sequence = itertools.count(1, 3)
    with Journal.create(tmp_path / "a.journal", durable=True) as journal:

        def sent() -> None:
            number, first = next(names), next(sequence)
            name = ProposalId(f"2013-W07/F1.rev/P{number}")
            wanted = order(id=OrderId(f"{name}/O1"), proposal=name)
            journal.append(numbered(first, 2))
            rig.broker.place_order(wanted)
            (report, *_) = rig.broker.advance(rig.now + timedelta(seconds=1))
            journal.append(numbered(first + 2, 1, BrokerReported(report)))

        sent()
        found = latencies_of(sent, 500)
        benchmark.pedantic(sent, rounds=50)
    note_percentiles(benchmark, found, "goals p50 0.5 ms, p99 3 ms")


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A million entries, the state kept a thousand before the end."""
    path = tmp_path_factory.mktemp("million") / "a.journal"
    with Journal.create(path, durable=False) as journal, journal.group():
        for first in range(1, ENTRIES + 1, TAIL):
            journal.append(numbered(first, TAIL, SENT))
            if first + 2 * TAIL == ENTRIES + 1:
                last = numbered(first + TAIL - 1, 1)[0]
                state = DeskState(sequence=last.sequence, now=last.recorded_at)
                journal.keep_snapshot(write_state(state))
    return path


@pytest.mark.benchmark(group="opening a journal of 1 M entries, snapshot and tail (goal 2 s)")
def test_open_a_million(benchmark: Any, million: Path) -> None:
    def run() -> None:
        with Journal.open(million) as journal:
            assert state_of(journal).sequence == ENTRIES

    benchmark.pedantic(run, rounds=5)
