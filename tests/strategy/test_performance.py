"""Figures of strategies, and one record of them beside another."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import NOTHING
from allusedesk.domain.strategy_trades import StrategyTrade
from allusedesk.strategy.performance import TRADES_MIN, beside, performance_of
from tests.trading import DAY, REV, dollars


def trade(realised: str, **changes: object) -> StrategyTrade:
    usual = StrategyTrade(
        strategy="spread@1.0",
        account=REV,
        part="spread",
        order=OrderId("one"),
        symbol="SPY",
        opened_on=DAY,
        closed_on=DAY + timedelta(days=10),
        units=2,
        opened_for=dollars(100),
        realised=dollars(realised),
        unrealised=NOTHING,
        dividends=NOTHING,
        commission=dollars("2.60"),
        ending="exit.profit",
        is_modelled=True,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_the_figures_of_a_strategy_are_those_of_its_trades() -> None:
    still: date | None = None
    trades = [
        trade("50"),
        trade("-30"),
        trade("2.60"),
        trade("0", closed_on=still, unrealised=dollars(7), dividends=dollars(3)),
    ]
    (found,) = performance_of(trades)
    assert (found.opened, found.closed, found.won) == (4, 3, 1)
    assert found.result == dollars(50 - 30 + 7 + 3) + dollars("2.60") - dollars("10.40")
    assert (found.best, found.worst) == (dollars("47.40"), dollars("-32.60"))
    each = [47.40 / 2, -32.60 / 2, 0.0]
    assert found.mean == pytest.approx(statistics.fmean(each), abs=1e-12)
    assert found.deviation == pytest.approx(statistics.stdev(each), abs=1e-12)
    assert found.days_held == 10


def test_versions_and_sleeves_stand_apart() -> None:
    trades = [trade("1"), trade("1", strategy="spread@1.1"), trade("1", account="F1.com")]
    assert [(one.strategy, one.account) for one in performance_of(trades)] == [
        ("spread@1.0", "F1.com"),
        ("spread@1.0", REV),
        ("spread@1.1", REV),
    ]


def test_live_stands_beside_its_backtest_once_enough_is_closed() -> None:
    live = [trade(str(10 + place % 3)) for place in range(TRADES_MIN)]
    tested = [trade(str(16 + place % 5)) for place in range(2 * TRADES_MIN)]
    (pair,) = beside(performance_of(live), performance_of(tested))
    ours = [float(one.result.amount) / 2 for one in live]
    theirs = [float(one.result.amount) / 2 for one in tested]
    error = (
        statistics.variance(ours) / len(ours) + statistics.variance(theirs) / len(theirs)
    ) ** 0.5
    gap = (statistics.fmean(ours) - statistics.fmean(theirs)) / error
    assert pair.gap == pytest.approx(gap, abs=1e-12)
    (few,) = beside(performance_of(live[:-1]), performance_of(tested))
    assert few.gap is None
    same = [trade("10")] * TRADES_MIN
    assert beside(performance_of(same), performance_of(same))[0].gap is None
    assert beside(performance_of([trade("1", strategy="other@1.0")]), performance_of(live)) == ()
    assert performance_of([]) == ()
    assert Decimal(0) == NOTHING.amount
