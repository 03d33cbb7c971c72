from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.engine.meters import EDGES, Meters, Timing
from allusedesk.wiring.rehearsal import build_rehearsal
from allusedesk.wiring.sample_desk import sample_request

NOON = datetime(2026, 2, 11, 17, tzinfo=UTC)
FIRST, OTHER = OrderId("P1/O1"), OrderId("P1/O2")


def test_a_timing_counts_adds_and_sorts_into_buckets() -> None:
    timing = Timing()
    for seconds in (0.00001, EDGES[0], 0.0006, 9.0):
        timing.took(seconds, 0.0)
    assert timing.count == sum(timing.buckets) == 4
    assert timing.seconds == pytest.approx(9.00066)
    assert timing.buckets[0] == 2
    assert timing.buckets[EDGES.index(1e-3)] == 1
    assert timing.buckets[-1] == 1


def test_a_quantile_is_one_that_was_seen_and_heeds_the_span() -> None:
    timing = Timing()
    for second in range(200):
        timing.took(second / 1_000, float(second))
    assert timing.quantile(0.99, since=0.0) == 0.197
    assert timing.quantile(0.5, since=100.0) == 0.149
    assert timing.quantile(0.99, since=200.0) is None
    assert timing.quantile(0.99, since=100.0, least=101) is None


def test_what_the_desk_adds_leaves_out_the_way_to_the_exchange() -> None:
    meters = Meters(lambda: 2.0)
    meters.sent(FIRST, decided_at=10.0, at=10.002)
    meters.late(0.006, at=10.5)
    meters.heard_of(FIRST, looked_at=10.5, at=10.504)
    assert meters.acknowledgements.seconds == pytest.approx(0.002 + 0.003 + 0.004)
    assert meters.answers.seconds == pytest.approx(0.504)
    meters.heard_of(FIRST, looked_at=11.0, at=12.0)
    meters.heard_of(OTHER, looked_at=11.0, at=12.0)
    assert meters.answers.count == 1


def test_time_held_to_no_pace_cannot_be_late() -> None:
    meters = Meters(lambda: None)
    meters.late(3_600.0, at=0.0)
    assert meters.lag_seconds == 0.0
    meters = Meters()
    meters.late(-5.0, at=0.0)
    assert meters.lag_seconds == 0.0


async def test_it_beats_until_it_is_stopped() -> None:
    meters = Meters()
    beating = asyncio.create_task(meters.beat(lambda: NOON))
    await asyncio.sleep(0)
    assert (meters.beats, meters.desk_now) == (1, NOON)
    beating.cancel()


def test_an_engine_at_work_meters_all_it_does(tmp_path: Path) -> None:
    request = sample_request(tmp_path, last=date(2012, 1, 13), approve="all").desk
    rehearsal = build_rehearsal(request)
    asyncio.run(rehearsal.run())
    meters, entries = rehearsal.engine.meters, rehearsal.engine.state.sequence
    inputs = sum(1 for entry in rehearsal.journal.read() if entry.is_input)
    rehearsal.journal.close()
    assert sum(timing.count for timing in meters.steps.values()) == inputs
    assert meters.entries_appended == entries
    assert meters.observing.count == inputs
    assert {"DeskOpened", "AlarmRang", "MarketSampled", "BrokerReported"} <= set(meters.steps)
    assert {"TakeSample", "SubmitOrder", "AskOperator"} <= set(meters.dispatches)
    assert meters.answers.count == meters.acknowledgements.count > 0
    assert meters.answers.count == meters.dispatches["SubmitOrder"].count
    assert 0 < meters.acknowledgements.seconds <= meters.answers.seconds
