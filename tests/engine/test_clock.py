"""Clocks: recorded time arrives, real time passes, and none of them runs backwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from allusedesk.engine.clock import Clock, ReplayClock, SteeredClock, WallClock, stopwatch

NOON = datetime(2013, 2, 12, 17, 0, tzinfo=UTC)


def _wait(clock: Clock, instant: datetime | None, *, is_woken: bool = False) -> None:
    async def wait() -> None:
        wake = asyncio.Event()
        if is_woken:
            wake.set()
        await asyncio.wait_for(clock.wait_until(instant, wake), 5)

    asyncio.run(wait())


def test_recorded_time_arrives_at_once_and_never_goes_back() -> None:
    clock = ReplayClock(NOON)
    _wait(clock, NOON + timedelta(days=3))
    assert clock.now() == NOON + timedelta(days=3)

    _wait(clock, NOON)
    assert clock.now() == NOON + timedelta(days=3)


def test_recorded_time_without_an_instant_waits_for_the_wake_alone() -> None:
    clock = ReplayClock(NOON)
    _wait(clock, None, is_woken=True)
    assert clock.now() == NOON


def test_paced_time_passes_as_many_times_as_fast() -> None:
    clock = SteeredClock(NOON, speed=36_000.0)
    passed = stopwatch()
    _wait(clock, NOON + timedelta(minutes=10))
    assert clock.now() >= NOON + timedelta(minutes=10)
    assert passed() < 4.0


def test_a_wake_ends_the_wait_of_real_time() -> None:
    clock = WallClock()
    before = clock.now()
    _wait(clock, before + timedelta(hours=1), is_woken=True)
    assert clock.now() - before < timedelta(seconds=4)


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_a_clock_that_stands_or_runs_backwards_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        SteeredClock(NOON, speed)


def test_time_that_stands_waits_for_the_wake_and_goes_on_where_it_stood() -> None:
    clock = SteeredClock(NOON, speed=None)
    clock.stand()
    _wait(clock, NOON + timedelta(days=1), is_woken=True)
    assert clock.now() == NOON
    assert clock.is_standing

    clock.go_on()
    _wait(clock, NOON + timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1)
    assert clock.speed is None


def test_time_runs_to_an_instant_and_stands_there() -> None:
    clock = SteeredClock(NOON, speed=1.0)
    clock.run_to(NOON + timedelta(hours=2))
    _wait(clock, NOON + timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    assert not clock.is_standing

    _wait(clock, NOON + timedelta(hours=3))
    assert clock.now() == NOON + timedelta(hours=2)
    assert clock.is_standing
    assert clock.speed == 1.0


def test_a_change_of_pace_does_not_move_the_clock() -> None:
    clock = SteeredClock(NOON, speed=1.0)
    before = clock.now()
    clock.steer(60.0)
    assert clock.now() - before < timedelta(minutes=1)


def test_time_that_stood_for_a_question_goes_on_as_before() -> None:
    clock = SteeredClock(NOON, speed=60.0)
    clock.stand_for_answer()
    assert clock.is_standing
    assert clock.waits_for_answer
    clock.answered()
    assert not clock.is_standing
    assert clock.speed == 60.0


def test_time_that_a_person_stopped_is_not_started_by_an_answer() -> None:
    clock = SteeredClock(NOON, speed=60.0)
    clock.stand()
    clock.stand_for_answer()
    clock.answered()
    assert clock.is_standing

    clock.go_on()
    clock.stand_for_answer()
    clock.stand()
    clock.answered()
    assert clock.is_standing


def test_time_stands_for_no_question_where_a_person_wants_none() -> None:
    clock = SteeredClock(NOON, speed=60.0)
    clock.stand_for_answer()
    clock.heed_questions(does=False)
    assert not clock.is_standing
    clock.stand_for_answer()
    assert not clock.is_standing

    clock.heed_questions(does=True)
    clock.stand_for_answer()
    assert clock.is_standing
    clock.stand()
    clock.heed_questions(does=False)
    assert clock.is_standing, "A person stopped it."


def test_what_is_due_already_happens_though_time_stands() -> None:
    clock = SteeredClock(NOON, speed=60.0)
    clock.stand()
    stood = clock.now()
    _wait(clock, stood)
    _wait(clock, stood + timedelta(hours=1), is_woken=True)
    assert clock.now() == stood
