"""Scenarios over a book, to the dollar."""

from __future__ import annotations

import pytest

from allusedesk.market.pricing import values
from allusedesk.risk.revaluation import HeldLot
from allusedesk.risk.scenarios import MarketScenario
from allusedesk.risk.stress import RATE_SHIFTS, rate_shifts, stress

SHARES = HeldLot("AAPL", 100, 50.0)
OTHERS = HeldLot("MSFT", 10, 100.0)
CRASH = MarketScenario("crash", "Crash", -0.2, factor=2.0, moves=(("MSFT", -0.5),))


def test_symbols_move_with_the_market_or_as_the_scenario_names_them() -> None:
    found = stress([SHARES, OTHERS], 0.03, [CRASH])[0]
    assert found.total == pytest.approx(-1500.0)
    assert found.by_underlying == (("AAPL", pytest.approx(-1000.0)), ("MSFT", pytest.approx(-500)))
    assert found.total_by_beta is None


def test_betas_stretch_the_markets_move_alone() -> None:
    found = stress([SHARES, OTHERS], 0.03, [CRASH], {"AAPL": 1.5, "MSFT": 3.0})[0]
    assert found.total == pytest.approx(-1500.0)
    assert found.total_by_beta == pytest.approx(-1500.0 - 500.0)


def test_no_share_falls_below_nothing() -> None:
    deep = MarketScenario("deep", "", -0.9)
    assert stress([SHARES], 0.03, [deep], {"AAPL": 2.0})[0].total_by_beta == pytest.approx(-5000.0)


def test_days_volatility_and_rates_are_those_of_the_scenario() -> None:
    put = HeldLot("AAPL", -100, 100.0, 95.0, is_put=True, years=0.2, volatility=0.3)
    one = MarketScenario("slide", "", -0.1, factor=1.5, rate_change=0.01, sessions=21)
    then = values(90, 95, 0.2 - 21 / 252, 0.04, 0, 0.45, is_put=True)
    now = values(100, 95, 0.2, 0.03, 0, 0.3, is_put=True)
    assert stress([put], 0.03, [one])[0].total == pytest.approx(float(-100 * (then - now)))


def test_rates_alone_move_options_and_leave_shares() -> None:
    call = HeldLot("AAPL", 100, 100.0, 100.0, years=1.0, volatility=0.2)
    found = dict(rate_shifts([call, SHARES], 0.03))
    assert set(found) == set(RATE_SHIFTS)
    then, now = (float(values(100, 100, 1, rate, 0, 0.2, is_put=False)) for rate in (0.04, 0.03))
    assert found[0.01] == pytest.approx(100 * (then - now))
    assert found[-0.02] < 0 < found[0.02]


def test_cash_loses_nothing_in_any_of_them() -> None:
    found = stress([], 0.03, [CRASH], {"AAPL": 1.0})[0]
    assert (found.total, found.by_underlying, found.total_by_beta) == (0.0, (), 0.0)
