"""Searches over a market that is made up, so that what is true is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from allusedesk.laboratory.deflated_sharpe import deflated_sharpe, shape_of
from allusedesk.laboratory.outcome_text import text_of, value_of
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.search import SearchRun, run_search
from allusedesk.laboratory.search_model import expected_improvement, promising
from allusedesk.laboratory.search_plan import (
    Axis,
    SearchPlan,
    coordinates,
    read_axis,
    settings_at,
    trial_at,
)
from allusedesk.laboratory.trial import TrialOutcome, TrialPlan
from allusedesk.laboratory.workers import Processes, Serial
from tests.laboratory.arithmetic import outcome_of, pretend

TRIAL = TrialPlan((Path("nowhere"),), date(2012, 1, 2), date(2013, 3, 1))
SKILL = Axis("skill", tuple(range(13)))
NOISE = Axis("noise", tuple(range(30)))
LONG = Axis("weeks", (105,))


def searched(plan: SearchPlan) -> SearchRun:
    return run_search(pretend, plan, Serial())


def test_a_grid_tries_every_combination_once() -> None:
    plan = SearchPlan(TRIAL, (Axis("skill", (1, 6)), Axis("noise", (0, 1, 2))))
    run = searched(plan)
    assert [one.settings for one in run.candidates] == [
        (("skill", skill), ("noise", noise)) for skill in (1, 6) for noise in (0, 1, 2)
    ]
    best = run.candidates[run.best]
    assert dict(best.settings)["skill"] == 6
    assert best.sharpe == max(one.sharpe for one in run.candidates)


def test_the_choice_among_noise_is_deflated_and_does_not_last() -> None:
    run = searched(SearchPlan(TRIAL, (Axis("skill", (3,)), NOISE, LONG)))
    best = run.candidates[run.best]
    assert run.deflated is not None
    assert run.mean_walked is not None
    assert run.deflated.probability < 0.95
    assert run.deflated.trials == 30
    # The true mean of skill 3 is 0.0004 a week; the best of thirty shows more than it has.
    assert np.mean(best.returns) > 0.002
    assert run.mean_walked.value < np.mean(best.returns)


def test_real_skill_survives_the_walk() -> None:
    run = searched(SearchPlan(TRIAL, (SKILL, LONG)))
    assert run.deflated is not None
    assert run.mean_walked is not None
    assert dict(run.candidates[run.best].settings)["skill"] in {5, 6, 7}
    assert run.mean_walked.value > 0.001
    chosen = [run.candidates[fold.chosen].settings[0][1] for fold in run.walk]
    assert set(chosen) <= {4, 5, 6, 7, 8}
    assert len(run.returns_walked) == 84


def seldom_losing(plan: TrialPlan) -> TrialOutcome:
    """A market without any gain in which most weeks win and one of twelve loses much."""
    settings = dict(plan.overrides)
    rng = np.random.default_rng([plan.seed, int(settings.get("noise", 0))])
    weeks = int(settings.get("weeks", 26))
    falls = np.where(rng.random(weeks) < 0.08, rng.exponential(0.03, weeks), 0.0)
    return outcome_of(plan, (rng.gamma(4, 0.0006, weeks) - falls).tolist())


def idle_at_odd(plan: TrialPlan) -> TrialOutcome:
    outcome = pretend(plan)
    is_idle = int(dict(plan.overrides).get("noise", 0)) % 2
    return replace(outcome, totals=replace(outcome.totals, fills=1 - is_idle))


def test_combinations_that_traded_nothing_are_counted() -> None:
    plan = SearchPlan(TRIAL, (Axis("noise", (1, 2, 3)),))
    doubts = run_search(idle_at_odd, plan, Serial()).doubts
    assert any(one.startswith("2 of 3 combinations traded nothing") for one in doubts)
    assert not any("traded nothing" in one for one in run_search(pretend, plan, Serial()).doubts)


def test_of_short_records_that_seldom_lose_nobody_is_sure() -> None:
    """Held against luck by its own shape, the best of many looks sure: it is one without a loss."""
    plan = SearchPlan(TRIAL, (NOISE,))
    run = run_search(seldom_losing, plan, Serial())
    assert run.deflated is None
    assert any("cannot be told from 26 weeks" in doubt for doubt in run.doubts)
    best = np.array(run.candidates[run.best].returns)
    sharpes = np.array([one.sharpe for one in run.candidates])
    assert deflated_sharpe(shape_of(best), sharpes).probability > 0.95
    long = run_search(seldom_losing, replace(plan, axes=(NOISE, LONG)), Serial())
    assert long.deflated is not None
    assert long.deflated.probability < 0.95


def test_a_fold_chooses_by_what_lay_before_it_alone() -> None:
    """Weeks garbled from a test on change no choice before it."""
    plan = SearchPlan(TRIAL, (SKILL,))
    run = searched(plan)
    first = run.walk[2].starts_on

    def garbled(trial: TrialPlan) -> object:
        outcome = pretend(trial)
        rng = np.random.default_rng(len(trial.overrides))
        weeks = tuple(
            week
            if week.starts_on < first
            else replace(week, moved=week.equity * int(rng.integers(9)))
            for week in outcome.weeks
        )
        return replace(outcome, weeks=weeks)

    other = run_search(garbled, plan, Serial())
    assert [fold.chosen for fold in run.walk[:3]] == [fold.chosen for fold in other.walk[:3]]
    assert run.returns_walked[:24] == other.returns_walked[:24]
    assert run.returns_walked != other.returns_walked


@pytest.mark.parametrize("manner", ["random", "model"])
def test_some_of_many_are_tried_each_once(manner: str) -> None:
    plan = SearchPlan(TRIAL, (SKILL, NOISE), manner=manner, tries=14)
    run = searched(plan)
    points = [one.point for one in run.candidates]
    assert len(points) == len(set(points)) == 14
    assert run == searched(plan)
    assert points != [one.point for one in searched(replace(plan, seed=2)).candidates]


def test_a_search_by_model_goes_where_the_skill_is() -> None:
    plan = SearchPlan(TRIAL, (Axis("skill", tuple(range(40))),), manner="model", tries=16)
    tried = [int(one.settings[0][1]) for one in searched(plan).candidates]
    assert np.mean([abs(skill - 6) for skill in tried[8:]]) < np.mean(
        [abs(skill - 6) for skill in tried[:4]]
    )


def hill(plan: TrialPlan) -> TrialOutcome:
    """A market with one peak, at 21 and 7, most of whose noise all rules share."""
    east, north = (int(dict(plan.overrides)[axis]) for axis in ("east", "north"))
    level = 0.004 - 0.00003 * _apart(east, north)
    shared = np.random.default_rng([plan.seed]).standard_normal(60)
    own = np.random.default_rng([plan.seed, east, north]).standard_normal(60)
    return outcome_of(plan, (level + 0.009 * shared + 0.0043 * own).tolist())


def _apart(east: int, north: int) -> int:
    return (east - 21) ** 2 + (north - 7) ** 2


@pytest.mark.long
def test_a_search_by_model_finds_a_peak_that_chance_misses() -> None:
    axes = tuple(Axis(name, tuple(range(30))) for name in ("east", "north"))

    def missed_by(manner: str) -> float:
        found = []
        for seed in range(1, 6):
            plan = SearchPlan(replace(TRIAL, seed=seed), axes, manner=manner, tries=28, seed=seed)
            run = run_search(hill, plan, Serial())
            places = [dict(one.settings) for one in run.candidates[12:]]
            found += [_apart(int(one["east"]), int(one["north"])) for one in places]
        return float(np.mean(found))

    assert missed_by("model") < 0.5 * missed_by("random")


def test_processes_find_the_same_bytes() -> None:
    for manner in ("grid", "model"):
        plan = SearchPlan(TRIAL, (SKILL,), manner=manner, tries=10)
        alone = text_of(searched(plan))
        assert text_of(run_search(pretend, plan, Processes(2))) == alone
        assert value_of(SearchRun, alone) == searched(plan)


def test_progress_counts_over_all_batches() -> None:
    told: list[tuple[int, int]] = []
    plan = SearchPlan(TRIAL, (SKILL,), manner="model", tries=10)
    run_search(pretend, plan, Serial(), told=lambda *step: told.append(step))
    assert told == [(done, 10) for done in range(1, 11)]


def test_what_the_rules_refuse_is_left_out_and_told() -> None:
    run = searched(SearchPlan(TRIAL, (Axis("skill", (-1, 5, 6)),)))
    assert run.candidates[0].reason == "Rule skill must not be negative."
    assert run.best > 0
    with pytest.raises(TrialImpossible, match="Nothing could be tried"):
        searched(SearchPlan(TRIAL, (Axis("skill", (-1,)),)))


@pytest.mark.parametrize(
    ("axis", "said"),
    [
        (Axis("weeks", (0,)), "too few for 4 folds"),
        (Axis("weeks", (1,)), "too few for 4 folds"),
        (Axis("weeks", (6,)), "too few for 4 folds"),
        (Axis("is_even", (True,)), "came out the same"),
    ],
)
def test_degenerate_spans_are_told_plainly(axis: Axis, said: str) -> None:
    run = searched(SearchPlan(TRIAL, (axis,)))
    assert any(said in doubt for doubt in run.doubts)
    assert run.deflated is None
    assert not run.weeks or not any("few weeks (0)" in doubt for doubt in run.doubts)
    assert value_of(SearchRun, text_of(run)) == run
    if axis.rule == "weeks":
        with pytest.raises(TrialImpossible, match="too few"):
            searched(SearchPlan(TRIAL, (axis, SKILL), manner="model", tries=12))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (SearchPlan(TRIAL, ()), "needs something to try"),
        (SearchPlan(TRIAL, (SKILL, SKILL)), "twice"),
        (SearchPlan(TRIAL, (SKILL,), folds=1), "Fewer than 2 folds"),
        (SearchPlan(TRIAL, (SKILL,), manner="luck"), "no search by 'luck'"),
        (SearchPlan(TRIAL, tuple(Axis(f"a{n}", tuple(range(100))) for n in range(4))), "fewer"),
    ],
)
def test_a_search_that_cannot_begin_is_refused_plainly(plan: SearchPlan, said: str) -> None:
    with pytest.raises(TrialImpossible, match=said):
        searched(plan)


def test_axes_as_they_are_typed() -> None:
    assert read_axis("a.b=1,2.5,up") == Axis("a.b", (1, read_axis("x=2.5").values[0], "up"))
    assert read_axis("a=3..6") == Axis("a", (3, 4, 5, 6))
    for wrong in ("a", "a=", "=3", "a=1,1", "a=6..3", "a=1..99999999999", "a=0..999999999"):
        with pytest.raises(TrialImpossible, match="names no values"):
            read_axis(wrong)


def test_points_are_settings_and_places() -> None:
    plan = SearchPlan(TRIAL, (Axis("rulebook", ("classic", "constitution")), Axis("a", (1, 2, 3))))
    assert [settings_at(plan, point)[1][1] for point in range(6)] == [1, 2, 3, 1, 2, 3]
    assert coordinates(plan, range(6)).tolist() == [
        [0, 0],
        [0, 0.5],
        [0, 1],
        [1, 0],
        [1, 0.5],
        [1, 1],
    ]
    trial = trial_at(plan, 5)
    assert (trial.rulebook, trial.overrides) == ("constitution", (("a", 3),))


def test_expected_improvement_is_that_of_the_integral() -> None:
    rng = np.random.default_rng(8)
    for expected, spread, best in ((0.2, 0.5, 0.4), (-1.0, 0.3, 0.1), (0.9, 0.01, 0.5)):
        drawn = np.maximum(expected + spread * rng.standard_normal(400_000) - best, 0.0).mean()
        found = expected_improvement(np.array([expected]), np.array([spread]), best)[0]
        assert found == pytest.approx(drawn, rel=0.02, abs=1e-4)
    assert expected_improvement(np.array([0.7]), np.array([0.0]), 0.5)[0] == pytest.approx(0.2)


def test_where_nothing_differs_the_order_stands() -> None:
    places = np.linspace(0, 1, 5)[:, np.newaxis]
    assert promising(places[:2], np.zeros(2), places, 3, 1) == (0, 1, 2)
