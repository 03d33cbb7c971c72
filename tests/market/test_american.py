from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from allusedesk.market import pricing
from allusedesk.market.american import (
    KnownDividend,
    OptionTerms,
    american_greeks,
    american_implied_volatility,
    american_values,
    judge_early_exercise,
    value_with_dividends,
)

DAY = 1 / 365
RNG = np.random.default_rng(11)
COUNT = 120
STRIKES = RNG.uniform(70.0, 130.0, COUNT)
YEARS = np.where(RNG.random(COUNT) < 0.6, RNG.uniform(1, 15, COUNT), RNG.uniform(15, 550, COUNT))
YEARS /= 365
RATES, YIELDS = RNG.uniform(0.0, 0.06, COUNT), RNG.uniform(0.0, 0.03, COUNT)
SIGMAS = RNG.uniform(0.12, 0.8, COUNT)
IS_PUT = RNG.random(COUNT) < 0.5


def own_quantlib(terms: OptionTerms, engine_of: object) -> float:
    """The option as a reader of QuantLib's manual would build it: dates, no scaling."""
    today, count = QuantLib.Date(3, 1, 2190), QuantLib.Actual365Fixed()
    handle = QuantLib.QuoteHandle

    def curve(level: float) -> object:
        return QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, level, count))

    sigma = QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), terms.volatility, count)
    process = QuantLib.BlackScholesMertonProcess(
        handle(QuantLib.SimpleQuote(terms.spot)),
        curve(terms.dividend_yield),
        curve(terms.rate),
        QuantLib.BlackVolTermStructureHandle(sigma),
    )
    right = QuantLib.Option.Put if terms.is_put else QuantLib.Option.Call
    option = QuantLib.VanillaOption(
        QuantLib.PlainVanillaPayoff(right, terms.strike),
        QuantLib.AmericanExercise(today, today + round(terms.years * 365)),
    )
    option.setPricingEngine(engine_of(process, today))  # type: ignore[operator]
    return float(option.NPV())


def accurate(process: object, _today: object) -> object:
    return QuantLib.QdFpAmericanEngine(process, QuantLib.QdFpAmericanEngine.accurateScheme())


def lattice(terms: OptionTerms, steps: int) -> float:
    """Cox, Ross and Rubinstein's tree (1979), exercised at every node."""
    up = math.exp(terms.volatility * math.sqrt(terms.years / steps))
    per_step = math.exp((terms.rate - terms.dividend_yield) * terms.years / steps)
    rise = (per_step - 1 / up) / (up - 1 / up)
    discount = math.exp(-terms.rate * terms.years / steps)
    sign = -1.0 if terms.is_put else 1.0
    spots = terms.spot * up ** np.arange(-steps, steps + 1, 1.0)
    worth = np.maximum(sign * (spots[::2] - terms.strike), 0.0)
    for step in range(steps - 1, -1, -1):
        held = discount * (rise * worth[1:] + (1 - rise) * worth[:-1])
        at = spots[steps - step : steps + step + 1 : 2]
        worth = np.maximum(held, sign * (at - terms.strike))
    return float(worth[0])


def terms_of(row: int) -> OptionTerms:
    figures = (STRIKES, YEARS, RATES, YIELDS, SIGMAS)
    return OptionTerms(100.0, *(float(each[row]) for each in figures), bool(IS_PUT[row]))


def test_values_are_those_of_the_accurate_scheme() -> None:
    """Whole days, as QuantLib's dates are; the scaled option must be the dated one."""
    whole = np.ceil(YEARS * 365) / 365
    found = american_values(100.0, STRIKES, whole, RATES, YIELDS, SIGMAS, IS_PUT)
    for row in range(COUNT):
        terms = replace(terms_of(row), years=float(whole[row]))
        assert found[row] == pytest.approx(own_quantlib(terms, accurate), abs=1e-4), terms


@pytest.mark.parametrize(
    ("strike", "years", "is_put"), [(95, 0.5, True), (110, 30 * DAY, True), (90, 1.5, False)]
)
def test_values_agree_with_a_lattice(strike: float, years: float, is_put: bool) -> None:
    terms = OptionTerms(100.0, strike, years, 0.04, 0.02, 0.3, is_put)
    fine = 0.5 * (lattice(terms, 1500) + lattice(terms, 1501))
    found = american_values(100.0, strike, years, 0.04, 0.02, 0.3, is_put)
    assert float(found) == pytest.approx(fine, abs=1e-3)


@given(st.integers(0, COUNT - 1))
@settings(max_examples=40, deadline=None)
def test_an_american_option_is_worth_its_exercise_and_a_european_one(row: int) -> None:
    terms = terms_of(row)
    found = float(american_values(*figures(terms)))
    assert found >= terms.exercise_value - 1e-4
    assert found >= float(pricing.values(*figures(terms))) - 1e-4
    assert found <= (terms.strike if terms.is_put else terms.spot)


def figures(terms: OptionTerms) -> tuple[float, ...]:
    return (
        terms.spot, terms.strike, terms.years, terms.rate,
        terms.dividend_yield, terms.volatility, terms.is_put,
    )  # fmt: skip


def test_greeks_are_the_slopes_of_the_values() -> None:
    """Near the exercise boundary a slope bends, so there only the bound is asked."""
    found = american_greeks(100.0, STRIKES, YEARS, RATES, YIELDS, SIGMAS, IS_PUT)
    rows = STRIKES, YEARS, RATES, YIELDS, SIGMAS, IS_PUT

    def at(spot: float = 100.0, later: float = 0.0, more: float = 0.0) -> np.ndarray:
        strikes, years, rates, yields, sigmas, puts = rows
        return american_values(spot, strikes, years - later, rates, yields, sigmas + more, puts)

    gained = np.where(IS_PUT, STRIKES - 100.0, 100.0 - STRIKES)
    is_clear = (found.values > gained + 0.05) & (YEARS > 3 * DAY)
    assert is_clear.sum() > COUNT / 2
    delta = (at(100.2) - at(99.8)) / 0.4
    gamma = (at(100.2) - 2 * at() + at(99.8)) / 0.04
    assert np.abs(found.delta - delta)[is_clear].max() < 2e-3
    assert np.abs(found.gamma - gamma)[is_clear].max() < 2e-2
    vega = (at(more=1e-3) - at(more=-1e-3)) / 2e-3
    assert np.abs(found.vega - vega)[is_clear].max() < 0.1
    theta = (at(later=1e-4) - at(later=-1e-4)) / 2e-4
    assert np.abs((found.theta - theta) / (1 + np.abs(theta)))[is_clear].max() < 0.05
    assert np.array_equal(found.values, at())


def test_where_exercise_is_due_the_option_is_the_share() -> None:
    found = american_greeks(50.0, [100.0, 100.0], 0.5, 0.05, 0.0, 0.2, [True, False])
    assert found.values[0] == pytest.approx(50.0, abs=1e-9)
    assert (found.delta[0], found.gamma[0], found.vega[0], found.theta[0]) == (-1.0, 0.0, 0.0, 0.0)


def test_a_call_without_dividends_is_a_european_one() -> None:
    european = pricing.greeks(100.0, 95.0, 0.3, 0.04, 0.0, 0.3, is_put=False)
    found = american_greeks(100.0, 95.0, 0.3, 0.04, 0.0, 0.3, is_put=False)
    for name in ("values", "delta", "gamma", "vega", "theta"):
        assert float(getattr(found, name)) == pytest.approx(
            float(getattr(european, name)), rel=1e-9
        )


@pytest.mark.parametrize("volatility", [0.0, 1e-9])
def test_without_volatility_the_best_moment_is_known(volatility: float) -> None:
    assert float(american_values(90.0, 100.0, 1.0, 0.05, 0.0, volatility, is_put=True)) == 10.0
    call = OptionTerms(100.0, 90.0, 0.5, 0.05, 0.0, volatility, is_put=False)
    assert value_with_dividends(call, ()) == pytest.approx(100 - 90 * math.exp(-0.025))
    due = value_with_dividends(call, (KnownDividend(0.25, 20.0),))
    assert due == pytest.approx(100 - 90 * math.exp(-0.0125))
    greeks = american_greeks(90.0, 100.0, 1.0, 0.05, 0.0, volatility, is_put=True)
    assert float(greeks.delta) == -1.0
    nothing = american_values(90.0, 100.0, 1.0, 0.05, 0.0, math.nan, is_put=True)
    assert math.isnan(float(nothing))


def test_a_call_on_one_dividend_is_exercised_only_at_its_eve() -> None:
    """The mean over spots at the eve of the better of exercise and the call after the fall."""
    terms = OptionTerms(100.0, 95.0, 40 * DAY, 0.03, 0.0, 0.3, is_put=False)
    eve, amount = 15 * DAY, 1.5
    nodes = (np.arange(200_000) + 0.5) / 200_000
    deviation = terms.volatility * math.sqrt(eve)
    spots = 100.0 * np.exp(0.03 * eve - 0.5 * deviation**2 + deviation * ndtri(nodes))
    later = pricing.values(spots - amount, 95.0, 25 * DAY, 0.03, 0.0, 0.3, is_put=False)
    expected = math.exp(-0.03 * eve) * np.maximum(spots - 95.0, later).mean()
    found = value_with_dividends(terms, (KnownDividend(eve, amount),))
    assert found == pytest.approx(expected, abs=2e-3)
    outside = (KnownDividend(eve + 1, amount), KnownDividend(eve, 0.0))
    assert value_with_dividends(terms, outside) == value_with_dividends(terms, ())


@pytest.mark.parametrize("days", [7, 45, 365])
def test_puts_with_dividends_agree_with_a_finer_grid(days: int) -> None:
    terms = OptionTerms(100.0, 105.0, days * DAY, 0.04, 0.0, 0.3, is_put=True)
    paid = [(day, 0.8) for day in (3, 94, 185, 276) if day < days]

    def grid(process: object, today: object) -> object:
        falls = [QuantLib.FixedDividend(amount, today + day) for day, amount in paid]
        return QuantLib.FdBlackScholesVanillaEngine(process, falls, 1500, 800)

    found = value_with_dividends(terms, [KnownDividend(day * DAY, amount) for day, amount in paid])
    assert found == pytest.approx(own_quantlib(terms, grid), abs=1e-2)


@given(st.floats(0.05, 1.2), st.floats(60.0, 140.0), st.booleans())
@settings(max_examples=30, deadline=None)
def test_implied_volatility_gives_the_price_back(
    volatility: float, strike: float, is_put: bool
) -> None:
    terms = OptionTerms(100.0, strike, 0.4, 0.05, 0.02, volatility, is_put)
    price = float(american_values(*figures(terms)))
    found = american_implied_volatility(terms, price)
    least = float(american_values(*figures(replace(terms, volatility=0.0))))
    if price <= least + 1e-5 * strike:
        return
    assert float(american_values(*figures(replace(terms, volatility=found)))) == pytest.approx(
        price, abs=1e-4
    )


def test_a_price_without_time_value_implies_no_volatility() -> None:
    terms = OptionTerms(80.0, 100.0, 0.1, 0.05, 0.0, math.nan, is_put=True)
    assert math.isnan(american_implied_volatility(terms, 20.0))
    assert math.isnan(american_implied_volatility(terms, 19.0))
    assert math.isnan(american_implied_volatility(terms, 101.0))


# The call's dividend against the put that one gives up: worked by hand from the parity.
@pytest.mark.parametrize(("dividend", "is_due"), [(0.10, False), (0.30, True)])
def test_a_call_is_exercised_where_the_dividend_exceeds_the_time_value_left(
    dividend: float, is_due: bool
) -> None:
    terms = OptionTerms(105.0, 100.0, 4 * DAY, 0.0, 0.0, 0.35, is_put=False)
    put_left = float(pricing.values(105.0 - dividend, 100.0, 4 * DAY, 0.0, 0.0, 0.35, is_put=True))
    assert (dividend > put_left) is is_due
    judged = judge_early_exercise(terms, DAY, (KnownDividend(0.7 * DAY, dividend),))
    assert judged.is_due is is_due
    assert judged.exercise_value == 5.0
    assert judged.continuation_value == pytest.approx(5.0 - dividend + put_left, abs=1e-3)


def test_a_put_is_exercised_where_interest_beats_what_is_left_of_its_insurance() -> None:
    deep = OptionTerms(80.0, 100.0, 10 * DAY, 0.05, 0.0, 0.25, is_put=True)
    judged = judge_early_exercise(deep, DAY)
    assert judged.is_due
    assert 20.0 - judged.continuation_value == pytest.approx(100 * 0.05 * DAY, rel=1e-2)
    assert not judge_early_exercise(replace(deep, rate=0.0), DAY).is_due
    assert not judge_early_exercise(replace(deep, spot=99.0), DAY).is_due
    assert judge_early_exercise(replace(deep, volatility=math.nan), DAY).is_due
    # A holder waits for a fall of the share that is announced.
    assert not judge_early_exercise(deep, DAY, (KnownDividend(0.5 * DAY, 0.5),)).is_due
    assert not judge_early_exercise(deep, DAY, (KnownDividend(2.5 * DAY, 0.5),)).is_due


def test_the_library_is_imported_with_the_first_question() -> None:
    asked = (
        "import sys; import allusedesk.market.american as american; "
        "assert 'QuantLib' not in sys.modules; "
        "american.american_values(100.0, 100.0, 0.1, 0.01, 0.0, 0.2, True); "
        "assert 'QuantLib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)
