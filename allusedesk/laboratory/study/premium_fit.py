"""Modelled premiums beside recorded ones: how far off the chain model is, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from allusedesk.market.history import RecordedChain
from allusedesk.market.modelled_chain import VolatilityLevel, rules_of
from allusedesk.market.modelled_prices import RowTerms, SeriesRows, quote_rows
from allusedesk.market.pricing import greeks, implied_volatilities

Floats = NDArray[np.float64]

_SECONDS_OF_A_YEAR = 365.0 * 86_400.0
_SECONDS_OF_A_DAY = 86_400.0
# Wider quotes have a middle that means little.
_SPREAD_MAX = 0.25
_PAIRS_LEAST, _PAIRS = 3, 5
DELTA_LOW, DELTA_HIGH = 0.05, 0.55


@dataclass(frozen=True, slots=True)
class ChainTerms:
    """What the model knew before a chain's day; `ends_at` tells when an expiry stops trading."""

    level: VolatilityLevel
    rate: float
    dividend_yield: float
    ends_at: Callable[[date], datetime]


@dataclass(frozen=True, slots=True)
class PremiumRows:
    """Recorded contracts that can be compared, columns of one length.

    `taken_on` are the days of the rows as ordinals, `days` those to the end, `deltas` unsigned by
    the recorded price's own volatility, `ratios` the modelled middle over the recorded one less 1,
    `points` the modelled volatility less the recorded one; spreads are ask less bid over the
    middle, as recorded and as modelled.
    """

    underlying: str
    taken_on: NDArray[np.int64]
    is_put: NDArray[np.bool_]
    days: Floats
    deltas: Floats
    ratios: Floats
    points: Floats
    spreads: Floats
    spreads_modelled: Floats

    def chosen(self, rows: NDArray[np.bool_]) -> PremiumRows:
        """Only the rows that are true."""
        return PremiumRows(self.underlying, *(getattr(self, name)[rows] for name in _COLUMNS))


_COLUMNS = tuple(column.name for column in fields(PremiumRows))[1:]


def compare_chain(chain: RecordedChain, terms: ChainTerms) -> PremiumRows:
    """Quote what a chain recorded by the model of that morning, out of the money, 5 to 55 delta.

    The spot of each expiry is read off put-call parity of its five strikes nearest the recorded
    spot, since vendors' spots may be minutes away from their quotes. Left out are rows without
    a bid, crossed or wider than a quarter of their middle, adjusted deliverables, and what ends
    within a day.
    """
    at = chain.taken_at.timestamp()
    expires_at = _ends(chain, terms)
    years = (expires_at - at) / _SECONDS_OF_A_YEAR
    mids = 0.5 * (chain.bids + chain.asks)
    with np.errstate(invalid="ignore", divide="ignore"):
        spreads = (chain.asks - chain.bids) / mids
        is_quoted = (chain.bids > 0) & (spreads > 0) & (spreads <= _SPREAD_MAX)
    is_quoted &= chain.has_standard_deliverable & (expires_at - at >= _SECONDS_OF_A_DAY)
    spots = _spots(chain, mids, years, is_quoted, terms)
    rules, count = rules_of(chain.underlying), len(chain)
    rows = SeriesRows(expires_at, chain.strikes, chain.is_put, np.ones(count), np.ones(count))
    bids, asks, modelled = quote_rows(
        rows,
        chain.taken_at,
        RowTerms(
            spots,
            terms.rate,
            terms.dividend_yield,
            terms.level.near,
            terms.level.far,
            rules.skew,
            rules.smile,
            rules.spread,
            rules.is_in_cents,
        ),
    )
    inputs = (spots, chain.strikes, np.maximum(years, 1e-9), terms.rate, terms.dividend_yield)
    recorded = implied_volatilities(mids, *inputs, chain.is_put)
    deltas = np.abs(greeks(*inputs, recorded, chain.is_put).delta)
    middles = 0.5 * (np.nan_to_num(bids) + asks)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = middles / mids - 1.0
        is_compared = is_quoted & (recorded > 0) & (deltas >= DELTA_LOW) & (deltas <= DELTA_HIGH)
        spreads_modelled = (asks - np.nan_to_num(bids)) / middles
    is_out = np.where(chain.is_put, chain.strikes <= spots, chain.strikes >= spots)
    found = PremiumRows(
        chain.underlying,
        np.full(count, chain.taken_at.date().toordinal()),
        chain.is_put,
        years * 365.0,
        deltas,
        ratios,
        modelled - recorded,
        spreads,
        spreads_modelled,
    )
    return found.chosen(is_compared & is_out)


def joined(parts: Sequence[PremiumRows], title: str) -> PremiumRows:
    """The rows of several chains as one, under a title of their own."""
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS]
    return PremiumRows(title, *columns)


def _ends(chain: RecordedChain, terms: ChainTerms) -> Floats:
    days, places = np.unique(chain.expiries, return_inverse=True)
    ends = [terms.ends_at(day).timestamp() for day in days.astype(object)]
    return np.array(ends)[places]


def _spots(
    chain: RecordedChain,
    mids: Floats,
    years: Floats,
    is_quoted: NDArray[np.bool_],
    terms: ChainTerms,
) -> Floats:
    spots = np.full(len(chain), chain.underlying_price)
    for day in np.unique(chain.expiries):
        rows = np.flatnonzero((chain.expiries == day) & is_quoted)
        time = float(years[chain.expiries == day][0])
        found = list(_parities(chain, mids, rows, time, terms))
        if len(found) >= _PAIRS_LEAST:
            spots[chain.expiries == day] = float(np.median([spot for _, spot in found[:_PAIRS]]))
    return spots


def _parities(
    chain: RecordedChain, mids: Floats, rows: NDArray[np.intp], time: float, terms: ChainTerms
) -> Iterator[tuple[float, float]]:
    """The spot that each strike's call and put agree on, the nearest strikes first."""
    puts = {float(chain.strikes[row]): row for row in rows if chain.is_put[row]}
    calls = {float(chain.strikes[row]): row for row in rows if not chain.is_put[row]}
    near = sorted(
        (abs(strike - chain.underlying_price), strike) for strike in puts if strike in calls
    )
    for away, strike in near:
        owed = strike * np.exp(-terms.rate * time)
        held = mids[calls[strike]] - mids[puts[strike]] + owed
        yield away, float(held * np.exp(terms.dividend_yield * time))
