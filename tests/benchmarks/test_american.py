"""American values and greeks of a held book, beside QuantLib's accurate scheme and a lattice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import QuantLib

from allusedesk.market.american import american_greeks, american_values

CONTRACTS = 500
SPOT, RATE, DIVIDEND_YIELD = 100.0, 0.03, 0.01
RNG = np.random.default_rng(7)
# As the protocol holds them: four weekly contracts to one of the ladder.
IS_WEEKLY = RNG.random(CONTRACTS) < 0.8
YEARS = np.where(IS_WEEKLY, RNG.uniform(0.5, 14, CONTRACTS), RNG.uniform(180, 540, CONTRACTS)) / 365
STRIKES = np.where(IS_WEEKLY, RNG.uniform(88, 112, CONTRACTS), RNG.uniform(75, 130, CONTRACTS))
VOLATILITIES = RNG.uniform(0.15, 0.8, CONTRACTS)
IS_PUT = RNG.random(CONTRACTS) < 0.6
BOOK = (SPOT, STRIKES, YEARS, RATE, DIVIDEND_YIELD, VOLATILITIES, IS_PUT)


def quantlib_process(level: float, days: int) -> tuple[Any, Any, Any]:
    """Everything built anew for one contract, as a first reading of the manual has it."""
    today, count, handle = (
        QuantLib.Date(3, 1, 2190),
        QuantLib.Actual365Fixed(),
        QuantLib.QuoteHandle,
    )
    curves = [
        QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, each, count))
        for each in (DIVIDEND_YIELD, RATE)
    ]
    sigma = QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), level, count)
    process = QuantLib.BlackScholesMertonProcess(
        handle(QuantLib.SimpleQuote(SPOT)), *curves, QuantLib.BlackVolTermStructureHandle(sigma)
    )
    return process, today, today + days


def quantlib_values(engine_of: Any) -> np.ndarray:
    found = []
    for strike, years, level, is_put in zip(
        STRIKES.tolist(), YEARS.tolist(), VOLATILITIES.tolist(), IS_PUT.tolist(), strict=True
    ):
        process, today, last = quantlib_process(level, max(round(years * 365), 1))
        right = QuantLib.Option.Put if is_put else QuantLib.Option.Call
        option = QuantLib.VanillaOption(
            QuantLib.PlainVanillaPayoff(right, strike), QuantLib.AmericanExercise(today, last)
        )
        option.setPricingEngine(engine_of(process))
        found.append(option.NPV())
    return np.array(found)


def accurate(process: Any) -> Any:
    return QuantLib.QdFpAmericanEngine(process, QuantLib.QdFpAmericanEngine.accurateScheme())


def lattice(process: Any) -> Any:
    return QuantLib.BinomialCRRVanillaEngine(process, 200)


def fast_four_times() -> None:
    """What the four fast values of each contract's greeks take by themselves, terms set once."""
    process, today, last = quantlib_process(0.3, 14)
    engine = QuantLib.QdFpAmericanEngine(process, QuantLib.QdFpAmericanEngine.fastScheme())
    option = QuantLib.VanillaOption(
        QuantLib.PlainVanillaPayoff(QuantLib.Option.Put, SPOT),
        QuantLib.AmericanExercise(today, last),
    )
    option.setPricingEngine(engine)
    for _ in range(4 * CONTRACTS):
        option.recalculate()


@pytest.mark.benchmark(group="American values and greeks of 500 held contracts (goal 50 ms)")
@pytest.mark.parametrize(
    "way", ["desk", "limit: four fast values", "peer: QuantLib accurate", "peer: lattice of 200"]
)
def test_american(benchmark: Any, way: str) -> None:
    if way == "limit: four fast values":
        benchmark(fast_four_times)
    elif way != "desk":
        chosen = accurate if "accurate" in way else lattice
        benchmark.pedantic(quantlib_values, (chosen,), rounds=2)
    else:
        benchmark(american_greeks, *BOOK)
        whole = np.maximum(np.round(YEARS * 365), 1) / 365
        found = american_values(SPOT, STRIKES, whole, *BOOK[3:])
        error = np.abs(found - quantlib_values(accurate)).max()
        benchmark.extra_info["error_max"] = float(error)
        assert error <= 1e-4
        assert math.isfinite(error)
