"""Durable entries and the codec, beside a plain SQLite table on the same disk."""

from __future__ import annotations

import itertools
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.events import Entry, OrderStatusChanged
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.orders import OrderStatus
from allusedesk.journal.codec import decode, encode
from allusedesk.journal.queries import record as queries
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.journal.sample_entries import snapshot
from tests.journal.week_entries import recorded

START = datetime(2026, 2, 9, 14, 30, tzinfo=UTC)
SENT = OrderStatusChanged(
    OrderId("2026-W07/F1.gen/P12/O1"), OrderStatus.SENT, OrderStatus.WORKING, "acknowledged"
)
SAMPLE = MarketSampled("2026-W07/entry", snapshot(quotes=120))
STORED = 50_000


def numbered(first: int, count: int, event: Any = SENT) -> list[Entry]:
    return [
        Entry(number, START + timedelta(milliseconds=number), None, event)
        for number in range(first, first + count)
    ]


@pytest.mark.parametrize("way", ["journal", "limit: plain table"])
@pytest.mark.parametrize("size", [1, 10])
def test_durable_entries(benchmark: Any, tmp_path: Path, way: str, size: int) -> None:
    goal = "goal by ten: 20k entries/s" if size == 10 else "one commit each"
    benchmark.group = f"{size} durable entries ({goal})"
    sequence = itertools.count(1, size)
    if way == "journal":
        journal = Journal.create(tmp_path / "a.journal", durable=True)
        benchmark.pedantic(
            journal.append,
            setup=lambda: ((numbered(next(sequence), size),), {}),
            rounds=1500,
            warmup_rounds=20,
        )
        journal.close()
    else:
        table = plain_table(tmp_path / "plain.db")
        text = encode(SENT)[2]
        rows = [("2026-02-09T14:30:00Z", "OrderStatusChanged", text)] * size
        benchmark.pedantic(plain_commit, args=(table, rows), rounds=1500, warmup_rounds=20)
        table.close()
    benchmark.extra_info["entries_per_second"] = size / benchmark.stats.stats.mean


def plain_table(path: Path) -> sqlite3.Connection:
    """The least that durability costs in SQLite: no chain, no codec, no order to keep."""
    table = sqlite3.connect(path, isolation_level=None)
    table.execute("PRAGMA journal_mode = WAL")
    table.execute("PRAGMA synchronous = FULL")
    table.execute("CREATE TABLE entries (sequence INTEGER PRIMARY KEY, at, kind, body)")
    return table


def plain_commit(table: sqlite3.Connection, rows: list[tuple[str, str, str]]) -> None:
    table.execute("BEGIN")
    table.executemany("INSERT INTO entries (at, kind, body) VALUES (?, ?, ?)", rows)
    table.execute("COMMIT")


@pytest.mark.benchmark(group="an entry in a rehearsal's group")
@pytest.mark.parametrize("event", [SENT, SAMPLE], ids=["small", "sample of 120 quotes"])
def test_grouped_entries(benchmark: Any, tmp_path: Path, event: Any) -> None:
    sequence = itertools.count(1)
    with Journal.create(tmp_path / "a.journal", durable=False) as journal, journal.group():
        benchmark.pedantic(
            journal.append,
            setup=lambda: ((numbered(next(sequence), 1, event),), {}),
            rounds=1000,
        )


@pytest.mark.benchmark(group="codec (goals: 15 us; a sample of 120 quotes 400 us, back 1.5 ms)")
@pytest.mark.parametrize("event", [SENT, SAMPLE], ids=["small", "sample of 120 quotes"])
@pytest.mark.parametrize("way", ["encode", "decode"])
def test_codec(benchmark: Any, event: Any, way: str) -> None:
    if way == "encode":
        benchmark(encode, event)
    else:
        benchmark(decode, *encode(event))


@pytest.fixture(scope="module")
def long_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.journal"
    week = [entry.event for entry in recorded()]
    with Journal.create(path, durable=False) as journal, journal.group():
        for first in range(1, STORED, len(week)):
            journal.append(
                [numbered(first + place, 1, event)[0] for place, event in enumerate(week)]
            )
        journal.keep_snapshot("state " * 10_000)
    return path


@pytest.mark.benchmark(group=f"opening a journal of {STORED} entries, with its snapshot")
def test_open(benchmark: Any, long_journal: Path) -> None:
    def run() -> None:
        with JournalReader.open(long_journal) as journal:
            assert journal.latest_snapshot() is not None

    benchmark(run)


@pytest.mark.benchmark(group=f"all of {STORED} entries")
@pytest.mark.parametrize("way", ["verify", "figures from nothing"])
def test_all_of_it(benchmark: Any, long_journal: Path, way: str) -> None:
    def fold() -> None:
        with ReadSide.open(long_journal) as side:
            side.rebuild()
            queries.counts(side)

    run = fold if way == "figures from nothing" else lambda: verify(long_journal)
    benchmark.pedantic(run, rounds=3)
