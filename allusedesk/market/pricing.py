"""Black-Scholes values, greeks, implied volatilities, probabilities and expected losses.

Floats in, floats out. Every function takes scalars or arrays that broadcast together. Units:
prices per share, time in years of 365 days, rates, yields and volatilities as decimals a year
(0.25 is 25%). The formulas are those of Black, Scholes and Merton with a continuous dividend
yield; options are European.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.domain.money import CENT, Price
from allusedesk.market.normal import normal_cumulative, normal_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_INVERSE_ROOT_TWO_PI = 0.3989422804014327
# Below this total volatility an option is worth its discounted intrinsic value to the last bit.
_TOTAL_VOLATILITY_MIN = 1e-10
_ITERATIONS_MAX = 64
_SCENARIOS = 4_000
# Exchanges quote shares under a dollar in hundredths of a cent and nothing finer.
_FINEST_TICK = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class OptionGreeks:
    """Values and sensitivities of one long option each, all arrays of one shape.

    `vega` is per 1.00 of volatility, `theta` per year (negative: value is lost), `rho` per 1.00
    of rate; `delta` is signed.
    """

    values: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats


def greeks(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    is_put: ArrayLike,
) -> OptionGreeks:
    """Value an option and differentiate it; at expiry only value and delta are not zero."""
    spots, strikes, sign = _floats(spot), _floats(strike), _signs(is_put)
    rates, yields = _floats(rate), _floats(dividend_yield)
    time, sigma = np.maximum(_floats(years), 0.0), _floats(volatility)
    root = np.sqrt(time)
    total = sigma * root
    is_alive = total > _TOTAL_VOLATILITY_MIN
    total = np.maximum(total, _TOTAL_VOLATILITY_MIN)
    d1 = (np.log(spots / strikes) + (rates - yields) * time) / total + 0.5 * total
    held = spots * np.exp(-yields * time)
    owed = strikes * np.exp(-rates * time)
    signed_delta = sign * normal_cumulative(sign * d1)
    paid = sign * owed * normal_cumulative(sign * (d1 - total))
    received = held * signed_delta
    density = held * np.exp(-0.5 * d1 * d1) * _INVERSE_ROOT_TWO_PI * is_alive
    return OptionGreeks(
        values=received - paid,
        delta=received / spots,
        gamma=density / (spots * spots * total),
        vega=density * root,
        theta=(yields * received - rates * paid) * (time > 0.0)
        - 0.5 * density * sigma * sigma / total,
        rho=paid * time,
    )


def values(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    is_put: ArrayLike,
) -> Floats:
    """Value European options; the discounted intrinsic value where no volatility is left."""
    sign, strikes = _signs(is_put), _floats(strike)
    d1, total, held_factor, owed_factor = _standardised(
        spot, strikes, years, rate, dividend_yield, volatility
    )
    received = _floats(spot) * held_factor * normal_cumulative(sign * d1)
    return np.asarray(
        sign * (received - strikes * owed_factor * normal_cumulative(sign * (d1 - total)))
    )


def implied_volatilities(
    price: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    is_put: ArrayLike,
) -> Floats:
    """Find the volatility at which the formula gives `price`; shape of the inputs broadcast.

    NaN where the price lies outside the no-arbitrage bounds, time is up or an input is not
    finite; 0 where it equals the lower bound. The price is turned into that of the
    out-of-the-money option on a normalised forward (Jaeckel, "Let's be rational", 2015, whose
    split at the inflection point and whose upper first guess are used) and solved by Newton
    steps kept inside a shrinking bracket.
    """
    prices, spots, strikes, time, rates, yields, puts = np.broadcast_arrays(
        _floats(price),
        _floats(spot),
        _floats(strike),
        _floats(years),
        _floats(rate),
        _floats(dividend_yield),
        np.asarray(is_put, dtype=bool),
    )
    solved = np.full(prices.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        held, owed = spots * np.exp(-yields * time), strikes * np.exp(-rates * time)
        intrinsic = np.maximum(np.where(puts, owed - held, held - owed), 0.0)
        scale = np.sqrt(held * owed)
        normalised = (prices - intrinsic) / scale
        distance = -np.abs(np.log(held / owed))
        # In the money, intrinsic value plus nothing misses the bound by rounding alone.
        noise = np.where(intrinsic > 0.0, 4e-16 * (held + owed) / scale, 0.0)
        is_quotable = (time > 0.0) & (scale > 0.0) & np.isfinite(normalised)
    solved[is_quotable & (np.abs(normalised) <= noise)] = 0.0
    is_open = is_quotable & (normalised > noise) & (normalised < np.exp(0.5 * distance))
    if is_open.any():
        total = _total_volatility(normalised[is_open], distance[is_open])
        solved[is_open] = total / np.sqrt(time[is_open])
    return solved


def probability_in_the_money(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    is_put: ArrayLike,
) -> Floats:
    """Probability, under the pricing measure, that the option ends in the money."""
    d1, total, _, _ = _standardised(spot, strike, years, rate, dividend_yield, volatility)
    return np.asarray(normal_cumulative(_signs(is_put) * (d1 - total)))


def probability_of_profit(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    is_put: ArrayLike,
    premium: ArrayLike,
) -> Floats:
    """Probability that an option sold for `premium` a share and held to expiry does not lose."""
    sign = _signs(is_put)
    break_even = np.maximum(_floats(strike) + sign * _floats(premium), 1e-9)
    return 1.0 - probability_in_the_money(
        spot, break_even, years, rate, dividend_yield, volatility, is_put
    )


def expected_loss_of_covered_shares(
    spot: float,
    strike: float,
    years: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    mark: float,
    horizon_years: float,
    basis: float | None = None,
) -> float:
    """Expected one-sided loss a share of keeping shares with a call sold at `mark` against them.

    The mean of max(0, basis - mark + call later - spot later): gains do not offset losses. The
    basis is what a share is counted at, today's spot if none is given; the spot is lognormal with
    drift rate - yield. A call that ends before the horizon is followed to its own expiry, when
    the shares may be called.
    """
    held = min(years, horizon_years)
    spots = _scenario_spots(spot, held, rate, dividend_yield, volatility)
    call = values(spots, strike, years - held, rate, dividend_yield, volatility, is_put=False)
    paid = spot if basis is None else basis
    return float(np.maximum(paid - mark + call - spots, 0.0).mean())


def to_price_tick(value: float, tick: Decimal, rounding: str) -> Decimal:
    """Turn a model's float into a price on the tick: the one place where this happens.

    `rounding` is one of the decimal module's constants. The float is first read to nine decimals,
    so that 1.15 computed as 1.1499999999999999 counts as 1.15. Raises ValueError for a value that
    is not finite and for a tick that is not positive.
    """
    if not math.isfinite(value):
        message = f"A price must be a finite number, not {value}."
        raise ValueError(message)
    if tick <= 0:
        message = f"A tick must be positive, not {tick}."
        raise ValueError(message)
    steps = Decimal(repr(round(float(value), 9))) / tick
    return steps.to_integral_value(rounding=rounding) * tick


@lru_cache(maxsize=65_536)
def to_price(value: float) -> Price:
    """Return the price a quoted float stands for: whole cents, or hundredths of a cent if finer.

    Remembered, since quotes keep coming back to the same few thousand prices.
    """
    exact = to_price_tick(value, _FINEST_TICK, ROUND_HALF_EVEN)
    cents = exact.quantize(CENT)
    return Price(cents if cents == exact else exact)


def _floats(value: ArrayLike) -> Floats:
    return np.asarray(value, dtype=np.float64)


def _signs(is_put: ArrayLike) -> Floats:
    return 1.0 - 2.0 * np.asarray(is_put, dtype=np.float64)


def _standardised(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return d1, the total volatility and the discount factors of yield and rate."""
    rates, yields = _floats(rate), _floats(dividend_yield)
    time = np.maximum(_floats(years), 0.0)
    total = np.maximum(_floats(volatility) * np.sqrt(time), _TOTAL_VOLATILITY_MIN)
    d1 = (np.log(_floats(spot) / _floats(strike)) + (rates - yields) * time) / total + 0.5 * total
    return d1, total, np.exp(-yields * time), np.exp(-rates * time)


def _scenario_spots(
    spot: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> Floats:
    """Return equally likely lognormal spots after `years`: midpoints of the quantiles."""
    quantiles = (np.arange(_SCENARIOS) + 0.5) / _SCENARIOS
    drift = (rate - dividend_yield - 0.5 * volatility * volatility) * years
    return np.asarray(
        spot * np.exp(drift + volatility * math.sqrt(years) * normal_quantile(quantiles))
    )


def _normalised(distance: Floats, total: Floats) -> Floats:
    half = 0.5 * total
    middle, weight = distance / total, np.exp(0.5 * distance)
    return np.asarray(
        weight * normal_cumulative(middle + half) - normal_cumulative(middle - half) / weight
    )


def _total_volatility(target: Floats, distance: Floats) -> Floats:
    """Solve for volatility x root of time; `distance` is minus |log of forward over strike|.

    Above the inflection point of the price Newton steps on the price converge from one side.
    Below it they are taken on 1 / root(-2 log price), which is nearly linear there.
    """
    inflection = np.maximum(np.sqrt(-2.0 * distance), 1e-8)
    price_there = _normalised(distance, inflection)
    ceiling = np.exp(0.5 * distance)
    is_low = target < price_there
    # Rounding may push the tail's quantile to one half and beyond, hence the clip.
    tail = (ceiling - target) / (ceiling - price_there) * normal_cumulative(-0.5 * inflection)
    guess_high = np.maximum(-2.0 * normal_quantile(np.clip(tail, 1e-300, 0.5)), inflection)
    goal = 1.0 / np.sqrt(-2.0 * np.log(target))
    guess_low = inflection * goal * np.sqrt(-2.0 * np.log(price_there))
    total = np.where(is_low, guess_low, guess_high)
    low = np.where(is_low, 1e-9, inflection)
    high = np.where(is_low, inflection, 100.0)
    goal = np.where(is_low, goal, target)
    active = np.arange(target.size)
    for _ in range(_ITERATIONS_MAX):
        at, gap = total[active], distance[active]
        price = np.maximum(_normalised(gap, at), 1e-300)
        slope = _INVERSE_ROOT_TWO_PI * np.exp(-0.5 * ((gap / at) ** 2 + 0.25 * at * at))
        deep = is_low[active]
        logs = np.sqrt(-2.0 * np.log(np.where(deep, price, 0.5)))
        error = np.where(deep, 1.0 / logs, price) - goal[active]
        slope = np.where(deep, slope / (price * logs**3), slope)
        high[active] = np.where(error > 0.0, np.minimum(high[active], at), high[active])
        low[active] = np.where(error <= 0.0, np.maximum(low[active], at), low[active])
        stepped = at - error / np.maximum(slope, 1e-300)
        is_inside = (stepped >= low[active]) & (stepped <= high[active])
        stepped = np.where(is_inside, stepped, 0.5 * (low[active] + high[active]))
        total[active] = stepped
        active = active[np.abs(stepped - at) > 1e-14 + 1e-12 * at]
        if active.size == 0:
            break
    return total
