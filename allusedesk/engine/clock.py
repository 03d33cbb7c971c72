"""Time, handed in: the one module that reads the clock of the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Protocol

_YIELD_EVERY = 256


class Clock(Protocol):
    """Tells the desk's instant and waits for a later one."""

    def now(self) -> datetime:
        """The desk's instant, UTC; never earlier than told before."""
        ...

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        """Return at `instant`, or earlier when `wake` is set; None waits for `wake` alone."""
        ...


class ReplayClock:
    """Recorded time as fast as the machine goes: waiting is arriving."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._waits = 0

    def now(self) -> datetime:
        return self._now

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        if instant is None:
            await wake.wait()
            return
        self._now = max(self._now, instant)
        self._waits += 1
        if self._waits % _YIELD_EVERY == 0:
            await asyncio.sleep(0)


class WallClock:
    """The machine's own time."""

    def __init__(self) -> None:
        self._latest = datetime.now(UTC)

    def now(self) -> datetime:
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        seconds = None if instant is None else (instant - self.now()).total_seconds()
        await _wait(seconds, wake)


class PacedClock:
    """Recorded time that passes `speed` times as fast as the machine's own."""

    def __init__(self, start: datetime, speed: float) -> None:
        if speed <= 0:
            raise ValueError(f"A clock cannot run at {speed} times real time; give more than 0.")
        self._start = start
        self._speed = speed
        self._began = datetime.now(UTC)
        self._latest = start

    def now(self) -> datetime:
        passed = (datetime.now(UTC) - self._began).total_seconds()
        self._latest = max(self._latest, self._start + timedelta(seconds=passed * self._speed))
        return self._latest

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        seconds = None
        if instant is not None:
            seconds = (instant - self.now()).total_seconds() / self._speed
        await _wait(seconds, wake)


async def _wait(seconds: float | None, wake: asyncio.Event) -> None:
    if seconds is not None and seconds <= 0:
        await asyncio.sleep(0)
        return
    try:
        await asyncio.wait_for(wake.wait(), seconds)
    except TimeoutError:
        return


def stopwatch() -> Callable[[], float]:
    """A function that tells the seconds of real time since this call; for figures, not rules."""
    began = perf_counter()
    return lambda: perf_counter() - began
