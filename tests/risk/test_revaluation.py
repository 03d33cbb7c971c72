"""Lots revalued: shares to the cent, European options as the formula, American ones as QuantLib."""

from __future__ import annotations

import numpy as np
import pytest

from allusedesk.market.american import american_values
from allusedesk.market.pricing import values
from allusedesk.risk.revaluation import HeldLot, Shocks, gains_under, with_early_exercise, worth_now

MOVES = np.array([-0.2, -0.05, 0.0, 0.1])
FACTORS = np.array([2.0, 1.2, 1.0, 0.8])
RATES = np.array([0.0, 0.01, 0.0, -0.01])


def shocks(years_passed: float = 0.0) -> Shocks:
    return Shocks({"AAPL": MOVES}, MOVES / 2.0, FACTORS, RATES, years_passed)


def test_shares_move_by_their_own_return_and_strangers_as_the_market() -> None:
    lots = [HeldLot("AAPL", 100, 50.0), HeldLot("XYZ", -10, 50.0)]
    found = gains_under(lots, 0.03, shocks())
    assert found[0] == pytest.approx([-1000.0, -250.0, 0.0, 500.0])
    assert found[1] == pytest.approx([50.0, 12.5, 0.0, -25.0])


def test_a_european_option_is_the_formula_there_less_the_formula_here() -> None:
    lot = HeldLot("AAPL", -300, 100.0, 95.0, is_put=True, years=0.1, volatility=0.3)
    there = values(100 * (1 + MOVES), 95, 0.1 - 0.01, 0.03 + RATES, 0, 0.3 * FACTORS, is_put=True)
    here = values(100, 95, 0.1, 0.03, 0, 0.3, is_put=True)
    assert gains_under([lot], 0.03, shocks(0.01))[0] == pytest.approx(-300 * (there - here))


def test_a_put_whose_time_runs_out_is_worth_what_exercise_brings() -> None:
    lot = HeldLot("AAPL", 100, 100.0, 95.0, is_put=True, years=0.01, volatility=0.3)
    found = gains_under([lot], 0.0, shocks(1.0))[0] + 100 * worth_now(lot, 0.0)
    assert found == pytest.approx([1500.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_options_on_volatility_follow_it_and_not_the_shares() -> None:
    lot = HeldLot("VIX", 100, 20.0, 20.0, years=0.0, is_of_volatility=True)
    assert gains_under([lot], 0.0, shocks())[0] == pytest.approx(
        [2000.0, 400.0, 0.0, 0.0], abs=1e-6
    )


def test_nothing_falls_below_nothing() -> None:
    lot = HeldLot("AAPL", 1, 50.0)
    one = np.ones(1)
    found = gains_under([lot], 0.0, Shocks({}, -2.0 * one, one, 0.0 * one))
    assert found[0, 0] == pytest.approx(-50.0)


def test_american_puts_are_as_quantlib_values_them_in_every_scenario() -> None:
    random = np.random.default_rng(3)
    lots = [
        HeldLot("AAPL", 1, 100.0, strike, is_put=True, years=years, volatility=level)
        for strike, years, level in (
            (95.0, 5 / 365, 0.3),
            (110.0, 30 / 365, 0.15),
            (120.0, 0.25, 0.3),
            (100.0, 1.0, 0.25),
        )
    ]
    moves = np.clip(np.expm1(random.normal(0.0, 0.05, 60)), -0.5, 0.5)
    factors, zero = np.exp(random.normal(0.0, 0.15, 60)), np.zeros(60)
    cases = Shocks({"AAPL": moves}, moves, factors, zero, 1 / 252)
    whole = with_early_exercise(lots, 0.05)
    errors = {}
    for name, held in (("European", lots), ("as here", whole)):
        worst = 0.0
        for lot, gained in zip(held, gains_under(held, 0.05, cases), strict=True):
            left = lot.years - 1 / 252
            terms = (lot.strike, left, 0.05, 0.0, lot.volatility * factors, True)
            there = american_values(100.0 * (1.0 + moves), *terms)
            now = american_values(100.0, lot.strike, lot.years, 0.05, 0.0, lot.volatility, True)
            worst = max(worst, float(np.abs(gained - (there - now)).max()))
        errors[name] = worst
    # Dollars a share of 100; without early exercise it is more than a dollar.
    assert errors["as here"] < 0.05
    assert errors["European"] > 5.0 * errors["as here"]


def test_only_puts_with_a_day_left_carry_what_early_exercise_is_worth() -> None:
    lots = [
        HeldLot("AAPL", 1, 100.0),
        HeldLot("AAPL", 1, 100.0, 90.0, years=1.0, volatility=0.3),
        HeldLot("AAPL", 1, 100.0, 110.0, is_put=True, years=0.001, volatility=0.3),
        HeldLot("AAPL", 1, 100.0, 110.0, is_put=True, years=1.0),
        HeldLot("SPX", 1, 100.0, 110.0, True, 1.0, 0.3, is_european=True),
    ]
    assert with_early_exercise(lots, 0.05) == tuple(lots)
    put = HeldLot("AAPL", 1, 100.0, 110.0, is_put=True, years=1.0, volatility=0.3)
    assert with_early_exercise([put], 0.05)[0].early
    assert worth_now(with_early_exercise([put], 0.05)[0], 0.05) == pytest.approx(
        float(american_values(100.0, 110.0, 1.0, 0.05, 0.0, 0.3, True)), abs=1e-6
    )
