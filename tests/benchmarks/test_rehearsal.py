"""A rehearsed quarter of a year, beside the writing of its record with nothing thought."""

from __future__ import annotations

import asyncio
import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allusedesk.journal.store import Journal, JournalReader
from allusedesk.resource_files import resource_path
from allusedesk.wiring.rehearsal import build_rehearsal, rehearse
from tests.rehearsals.real_market import asked

FIRST, LAST, YEARS = date(2012, 4, 2), date(2012, 6, 29), 0.25
SAMPLE = ("AAPL", "IBM", "MSFT")
PACK = ("AAPL", "AMZN", "MSFT", "BAC", "GOOG")
GROUP = (
    "a quarter rehearsed, modelled chains (goal 0.12 s a symbol-year; lumibot, no options, 0.29)"
)


def note(benchmark: Any, symbols: tuple[str, ...], entries: int) -> None:
    seconds = benchmark.stats.stats.min
    benchmark.extra_info["seconds_per_symbol_year"] = seconds / (YEARS * len(symbols))
    benchmark.extra_info["entries_per_second"] = entries / seconds


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("market", ["sample market, 3 symbols", "data pack, 5 symbols"])
def test_rehearsal(
    benchmark: Any, market: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    is_sample = market.startswith("sample")
    symbols = SAMPLE if is_sample else PACK
    data = resource_path("sample_market") if is_sample else request.getfixturevalue("shared_data")
    folders = itertools.count()
    made: list[int] = []

    def built() -> tuple[tuple[Any, ...], dict[str, Any]]:
        out = tmp_path / str(next(folders))
        return (build_rehearsal(asked(data, FIRST, LAST, out, symbols)),), {}

    def run(rehearsal: Any) -> None:
        asyncio.run(rehearsal.run())
        made.append(rehearsal.journal.head()[0])
        rehearsal.journal.close()

    benchmark.pedantic(run, setup=built, rounds=3)
    note(benchmark, symbols, made[-1])


@pytest.mark.benchmark(group=GROUP)
def test_limit_of_writing_its_record(benchmark: Any, tmp_path: Path) -> None:
    done = rehearse(asked(resource_path("sample_market"), FIRST, LAST, tmp_path, SAMPLE))
    with JournalReader.open(done.journal) as reader:
        entries = list(reader.read())
    names = itertools.count()

    def write() -> None:
        path = tmp_path / f"{next(names)}.journal"
        with Journal.create(path, durable=False) as journal, journal.group():
            for entry in entries:
                journal.append((entry,))

    benchmark.pedantic(write, rounds=3)
    note(benchmark, SAMPLE, len(entries))
