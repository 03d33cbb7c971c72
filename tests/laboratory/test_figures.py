"""Figures of outcomes whose weeks are known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.money import Money
from allusedesk.laboratory.backtest import run_backtest
from allusedesk.laboratory.comparison import compared, differences
from allusedesk.laboratory.figures import desk_returns, figures_of, sleeve_returns
from allusedesk.laboratory.outcome_text import TextUnreadable, text_of, value_of
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.trial import FILLS, TrialOutcome, TrialPlan
from allusedesk.laboratory.wording import modelled_words, outcome_rows, sureness
from allusedesk.laboratory.workers import Serial
from tests.laboratory.arithmetic import outcome_of, pretend

MINUS = "\N{MINUS SIGN}"

PLAN = TrialPlan((Path("nowhere"),), date(2012, 1, 2), date(2013, 3, 1))


def test_the_figures_of_weeks_that_are_known() -> None:
    returns = [0.01, -0.02, 0.03, 0.0, 0.01, -0.01, 0.02, 0.01]
    outcome = outcome_of(PLAN, returns)
    assert desk_returns(outcome) == pytest.approx(returns)
    assert sleeve_returns(outcome) == pytest.approx(np.array([returns] * 3).T)
    found = figures_of(outcome, 1)
    assert found.weeks == 8
    assert found.gain == pytest.approx(math.prod(1 + value for value in returns) - 1)
    assert found.drawdown == pytest.approx(0.02)
    assert (found.worst_week, found.weeks_up) == (pytest.approx(-0.02), 5)
    spread = np.std(returns, ddof=1)
    assert found.sharpe == pytest.approx(np.mean(returns) / spread * math.sqrt(52))
    assert [sleeve.reached for sleeve in found.sleeves] == [2, 5, 5]
    assert found.mean_interval is not None
    assert found.mean_interval.low < found.mean < found.mean_interval.high
    (doubt,) = found.doubts
    assert doubt.startswith("8 weeks are a short record")
    assert figures_of(outcome_of(PLAN, returns * 13), 1).doubts == ()


def test_a_trial_that_traded_nothing_says_that_its_cash_was_idle() -> None:
    outcome = outcome_of(PLAN, [0.0] * 104)
    idle = replace(outcome, totals=replace(outcome.totals, fills=0))
    assert not any("idle cash" in doubt for doubt in figures_of(outcome, 1).doubts)
    assert "these are the figures of idle cash" in figures_of(idle, 1).doubts[0]


def test_money_from_outside_is_neither_gain_nor_loss() -> None:
    outcome = outcome_of(PLAN, [0.0] * 10)
    richer = replace(outcome.weeks[4], moved=Money(PLAN.capital))
    given_more = replace(outcome, weeks=(*outcome.weeks[:4], richer, *outcome.weeks[5:]))
    assert desk_returns(given_more).tolist() == [0.0] * 10


@pytest.mark.parametrize(
    ("returns", "said"),
    [([], "No week was marked"), ([0.01], "few weeks (1)"), ([0.0] * 30, "came out the same")],
)
def test_what_cannot_be_told_is_none_and_said(returns: list[float], said: str) -> None:
    found = figures_of(outcome_of(PLAN, returns), 1)
    assert found.sharpe is None
    assert any(said in doubt for doubt in found.doubts)
    assert dict(outcome_rows(outcome_of(PLAN, returns), found))["Sharpe ratio by the year"] == "—"


@given(returns=some.lists(some.floats(-0.5, 0.5), max_size=12))
def test_an_outcome_is_its_text(returns: list[float]) -> None:
    outcome = outcome_of(PLAN, returns)
    assert value_of(TrialOutcome, text_of(outcome)) == outcome
    assert text_of(value_of(TrialOutcome, text_of(outcome))) == text_of(outcome)


def test_gaps_are_doubts_and_runs_kept_before_they_were_told_stay_readable() -> None:
    outcome = replace(outcome_of(PLAN, [0.01] * 9), gaps=("QQQ has no price on 3 of 45 sessions.",))
    assert figures_of(outcome, 1).doubts[0] == outcome.gaps[0]
    assert value_of(TrialOutcome, text_of(outcome)) == outcome
    before = json.loads(text_of(outcome))
    del before["gaps"]
    assert value_of(TrialOutcome, json.dumps(before)) == replace(outcome, gaps=())
    del before["notes"]
    with pytest.raises(TextUnreadable):
        value_of(TrialOutcome, json.dumps(before))


def test_a_plan_that_is_refused_is_no_backtest() -> None:
    with pytest.raises(TrialImpossible, match="must not be negative"):
        run_backtest(pretend, replace(PLAN, overrides=(("skill", -1),)), FILLS, Serial())


def test_runs_over_other_weeks_share_none() -> None:
    one = run_backtest(pretend, PLAN, ("mid",), Serial())
    weeks = tuple(replace(week, week=f"X{n}") for n, week in enumerate(one.outcomes[0].weeks))
    other = replace(one, outcomes=(replace(one.outcomes[0], weeks=weeks),))
    assert compared((one, other))[0].interval is None
    assert "few weeks (0)" in compared((one, other))[0].sentence
    assert compared((one, replace(one, outcomes=()))) == ()
    assert differences((one, one)) == ()


def test_modelled_prices_are_said() -> None:
    outcome = outcome_of(PLAN, [0.0, 0.0])
    assert "every quote is modelled" in modelled_words(outcome)
    part = replace(outcome, totals=replace(outcome.totals, quotes_modelled=0.25))
    assert modelled_words(part).startswith("25.0% of all quotes were modelled, in 2 of 2 weeks")
    weeks = tuple(replace(week, is_modelled=False) for week in outcome.weeks)
    none = replace(part, weeks=weeks, totals=replace(outcome.totals, quotes_modelled=0.0))
    assert modelled_words(none) == "No quote was modelled."
    assert [sureness(p) for p in (0.0, 0.5, 1.0)] == ["below 0.1%", "50.0%", "above 99.9%"]
    nearly = replace(outcome, totals=replace(outcome.totals, quotes_modelled=0.99996))
    assert modelled_words(nearly).startswith("More than 99.9% of all quotes were modelled")
    rows = dict(outcome_rows(nearly, figures_of(nearly, 1)))
    assert rows["modelled quotes"] == "above 99.9%"


def test_losses_are_told_with_a_minus_sign_wherever_they_stand() -> None:
    run = run_backtest(pretend, replace(PLAN, overrides=(("skill", 12),)), FILLS, Serial())
    outcome, figures = run.outcomes[0], run.figures[0]
    lost = replace(outcome, totals=replace(outcome.totals, taxable_short=Money(Decimal(-1234))))
    rows = dict(outcome_rows(lost, figures))
    assert rows["gains held short"] == f"{MINUS}1,234.00"
    assert rows["Sharpe ratio by the year"].startswith(MINUS)
    (worse, *_) = compared((run, run_backtest(pretend, PLAN, FILLS, Serial())))
    told = (run.headline, worse.sentence, *rows.values())
    assert MINUS in run.headline
    assert not [text for text in told if "-" in text]
