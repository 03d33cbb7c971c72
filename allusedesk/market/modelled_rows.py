"""Modelled chains of one underlying, day by day, from what was known before each day."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.modelled_chain import (
    ListingRules,
    ModelledSeries,
    VolatilityLevel,
    list_series,
    listed_expiries,
    rules_of,
    volatility_level,
)
from allusedesk.market.modelled_prices import RowTerms, SeriesRows, quote_rows
from allusedesk.market.raw_quotes import ChainColumns, ContractsOnDemand
from allusedesk.market.recorded_figures import KnownBars, KnownFacts, KnownVolatility
from allusedesk.market.recorded_sessions import Standing, session_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LISTED_DAYS = 62
# A day's looks reach a few spans, and those of all underlyings the same ones.
_LISTS_KEPT = 32
_YEAR, _MONTH = 252, 21


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One day's series of a part of a chain, with its contracts in row order.

    `lasts`, `interests` and `volumes` are what the series shows all day, one number a row.
    """

    series: ModelledSeries
    contracts: Sequence[OptionContract]
    expiries_listed: tuple[date, ...]
    lasts: Floats
    interests: Floats
    volumes: Floats


@dataclass(frozen=True, slots=True)
class DayTerms:
    """What a day fixes for every series of an underlying; rate and yield are decimals a year.

    `reference` is the close before it, on the scale after splits by `split_ratio` that took
    effect since the day.
    """

    day: date
    split_ratio: float
    reference: float
    level: VolatilityLevel
    rate: float
    dividend_yield: float


@dataclass(frozen=True, slots=True)
class ModelledPart:
    """Series of one underlying to be quoted as it stands."""

    listing: Listing
    terms: DayTerms
    standing: Standing


class ExpiryCalendar:
    """The sessions on which options end, for the days from `first` to `last`."""

    def __init__(self, calendar: ExchangeCalendar, first: date, last: date) -> None:
        self._calendar = calendar
        self._sessions = calendar.sessions_between(
            max(first, calendar.first), min(last, calendar.last)
        )
        self._dates = [session.date for session in self._sessions]
        self.listed = lru_cache(_LISTS_KEPT)(self._listed)

    def sessions(self, first: date, days: int) -> Sequence[Session]:
        """Return the sessions of the `days` from `first` on, and a week beyond them."""
        start = bisect_left(self._dates, first)
        return self._sessions[start : bisect_right(self._dates, first + timedelta(days=days + 8))]

    def _listed(self, today: date, days: int, rules: ListingRules) -> tuple[Session, ...]:
        """Return what `listed_expiries` does, of the `days` from today; many symbols ask alike."""
        return listed_expiries(today, self.sessions(today, days), rules)

    def ends_at(self, expiry: date) -> datetime:
        """Return when an option stops trading: the close of the last session up to `expiry`.

        Beyond the calendar every weekday counts as a full session.
        """
        calendar = self._calendar
        if calendar.first < expiry <= calendar.last:
            found = session_on(calendar, calendar.session_on_or_before(expiry))
            if found is not None:
                return found.closes_at
        return datetime.combine(expiry, calendar.closes, tzinfo=NEW_YORK)


class ModelledRows:
    """The modelled chain of one underlying; the same contract and instant give the same quote."""

    def __init__(
        self,
        symbol: str,
        bars: KnownBars,
        facts: KnownFacts,
        volatility: KnownVolatility,
        calendar: ExpiryCalendar,
        seed: int,
    ) -> None:
        self._symbol = symbol
        self._bars = bars
        self._facts = facts
        self._volatility = volatility
        self._calendar = calendar
        self._seed = seed
        self._terms: DayTerms | None = None
        self._listings: dict[tuple[date, tuple[Right, ...], int, int], Listing] = {}
        self._held: dict[tuple[OptionContract, ...], Listing] = {}

    def part_wished(
        self, wish: ChainWish, day: date, standing: Standing, rate: float
    ) -> ModelledPart | None:
        """Return what `quote_parts` quotes of a chain; None while history is too young.

        `day` is the day of the look, from which the wish counts; `rate` was known before the
        session of `standing`.
        """
        terms = self._terms_of(standing, rate)
        if terms is None:
            return None
        return ModelledPart(self._listing(wish, day, terms), terms, standing)

    def part_of(
        self, contracts: tuple[OptionContract, ...], standing: Standing, rate: float
    ) -> ModelledPart | None:
        """Return what `quote_parts` quotes of contracts, however far the price has gone since.

        Those that have ended are left out. All of them deliver the same number of shares.
        """
        terms = self._terms_of(standing, rate)
        if terms is None:
            return None
        listing = self._held.get(contracts)
        if listing is None:
            listing = self._held[contracts] = self._held_listing(contracts, terms)
        alive = listing.series.expires_at >= standing.quoted_at.timestamp()
        if not alive.all():
            left = tuple(
                contract
                for contract, is_alive in zip(listing.contracts, alive.tolist(), strict=True)
                if is_alive
            )
            return self.part_of(left, standing, rate) if left else None
        return ModelledPart(listing, terms, standing)

    def _terms_of(self, standing: Standing, rate: float) -> DayTerms | None:
        day, ratio = standing.session.date, standing.split_ratio
        if self._terms is not None and (self._terms.day, self._terms.split_ratio) == (day, ratio):
            return self._terms
        reference = self._bars.last_close(day)
        month = self._bars.realised_volatility(day, _MONTH)
        year = self._bars.realised_volatility(day, _YEAR)
        known = self._volatility.level_before(day)
        if reference is None or month is None or year is None or known is None:
            return None
        self._terms = DayTerms(
            day=day,
            split_ratio=ratio,
            reference=reference / ratio,
            level=volatility_level(month, year, *known),
            rate=rate,
            dividend_yield=self._facts.dividend_yield(day),
        )
        self._listings.clear()
        self._held.clear()
        return self._terms

    def _listing(self, wish: ChainWish, day: date, terms: DayTerms) -> Listing:
        key = (day, wish.rights, wish.days_low, wish.days_high)
        found = self._listings.get(key)
        if found is None:
            rules = rules_of(self._symbol)
            reach = max(wish.days_high + (day - terms.day).days, LISTED_DAYS)
            listed = self._calendar.listed(terms.day, reach, rules)
            wanted = [
                expiry
                for expiry in listed
                if wish.days_low <= (expiry.date - day).days <= wish.days_high
            ]
            series = self._series(terms, wanted, wish.rights, ())
            contracts = ContractsOnDemand(range(len(series.strikes)), series.contract)
            dates = tuple(expiry.date for expiry in listed if expiry.date >= day)
            found = self._listings[key] = _listing_of(series, contracts, dates)
        return found

    def _held_listing(self, contracts: tuple[OptionContract, ...], terms: DayTerms) -> Listing:
        ends = [(contract, self._calendar.ends_at(contract.expiry)) for contract in contracts]
        series = self._series(terms, (), (), ends)
        named = {
            (
                contract.expiry.toordinal(),
                float(contract.strike),
                contract.right is Right.PUT,
            ): contract
            for contract in contracts
        }
        rows = zip(
            series.expiry_ordinals.tolist(),
            series.strikes.tolist(),
            series.is_put.tolist(),
            strict=True,
        )
        return _listing_of(series, tuple(named[row] for row in rows), series.expiries)

    def _series(
        self,
        terms: DayTerms,
        expiries: Sequence[Session],
        rights: tuple[Right, ...],
        held: Sequence[tuple[OptionContract, datetime]],
    ) -> ModelledSeries:
        return list_series(
            self._symbol,
            terms.reference,
            terms.day,
            expiries,
            rights,
            terms.level,
            self._seed,
            held,
        )


def quote_parts(parts: Sequence[ModelledPart]) -> tuple[ChainColumns, ...]:
    """Quote parts, which all stand at one instant, together; the answers in their order."""
    counts = [len(part.listing.contracts) for part in parts]
    rows = SeriesRows(
        _joined([part.listing.series.expires_at for part in parts]),
        _joined([part.listing.series.strikes for part in parts]),
        _joined([part.listing.series.is_put for part in parts]),
        _joined([part.listing.series.volatility_factors for part in parts]),
        _joined([part.listing.series.spread_factors for part in parts]),
    )
    bids, asks, volatilities = quote_rows(
        rows, parts[0].standing.quoted_at, _row_terms(parts, counts)
    )
    found: list[ChainColumns] = []
    start = 0
    for part, count in zip(parts, counts, strict=True):
        chosen = slice(start, start + count)
        found.append(_columns(part, bids[chosen], asks[chosen], volatilities[chosen]))
        start += count
    return tuple(found)


def _joined(columns: list[NDArray[Any]]) -> NDArray[Any]:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def _row_terms(parts: Sequence[ModelledPart], counts: list[int]) -> RowTerms:
    table = [
        (
            part.standing.price,
            part.terms.rate,
            part.terms.dividend_yield,
            part.terms.level.near,
            part.terms.level.far,
            part.listing.series.rules.skew,
            part.listing.series.rules.smile,
            part.listing.series.rules.spread,
        )
        for part in parts
    ]
    is_in_cents = [part.listing.series.rules.is_in_cents for part in parts]
    if len(parts) == 1:
        return RowTerms(*table[0], is_in_cents[0])
    spot, rate, dividend_yield, near, far, skew, smile, spread = np.repeat(
        np.array(table).T, counts, axis=1
    )
    flags = np.repeat(is_in_cents, counts)
    return RowTerms(spot, rate, dividend_yield, near, far, skew, smile, spread, flags)


def _listing_of(
    series: ModelledSeries, contracts: Sequence[OptionContract], expiries: tuple[date, ...]
) -> Listing:
    return Listing(
        series,
        contracts,
        expiries,
        lasts=np.full(len(contracts), math.nan),
        interests=series.open_interest.astype(np.float64),
        volumes=series.volume_average.astype(np.float64),
    )


def _columns(part: ModelledPart, bids: Floats, asks: Floats, volatilities: Floats) -> ChainColumns:
    listing, series = part.listing, part.listing.series
    return ChainColumns(
        underlying=series.underlying,
        quoted_at=part.standing.quoted_at,
        spot=part.standing.price,
        rate=part.terms.rate,
        dividend_yield=part.terms.dividend_yield,
        is_modelled=True,
        volume_is_of_day=False,
        expiries_listed=listing.expiries_listed,
        contracts=listing.contracts,
        expires_at=series.expires_at,
        strikes=series.strikes,
        is_put=series.is_put,
        bids=bids,
        asks=asks,
        lasts=listing.lasts,
        volatilities=volatilities,
        open_interests=listing.interests,
        volumes=listing.volumes,
        bid_sizes=series.bid_sizes,
        ask_sizes=series.ask_sizes,
    )
