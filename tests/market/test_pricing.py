"""Values, greeks and implied volatilities against QuantLib and against their own definitions."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.pricing import (
    expected_loss_of_covered_shares,
    greeks,
    implied_volatilities,
    probability_in_the_money,
    probability_of_profit,
    to_price_tick,
    values,
)

GRID = list(product([80.0, 100.0, 131.0], [3, 91, 730], [0.0, 0.05], [0.0, 0.03], [0.1, 0.6]))


@pytest.mark.parametrize("is_put", [True, False])
def test_value_and_greeks_agree_with_quantlib(is_put: bool) -> None:
    ql = pytest.importorskip("QuantLib")
    today = ql.Date(15, 6, 2026)
    ql.Settings.instance().evaluationDate = today
    calendar, count = ql.NullCalendar(), ql.Actual365Fixed()
    spot = ql.QuoteHandle(ql.SimpleQuote(100.0))
    for strike, days, rate, dividend_yield, volatility in GRID:
        process = ql.BlackScholesMertonProcess(
            spot,
            ql.YieldTermStructureHandle(ql.FlatForward(today, dividend_yield, count)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
            ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, calendar, volatility, count)),
        )
        oracle = ql.VanillaOption(
            ql.PlainVanillaPayoff(ql.Option.Put if is_put else ql.Option.Call, strike),
            ql.EuropeanExercise(today + days),
        )
        oracle.setPricingEngine(ql.AnalyticEuropeanEngine(process))
        ours = greeks(100.0, strike, days / 365, rate, dividend_yield, volatility, is_put)
        assert ours.values == pytest.approx(oracle.NPV(), abs=1e-9)
        assert ours.delta == pytest.approx(oracle.delta(), abs=1e-10)
        assert ours.gamma == pytest.approx(oracle.gamma(), abs=1e-10)
        assert ours.vega == pytest.approx(oracle.vega(), abs=1e-9)
        assert ours.theta == pytest.approx(oracle.theta(), abs=1e-8)
        assert ours.rho == pytest.approx(oracle.rho(), abs=1e-9)


def test_an_expired_option_is_worth_its_intrinsic_value() -> None:
    ended = greeks(100.0, [90.0, 100.0, 110.0], 0.0, 0.05, 0.01, 0.3, [True, True, True])
    assert ended.values == pytest.approx([0.0, 0.0, 10.0], abs=1e-8)
    assert ended.delta[[0, 2]] == pytest.approx([0.0, -1.0])
    for sensitivity in (ended.gamma, ended.vega, ended.theta, ended.rho):
        assert np.all(sensitivity == 0.0)


def test_implied_volatility_returns_the_volatility_put_in() -> None:
    rng = np.random.default_rng(11)
    count = 20_000
    spot = rng.uniform(1.0, 1000.0, count)
    strike = spot * np.exp(rng.normal(0.0, 0.3, count))
    years = 10.0 ** rng.uniform(-3.0, 0.5, count)
    volatility = rng.uniform(0.05, 3.0, count)
    is_put = rng.random(count) < 0.5
    priced = greeks(spot, strike, years, 0.04, 0.01, volatility, is_put)
    found = implied_volatilities(priced.values, spot, strike, years, 0.04, 0.01, is_put)
    # Where vega is small the price in 64 bits does not carry eight digits of volatility.
    carried = 4e-15 * (spot + strike) / np.maximum(priced.vega, 1e-300)
    is_determined = carried < 1e-8
    assert is_determined.mean() > 0.8
    assert np.abs(found - volatility)[is_determined].max() <= 1e-8


@given(
    st.floats(0.3, 3.0),
    st.floats(0.001, 3.0),
    st.floats(0.03, 4.0),
    st.booleans(),
    st.floats(0.0, 0.1),
)
def test_implied_volatility_reproduces_the_price(
    moneyness: float, years: float, volatility: float, is_put: bool, rate: float
) -> None:
    price = values(100.0, 100.0 * moneyness, years, rate, 0.01, volatility, is_put)
    found = implied_volatilities(price, 100.0, 100.0 * moneyness, years, rate, 0.01, is_put)
    again = values(100.0, 100.0 * moneyness, years, rate, 0.01, found, is_put)
    assert float(again) == pytest.approx(float(price), abs=1e-11)


def test_a_price_outside_the_bounds_has_no_implied_volatility() -> None:
    spot, strike, years = 100.0, 110.0, 0.5
    floor = strike * np.exp(-0.05 * years) - spot
    prices = [floor - 1e-9, floor, floor + 0.01, strike * np.exp(-0.05 * years), np.nan, 12.0]
    lives = [years, years, years, years, years, 0.0]
    found = implied_volatilities(prices, spot, strike, lives, 0.05, 0.0, is_put=True)
    assert np.isnan(found[[0, 3, 4, 5]]).all()
    assert found[1] == 0.0
    assert found[2] > 0.0


@pytest.mark.parametrize("is_put", [True, False])
def test_probability_in_the_money_is_the_slope_of_the_value_in_the_strike(is_put: bool) -> None:
    step, years, rate = 1e-4, 0.2, 0.03
    high = values(100.0, 95.0 + step, years, rate, 0.01, 0.3, is_put)
    low = values(100.0, 95.0 - step, years, rate, 0.01, 0.3, is_put)
    slope = abs(high - low) / (2.0 * step) * np.exp(rate * years)
    asked = probability_in_the_money(100.0, 95.0, years, rate, 0.01, 0.3, is_put)
    assert asked == pytest.approx(slope, abs=1e-7)


def test_probability_of_profit_counts_from_the_break_even() -> None:
    put = probability_of_profit(100.0, 95.0, 0.1, 0.03, 0.0, 0.3, is_put=True, premium=2.0)
    assert put == pytest.approx(
        probability_in_the_money(100.0, 93.0, 0.1, 0.03, 0.0, 0.3, is_put=False)
    )
    call = probability_of_profit(100.0, 105.0, 0.1, 0.03, 0.0, 0.3, is_put=False, premium=2.0)
    assert call == pytest.approx(
        probability_in_the_money(100.0, 107.0, 0.1, 0.03, 0.0, 0.3, is_put=True)
    )


def test_expected_loss_of_covered_shares_ending_in_time_is_a_put_at_the_break_even() -> None:
    years, rate = 7 / 365, 0.03
    loss = expected_loss_of_covered_shares(100.0, 104.0, years, rate, 0.0, 0.4, 1.2, 30 / 365)
    closed_form = values(100.0, 98.8, years, rate, 0.0, 0.4, is_put=True) * np.exp(rate * years)
    assert loss == pytest.approx(float(closed_form), rel=1e-3)


def test_shares_bought_dearer_than_today_start_from_their_basis() -> None:
    years, rate = 7 / 365, 0.03
    loss = expected_loss_of_covered_shares(
        100.0, 104.0, years, rate, 0.0, 0.4, 1.2, 30 / 365, basis=103.0
    )
    closed_form = values(100.0, 101.8, years, rate, 0.0, 0.4, is_put=True) * np.exp(rate * years)
    assert loss == pytest.approx(float(closed_form), rel=1e-3)


def test_a_call_that_outlives_the_horizon_is_valued_there() -> None:
    mark = float(values(100.0, 100.0, 0.5, 0.0, 0.0, 0.3, is_put=False))
    loss = expected_loss_of_covered_shares(100.0, 100.0, 0.5, 0.0, 0.0, 0.3, mark, 30 / 365)
    # A fair position's expected gain and loss are equal: half the mean absolute change.
    spots = 100.0 * np.exp(
        0.3 * np.sqrt(30 / 365) * np.random.default_rng(5).normal(size=200_000) - 0.045 * 30 / 365
    )
    later = values(spots, 100.0, 0.5 - 30 / 365, 0.0, 0.0, 0.3, is_put=False)
    change = (100.0 - mark) - (spots - later)
    assert loss == pytest.approx(np.abs(change).mean() / 2.0, rel=0.01)


@pytest.mark.parametrize(
    ("value", "tick", "rounding", "expected"),
    [
        (1.1499999999999999, "0.05", ROUND_FLOOR, "1.15"),
        (1.16, "0.05", ROUND_FLOOR, "1.15"),
        (1.16, "0.05", ROUND_CEILING, "1.20"),
        (0.30000000000000004, "0.01", ROUND_CEILING, "0.30"),
        (2.675, "0.01", ROUND_HALF_EVEN, "2.68"),
        (-0.004, "0.01", ROUND_HALF_EVEN, "0.00"),
    ],
)
def test_a_float_becomes_a_price_on_the_tick(
    value: float, tick: str, rounding: str, expected: str
) -> None:
    assert to_price_tick(value, Decimal(tick), rounding) == Decimal(expected)


@pytest.mark.parametrize(("value", "tick"), [(float("nan"), "0.01"), (1.0, "0")])
def test_what_is_no_price_is_refused(value: float, tick: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        to_price_tick(value, Decimal(tick), ROUND_FLOOR)
