"""Modelled chains of one underlying, day by day, from what was known before each day."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.modelled_chain import (
    ModelledSeries,
    VolatilityLevel,
    list_series,
    listed_expiries,
    model_chain,
    rules_of,
    volatility_level,
)
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_figures import KnownBars, KnownFacts, KnownVolatility
from allusedesk.market.recorded_sessions import Standing, session_on

LISTED_DAYS = 62
_YEAR, _MONTH = 252, 21


@dataclass(frozen=True, slots=True)
class Listing:
    """One day's series of a part of a chain, with its contracts in row order."""

    series: ModelledSeries
    contracts: tuple[OptionContract, ...]
    expiries_listed: tuple[date, ...]


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


class ExpiryCalendar:
    """The sessions on which options end, for the days from `first` to `last`."""

    def __init__(self, calendar: ExchangeCalendar, first: date, last: date) -> None:
        self._calendar = calendar
        self._sessions = calendar.sessions_between(
            max(first, calendar.first), min(last, calendar.last)
        )
        self._dates = [session.date for session in self._sessions]

    def sessions(self, first: date, days: int) -> Sequence[Session]:
        """Return the sessions of the `days` from `first` on, and a week beyond them."""
        start = bisect_left(self._dates, first)
        return self._sessions[start : bisect_right(self._dates, first + timedelta(days=days + 8))]

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

    def chain(
        self, wish: ChainWish, day: date, standing: Standing, rate: float
    ) -> ChainColumns | None:
        """Return the wished part of the chain as it stood; None while history is too young.

        `day` is the day of the look, from which the wish counts; `rate` was known before the
        session of `standing`.
        """
        terms = self._terms_of(standing, rate)
        if terms is None:
            return None
        listing = self._listing(wish, day, terms)
        return self._quoted(listing, terms, standing)

    def quotes_of(
        self, contracts: tuple[OptionContract, ...], standing: Standing, rate: float
    ) -> ChainColumns | None:
        """Return rows for contracts that have not ended, wherever the price has gone since.

        All of them deliver the same number of shares.
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
            return self.quotes_of(left, standing, rate) if left else None
        return self._quoted(listing, terms, standing)

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
            sessions = self._calendar.sessions(terms.day, reach)
            listed = listed_expiries(terms.day, sessions, rules)
            wanted = [
                expiry
                for expiry in listed
                if wish.days_low <= (expiry.date - day).days <= wish.days_high
            ]
            series = self._series(terms, wanted, wish.rights, ())
            contracts = tuple(series.contract(row) for row in range(len(series.strikes)))
            dates = tuple(expiry.date for expiry in listed if expiry.date >= day)
            found = self._listings[key] = Listing(series, contracts, dates)
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
        return Listing(series, tuple(named[row] for row in rows), series.expiries)

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

    def _quoted(self, listing: Listing, terms: DayTerms, standing: Standing) -> ChainColumns:
        series = listing.series
        chain = model_chain(
            series,
            standing.price,
            standing.quoted_at,
            terms.level,
            terms.rate,
            terms.dividend_yield,
        )
        return ChainColumns(
            underlying=self._symbol,
            quoted_at=standing.quoted_at,
            spot=standing.price,
            rate=terms.rate,
            dividend_yield=terms.dividend_yield,
            is_modelled=True,
            volume_is_of_day=False,
            expiries_listed=listing.expiries_listed,
            contracts=listing.contracts,
            expires_at=series.expires_at,
            strikes=series.strikes,
            is_put=series.is_put,
            bids=chain.bids,
            asks=chain.asks,
            lasts=np.full(len(series.strikes), math.nan),
            volatilities=chain.implied_volatilities,
            open_interests=series.open_interest.astype(np.float64),
            volumes=series.volume_average.astype(np.float64),
            bid_sizes=series.bid_sizes,
            ask_sizes=series.ask_sizes,
        )
