"""Stress: every cell against QuantLib's own revaluation of the lot."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib

from allusedesk.engine.what_if.stress import MOVES, VOLATILITY_FACTORS, gains
from allusedesk.risk.revaluation import HeldLot

RATE = 0.02
DAYS = 30


def by_quantlib(spot: float, strike: float, days: int, volatility: float, *, is_put: bool) -> float:
    """A European option by the analytic engine of QuantLib, over calendar days of 365."""
    today = QuantLib.Date(15, 6, 2012)
    QuantLib.Settings.instance().evaluationDate = today
    count = QuantLib.Actual365Fixed()
    right = QuantLib.Option.Put if is_put else QuantLib.Option.Call
    option = QuantLib.VanillaOption(
        QuantLib.PlainVanillaPayoff(right, strike), QuantLib.EuropeanExercise(today + days)
    )
    process = QuantLib.BlackScholesProcess(
        QuantLib.QuoteHandle(QuantLib.SimpleQuote(spot)),
        QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, RATE, count)),
        QuantLib.BlackVolTermStructureHandle(
            QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), volatility, count)
        ),
    )
    option.setPricingEngine(QuantLib.AnalyticEuropeanEngine(process))
    return float(option.NPV())


@pytest.mark.parametrize("is_put", [True, False])
def test_every_cell_is_a_full_revaluation(is_put: bool) -> None:
    lot = HeldLot("AAPL", -300, 101.0, 98.0, is_put, DAYS / 365.0, 0.32)
    table = gains([lot], RATE)[0]
    now = by_quantlib(101.0, 98.0, DAYS, 0.32, is_put=is_put)
    for row, factor in enumerate(VOLATILITY_FACTORS):
        for column, move in enumerate(MOVES):
            then = by_quantlib(101.0 * (1 + move), 98.0, DAYS, 0.32 * factor, is_put=is_put)
            assert table[row, column] == pytest.approx(-300 * (then - now), abs=1e-6)


def test_days_that_pass_take_time_value() -> None:
    lot = HeldLot("AAPL", -100, 101.0, 98.0, True, DAYS / 365.0, 0.32)
    found = gains([lot], RATE, (0.0,), (1.0,), 7 / 365.0)[0, 0, 0]
    now = by_quantlib(101.0, 98.0, DAYS, 0.32, is_put=True)
    then = by_quantlib(101.0, 98.0, DAYS - 7, 0.32, is_put=True)
    assert found == pytest.approx(-100 * (then - now), abs=1e-6)
    assert found > 0.0


def test_shares_move_with_spot_alone() -> None:
    table = gains([HeldLot("AAPL", 200, 50.0)], RATE, (-0.2, 0.1), (1.0, 2.0))[0]
    np.testing.assert_allclose(table, [[-2_000.0, 1_000.0], [-2_000.0, 1_000.0]])


def test_options_on_volatility_move_with_volatility_and_not_with_shares() -> None:
    lot = HeldLot("VIX", 100, 20.0, 25.0, years=0.1, volatility=0.9, is_of_volatility=True)
    table = gains([lot], RATE, (-0.2, 0.0), (1.0, 2.0))[0]
    assert table[0, 0] == table[0, 1] == pytest.approx(0.0)
    assert table[1, 0] == table[1, 1] > 0.0


def test_without_a_volatility_a_lot_counts_at_its_discounted_intrinsic_value() -> None:
    lot = HeldLot("AAPL", -100, 100.0, 90.0, is_put=True, years=0.1)
    table = gains([lot], 0.0, (-0.2,), (1.0,))
    assert table[0, 0, 0] == pytest.approx(-1_000.0)


def test_nothing_held_is_nothing_at_risk() -> None:
    assert gains([], RATE).sum() == 0.0
