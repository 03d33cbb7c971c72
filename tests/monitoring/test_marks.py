from __future__ import annotations

import numpy as np
import pytest

from allusedesk.monitoring.marks import Marks, Trend, marks_of

RNG = np.random.default_rng(7)
MINUTES = 120


def noise(level: float = 100.0, scatter: float = 5.0) -> list[float]:
    return [float(value) for value in RNG.normal(level, scatter, MINUTES)]


def test_noise_has_no_mark() -> None:
    found = [marks_of(noise()) for _ in range(300)]
    assert sum(one != Marks() for one in found) <= 3


@pytest.mark.parametrize(("slope", "trend"), [(0.5, Trend.RISING), (-0.5, Trend.FALLING)])
def test_a_drift_is_a_trend(slope: float, trend: Trend) -> None:
    for _ in range(50):
        drifting = [value + slope * place for place, value in enumerate(noise())]
        assert marks_of(drifting).trend is trend


def test_what_comes_back_is_no_trend() -> None:
    bent = [value + 30 * (40 <= place < 80) for place, value in enumerate(noise())]
    assert marks_of(bent).trend is Trend.STEADY


@pytest.mark.parametrize("jump", [60.0, -60.0])
def test_a_jump_is_unusual_at_once_and_no_trend_yet(jump: float) -> None:
    found = noise()
    found[-1] = 100.0 + jump
    assert marks_of(found) == Marks(Trend.STEADY, is_unusual=True)


def test_a_jump_does_not_hide_the_next_one() -> None:
    found = noise()
    for place in (50, 60, 70, 80, -1):
        found[place] = 500.0
    assert marks_of(found).is_unusual


def test_figures_that_stand_still_are_measured_by_their_level() -> None:
    assert marks_of([5.0] * MINUTES) == Marks()
    assert marks_of([0.0] * MINUTES) == Marks()
    assert marks_of([1_000.0] * (MINUTES - 1) + [1_001.0]) == Marks()
    assert marks_of([0.0] * (MINUTES - 1) + [1.0]).is_unusual


def test_a_short_history_says_nothing() -> None:
    assert marks_of([0.0] * 28 + [100.0]) == Marks()
    assert marks_of([]) == Marks()
