"""Losses at a confidence: against empyrical, closed forms, and where nothing can be said."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from allusedesk.market.pricing import greeks
from allusedesk.risk.revaluation import HeldLot
from allusedesk.risk.value_at_risk import (
    CannotMeasure,
    ReturnTable,
    historical,
    loss_of,
    parametric,
    simulated,
)

DAYS = 500
SHARES = HeldLot("AAPL", 100, 100.0)
PUT = HeldLot("AAPL", -500, 100.0, 95.0, is_put=True, years=21 / 365, volatility=0.3)


def table(
    days: int = DAYS, *, symbols: tuple[str, ...] = ("AAPL", "MSFT"), seed: int = 7
) -> ReturnTable:
    random = np.random.default_rng(seed)
    market = random.normal(0.0, 0.01, days)
    own = market[:, None] + random.normal(0.0, 0.008, (days, len(symbols)))
    fear = -5.0 * market + random.normal(0.0, 0.04, days)
    dates = tuple(date(2020, 1, 1) + timedelta(days=place) for place in range(days))
    return ReturnTable(dates, symbols, own, "SPY", market, fear)


@given(arrays(np.float64, some.integers(30, 200), elements=some.floats(-1e3, 1e3)))
def test_loss_is_what_empyrical_says_of_the_same_outcomes(profits: np.ndarray) -> None:
    # Where it is installed: it can be had as source only, so no lock names it.
    empyrical = pytest.importorskip("empyrical")
    lost, beyond = loss_of(profits, 0.95)
    assert lost == pytest.approx(-empyrical.value_at_risk(profits, 0.05), abs=1e-9)
    assert beyond == pytest.approx(
        -empyrical.conditional_value_at_risk(profits, 0.05), rel=1e-9, abs=1e-9
    )
    assert beyond >= lost - 1e-9


def test_loss_by_hand() -> None:
    # Forty-one outcomes from -20 to 20: the worst twentieth ends exactly at the third.
    outcomes = np.random.default_rng(1).permutation(np.arange(-20.0, 21.0))
    assert loss_of(outcomes, 0.95) == pytest.approx((18.0, 19.0))
    assert loss_of(outcomes, 0.9) == pytest.approx((16.0, 18.0))


def test_shares_alone_lose_their_own_worst_returns() -> None:
    found = historical([SHARES], 0.03, table(), 0.99)
    own = 10_000 * np.expm1(table().returns[:, 0])
    assert (found.value_at_risk, found.expected_shortfall) == pytest.approx(loss_of(own, 0.99))
    assert (found.outcomes, found.notes) == (DAYS, ())


def test_ten_days_are_stretches_of_ten_days() -> None:
    found = historical([SHARES], 0.03, table(), 0.95, days=10)
    logs = np.convolve(table().returns[:, 0], np.ones(10), "valid")
    assert found.value_at_risk == pytest.approx(loss_of(10_000 * np.expm1(logs), 0.95)[0])
    assert found.outcomes == DAYS - 9


def test_a_short_put_loses_more_than_it_could_by_its_delta() -> None:
    full = historical([PUT], 0.03, table(), 0.99)
    known = greeks(100, 95, 21 / 365, 0.03, 0.0, 0.3, is_put=True)
    by_delta = HeldLot("AAPL", round(-500 * float(known.delta)), 100.0)
    assert full.value_at_risk > 1.2 * historical([by_delta], 0.03, table(), 0.99).value_at_risk


def test_simulated_shares_are_students_quantile() -> None:
    from scipy.stats import t

    returns = table()
    deviation = math.sqrt(float(np.mean(returns.returns[:, 0] ** 2)))
    found = simulated([SHARES], 0.03, returns, 0.99, np.random.default_rng(1), scenarios=200_000)
    edge = t.ppf(0.01, 5) * math.sqrt(3 / 5) * deviation
    assert found.value_at_risk == pytest.approx(-10_000 * math.expm1(edge), rel=0.02)
    again = simulated([SHARES], 0.03, returns, 0.99, np.random.default_rng(1), scenarios=200_000)
    assert again == found


def test_parametric_shares_are_the_normal_quantile() -> None:
    returns = table()
    deviation = math.sqrt(float(np.mean(returns.returns[:, 0] ** 2)))
    found = parametric([SHARES], 0.03, returns, 0.99)
    assert found.value_at_risk == pytest.approx(
        -10_000 * math.expm1(deviation * norm.ppf(0.01)), rel=0.001
    )
    beyond = 10_000 * deviation * norm.pdf(norm.ppf(0.01)) / 0.01
    assert found.expected_shortfall == pytest.approx(beyond, rel=0.025)


def test_parametric_moments_are_those_of_the_quadratic_form() -> None:
    """Against a million draws of the very same polynomial."""
    from allusedesk.risk.value_at_risk import _moments

    random = np.random.default_rng(2)
    root = random.normal(0.0, 0.01, (3, 3))
    covariance = root @ root.T
    delta, gamma = np.array([1e4, -2e4, 500.0]), np.diag([-3e5, 1e5, -2e4])
    drawn = root @ random.standard_normal((3, 1_000_000))
    profits = 7.0 + delta @ drawn + 0.5 * (drawn * (gamma @ drawn)).sum(axis=0)
    mean, deviation, skew, excess = _moments(delta, gamma, 7.0, covariance)
    apart = profits - profits.mean()
    assert mean == pytest.approx(profits.mean(), abs=3 * deviation / 1000)
    assert deviation == pytest.approx(profits.std(), rel=0.005)
    assert skew == pytest.approx(float((apart**3).mean() / profits.std() ** 3), abs=0.03)
    assert excess == pytest.approx(float((apart**4).mean() / profits.std() ** 4) - 3, abs=0.15)


def test_the_ways_agree_about_a_mild_book() -> None:
    lots = [SHARES, HeldLot("MSFT", 50, 200.0), HeldLot("AAPL", -100, 100.0, 105.0, years=0.2,
            volatility=0.3)]  # fmt: skip
    found = [
        historical(lots, 0.03, table(), 0.95).value_at_risk,
        simulated(lots, 0.03, table(), 0.95, np.random.default_rng(5)).value_at_risk,
        parametric(lots, 0.03, table(), 0.95).value_at_risk,
    ]
    assert max(found) / min(found) < 1.25


def test_cash_alone_loses_nothing_and_says_so() -> None:
    for found in (
        historical([], 0.03, table(), 0.99),
        simulated([], 0.03, table(), 0.99, np.random.default_rng(1)),
        parametric([], 0.03, table(), 0.99),
    ):
        assert (found.value_at_risk, found.expected_shortfall) == (0.0, 0.0)
        assert "Nothing but cash" in found.notes[0]


def test_a_stranger_moves_as_the_market_and_is_named() -> None:
    found = historical([HeldLot("XYZ", 100, 100.0)], 0.03, table(), 0.99)
    assert found.value_at_risk == pytest.approx(loss_of(10_000 * np.expm1(table().market), 0.99)[0])
    assert "XYZ" in found.notes[0]
    gaps = table()
    gaps.returns[3, 0] = np.nan
    assert "AAPL" in historical([SHARES, PUT], 0.03, gaps, 0.99).notes[0]


def test_several_strangers_are_named_together() -> None:
    lots = [HeldLot("XYZ", 100, 100.0), HeldLot("ZYX", 100, 100.0)]
    notes = historical(lots, 0.03, table(), 0.99).notes
    assert notes[0] == "XYZ, ZYX have no returns on all days, so they move as SPY does."


def test_a_tail_beyond_the_outcomes_is_their_worst_and_says_so() -> None:
    lost = historical([SHARES], 0.03, table(), 0.99999)
    assert lost.notes[-1].startswith(f"Of {lost.outcomes} outcomes not one in 100,000 can be told")
    assert lost.value_at_risk == pytest.approx(lost.expected_shortfall, rel=0.01)
    assert historical([SHARES], 0.03, table(), 0.95).notes == ()


def test_options_on_volatility_need_no_returns_of_their_own() -> None:
    lot = HeldLot("VIX", 100, 20.0, 25.0, years=0.1, volatility=1.0, is_of_volatility=True)
    assert historical([lot], 0.03, table(), 0.99).notes == ()


def test_constant_prices_and_the_same_asset_twice_are_told() -> None:
    still = table()
    still.returns[:, 0] = 0.0
    still.returns[:, 1] = still.market
    lots = [SHARES, HeldLot("MSFT", 10, 100.0)]
    found = simulated(lots, 0.03, still, 0.99, np.random.default_rng(1))
    assert "never moved" in found.notes[0]
    assert "singular" in found.notes[1]
    assert found.value_at_risk == pytest.approx(
        simulated(lots[1:], 0.03, still, 0.99, np.random.default_rng(2)).value_at_risk, rel=0.1
    )
    assert "singular" in parametric(lots, 0.03, still, 0.99).notes[1]


def test_a_book_of_gamma_alone_is_called_too_curved() -> None:
    straddle = [
        HeldLot("AAPL", -1000, 100.0, 100.0, is_put=is_put, years=2 / 365, volatility=0.2)
        for is_put in (True, False)
    ]
    assert any("Too curved" in note for note in parametric(straddle, 0.0, table(), 0.99).notes)


def test_too_little_or_nothing_to_measure_on_is_refused() -> None:
    with pytest.raises(CannotMeasure, match="too few to look 5 days ahead"):
        historical([SHARES], 0.03, table(20), 0.99, days=5)
    with pytest.raises(CannotMeasure, match="too few"):
        parametric([SHARES], 0.03, table(20), 0.99)
    missing = table()
    missing.volatility[:] = np.nan
    with pytest.raises(CannotMeasure, match="not all known"):
        historical([SHARES], 0.03, missing, 0.99)
    with pytest.raises(CannotMeasure, match="no confidence"):
        historical([SHARES], 0.03, table(), 1.0)
    with pytest.raises(CannotMeasure, match="no outcomes"):
        loss_of(np.array([]), 0.99)
    with pytest.raises(CannotMeasure, match="not all are known"):
        loss_of(np.array([1.0, np.nan]), 0.99)


def test_only_the_past_is_looked_at() -> None:
    whole = table()
    day = whole.dates[100]
    assert whole.before(day).dates[-1] == whole.dates[99]
    assert len(whole.before(day).last(50).market) == 50
    assert len(whole.last(10_000).dates) == DAYS


@given(some.integers(1, 30), some.floats(0.6, 0.98), some.integers(0, 3))
def test_more_confidence_never_loses_less(units: int, confidence: float, seed: int) -> None:
    lots = [replace(SHARES, units=units), replace(PUT, units=-100 * units)]
    returns = table(120, seed=seed)
    mild = historical(lots, 0.03, returns, confidence)
    hard = historical(lots, 0.03, returns, confidence + 0.015)
    assert hard.value_at_risk >= mild.value_at_risk
    assert hard.expected_shortfall >= mild.expected_shortfall - 1e-9
    twice = historical(
        [replace(lot, units=2 * lot.units) for lot in lots], 0.03, returns, confidence
    )
    assert twice.value_at_risk == pytest.approx(2.0 * mild.value_at_risk)


def test_the_shortfall_of_two_books_together_is_no_larger_than_apart() -> None:
    for first, second in ((SHARES, PUT), (PUT, HeldLot("MSFT", -300, 100.0))):
        whole = historical([first, second], 0.03, table(), 0.95).expected_shortfall
        apart = [
            historical([one], 0.03, table(), 0.95).expected_shortfall for one in (first, second)
        ]
        assert whole <= math.fsum(apart) + 1e-9


def test_a_book_that_holds_the_index_itself_has_no_series_twice() -> None:
    drawn = table(symbols=("AAPL", "SPY"))
    drawn.returns[:, 1] = drawn.market
    lots = [SHARES, HeldLot("SPY", 50, 300.0)]
    for found in (
        historical(lots, 0.03, drawn, 0.99),
        simulated(lots, 0.03, drawn, 0.99, np.random.default_rng(1)),
        parametric(lots, 0.03, drawn, 0.99),
    ):
        assert found.notes == ()
    moved = 10_000 * np.expm1(drawn.returns[:, 0]) + 15_000 * np.expm1(drawn.market)
    assert historical(lots, 0.03, drawn, 0.99).value_at_risk == pytest.approx(
        loss_of(moved, 0.99)[0]
    )
