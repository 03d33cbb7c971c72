"""Every series that is live in a running engine: counted, and moved or explained."""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from math import fsum
from pathlib import Path

import pytest
from prometheus_client.registry import CollectorRegistry

from allusedesk.domain.events import Entry, FillBooked
from allusedesk.engine.clock import ticks
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.monitoring.figures import Figure, figures
from allusedesk.monitoring.metrics import EntryMetrics
from allusedesk.settings import Settings
from allusedesk.wiring.paper_desk import build_paper_desk
from allusedesk.wiring.sample_desk import sample_request
from allusedesk.wiring.watching import Watch
from tests.house.sources import HANDBOOK

WANTED = 228
# Twelve weeks, a quarter's end among them.
LAST = date(2012, 3, 30)


@dataclass(frozen=True)
class Rehearsed:
    """The series before, once during and after a rehearsal, with its entries."""

    before: dict[str, float]
    during: tuple[Figure, ...]
    after: tuple[Figure, ...]
    entries: list[Entry]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    out = tmp_path_factory.mktemp("desk")
    watch = Watch(Settings(), out / "home")
    request = sample_request(out, last=LAST, approve="all").desk
    with pytest.MonkeyPatch.context() as patch:
        # What is counted here does not hang on how long a disk takes.
        create = Journal.create
        patch.setattr(Journal, "create", lambda path, **_: create(path, durable=False))
        desk = build_paper_desk(request, None, (watch.observe,))
    watched = desk.watched()
    watch.look_after(watched)
    during: list[tuple[Figure, ...]] = []

    async def run() -> dict[str, float]:
        beating = asyncio.create_task(watched.engine.meters.beat(watched.clock.now))
        await asyncio.sleep(0)
        before = {one.key: one.value for one in figures(watch.registry)}
        running = asyncio.create_task(desk.publisher.during(desk.run()))
        while not running.done():
            await asyncio.sleep(0.05)
            week = desk.engine.state.week
            if week is not None and week.sessions[0].date >= date(2012, 3, 19) and not during:
                watch.look()
                during.append(figures(watch.registry))
        beating.cancel()
        await running
        # A window that closed a moment ago may have left its process without sweeps of its own.
        for generation in range(3):
            circle: list[object] = []
            circle.append(circle)
            del circle
            gc.collect(generation)
        watch.look()
        return before

    before = asyncio.run(run())
    entries = list(_entries(out))
    yield Rehearsed(before, during[0], figures(watch.registry), entries)
    watch.end()


def _entries(out: Path) -> Iterator[Entry]:
    with JournalReader.open(out / "paper.journal") as record:
        yield from record.read()


def explained() -> dict[str, str]:
    """The table of the handbook: series that may stand still, and why."""
    page = (HANDBOOK / "monitoring.md").read_text(encoding="utf-8")
    table = page.partition("### Figures that may stand still")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", table, flags=re.MULTILINE))


def test_as_many_series_live_in_a_running_engine_as_were_promised(rehearsed: Rehearsed) -> None:
    keys = {one.key for one in rehearsed.during}
    assert len(keys) == len(rehearsed.during)
    assert len(keys) >= WANTED, len(keys)
    assert not any(key.endswith(("_bucket", "_created")) for key in keys)


def test_every_series_moves_or_says_why_not(rehearsed: Rehearsed) -> None:
    seen = {one.key: [one.value] for one in rehearsed.during}
    for one in rehearsed.after:
        seen.setdefault(one.key, []).append(one.value)
    names = {one.key: one.name for one in (*rehearsed.during, *rehearsed.after)}
    still = {
        names[key]
        for key, values in seen.items()
        if all(value == rehearsed.before.get(key, 0.0) for value in values)
    }
    assert still <= set(explained()), sorted(still - set(explained()))


def test_the_table_of_what_may_stand_still_names_only_what_there_is(rehearsed: Rehearsed) -> None:
    table = explained()
    assert len(table) > 20
    names = {one.name for one in (*rehearsed.during, *rehearsed.after)}
    assert sorted(set(table) - names) == []


def test_the_handbook_names_every_series(rehearsed: Rehearsed) -> None:
    page = (HANDBOOK / "monitoring.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_*]+)`", page)
    parts = re.compile("_(count|sum)$")
    missing = {
        one.name
        for one in rehearsed.after
        if not any(fnmatchcase(one.name, name) or parts.sub("", one.name) == name for name in named)
    }
    assert missing == set()


def test_names_keep_to_the_conventions(rehearsed: Rehearsed) -> None:
    for one in rehearsed.after:
        assert re.fullmatch(r"(allusedesk|process|python)_[a-z_]+", one.name), one.name
        is_count = one.name.endswith(("_total", "_count", "_sum"))
        assert one.is_count == is_count
        assert one.meaning
        if re.search("dollars|seconds|bytes|ratio", one.name) and not one.name.endswith("_count"):
            assert one.unit, one.name


def test_counts_agree_with_the_record(rehearsed: Rehearsed) -> None:
    kinds = Counter(type(entry.event).__name__ for entry in rehearsed.entries)
    values = {one.key: one.value for one in rehearsed.after}
    for kind, count in kinds.items():
        assert values[f'allusedesk_entries_total{{kind="{kind}"}}'] == count
    fills = [one.event for one in rehearsed.entries if isinstance(one.event, FillBooked)]
    paid = fsum(float(fill.commission.amount) for event in fills for fill in event.fills)
    told = [one.value for one in rehearsed.after if "commissions" in one.name]
    assert fsum(told) == pytest.approx(paid)
    assert values["allusedesk_order_acknowledgement_seconds_count"] == kinds["OrderWritten"]


def test_a_journal_folds_to_the_same_figures(rehearsed: Rehearsed) -> None:
    registry = CollectorRegistry()
    folding = EntryMetrics(registry)
    for entry in rehearsed.entries:
        folding.observe(entry)
    live = {one.key: one.value for one in rehearsed.after}
    folded = figures(registry)
    assert len(folded) > 200
    for one in folded:
        assert live[one.key] == one.value, one.key


def test_an_entry_costs_little(rehearsed: Rehearsed) -> None:
    """Ten times the entries cost ten times as much: nothing is looked for among what was."""

    def cost(rounds: int) -> float:
        folding = EntryMetrics(CollectorRegistry())
        began = ticks()
        for _ in range(rounds):
            for entry in rehearsed.entries:
                folding.observe(entry)
        return (ticks() - began) / rounds

    cost(1)
    first = min(cost(1) for _ in range(3))
    assert cost(6) < 3 * first
