"""Scores against base rates: nothing of the future, plain about no skill, alarmed by drift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allusedesk.learning.scorecard import (
    CUSUM_LIMIT,
    DRIFT_SHARE,
    Learner,
    Lesson,
    calibration,
    drifted_features,
    score,
    score_drift,
)
from allusedesk.learning.week_type_model import CannotLearn, predict

WEEKS = 90


def lesson(skill: float, seed: int = 4, weeks: int = WEEKS) -> Lesson:
    chance = np.random.default_rng(seed)
    values = chance.standard_normal((weeks, 2))
    odds = 1.0 / (1.0 + np.exp(-skill * values[:, 0]))
    codes = (chance.random(weeks) < odds).astype(int)
    names = tuple(f"2010-W{number:03d}" for number in range(weeks))
    return Lesson("t", ("x", "y"), ("a", "b"), names, values, np.eye(2)[codes])


def test_skill_is_found_and_its_interval_lies_above_nothing() -> None:
    walk = Learner().walk(lesson(4.0, weeks=130))
    found = score(walk.forecasts, walk.bases, walk.truths)
    assert found is not None
    assert found.weeks == 130 - 50
    assert found.is_better
    assert found.gain == pytest.approx(found.log_base - found.log_model)
    assert found.brier_model < found.brier_base


def test_no_skill_is_never_called_better() -> None:
    walk = Learner().walk(lesson(0.0))
    found = score(walk.forecasts, walk.bases, walk.truths)
    assert found is not None
    assert not found.is_better


def test_a_forecast_knows_nothing_of_its_own_week_or_a_later_one() -> None:
    whole = lesson(2.0, weeks=70)
    walk = Learner().walk(whole)
    spoilt = replace(
        whole,
        values=np.concatenate([whole.values[:61], whole.values[61:] * 50.0 + 9.0]),
        shares=np.concatenate([whole.shares[:60], whole.shares[60:][:, ::-1]]),
    )
    other = Learner().walk(spoilt)
    np.testing.assert_array_equal(walk.forecasts[:11], other.forecasts[:11])
    np.testing.assert_array_equal(walk.bases[:11], other.bases[:11])
    assert not np.array_equal(walk.forecasts[11:], other.forecasts[11:])


def test_what_is_known_two_weeks_late_is_learnt_two_weeks_late() -> None:
    slow = replace(lesson(2.0, weeks=60), lead=2)
    assert len(slow.known_before(50)) == 49
    with pytest.raises(CannotLearn, match="49 of 50"):
        Learner().model_at(slow, 50)
    assert Learner().model_at(slow, 51).weeks == 50


def test_the_model_is_learnt_anew_each_quarter_and_kept_in_between() -> None:
    learner, whole = Learner(), lesson(2.0)
    assert learner.model_at(whole, 50) is learner.model_at(whole, 62)
    assert learner.model_at(whole, 63).weeks == 63
    walk = learner.walk(whole, 60)
    assert walk.places.tolist() == list(range(50, 60))
    given = predict(learner.model_at(whole, 55), whole.values[55:56])[0]
    np.testing.assert_array_equal(walk.forecasts[5], given)


def test_few_weeks_have_no_score() -> None:
    walk = Learner().walk(lesson(2.0, weeks=62))
    assert score(walk.forecasts, walk.bases, walk.truths) is None


def test_scores_equal_those_worked_out_by_hand() -> None:
    forecasts = np.tile([0.8, 0.2], (20, 1))
    bases = np.tile([0.5, 0.5], (20, 1))
    truths = np.tile([1.0, 0.0], (20, 1))
    found = score(forecasts, bases, truths)
    assert found is not None
    assert found.log_model == pytest.approx(0.22314355131420976)
    assert [found.gain, found.gain_low] == pytest.approx([np.log(1.6)] * 2)
    assert found.brier_model == pytest.approx(0.08)
    assert found.brier_base == pytest.approx(0.5)


@pytest.mark.parametrize("weeks", [13, 26, 52])
def test_few_weeks_are_not_called_better_by_luck(weeks: int) -> None:
    """Forecasts that know nothing of weeks that resemble their neighbours; 2.5% may look better."""
    chance = np.random.default_rng(12)
    better = 0
    for _ in range(600):
        stays = chance.random((2, weeks)) < 0.6
        drawn = chance.random((2, weeks)) < 0.5
        for place in range(1, weeks):
            drawn[:, place] = np.where(stays[:, place], drawn[:, place - 1], drawn[:, place])
        given = np.where(drawn[0], 0.52, 0.48)
        forecasts = np.stack([given, 1.0 - given], axis=1)
        truths = np.eye(2)[drawn[1].astype(int)]
        found = score(forecasts, np.full((weeks, 2), 0.5), truths)
        assert found is not None
        better += found.is_better
    assert better / 600 < 0.04


def test_calibration_counts_what_came_about() -> None:
    forecasts = np.array([[0.25, 0.75]] * 4)
    truths = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    low, high = calibration(forecasts, truths)
    assert (low.expected, low.observed, low.count) == (0.25, 0.25, 4)
    assert (high.expected, high.observed, high.count) == (0.75, 0.75, 4)


def test_drift_is_seen_where_it_was_put_and_nowhere_else() -> None:
    chance = np.random.default_rng(8)
    taught = chance.standard_normal((300, 3))
    recent = chance.standard_normal((26, 3))
    assert drifted_features(taught, recent, ("a", "b", "c")) == ()
    recent[:, 1] += 2.0
    assert drifted_features(taught, recent, ("a", "b", "c")) == ("b",)
    assert drifted_features(taught, recent[:25], ("a", "b", "c")) == ()


def test_drift_is_seldom_seen_in_a_world_that_stays_and_always_in_one_that_moved() -> None:
    """Figures that resemble their neighbours as those of SPY do, some for half a year."""
    chance, alarms, seen = np.random.default_rng(9), 0, 0
    kept = np.repeat([0.0, 0.5, 0.75, 0.95], 7)
    names = tuple(f"f{number}" for number in range(28))
    for _ in range(60):
        world = chance.standard_normal((276, 28))
        for week in range(1, 276):
            world[week] = kept * world[week - 1] + np.sqrt(1.0 - kept**2) * world[week]
        taught, recent = world[:250], world[250:]
        alarms += len(drifted_features(taught, recent, names)) >= DRIFT_SHARE * 28
        moved = recent + 1.5 * taught.std(axis=0)
        seen += len(drifted_features(taught, moved, names)) >= DRIFT_SHARE * 28
    assert alarms <= 6
    assert seen == 60


def test_a_score_that_stays_worse_is_seen_and_one_surprise_is_not() -> None:
    chance = np.random.default_rng(2)
    given = chance.uniform(0.5, 0.8, 120)
    forecasts = np.stack([given, 1.0 - given], axis=1)
    truths = np.tile([1.0, 0.0], (120, 1))
    calm = score_drift(forecasts, truths)
    assert calm is not None
    assert calm < CUSUM_LIMIT
    surprised = truths.copy()
    surprised[-1] = [0.0, 1.0]
    once = score_drift(forecasts, surprised)
    assert once is not None
    assert once < CUSUM_LIMIT
    surprised[-15:] = [0.0, 1.0]
    long = score_drift(forecasts, surprised)
    assert long is not None
    assert long > CUSUM_LIMIT
    assert score_drift(forecasts[:50], truths[:50]) is None
