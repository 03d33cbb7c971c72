"""What divides an option's gain between two sights: its model revalued in steps.

First the underlying moves, then time passes, then the volatility changes, and each step is what
the value by Black, Scholes and Merton gains by it. The volatility at either end is the one its
own middle price implies there, so the steps together are the whole change of that price, however
far the underlying moved and however near the end was. Greeks alone leave most of such a gain over:
a minute before the end a penny implies any volatility, which the vega of days before multiplies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.market.pricing import greeks, implied_volatilities, values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SECONDS_PER_YEAR = 365.0 * 86_400.0
# An early close ends an option some hours sooner, which no quote is there to tell from this.
_NEW_YORK, _SESSION_END_HOUR = ZoneInfo("America/New_York"), 16


@dataclass(frozen=True, slots=True)
class OptionStretch:
    """One share's option from one sight to the next.

    `spots`, `years` (left, of 365 days) and `middles` (prices a share) are of both sights, `rate`
    is of the first. An option with no time left is worth what exercise brings.
    """

    strike: float
    is_put: bool
    rate: float
    spots: tuple[float, float]
    years: tuple[float, float]
    middles: tuple[float, float]


def divide(stretches: Sequence[OptionStretch]) -> Floats:
    """Dollars a share by delta, gamma, theta and vega; shape (stretches, 4).

    Delta is the first sight's times the move, gamma the rest of what the move brought, so that it
    holds the higher orders too. A middle price that no volatility explains counts as one without
    any; what it lies off the model is in no part.
    """
    if not stretches:
        return np.zeros((0, 4))
    strikes = np.array([one.strike for one in stretches])
    puts = np.array([one.is_put for one in stretches])
    rates = np.array([one.rate for one in stretches])
    before, after = np.array([one.spots for one in stretches]).T
    left, left_after = np.maximum(np.array([one.years for one in stretches]).T, 0.0)
    middle, middle_after = np.array([one.middles for one in stretches]).T

    def implied(prices: Floats, spots: Floats, years: Floats) -> Floats:
        found = implied_volatilities(prices, spots, strikes, years, rates, 0.0, puts)
        return np.asarray(np.nan_to_num(found, nan=0.0))

    def worth(spots: Floats, years: Floats, volatilities: Floats) -> Floats:
        return values(spots, strikes, years, rates, 0.0, volatilities, puts)

    volatility = implied(middle, before, left)
    at_first = greeks(before, strikes, left, rates, 0.0, volatility, puts)
    moved = worth(after, left, volatility)
    aged = worth(after, left_after, volatility)
    ended = worth(after, left_after, implied(middle_after, after, left_after))
    delta = at_first.delta * (after - before)
    return np.column_stack((delta, moved - at_first.values - delta, aged - moved, ended - aged))


def years_left(option: OptionContract, at: datetime) -> float:
    """Years of 365 days up to four in the afternoon of an option's last day; never below 0."""
    day = option.expiry
    ends = datetime(day.year, day.month, day.day, _SESSION_END_HOUR, tzinfo=_NEW_YORK)
    return max((ends - at).total_seconds() / _SECONDS_PER_YEAR, 0.0)


def settled_spot(option: OptionContract, price: Decimal, seen: float | None) -> float | None:
    """What the underlying must have been at for an option to end at a price.

    The last quote, `seen`, may be of days before or after; None where there was none.
    """
    if seen is None:
        return None
    strike, is_put = float(option.strike), option.right is Right.PUT
    if price:
        return strike - float(price) if is_put else strike + float(price)
    return max(seen, strike) if is_put else min(seen, strike)
