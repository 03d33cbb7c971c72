"""How far trials are is told while they run, whoever works, and nothing is left of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.laboratory.search_plan import Axis, SearchPlan
from allusedesk.laboratory.trial import TrialPlan
from allusedesk.laboratory.workers import Processes, Serial, Workers, WorkStopped
from allusedesk.resource_files import resource_path
from allusedesk.wiring.laboratory.runs import backtest, purged_too_little, search
from allusedesk.wiring.laboratory.trial_days import DatedTrial, Passed, TrialWatch, trials_watched

PLAN = TrialPlan(
    (resource_path("sample_market"),),
    date(2012, 4, 2),
    date(2012, 4, 13),
    tuple(SymbolList(kind, ("IBM",)) for kind in AccountKind),
    capital=Decimal(300_000),
)


@pytest.mark.parametrize("workers", [Serial(), Processes(1)])
def test_a_single_trial_tells_how_far_it_is_before_it_is_done(workers: Workers) -> None:
    told: list[Passed] = []
    run = backtest(PLAN, "default", workers, told.append)
    parts = [one.part for one in told]
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    assert [one.done for one in told if one.part < 1.0] == [0] * sum(p < 1.0 for p in parts)
    if isinstance(workers, Serial):
        days = [one.day for one in told if one.day is not None]
        assert {date(2012, 4, 3), date(2012, 4, 10)} <= set(days)
        assert "0 of 1 done, the next at 10 April 2012." in {str(one) for one in told}
    assert run.outcomes[0].chain_head == backtest(PLAN, "default", Serial()).outcomes[0].chain_head


def test_a_trial_is_stopped_in_its_midst_once_it_is_seen_to_move() -> None:
    told: list[Passed] = []
    long = replace(PLAN, last=date(2012, 12, 28))
    with pytest.raises(WorkStopped):
        backtest(long, "mid", Processes(1), told.append, lambda: any(p.part > 0 for p in told))
    assert told[-1].done == 0
    assert 0 < told[-1].part < 1


def test_a_search_counts_all_that_it_tries() -> None:
    told: list[Passed] = []
    axis = Axis("accounts.rev.delta.low", (25, 30))
    search(SearchPlan(replace(PLAN, last=date(2012, 4, 4)), (axis,)), Serial(), told.append)
    assert {one.whole for one in told} == {2}
    assert any(0.5 < one.part < 1.0 or one.done == 1 for one in told)
    assert told[-1] == Passed(2, 2, 1.0, None)


def test_strategies_that_outlive_the_weeks_left_out_are_told_of() -> None:
    axis = Axis("accounts.rev.delta.low", (25, 30))
    plan = SearchPlan(
        replace(PLAN, strategies=("iron-condor=rev", "wheel@1.0", "buy-and-hold")), (axis,)
    )
    condor, wheel = purged_too_little(plan)
    # Fifty days at most, and out with twenty-one to go.
    assert "What iron-condor@1.0 opens may be held for 5 weeks, and 1 beside" in condor
    assert "unless the purge is 6" in wheel
    assert purged_too_little(replace(plan, purge=6)) == ()
    assert purged_too_little(replace(plan, trial=PLAN)) == ()


def test_what_is_half_written_or_gone_is_looked_past(tmp_path: Path) -> None:
    told: list[Passed] = []
    watch = TrialWatch(tmp_path, 2, told.append)
    watch.look()
    (tmp_path / "one").write_text("2012-04-0")
    watch.look()
    assert told == []
    DatedTrial(str(tmp_path)).write(PLAN, date(2012, 4, 13))
    watch.look()
    watch.look()
    assert told == [Passed(0, 2, 0.5, None)]
    DatedTrial(str(tmp_path / "gone")).write(PLAN, date(2012, 4, 13))
    with trials_watched(1, told.append) as other:
        folder = Path(other.trial.folder)
        assert folder.is_dir()
    assert not folder.exists()
