from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import norm
from scipy.stats import t as student

from allusedesk.laboratory.bootstrap import (
    Floats,
    block_indices,
    bootstrap_interval,
    growth_of,
    mean_of,
    sharpe_of,
)
from allusedesk.laboratory.refusals import TrialImpossible


def chance(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(count=some.integers(1, 60), length=some.integers(1, 60), is_circular=some.booleans())
def test_blocks_are_weeks_that_follow_each_other(
    count: int, length: int, is_circular: bool
) -> None:
    length = min(length, count)
    places = block_indices(count, 20, length, chance(), is_circular=is_circular)
    assert places.shape == (20, count)
    assert places.min() >= 0
    assert places.max() < count
    breaks = (places[:, 1:] != (places[:, :-1] + 1) % count).sum(axis=1)
    if is_circular:
        assert (breaks <= -(-count // length) - 1).all()
    if length == 1 and not is_circular and count > 30:
        assert breaks.mean() > count * 0.8


def test_the_blocks_of_the_stationary_bootstrap_have_their_mean_length() -> None:
    places = block_indices(5_000, 40, 6.0, chance())
    breaks = (places[:, 1:] != (places[:, :-1] + 1) % 5_000).mean()
    assert 1 / breaks == pytest.approx(6.0, rel=0.03)


def test_every_week_is_drawn_as_often_as_any_other() -> None:
    for is_circular in (False, True):
        drawn = np.bincount(
            block_indices(40, 20_000, 5, chance(), is_circular=is_circular).ravel(), minlength=40
        )
        assert drawn.min() / drawn.max() > 0.95


def coverage(draw: Callable[[np.random.Generator], Floats], truth: float) -> float:
    """In which part of many samples the interval of the mean holds the true mean."""
    rng = chance(5)
    found = [
        bootstrap_interval(draw(rng), mean_of, chance(number), resamples=400)
        for number in range(300)
    ]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def related(rng: np.random.Generator, weeks: int) -> Floats:
    """Weeks of which each keeps three tenths of the one before."""
    noise, found = rng.normal(0.0, 0.01, weeks + 50), [0.0]
    for one in noise:
        found.append(0.3 * found[-1] + one)
    return np.array(found[-weeks:])


@pytest.mark.parametrize("weeks", [12, 26, 52])
def test_ninety_five_intervals_of_a_hundred_hold_the_truth(weeks: int) -> None:
    assert 0.92 < coverage(lambda rng: rng.normal(0.0, 0.01, weeks), 0.0) <= 0.99


@pytest.mark.parametrize("weeks", [26, 104])
def test_weeks_that_hang_together_cost_little_of_that(weeks: int) -> None:
    assert coverage(lambda rng: related(rng, weeks), 0.0) > 0.87


def test_the_bounds_are_those_of_the_expanded_percentile_interval() -> None:
    values = chance(1).normal(0.0, 0.01, 27)
    found = bootstrap_interval(values, mean_of, chance(7), block_weeks=3.0)
    means = values[block_indices(27, 2_000, 3.0, chance(7))].mean(axis=1)
    beyond = norm.cdf(student.ppf(0.025, 8) * np.sqrt(9 / 8))
    assert (found.low, found.high) == pytest.approx(
        tuple(np.quantile(means, (beyond, 1 - beyond))), abs=1e-15
    )
    plain = bootstrap_interval(values, mean_of, chance(7), block_weeks=3.0, is_widened=False)
    assert (plain.low, plain.high) == pytest.approx(
        tuple(np.quantile(means, (0.025, 0.975))), abs=1e-15
    )


def test_the_interval_of_independent_weeks_is_the_one_of_the_textbook() -> None:
    values = chance(11).normal(0.002, 0.02, 400)
    found = bootstrap_interval(values, mean_of, chance(), block_weeks=1.0, resamples=8_000)
    half = 1.96 * values.std(ddof=1) / np.sqrt(400)
    assert found.value == values.mean()
    assert found.high - found.value == pytest.approx(half, rel=0.05)
    assert found.value - found.low == pytest.approx(half, rel=0.05)


def test_weeks_that_hang_together_make_the_interval_wider() -> None:
    noise = chance(5).normal(0, 0.01, 600)
    values = np.convolve(noise, np.ones(6), "valid")
    alone = bootstrap_interval(values, mean_of, chance(), block_weeks=1.0)
    blocks = bootstrap_interval(values, mean_of, chance(), block_weeks=24.0, is_circular=True)
    assert blocks.high - blocks.low > 1.7 * (alone.high - alone.low)


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    values = chance(1).normal(0.0, 0.01, 60)
    first, again = (bootstrap_interval(values, sharpe_of, chance(9)) for _ in range(2))
    assert first == again
    assert bootstrap_interval(values, sharpe_of, chance(10)) != first
    assert first.block_weeks == 4.0


def test_weeks_that_never_change_have_an_interval_of_no_width() -> None:
    found = bootstrap_interval(np.full(20, 0.01), growth_of, chance())
    assert found.low == found.high == found.value == pytest.approx(1.01**20 - 1)
    assert bootstrap_interval(np.full(20, 0.01), sharpe_of, chance()).value == 0.0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], r"few weeks \(0\)"),
        ([0.01], r"few weeks \(1\)"),
        ([np.nan] * 20, "no figure"),
        ([0.01, np.inf] * 10, "no figure"),
    ],
)
def test_too_little_is_refused_plainly(values: list[float], said: str) -> None:
    with pytest.raises(TrialImpossible, match=said):
        bootstrap_interval(np.array(values), mean_of, chance())


@pytest.mark.parametrize("block", [0.5, 21.0])
def test_a_block_that_does_not_fit_is_refused(block: float) -> None:
    with pytest.raises(TrialImpossible, match="does not fit 20"):
        bootstrap_interval(np.zeros(20), mean_of, chance(), block_weeks=block)
