"""How strategies stand: switches and trades of the record, and backtests that were kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId, AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import OperatorRequest, SymbolList
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.journal.queries.record import weekly_returns
from allusedesk.journal.queries.strategies import strategy_trades
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.backtest import BacktestRun
from allusedesk.laboratory.figures import figures_of
from allusedesk.laboratory.trial import TrialPlan
from allusedesk.strategy.performance import performance_of
from allusedesk.wiring.laboratory.runs import keep_run
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RehearsalRequest
from allusedesk.wiring.strategies import strategy_choices
from allusedesk.wiring.strategy_look import strategies_listed
from allusedesk.wiring.strategy_standing import (
    StrategyRecord,
    backtests_kept,
    gap_between,
    mean_of,
)
from tests.journal.test_queries import journal_of
from tests.laboratory.arithmetic import outcome_of
from tests.trading import ROOT, classic

GEN, REV = AccountId("F1.gen"), AccountId("F1.rev")
AT = datetime(2026, 2, 9, 15, tzinfo=UTC)


def switch(strategy: str, account: AccountId, *, is_on: bool, by: str = "Ann") -> StrategySwitched:
    return StrategySwitched(account, strategy, "", is_on, by)


def test_since_is_the_last_change_that_was_not_denied(tmp_path: Path) -> None:
    events = [
        switch("wheel@1.0", GEN, is_on=True),
        switch("wheel@1.0", REV, is_on=True),
        # Switched on again: nothing changes. A newer version takes the place of the older.
        switch("wheel@1.0", GEN, is_on=True, by="Bob"),
        switch("wheel@1.1", REV, is_on=True, by="Bob"),
        switch("wheel@2.0", GEN, is_on=True, by="Eve"),
        told.RequestDenied(OperatorRequest.STRATEGY, "wheel@2.0", "strategy.definition", "no"),
        switch("collar@1.0", GEN, is_on=False, by="Eve"),
    ]
    entries = [
        Entry(place, AT + timedelta(minutes=place), 5 if place == 6 else None, event)
        for place, event in enumerate(events, start=1)
    ]
    path = journal_of(tmp_path / "switched.journal", entries)
    known = (
        switch("wheel@1.0", GEN, is_on=True),
        switch("wheel@1.0", REV, is_on=False),
        switch("wheel@1.1", REV, is_on=True),
    )
    record = StrategyRecord(ResultsFile(tmp_path / "none.results"))
    with ReadSide.open(path) as side:
        first, second = record._standings(side, known), record._standings(side, known)
    assert first == second
    assert [(one.strategy, one.account, one.is_on) for one in first] == [
        (one.strategy, one.account, one.is_on) for one in known
    ]
    assert [(one.since, one.operator) for one in first] == [
        (AT + timedelta(minutes=1), "Ann"),
        (AT + timedelta(minutes=4), "Bob"),
        (AT + timedelta(minutes=4), "Bob"),
    ]
    assert all(one.traded is None and one.weeks == () for one in first)


@pytest.mark.long
def test_the_trades_and_weeks_are_those_of_the_record(tmp_path: Path) -> None:
    symbols = tuple(SymbolList(kind, ("AAPL", "MSFT")) for kind in AccountKind)
    request = RehearsalRequest(
        data=(ROOT / "resources" / "sample_market",),
        first=date(2012, 1, 2),
        last=date(2012, 1, 27),
        rulebook="classic",
        symbols=symbols,
        capital=Decimal(1_000_000),
        approve="all",
        seed=7,
        out=tmp_path,
        strategies=strategy_choices(("wheel@1.0=gen",), symbols, classic()),
    )
    with ReadSide.open(rehearse(request).journal) as side:
        entries = tuple(side.journal.read())
        [switched] = [one.event for one in entries if isinstance(one.event, StrategySwitched)]
        record = StrategyRecord(ResultsFile(tmp_path / "none.results"))
        seen = record.look(side, (switched,))
        [standing] = seen.standings
        [expected] = performance_of(strategy_trades(entries))
        returns = [float(one.value) for one in weekly_returns(side) if one.account == GEN]
    assert standing.traded == expected
    assert expected.opened > 0
    # The week it was switched on in is no whole one.
    assert list(standing.weeks) == returns[1:]
    assert len(returns) == 4


def kept(file: ResultsFile, strategies: tuple[str, ...], value: float) -> int:
    plan = TrialPlan((), date(2012, 1, 2), date(2012, 3, 2), strategies=strategies)
    outcome = outcome_of(plan, [value] * 9)
    return keep_run(file, BacktestRun((outcome,), (figures_of(outcome, 1),)))


def test_the_newest_kept_backtest_of_each_tier_counts(tmp_path: Path) -> None:
    lines = strategies_listed(()).lines
    file = ResultsFile(tmp_path / "laboratory.results")
    assert backtests_kept(file, lines) == ()
    kept(file, ("wheel@1.0=gen",), 0.001)
    newest = kept(file, ("wheel@1.0=F1.gen", "collar@1.0=gen"), 0.002)
    loose = kept(file, ("wheel=rev", "mine.toml=rev"), 0.003)
    kept(file, (), 0.004)
    kept(file, ("wheel@0.9=gen",), 0.005)
    found = {(one.strategy, one.kind): one for one in backtests_kept(file, lines)}
    assert sorted(found, key=str) == sorted(
        [
            ("wheel@1.0", AccountKind.GENERATION),
            ("collar@1.0", AccountKind.GENERATION),
            ("wheel@1.0", AccountKind.REVENUE),
        ],
        key=str,
    )
    wheel = found["wheel@1.0", AccountKind.GENERATION]
    assert (wheel.number, wheel.beside, wheel.is_versioned) == (newest, ("collar@1.0",), True)
    assert wheel.weeks == (0.002,) * 9
    assert not found["wheel@1.0", AccountKind.REVENUE].is_versioned
    assert found["wheel@1.0", AccountKind.REVENUE].number == loose


def test_a_run_that_is_kept_meanwhile_is_seen_at_the_next_look(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    record = StrategyRecord(file)
    entries = [Entry(1, AT, None, switch("wheel@1.0", GEN, is_on=True))]
    with ReadSide.open(journal_of(tmp_path / "one.journal", entries)) as side:
        assert record.look(side, ()).tested == ()
        number = kept(file, ("wheel@1.0=gen",), 0.001)
        assert [one.number for one in record.look(side, ()).tested] == [number]
        assert [one.number for one in record.look(side, ()).tested] == [number]


def test_results_that_cannot_be_read_are_told_and_hide_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.results"
    path.write_bytes(b"no results at all, but long enough to look at")
    entries = [Entry(1, AT, None, switch("wheel@1.0", GEN, is_on=True))]
    with ReadSide.open(journal_of(tmp_path / "one.journal", entries)) as side:
        seen = StrategyRecord(ResultsFile(path)).look(side, ())
    assert len(seen.lines) > 10
    [fault] = seen.faults
    assert "laboratory.results" in fault


def test_the_difference_is_welchs_and_silent_where_too_few_weeks_are_known() -> None:
    rng = np.random.default_rng(11)
    live, tested = rng.normal(0.002, 0.01, 14).tolist(), rng.normal(0.004, 0.02, 40).tolist()
    expected = stats.ttest_ind(live, tested, equal_var=False).statistic
    assert gap_between(live, tested) == pytest.approx(expected, rel=1e-12)
    assert gap_between(live[:9], tested) is None
    assert gap_between([0.001] * 12, [0.001] * 12) is None
    assert mean_of(live) == pytest.approx(np.mean(live))
    assert mean_of(()) is None
