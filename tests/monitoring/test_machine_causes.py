"""Alerts about the machine, fired by taking its memory, its time and its disk for real."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from allusedesk.domain.inputs import AlertCleared, AlertRaised
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.market.raw_quotes import QuoteBatch
from allusedesk.monitoring.alerts import AlertBook, Readings
from allusedesk.monitoring.heartbeat import Heartbeat, OrderErrors, Signs
from allusedesk.monitoring.process import ProcessReading, free_bytes, read_process
from allusedesk.wiring.desk_levels import _waited_seconds
from allusedesk.wiring.watching import shipped_rules

NOON = datetime(2026, 2, 11, 17, tzinfo=UTC)
LARGE = 1_650_000_000
# Sixteen threads get one core's worth of time on a busy machine too.
BURNING = """
import hashlib, threading
def burn(block=bytes(1 << 20)):
    while True:
        hashlib.sha256(block).digest()
for _ in range(16):
    threading.Thread(target=burn, daemon=True).start()
print("ready", flush=True)
input()
"""
HOLDING = f"""
held = bytearray({LARGE})
held[::4096] = bytes(1) * len(held[::4096])
print("ready", flush=True)
input()
"""
SMALL_DISK = (
    "mount -t tmpfs -o size=200m none {folder} && "
    "{python} -c 'import pathlib, allusedesk.monitoring.process as p; "
    'print(p.free_bytes(pathlib.Path("{folder}")))\''
)


def well() -> Signs:
    return Signs(
        at=0.0,
        now=NOON,
        pace=1.0,
        is_standing=False,
        process=ProcessReading(None, None),
        disk_free_bytes=None,
        heartbeat_age_seconds=0.0,
        loop_lag_seconds=0.0,
        quotes=0,
        feed_silent_seconds=None,
        is_link_up=True,
        is_simulated=True,
        differences_open=0,
        questions=(),
        limits_sized=(),
        limits_watched=(),
        mails_failed_in_a_row=0,
    )


def book() -> AlertBook:
    return AlertBook(shipped_rules())


def told(found: AlertBook, readings: Readings, at: float) -> tuple[set[str], set[str]]:
    changes = found.look(readings, at)
    return (
        {one.alert.rule for one in changes if isinstance(one, AlertRaised)},
        {one.alert for one in changes if isinstance(one, AlertCleared)},
    )


def child(program: str) -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def fires(rule: str, found: AlertBook, readings: Readings, at: float) -> None:
    assert rule in told(found, readings, at)[0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_program_that_holds_too_much_memory() -> None:
    found, heart = book(), Heartbeat(OrderErrors())
    large = child(HOLDING)
    try:
        reading = read_process(large.pid)
    finally:
        large.communicate("\n", timeout=20)
    assert reading.memory_bytes is not None
    assert reading.memory_bytes > LARGE
    fires("memory.high", found, heart.readings(replace(well(), process=reading)), 0.0)
    usual = heart.readings(replace(well(), at=1.0, process=read_process()))
    assert told(found, usual, 1.0) == (set(), set())
    assert "memory.high" in told(found, usual, 31.0)[1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="time is read from /proc")
def test_a_program_that_uses_a_core_for_a_minute() -> None:
    found, heart = book(), Heartbeat(OrderErrors())
    busy = child(BURNING)
    began = perf_counter()
    minute: list[Readings] = []
    try:
        while len(minute) < 4:
            subprocess.run(["sleep", "0.25"], check=True)
            signs = replace(well(), at=perf_counter() - began, process=read_process(busy.pid))
            minute.append(heart.readings(signs))
    finally:
        busy.kill()
        busy.communicate()
    shares = [one["cpu_share"][""] for one in minute if "cpu_share" in one]
    assert len(shares) == 3
    if max(shares) <= 0.9:
        pytest.skip(f"others leave this machine no core: {max(shares):.0%} was to be had")
    most = {"cpu_share": {"": max(shares)}}
    for at in (0.0, 20.0, 40.0, 59.0):
        assert told(found, most, at) == (set(), set())
    fires("cpu.high", found, most, 60.0)
    idle = {"cpu_share": {"": 0.05}}
    told(found, idle, 61.0)
    assert "cpu.high" in told(found, idle, 71.0)[1]


def test_a_desk_as_fast_as_it_goes_may_use_a_core() -> None:
    heart = Heartbeat(OrderErrors())
    used = [replace(well(), at=at, pace=None, process=ProcessReading(1, at)) for at in (1.0, 2.0)]
    assert all("cpu_share" not in heart.readings(one) for one in used)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a disk made for the test")
def test_a_disk_with_little_room(tmp_path: Path) -> None:
    script = SMALL_DISK.format(folder=tmp_path, python=sys.executable)
    made = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    if made.returncode:
        pytest.skip(f"no disk of its own can be made here: {made.stderr.strip()[:80]}")
    left = int(made.stdout)
    assert 100_000_000 < left <= 200 << 20
    found, heart = book(), Heartbeat(OrderErrors())
    fires("disk.full", found, heart.readings(replace(well(), disk_free_bytes=left)), 0.0)
    room = free_bytes(tmp_path)
    assert room is not None
    if room > 1_200_000_000:
        wide = heart.readings(replace(well(), at=1.0, disk_free_bytes=room))
        assert "disk.full" in told(found, wide, 1.0)[1]


class Pouring:
    """A feed of many shares that sends a batch for each instant asked for."""

    def __init__(self, shares: int) -> None:
        self.shares = shares
        self.symbols = tuple(f"S{number:05d}" for number in range(shares))

    def pull(self, until: datetime) -> tuple[QuoteBatch, ...]:
        prices = np.full(self.shares, 100.0)
        symbols = self.symbols[: self.shares]
        return (QuoteBatch(until, symbols, prices - 0.01, prices + 0.01, prices, False),)


def test_batches_too_large_to_handle_in_a_millisecond() -> None:
    feed = Pouring(4_000)
    watch = MarketWatch(feed, QuoteBoard())  # type: ignore[arg-type]
    found, heart = book(), Heartbeat(OrderErrors())
    for _ in range(50):
        watch.pull(NOON)
    large = perf_counter()
    slow = watch.handling.quantile(0.99, large - 60.0, 50)
    signs = replace(well(), handling_p99_seconds=slow)
    assert told(found, heart.readings(signs), 0.0) == (set(), set())
    fires("quotes.slow", found, heart.readings(signs), 5.0)
    feed.shares = 3
    for _ in range(2_000):
        watch.pull(NOON)
    quick = replace(well(), handling_p99_seconds=watch.handling.quantile(0.99, large, 50))
    told(found, heart.readings(quick), 10.0)
    assert "quotes.slow" in told(found, heart.readings(quick), 70.0)[1]


def test_a_live_stream_that_waits_is_behind_and_old_quotes_of_a_new_line_are_not() -> None:
    feed = Pouring(3)
    watch = MarketWatch(feed, QuoteBoard())  # type: ignore[arg-type]
    once = feed.pull
    stream = [once(NOON - timedelta(seconds=second / 10))[0] for second in range(60, 0, -1)]
    feed.pull = lambda _until: (once(NOON - timedelta(days=1))[0],)  # type: ignore[method-assign]
    watch.pull(NOON)
    assert watch.waited_seconds == 0.0
    feed.pull = lambda _until: tuple(stream)  # type: ignore[method-assign]
    watch.pull(NOON)
    assert watch.waited_seconds == pytest.approx(3.0)
    assert _waited_seconds(watch, watch.waited_at + 1) == pytest.approx(3.0)
    assert _waited_seconds(watch, watch.waited_at + 11) == 0.0
