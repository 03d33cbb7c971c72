"""What watching costs the engine: an entry counted, an input metered, a round of the watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from prometheus_client.registry import CollectorRegistry

from allusedesk.domain.events import Entry
from allusedesk.engine.clock import ticks
from allusedesk.engine.meters import Meters
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from allusedesk.journal.store import JournalReader
from allusedesk.monitoring.figures import figures
from allusedesk.monitoring.metrics import EntryMetrics
from allusedesk.settings import Settings
from allusedesk.wiring.paper_desk import PaperDesk, build_paper_desk
from allusedesk.wiring.sample_desk import sample_request
from allusedesk.wiring.watching import Watch

LAST = date(2012, 2, 17)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PaperDesk, Watch]]:
    """A desk that has traded for six weeks under watch."""
    out = tmp_path_factory.mktemp("desk")
    watch = Watch(Settings(), out / "home")
    request = sample_request(out, last=LAST, approve="all").desk
    desk = build_paper_desk(request, None, (watch.observe,))
    watch.look_after(desk.watched())

    async def run() -> None:
        beating = asyncio.create_task(desk.engine.meters.beat(desk.clock.now))
        await desk.run()
        beating.cancel()

    asyncio.run(run())
    yield desk, watch
    watch.end()


@pytest.fixture(scope="module")
def entries(watched: tuple[PaperDesk, Watch]) -> list[Entry]:
    with JournalReader.open(watched[0].journal.path) as record:
        return list(record.read())


@pytest.mark.benchmark(group="an entry watched (beside it: thinking about the inputs)")
@pytest.mark.parametrize("way", ["counted", "metered", "limit: stepped"])
def test_an_entry(benchmark: Any, entries: list[Entry], way: str) -> None:
    def counted() -> None:
        folding = EntryMetrics(CollectorRegistry())
        for entry in entries:
            folding.observe(entry)

    def metered() -> None:
        meters = Meters()
        for entry in entries:
            at = ticks()
            meters.stepped(type(entry.event).__name__, ticks() - at, at)
            meters.appended(1, ticks() - at, at)

    def stepped() -> None:
        state = DeskState()
        for entry in entries:
            if entry.is_input:
                state = step(state, entry).state

    work: Callable[[], None] = {"counted": counted, "metered": metered}.get(way, stepped)
    benchmark.pedantic(work, rounds=7, warmup_rounds=1)
    if benchmark.stats is not None:
        each = benchmark.stats["min"] / len(entries)
        benchmark.extra_info["microseconds_each"] = round(each * 1e6, 3)


@pytest.mark.benchmark(group="a round of the watch, once a second, beside the engine")
@pytest.mark.parametrize("way", ["look", "all series"])
def test_a_round(benchmark: Any, watched: tuple[PaperDesk, Watch], way: str) -> None:
    _, watch = watched
    work: Callable[[], object] = watch.look if way == "look" else lambda: figures(watch.registry)
    work()
    benchmark.pedantic(work, rounds=20)
