"""Greeks, implied volatilities and modelled chains, beside QuantLib and the bare formula."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import QuantLib
from scipy.special import ndtr

from allusedesk.domain.instruments import Right
from allusedesk.domain.weeks import Session
from allusedesk.market.modelled_chain import VolatilityLevel, list_series, model_chain
from allusedesk.market.pricing import greeks, implied_volatilities, values

CONTRACTS = 10_000
RATE, DIVIDEND_YIELD, SPOT = 0.03, 0.01, 100.0

RNG = np.random.default_rng(7)
STRIKES = RNG.uniform(70.0, 130.0, CONTRACTS)
YEARS = RNG.uniform(7 / 365, 2.0, CONTRACTS)
VOLATILITIES = RNG.uniform(0.12, 0.8, CONTRACTS)
IS_PUT = RNG.random(CONTRACTS) < 0.5
SPOTS = np.full(CONTRACTS, SPOT)
PRICES = values(SPOTS, STRIKES, YEARS, RATE, DIVIDEND_YIELD, VOLATILITIES, IS_PUT)
FORWARDS = SPOT * np.exp((RATE - DIVIDEND_YIELD) * YEARS)
IS_OUT_PUT = STRIKES < FORWARDS
OUT_PRICES = values(SPOTS, STRIKES, YEARS, RATE, DIVIDEND_YIELD, VOLATILITIES, IS_OUT_PUT)


def bare_formula() -> tuple[np.ndarray, ...]:
    """Price and five greeks with nothing guarded: the least that NumPy and SciPy can take."""
    sign = 1.0 - 2.0 * IS_PUT
    root = np.sqrt(YEARS)
    total = VOLATILITIES * root
    d1 = (np.log(SPOTS / STRIKES) + (RATE - DIVIDEND_YIELD) * YEARS) / total + 0.5 * total
    held = SPOTS * np.exp(-DIVIDEND_YIELD * YEARS) * ndtr(sign * d1)
    owed = STRIKES * np.exp(-RATE * YEARS) * ndtr(sign * (d1 - total))
    density = SPOTS * np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    return (
        sign * (held - owed), sign * held / SPOTS, density / (SPOTS * SPOTS * total),
        density * root, DIVIDEND_YIELD * held - RATE * owed - 0.5 * density * VOLATILITIES / root,
        owed * YEARS,
    )  # fmt: skip


def quantlib_greeks() -> None:
    for strike, years, volatility, is_put in zip(
        STRIKES.tolist(), YEARS.tolist(), VOLATILITIES.tolist(), IS_PUT.tolist(), strict=True
    ):
        payoff = QuantLib.PlainVanillaPayoff(
            QuantLib.Option.Put if is_put else QuantLib.Option.Call, strike
        )
        forward = SPOT * np.exp((RATE - DIVIDEND_YIELD) * years)
        one = QuantLib.BlackCalculator(
            payoff, forward, volatility * years**0.5, np.exp(-RATE * years)
        )
        one.value()
        one.delta(SPOT)
        one.gamma(SPOT)
        one.vega(years)
        one.theta(SPOT, years)
        one.rho(years)


def quantlib_implied() -> None:
    """QuantLib is given the out-of-the-money side, as it fails on the other where vega is nil."""
    for price, strike, forward, years in zip(
        OUT_PRICES.tolist(), STRIKES.tolist(), FORWARDS.tolist(), YEARS.tolist(), strict=True
    ):
        right = QuantLib.Option.Put if strike < forward else QuantLib.Option.Call
        discount = np.exp(-RATE * years)
        QuantLib.blackFormulaImpliedStdDev(
            right, strike, forward, price, discount, 0.0, 0.3 * years**0.5, 1e-10, 500
        )


@pytest.mark.benchmark(group="value and greeks of 10,000 contracts (goal 1 ms)")
@pytest.mark.parametrize("way", ["desk", "limit: bare formula", "peer: QuantLib"])
def test_greeks(benchmark: Any, way: str) -> None:
    if way == "desk":
        benchmark(greeks, SPOTS, STRIKES, YEARS, RATE, DIVIDEND_YIELD, VOLATILITIES, IS_PUT)
    elif way == "peer: QuantLib":
        benchmark.pedantic(quantlib_greeks, rounds=2)
    else:
        benchmark(bare_formula)


@pytest.mark.benchmark(group="implied volatilities of 10,000 contracts (goal 25 ms)")
@pytest.mark.parametrize("way", ["desk", "peer: QuantLib"])
def test_implied_volatilities(benchmark: Any, way: str) -> None:
    if way == "peer: QuantLib":
        benchmark.pedantic(quantlib_implied, rounds=2)
        return
    found = benchmark(
        implied_volatilities, PRICES, SPOTS, STRIKES, YEARS, RATE, DIVIDEND_YIELD, IS_PUT
    )
    vega = greeks(SPOTS, STRIKES, YEARS, RATE, DIVIDEND_YIELD, VOLATILITIES, IS_PUT).vega
    benchmark.extra_info["error_max"] = float(np.abs(found - VOLATILITIES)[vega > 1e-3].max())


@pytest.mark.benchmark(group="a modelled chain of about 200 rows (goal 300 us)")
@pytest.mark.parametrize("way", ["desk", "limit: its values alone"])
def test_modelled_chain(benchmark: Any, way: str) -> None:
    look = datetime(2026, 2, 12, 15, 10, tzinfo=UTC)
    ends = [look + timedelta(days=days) for days in (1.25, 8.25, 15.25)]
    expiries = [Session(end.date(), end - timedelta(hours=6), end) for end in ends]
    level = VolatilityLevel(near=0.35, far=0.3)
    rights = (Right.PUT, Right.CALL)
    series = list_series("AAPL", 271.0, date(2026, 2, 12), expiries, rights, level, 7)
    benchmark.extra_info["rows"] = len(series.strikes)
    if way == "desk":
        benchmark(model_chain, series, 270.0, look, level, RATE, DIVIDEND_YIELD)
        return
    years = (series.expires_at - look.timestamp()) / (365 * 86_400)
    chain = model_chain(series, 270.0, look, level, RATE, DIVIDEND_YIELD)
    sigma = chain.implied_volatilities
    benchmark(values, 270.0, series.strikes, years, RATE, DIVIDEND_YIELD, sigma, series.is_put)
