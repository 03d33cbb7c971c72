"""Time, handed in: the one module that reads the clock of the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Protocol

_YIELD_EVERY = 256
_YIELD_SECONDS = 0.005
_LOOK_SECONDS = 5.0


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
    """The machine's own time.

    Where nothing wakes it, it looks again every few seconds: a machine that slept, or a clock that
    was set, would else ring an alarm late by as much.
    """

    def __init__(self) -> None:
        self._latest = datetime.now(UTC)

    def now(self) -> datetime:
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        seconds = _LOOK_SECONDS
        if instant is not None:
            seconds = min(seconds, (instant - self.now()).total_seconds())
        await _wait(seconds, wake)


class SteeredClock:
    """Recorded time that a person steers: at a speed, as fast as it goes, or standing still.

    `speed` is recorded seconds per real one, None as fast as the machine goes. Steering is safe
    from any thread; whoever steers nudges the engine, which then waits anew.
    """

    def __init__(self, start: datetime, speed: float | None) -> None:
        self._latest = start
        self._course = _Course(start, perf_counter(), _checked(speed), None, is_standing=False)
        self._yielded_at = perf_counter()
        self._heeds_questions = True

    @property
    def speed(self) -> float | None:
        return self._course.speed

    @property
    def is_standing(self) -> bool:
        return self._course.is_standing

    def now(self) -> datetime:
        self._latest = max(self._latest, self._course.at(self._latest, perf_counter()))
        return self._latest

    def steer(self, speed: float | None) -> None:
        """Go on at this speed, also from a standstill. Raises ValueError for zero or less."""
        speed = _checked(speed)
        self._course = _Course(self.now(), perf_counter(), speed, None, is_standing=False)

    @property
    def waits_for_answer(self) -> bool:
        """True while time stands still because of a question, not because a person stopped it."""
        return self._course.waits_for_answer

    def stand(self) -> None:
        """Let recorded time stand still; what people say is still heard."""
        now, speed = self.now(), self.speed
        self._course = _Course(now, perf_counter(), speed, None, is_standing=True)

    def stand_for_answer(self) -> None:
        """Stand still until `answered`, unless a person has stopped time already or wants none."""
        now, course = self.now(), self._course
        if self._heeds_questions and not course.is_standing:
            self._course = replace(
                course, start=now, began=perf_counter(), is_standing=True, waits_for_answer=True
            )

    def answered(self) -> None:
        """Go on as before `stand_for_answer`; where a person stopped time, it stays stopped."""
        now, course = self.now(), self._course
        if course.waits_for_answer:
            self._course = replace(
                course, start=now, began=perf_counter(), is_standing=False, waits_for_answer=False
            )

    def heed_questions(self, *, does: bool) -> None:
        """Whether time stands still for questions; where not, one that holds it lets it go."""
        self._heeds_questions = does
        if not does:
            self.answered()

    def go_on(self) -> None:
        """Go on at the speed there was."""
        self.steer(self.speed)

    def run_to(self, instant: datetime) -> None:
        """Go to an instant as fast as the machine goes and stand still there."""
        now, speed = self.now(), self.speed
        self._course = _Course(now, perf_counter(), speed, instant, is_standing=False)

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        course = self._course
        if instant is None:
            await wake.wait()
            return
        if course.is_standing:
            # What is due at the instant at which time stands happens all the same.
            await _wait(0.0 if instant <= self.now() else None, wake)
            return
        if course.halts_at is None and course.speed is not None:
            await _wait((instant - self.now()).total_seconds() / course.speed, wake)
            return
        halts_at = course.halts_at
        if halts_at is not None and instant > halts_at:
            self._latest = max(self._latest, halts_at)
            if self._course is course:
                # Somebody who has steered anew meanwhile is heard, not overruled.
                self.stand()
            return
        self._latest = max(self._latest, instant)
        # Screens, and people at them, are heard at least this often however fast it goes.
        if perf_counter() - self._yielded_at > _YIELD_SECONDS:
            await asyncio.sleep(0)
            self._yielded_at = perf_counter()


def _checked(speed: float | None) -> float | None:
    if speed is not None and speed <= 0:
        raise ValueError(f"A clock cannot run at {speed} times real time; give more than 0.")
    return speed


@dataclass(frozen=True, slots=True)
class _Course:
    """How recorded time passes since an instant of the machine's; replaced whole."""

    start: datetime
    began: float
    speed: float | None
    halts_at: datetime | None
    is_standing: bool
    waits_for_answer: bool = False

    def at(self, latest: datetime, now: float) -> datetime:
        if self.is_standing or self.speed is None or self.halts_at is not None:
            return latest
        return self.start + timedelta(seconds=(now - self.began) * self.speed)


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


def ticks() -> float:
    """Seconds of real time since an instant nobody knows: only differences mean anything."""
    return perf_counter()
