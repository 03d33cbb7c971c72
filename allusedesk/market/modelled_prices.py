"""Bids and asks of modelled series, of one underlying or of many at once.

NumPy takes as long over five rows as over five hundred, so that what a look asks of several
underlyings is priced together. Formulas: resources/handbook/models.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.market.normal import normal_cumulative

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_SECONDS_PER_YEAR = 365.0 * 86_400.0
# Shocks to volatility halve in about four months.
_REVERSION_PER_YEAR = 2.0


@dataclass(frozen=True, slots=True)
class SeriesRows:
    """What a day fixes of each row: columns of one length; instants are seconds since 1970 UTC."""

    expires_at: Floats
    strikes: Floats
    is_put: Flags
    volatility_factors: Floats
    spread_factors: Floats


@dataclass(frozen=True, slots=True)
class RowTerms:
    """What else prices a row: columns as long as the rows, or one number for all of them.

    `spot` is a price per share; rate, yield and the levels of volatility near and far are
    decimals a year; the rest is that of the row's class.
    """

    spot: Floats | float
    rate: Floats | float
    dividend_yield: Floats | float
    near: Floats | float
    far: Floats | float
    skew: Floats | float
    smile: Floats | float
    spread: Floats | float
    is_in_cents: Flags | bool


def quote_rows(
    rows: SeriesRows, instant: datetime, terms: RowTerms
) -> tuple[Floats, Floats, Floats]:
    """Return bid, ask and volatility of each row; a bid of NaN means nobody bids.

    Values are those of Black and Scholes, never below intrinsic value. Bids and asks lie on the
    tick grid, at least one tick apart. A row has the same figures whichever others come with it.
    """
    spot, rate, dividend_yield, strikes = (
        terms.spot,
        terms.rate,
        terms.dividend_yield,
        rows.strikes,
    )
    years = np.maximum((rows.expires_at - instant.timestamp()) / _SECONDS_PER_YEAR, 1e-9)
    root = np.sqrt(years)
    at_money = _term_structure(years, terms.near, terms.far)
    distance = np.log(strikes / spot) - (rate - dividend_yield) * years
    moneyness = distance / (at_money * root)
    # Beyond six deviations the smile levels off; unbounded, its wings would cross.
    bounded = moneyness / np.sqrt(1.0 + moneyness * moneyness / 36.0)
    volatility = at_money * (1.0 + bounded * (terms.skew + terms.smile * bounded))
    volatility *= rows.volatility_factors
    total = volatility * root
    d1 = 0.5 * total - distance / total
    sign = 1.0 - 2.0 * rows.is_put
    held, owed = spot * np.exp(-dividend_yield * years), strikes * np.exp(-rate * years)
    value = sign * (
        held * normal_cumulative(sign * d1) - owed * normal_cumulative(sign * (d1 - total))
    )
    value = np.maximum(value, sign * (spot - strikes))
    shift = np.minimum(np.abs(moneyness), 4.0)
    share = terms.spread * (1.0 + 0.35 * shift * shift) * (1.0 + 0.02 / np.maximum(root, 0.02))
    # In the money the spread follows the shares' risk, not the whole price.
    half = 0.5 * rows.spread_factors * (share * np.minimum(value, 0.02 * spot) + 0.01 * shift)
    bid_cents = _cents(np.maximum(value - half, 0.0), terms)
    step = np.where((bid_cents < 300.0) | terms.is_in_cents, 1.0, 5.0)
    ask_cents = np.maximum(_cents(value + half, terms), bid_cents + step)
    bids = np.where(bid_cents > 0.0, bid_cents, np.nan) / 100.0
    return bids, ask_cents / 100.0, volatility


def _term_structure(years: Floats, near: Floats | float, far: Floats | float) -> Floats:
    """Average the variance from now to expiry while it reverts from near to far."""
    pulled = _REVERSION_PER_YEAR * years
    weight = -np.expm1(-pulled) / pulled
    far_variance = far * far
    return np.asarray(np.sqrt(far_variance + (near * near - far_variance) * weight))


def _cents(prices: Floats, terms: RowTerms) -> Floats:
    """Round to the tick: a cent, or five from three dollars up where the class says so."""
    is_fine = (prices < 3.0) | terms.is_in_cents
    return np.where(is_fine, np.rint(prices * 100.0), np.rint(prices * 20.0) * 5.0)
