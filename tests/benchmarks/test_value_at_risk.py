"""Ten thousand scenarios of a hundred positions revalued in full, beside QuantLib."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import QuantLib

from allusedesk.market.pricing import values
from allusedesk.risk.revaluation import HeldLot, Shocks, gains_under, with_early_exercise
from allusedesk.risk.value_at_risk import ReturnTable, loss_of, simulated

POSITIONS, SCENARIOS, RATE = 100, 10_000, 0.03
SYMBOLS = tuple(f"S{place}" for place in range(10))
RNG = np.random.default_rng(11)
LOTS = tuple(
    HeldLot(
        SYMBOLS[place % 10],
        -100 * int(RNG.integers(1, 10)),
        100.0,
        float(RNG.uniform(85.0, 110.0)),
        is_put=place % 3 > 0,
        years=float(RNG.uniform(3, 60)) / 365.0,
        volatility=float(RNG.uniform(0.15, 0.5)),
    )
    if place % 5
    else HeldLot(SYMBOLS[place % 10], 100, 100.0)
    for place in range(POSITIONS)
)
MARKET = RNG.normal(0.0, 0.01, 500)
TABLE = ReturnTable(
    tuple(date(2020, 1, 1) + timedelta(days=place) for place in range(500)),
    SYMBOLS,
    MARKET[:, None] + RNG.normal(0.0, 0.01, (500, 10)),
    "SPY",
    MARKET,
    -4.0 * MARKET + RNG.normal(0.0, 0.03, 500),
)


def bare_formula() -> float:
    """The limit: the formula once over a hundred times ten thousand, and nothing around it."""
    spots = 100.0 * np.exp(RNG.normal(0.0, 0.02, (POSITIONS, SCENARIOS)))
    found = values(spots, 100.0, 0.1, RATE, 0.0, 0.3, is_put=True)
    return loss_of(found.sum(axis=0), 0.99)[0]


def quantlib_of_one_hundredth() -> float:
    """The peer: one option's price object moved from spot to spot, for a hundredth of the work."""
    today = QuantLib.Date(3, 1, 2190)
    count, spot = QuantLib.Actual365Fixed(), QuantLib.SimpleQuote(100.0)
    curves = [
        QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, each, count))
        for each in (0.0, RATE)
    ]
    sigma = QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), 0.3, count)
    process = QuantLib.BlackScholesMertonProcess(
        QuantLib.QuoteHandle(spot), *curves, QuantLib.BlackVolTermStructureHandle(sigma)
    )
    payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Put, 95.0)
    option = QuantLib.VanillaOption(payoff, QuantLib.EuropeanExercise(today + 30))
    option.setPricingEngine(QuantLib.AnalyticEuropeanEngine(process))
    found = []
    for level in (100.0 * np.exp(RNG.normal(0.0, 0.02, SCENARIOS))).tolist():
        spot.setValue(level)
        found.append(option.NPV())
    return loss_of(np.array(found), 0.99)[0]


@pytest.mark.benchmark(group="VaR and CVaR, 10k scenarios x 100 positions (goal 100 ms)")
@pytest.mark.parametrize(
    "way", ["desk", "desk, American", "limit: bare formula", "peer: QuantLib, a hundredth of it"]
)
def test_value_at_risk(benchmark: Any, way: str) -> None:
    if way == "limit: bare formula":
        benchmark(bare_formula)
    elif way.startswith("peer"):
        benchmark.pedantic(quantlib_of_one_hundredth, rounds=3)
    else:
        lots = with_early_exercise(LOTS, RATE) if "American" in way else LOTS
        found = benchmark(lambda: simulated(lots, RATE, TABLE, 0.99, np.random.default_rng(1)))
        assert found.expected_shortfall > found.value_at_risk > 0


def test_the_benchmark_revalues_what_it_says() -> None:
    zero = np.zeros(3)
    assert np.abs(gains_under(LOTS, RATE, Shocks({}, zero, zero + 1.0, zero))).max() < 1e-6
