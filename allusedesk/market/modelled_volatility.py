"""Modelled options on VIX, priced from the forward of each expiry, where no chain was recorded.

The logarithm of VIX reverts to its median, so that VIX at an expiry is lognormal around its
forward (Detemple and Osakwe, "The Valuation of Volatility Options", European Finance Review 4,
2000), and Black's formula prices the options. Every quote is marked as modelled.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.domain.weeks import Session
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.normal import normal_cumulative
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_sessions import Standing

Floats = NDArray[np.float64]

VOLATILITY_INDEX = "VIX"
# The median close of 1986 to 2008 (Whaley, "Understanding the VIX", Journal of Portfolio
# Management 35, 2009).
MEDIAN = 18.88
# Shocks halve in about four months, as in the chains on shares.
REVERSION_PER_YEAR = 2.0
# With this reversion, thirty-day options on VIX have a volatility of 85%, about what VVIX (the
# exchange's index of just that) has shown on average.
VOLATILITY = 0.92
_DAYS_TO_FRIDAY = 30
_MONTHS_LISTED = 10
_SPREAD, _TICK = 0.03, 0.05
_INTEREST, _VOLUME = 20_000, 1_500


def volatility_forward(vix: float, years: float) -> float:
    """Return the level VIX is expected at in `years`, in index points.

    exp(m + (ln V - m) e^-kT + s^2 (1 - e^-2kT) / 4k), with m the logarithm of the median, k the
    reversion and s the volatility a year; what sellers of the risk ask beyond that is left out.
    """
    kept = math.exp(-REVERSION_PER_YEAR * years)
    middle = math.log(MEDIAN)
    return math.exp(middle + (math.log(vix) - middle) * kept + 0.5 * _variance(years))


def forward_volatility(years: float) -> float:
    """Return the annual volatility of Black's formula for an expiry: s^2 (1 - e^-2kT) / 2kT."""
    return math.sqrt(_variance(years) / years)


def volatility_expiries(first: date) -> tuple[date, ...]:
    """Return the coming expiries: thirty days before the third Friday of the month after each."""
    found = []
    for month in range(_MONTHS_LISTED):
        number = first.year * 12 + first.month + month
        start = date(number // 12, number % 12 + 1, 1)
        third_friday = start + timedelta(days=(4 - start.weekday()) % 7 + 14)
        found.append(third_friday - timedelta(days=_DAYS_TO_FRIDAY))
    return tuple(day for day in found if day >= first)


class VolatilityRows:
    """The modelled chain of VIX; the same contract and instant give the same quote.

    The forward of an expiry stands as the spot of its rows, since that is what can be traded.
    """

    def __init__(self, calendar: ExpiryCalendar) -> None:
        self._calendar = calendar

    def chain(
        self, wish: ChainWish, day: date, standing: Standing, rate: float
    ) -> ChainColumns | None:
        """Return the expiry nearest to the middle of the days wished for; None where none is."""
        expiries = volatility_expiries(day)
        wanted = [
            expiry for expiry in expiries if wish.days_low <= (expiry - day).days <= wish.days_high
        ]
        if not wanted:
            return None
        middle = (wish.days_low + wish.days_high) / 2
        chosen = min(wanted, key=lambda expiry: abs((expiry - day).days - middle))
        contracts = tuple(
            OptionContract(VOLATILITY_INDEX, self._listed(chosen), right, strike)
            for strike in _strikes(standing.price)
            for right in sorted(wish.rights, key=lambda right: right.value)
        )
        return self._rows(contracts, expiries, standing, rate)

    def quotes_of(
        self, contracts: tuple[OptionContract, ...], standing: Standing, rate: float
    ) -> tuple[ChainColumns, ...]:
        """Return rows for contracts that have not ended, those of one expiry together."""
        found = []
        for expiry in sorted({contract.expiry for contract in contracts}):
            own = tuple(contract for contract in contracts if contract.expiry == expiry)
            if self._calendar.ends_at(expiry) >= standing.quoted_at:
                found.append(self._rows(own, (expiry,), standing, rate))
        return tuple(found)

    def _listed(self, expiry: date) -> date:
        """Return the session a series ends on: the Wednesday, or the one before a holiday."""
        sessions: list[Session] = [
            session
            for session in self._calendar.sessions(expiry - timedelta(days=7), 7)
            if session.date <= expiry
        ]
        return sessions[-1].date if sessions else expiry

    def _rows(
        self,
        contracts: tuple[OptionContract, ...],
        expiries: tuple[date, ...],
        standing: Standing,
        rate: float,
    ) -> ChainColumns:
        ends_at = self._calendar.ends_at(contracts[0].expiry)
        years = _years(standing.quoted_at, ends_at)
        forward, volatility = volatility_forward(standing.price, years), forward_volatility(years)
        strikes = np.array([float(contract.strike) for contract in contracts])
        is_put = np.array([contract.right is Right.PUT for contract in contracts])
        values = _black(forward, strikes, years, rate, volatility, is_put)
        half = np.maximum(values * _SPREAD / 2.0, _TICK / 2.0)
        bids = np.maximum(np.floor((values - half) / _TICK + 0.5), 0.0) * _TICK
        asks = np.maximum(np.floor((values + half) / _TICK + 0.5) * _TICK, bids + _TICK)
        rows = len(contracts)
        return ChainColumns(
            underlying=VOLATILITY_INDEX,
            quoted_at=standing.quoted_at,
            spot=forward,
            rate=rate,
            dividend_yield=rate,
            is_modelled=True,
            volume_is_of_day=False,
            expiries_listed=expiries,
            contracts=contracts,
            expires_at=np.full(rows, ends_at.timestamp()),
            strikes=strikes,
            is_put=is_put,
            bids=_cents(np.where(bids > 0.0, bids, math.nan)),
            asks=_cents(asks),
            lasts=np.full(rows, math.nan),
            volatilities=np.full(rows, volatility),
            open_interests=np.full(rows, float(_INTEREST)),
            volumes=np.full(rows, float(_VOLUME)),
            bid_sizes=np.full(rows, _VOLUME, dtype=np.int64),
            ask_sizes=np.full(rows, _VOLUME, dtype=np.int64),
        )


def _cents(prices: Floats) -> Floats:
    """Take off what binary fractions add to a price on the grid."""
    return np.asarray(np.rint(prices * 100.0) / 100.0)


def _variance(years: float) -> float:
    """The variance of the logarithm of VIX in `years`."""
    pulled = 2.0 * REVERSION_PER_YEAR
    return VOLATILITY * VOLATILITY * -math.expm1(-pulled * years) / pulled


def _years(quoted_at: datetime, ends_at: datetime) -> float:
    return max((ends_at - quoted_at).total_seconds() / (365.0 * 86_400.0), 1e-9)


def _black(
    forward: float,
    strikes: Floats,
    years: float,
    rate: float,
    volatility: float,
    is_put: NDArray[np.bool_],
) -> Floats:
    """Black's formula (1976), never below intrinsic value of the forward, discounted."""
    total = volatility * math.sqrt(years)
    d1 = np.log(forward / strikes) / total + 0.5 * total
    sign = 1.0 - 2.0 * is_put
    value = sign * (
        forward * normal_cumulative(sign * d1) - strikes * normal_cumulative(sign * (d1 - total))
    )
    return np.asarray(math.exp(-rate * years) * np.maximum(value, sign * (forward - strikes)))


def _strikes(vix: float) -> list[Decimal]:
    """Whole points from 8 to 60, then every fifth, to four times VIX or its median."""
    last = round(4.0 * max(vix, MEDIAN))
    return [Decimal(strike) for strike in (*range(8, 61), *range(65, last + 1, 5))]
