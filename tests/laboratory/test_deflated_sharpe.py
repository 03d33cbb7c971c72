"""The paper's own worked example, and ratios whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from allusedesk.laboratory.deflated_sharpe import (
    Shape,
    deflated_sharpe,
    probabilistic_sharpe,
    shape_of,
    threshold_of,
)
from allusedesk.laboratory.refusals import TrialImpossible

# A yearly ratio of 2.5 over 1,250 days, skewness -3 and kurtosis 10; the ratios tried vary by
# one half a year.
SHARPE, DAYS, VARIANCE = 2.5 / math.sqrt(250), 1250, 0.5 / 250
LOPSIDED = Shape(DAYS, SHARPE, -3.0, 10.0)
NORMAL = Shape(DAYS, SHARPE, 0.0, 3.0)


def test_the_worked_example_of_the_paper() -> None:
    threshold = threshold_of(100, VARIANCE)
    assert threshold == pytest.approx(0.1132, abs=5e-5)
    assert probabilistic_sharpe(LOPSIDED, threshold) == pytest.approx(0.9004, abs=5e-5)


@pytest.mark.parametrize(("shape", "trials"), [(LOPSIDED, 46), (NORMAL, 88)])
def test_the_numbers_of_trials_at_which_the_example_would_have_been_believed(
    shape: Shape, trials: int
) -> None:
    assert probabilistic_sharpe(shape, threshold_of(trials, VARIANCE)) == pytest.approx(
        0.9505, abs=2e-4
    )


def test_the_expected_best_of_trials_without_skill_is_what_chance_gives() -> None:
    ratios = np.random.default_rng(4).normal(0.0, 0.1, (20_000, 50)).max(axis=1)
    assert threshold_of(50, 0.01) == pytest.approx(ratios.mean(), rel=0.02)


def test_a_series_in_four_figures() -> None:
    shape = shape_of(np.array([0.01, -0.01, 0.02, 0.04]))
    assert shape.periods == 4
    assert shape.sharpe == pytest.approx(0.015 / math.sqrt(0.0013 / 3))
    large = shape_of(np.random.default_rng(1).normal(0.001, 0.02, 200_000))
    assert (large.skewness, large.kurtosis) == pytest.approx((0.0, 3.0), abs=0.03)


def test_one_trial_is_held_against_nothing_and_many_against_their_best() -> None:
    shape = shape_of(np.random.default_rng(2).normal(0.003, 0.02, 150))
    alone = deflated_sharpe(shape, np.array([shape.sharpe]))
    many = deflated_sharpe(shape, np.array([shape.sharpe, *np.linspace(-0.2, 0.1, 40)]))
    assert (alone.threshold, alone.trials) == (0.0, 1)
    assert many.threshold > 0.0
    assert many.probability < alone.probability


@pytest.mark.parametrize(
    ("returns", "said"),
    [([], "0 weeks"), ([0.1, 0.2], "2 weeks"), ([0.01] * 30, "the same"), ([0.0] * 9, "the same")],
)
def test_what_has_no_ratio_is_refused_plainly(returns: list[float], said: str) -> None:
    with pytest.raises(TrialImpossible, match=said):
        shape_of(np.array(returns))
