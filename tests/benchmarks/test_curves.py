"""Costs stay flat as days, symbols, contracts and journal entries grow."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allusedesk.engine.replay import replay
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from allusedesk.market.pricing import greeks
from allusedesk.wiring.rehearsal import build_rehearsal
from tests.benchmarks.curves import note_curve, seconds_of
from tests.benchmarks.test_journal import numbered
from tests.journal.week_entries import recorded
from tests.rehearsals.real_market import asked

FIRST, YEARS = date(2012, 4, 2), (1, 2, 4)
SHARES = ("AAPL", "AMZN", "MSFT", "BAC", "GOOG")
ENTRIES = (10_000, 50_000, 200_000)
CONTRACTS = (100, 1_000, 10_000)


def rehearsed(data: Path, out: Path, last: date, symbols: tuple[str, ...]) -> tuple[Path, float]:
    """The journal of a rehearsal, and the seconds its days took without the reading of files."""
    rehearsal = build_rehearsal(asked(data, FIRST, last, out, symbols))
    seconds = seconds_of(lambda: asyncio.run(rehearsal.run()))
    path = rehearsal.journal.path
    rehearsal.journal.close()
    return path, seconds


@pytest.mark.benchmark(group="a rehearsal of 1, 2 and 4 years (flat a symbol-year)")
def test_rehearsal_by_days(benchmark: Any, shared_data: Path, tmp_path: Path) -> None:
    symbols, costs, sizes, replayed = SHARES[:1], [], [], []

    def run() -> None:
        for years in YEARS:
            last = FIRST.replace(year=FIRST.year + years)
            path, seconds = rehearsed(shared_data, tmp_path / str(years), last, symbols)
            costs.append(seconds / (years * len(symbols)))
            with JournalReader.open(path) as reader:
                entries = list(reader.read())
            sizes.append(len(entries))
            replayed.append(seconds_of(lambda: replay(entries)) / len(entries) * 1e6)  # noqa: B023

    benchmark.pedantic(run, rounds=1)
    note_curve(benchmark, "rehearsal by years", "s a symbol-year", YEARS, costs)
    note_curve(benchmark, "replay by entries", "us an entry", sizes, replayed)


@pytest.mark.benchmark(group="a rehearsal of 1, 3 and 5 symbols (flat a symbol-year)")
def test_rehearsal_by_symbols(benchmark: Any, shared_data: Path, tmp_path: Path) -> None:
    counts, last, costs = (1, 3, 5), date(2012, 9, 28), []

    def run() -> None:
        for count in counts:
            _, seconds = rehearsed(shared_data, tmp_path / str(count), last, SHARES[:count])
            costs.append(seconds / (0.5 * count))

    benchmark.pedantic(run, rounds=1)
    note_curve(benchmark, "rehearsal by symbols", "s a symbol-year", counts, costs)


@pytest.mark.benchmark(group="greeks of 100, 1,000 and 10,000 contracts (flat a contract)")
def test_greeks_by_contracts(benchmark: Any) -> None:
    costs = []

    def run() -> None:
        for count in CONTRACTS:
            strikes = np.linspace(60.0, 140.0, count)
            rounds = 20_000 // count

            def each(strikes: Any = strikes, rounds: int = rounds) -> None:
                for _ in range(rounds):
                    greeks(100.0, strikes, 0.1, 0.02, 0.01, 0.3, strikes > 100.0)

            costs.append(seconds_of(each, 3) / (rounds * count) * 1e9)

    benchmark.pedantic(run, rounds=1)
    note_curve(benchmark, "greeks by contracts", "ns a contract", CONTRACTS, costs)


@pytest.mark.benchmark(group="a journal of 10k, 50k and 200k entries (flat an entry)")
def test_journal_by_entries(benchmark: Any, tmp_path: Path) -> None:
    week = [entry.event for entry in recorded()]
    appended, verified = [], []

    def fill(path: Path, count: int) -> None:
        with Journal.create(path, durable=False) as journal, journal.group():
            for first in range(1, count + 1, len(week)):
                journal.append(
                    [numbered(first + place, 1, event)[0] for place, event in enumerate(week)]
                )

    def run() -> None:
        for count in ENTRIES:
            path = tmp_path / f"{count}.journal"
            appended.append(seconds_of(lambda: fill(path, count)) / count * 1e6)  # noqa: B023
            verified.append(seconds_of(lambda: verify(path)) / count * 1e6)  # noqa: B023

    benchmark.pedantic(run, rounds=1)
    note_curve(benchmark, "append by entries", "us an entry", ENTRIES, appended)
    note_curve(benchmark, "verify by entries", "us an entry", ENTRIES, verified)
