"""Recorded option chains as rows: each fresh at its own instant, and old from then on."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.history import RecordedChain
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_sessions import STANDING_DAYS_MAX, day_ordinals

Rows = NDArray[np.int64]


class RecordedRows:
    """The recorded chains of one underlying, oldest first."""

    def __init__(self, chains: tuple[RecordedChain, ...], calendar: ExpiryCalendar) -> None:
        self._chains = tuple(sorted(chains, key=lambda chain: chain.taken_at))
        self._instants = [chain.taken_at for chain in self._chains]
        self._calendar = calendar
        self._contracts: dict[tuple[int, int], OptionContract] = {}
        self._rows: dict[int, dict[tuple[int, float, bool], int]] = {}

    @property
    def instants(self) -> tuple[datetime, ...]:
        """When the chains were taken."""
        return tuple(self._instants)

    def latest(self, at: datetime) -> int | None:
        """Return the place of the last chain taken by `at`, unless it is older than a week."""
        place = bisect_right(self._instants, at) - 1
        if place < 0 or at - self._instants[place] > timedelta(days=STANDING_DAYS_MAX):
            return None
        return place

    def spot(self, place: int) -> float:
        """Return the underlying's price that came with a chain."""
        return self._chains[place].underlying_price

    def chain(
        self, place: int, wish: ChainWish, day: date, rate: float, dividend_yield: float
    ) -> ChainColumns:
        """Return the wished part of a chain; series with another deliverable are left out."""
        chain = self._chains[place]
        ordinals = day_ordinals(chain.expiries)
        days = ordinals - day.toordinal()
        is_wanted = (days >= wish.days_low) & (days <= wish.days_high)
        is_wanted &= chain.has_standard_deliverable
        if set(wish.rights) != {Right.PUT, Right.CALL}:
            is_wanted &= chain.is_put == (wish.rights == (Right.PUT,))
        listed = np.unique(ordinals[days >= 0]).tolist()
        rows = np.flatnonzero(is_wanted & (days >= 0))
        order = np.lexsort((chain.is_put[rows], chain.strikes[rows], ordinals[rows]))
        expiries = tuple(date.fromordinal(ordinal) for ordinal in listed)
        return self._columns(place, rows[order], expiries, rate, dividend_yield)

    def quotes_of(
        self,
        place: int,
        contracts: tuple[OptionContract, ...],
        rate: float,
        dividend_yield: float,
    ) -> ChainColumns | None:
        """Return the rows of these contracts; None where the chain has none of them."""
        places = self._places(place)
        found = [
            places.get(
                (contract.expiry.toordinal(), float(contract.strike), contract.right is Right.PUT)
            )
            for contract in contracts
            if contract.is_standard
        ]
        rows = np.array([row for row in found if row is not None], dtype=np.int64)
        return self._columns(place, rows, (), rate, dividend_yield) if rows.size else None

    def _places(self, place: int) -> dict[tuple[int, float, bool], int]:
        if place not in self._rows:
            chain = self._chains[place]
            rows = np.flatnonzero(chain.has_standard_deliverable)
            names = zip(
                day_ordinals(chain.expiries)[rows].tolist(),
                chain.strikes[rows].tolist(),
                chain.is_put[rows].tolist(),
                strict=True,
            )
            self._rows[place] = dict(zip(names, rows.tolist(), strict=True))
        return self._rows[place]

    def _contract(self, place: int, row: int) -> OptionContract:
        found = self._contracts.get((place, row))
        if found is None:
            chain = self._chains[place]
            found = self._contracts[place, row] = OptionContract(
                chain.underlying,
                chain.expiries[row].astype(object),
                Right.PUT if chain.is_put[row] else Right.CALL,
                Decimal(repr(float(chain.strikes[row]))),
            )
        return found

    def _columns(
        self,
        place: int,
        rows: Rows,
        expiries: tuple[date, ...],
        rate: float,
        dividend_yield: float,
    ) -> ChainColumns:
        chain = self._chains[place]
        contracts = tuple(self._contract(place, row) for row in rows.tolist())
        ends = {
            expiry: self._calendar.ends_at(expiry).timestamp()
            for expiry in dict.fromkeys(contract.expiry for contract in contracts)
        }
        return ChainColumns(
            underlying=chain.underlying,
            quoted_at=chain.taken_at,
            spot=chain.underlying_price,
            rate=rate,
            dividend_yield=dividend_yield,
            is_modelled=False,
            volume_is_of_day=True,
            expiries_listed=expiries,
            contracts=contracts,
            expires_at=np.array([ends[contract.expiry] for contract in contracts]),
            strikes=chain.strikes[rows],
            is_put=chain.is_put[rows],
            bids=chain.bids[rows],
            asks=chain.asks[rows],
            lasts=chain.lasts[rows],
            volatilities=np.full(len(rows), np.nan),
            open_interests=chain.open_interests[rows],
            volumes=chain.volumes[rows],
        )
