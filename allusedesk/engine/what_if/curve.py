"""Profit of legs over prices of their underlying: at their first expiry, half way, and now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import Quote
from allusedesk.engine.state import NEW_YORK
from allusedesk.market.pricing import implied_volatilities, values
from allusedesk.market.raw_quotes import SECONDS_PER_YEAR
from allusedesk.protocol.rulebook import Rulebook

Floats: TypeAlias = NDArray[np.float64]

# A curve reaches three standard deviations to both sides, and never less than a tenth of spot.
_DEVIATIONS = 3.0
_REACH_MIN = 0.1
_POINTS = 121


@dataclass(frozen=True, slots=True)
class CurveLeg:
    """Signed units of an instrument that were, or would be, traded at `price` a share.

    `volatility` is annual; None for shares, and for an option nobody can price: it then counts
    at its intrinsic value.
    """

    instrument: Instrument
    quantity_signed: int
    price: Price
    volatility: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Profit in dollars with the underlying at `spot`: at the first expiry, half way, and now."""

    spot: float
    at_expiry: float
    half_way: float
    now: float


def years_left(expiry: date, at: datetime, rulebook: Rulebook) -> float:
    """Time to the regular close of the expiry, in years of 365 days; never negative."""
    ends = datetime.combine(expiry, rulebook.calendar.regular_close, NEW_YORK)
    return max((ends - at).total_seconds(), 0.0) / SECONDS_PER_YEAR


def volatility_of(quote: Quote | None, spot: float, years: float, rate: float) -> float | None:
    """The volatility a quote's mark implies without dividends, else the one its greeks name.

    The formula gives the mark back at it, so that a curve begins at nothing.
    """
    if quote is None or not isinstance(quote.instrument, OptionContract):
        return None
    option, mark = quote.instrument, quote.mark
    if mark is not None and years > 0.0:
        is_put = option.right is Right.PUT
        price, strike = float(mark.per_unit), float(option.strike)
        implied = float(implied_volatilities(price, spot, strike, years, rate, 0.0, is_put))
        if np.isfinite(implied) and implied > 0.0:
            return implied
    return quote.greeks.implied_volatility if quote.greeks is not None else None


def first_expiry(legs: Sequence[CurveLeg]) -> date | None:
    """When the first option among the legs ends; None where there is none."""
    options = [leg.instrument for leg in legs if isinstance(leg.instrument, OptionContract)]
    return min((option.expiry for option in options), default=None)


def profits(
    legs: Sequence[CurveLeg],
    spots: Floats,
    rate: float,
    years_of: Callable[[date], float],
    passed: float,
) -> Floats:
    """Profit at each spot once so many years have passed; European values without dividends."""
    found = np.zeros(len(spots))
    for leg in legs:
        option = leg.instrument
        worth = spots
        if isinstance(option, OptionContract):
            is_put = option.right is Right.PUT
            left = max(years_of(option.expiry) - passed, 0.0)
            strike = float(option.strike)
            # Intrinsic value is what is left at the end, and where no volatility is known.
            worth = np.maximum(strike - spots if is_put else spots - strike, 0.0)
            if left > 0.0 and leg.volatility is not None:
                known = np.maximum(spots, 1e-9)
                worth = values(known, strike, left, rate, 0.0, leg.volatility, is_put)
        units = leg.quantity_signed * option.multiplier
        found = found + (worth - float(leg.price.per_unit)) * units
    return found


def curve(
    legs: Sequence[CurveLeg],
    spot: float,
    rate: float,
    years_of: Callable[[date], float],
) -> tuple[CurvePoint, ...]:
    """Profit over prices around spot, with every strike among them; empty without legs."""
    if not legs or spot <= 0.0:
        return ()
    ends = first_expiry(legs)
    until = years_of(ends) if ends is not None else 0.0
    spots = _spots(legs, spot, until)
    table = [profits(legs, spots, rate, years_of, passed) for passed in (until, until / 2, 0.0)]
    columns = (spots, *table)
    return tuple(
        CurvePoint(*point) for point in zip(*(column.tolist() for column in columns), strict=True)
    )


def _spots(legs: Sequence[CurveLeg], spot: float, years: float) -> Floats:
    known = [leg.volatility for leg in legs if leg.volatility is not None]
    deviation = max(known, default=0.0) * float(np.sqrt(years))
    strikes = [
        float(leg.instrument.strike) for leg in legs if isinstance(leg.instrument, OptionContract)
    ]
    reach = spot * max(_DEVIATIONS * deviation, _REACH_MIN)
    low = min(spot - reach, *(strike - reach / 3.0 for strike in strikes or [spot]))
    high = max(spot + reach, *(strike + reach / 3.0 for strike in strikes or [spot]))
    even = np.linspace(max(low, 0.0), high, _POINTS)
    return np.unique(np.concatenate((even, strikes, [spot])))


def crossings(points: Sequence[CurvePoint]) -> tuple[Decimal, ...]:
    """The prices at which the profit at expiry changes its sign, by straight lines, to cents."""
    found = []
    for before, after in pairwise(points):
        low, high = before.at_expiry, after.at_expiry
        if low * high < 0.0:
            at = before.spot + (after.spot - before.spot) * low / (low - high)
            found.append(Decimal(repr(round(at, 2))))
    return tuple(found)
