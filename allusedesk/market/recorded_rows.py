"""Recorded option chains as rows: each fresh at its own instant, and old from then on.

A chain of minutes is such a chain at every minute of its day. Series that settle in the morning of
their expiry are left out: the desk's options end with a close.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.contract_terms import MORNING_SETTLED_ROOTS, Settlement
from allusedesk.market.history import Flags, Floats, RecordedChain
from allusedesk.market.intraday import MinuteChain
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_chains import chain_at
from allusedesk.market.recorded_sessions import STANDING_DAYS_MAX, day_ordinals, exchange_date

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TakenChain:
    """A chain as it stood at its instant; `source` is the recording its rows belong to."""

    chain: RecordedChain
    source: int

    @property
    def taken_at(self) -> datetime:
        return self.chain.taken_at


class RecordedRows:
    """The recorded chains of one underlying, oldest first."""

    def __init__(
        self,
        chains: tuple[RecordedChain, ...],
        calendar: ExpiryCalendar,
        minutes: tuple[MinuteChain, ...] = (),
        spot: Callable[[datetime], float | None] = lambda _: None,
    ) -> None:
        """Take the chains, and with the minutes the price of their underlying at an instant."""
        self._chains = tuple(sorted(chains, key=lambda chain: chain.taken_at))
        self._instants = tuple(chain.taken_at for chain in self._chains)
        self._minutes = {chain.day: (place, chain) for place, chain in enumerate(minutes)}
        self._seconds = {chain.day: chain.minutes() for chain in minutes}
        self._spot = spot
        self._calendar = calendar
        self._latest_minute: tuple[date, int, TakenChain | None] | None = None
        self._contracts: dict[tuple[int, int], OptionContract] = {}
        self._rows: dict[int, dict[tuple[int, float, bool], int]] = {}

    @property
    def instants(self) -> tuple[datetime, ...]:
        """When the chains were taken, but for the minutes."""
        return self._instants

    def spot(self, place: int) -> float:
        """Return the underlying's price that came with a chain, by its place among them."""
        return self._chains[place].underlying_price

    @property
    def is_of_index(self) -> bool:
        """Tell whether the underlying is an index: its level is recorded, and it has no sides."""
        return bool(self._chains) and self._chains[0].settlement is Settlement.CASH

    def latest_taken(self, at: datetime) -> TakenChain | None:
        """Return the last chain taken as a whole by `at`, unless it is older than a week."""
        place = bisect_right(self._instants, at) - 1
        if place < 0 or at - self._instants[place] > timedelta(days=STANDING_DAYS_MAX):
            return None
        return TakenChain(self._chains[place], place)

    def latest(self, at: datetime) -> TakenChain | None:
        """Return the last chain by `at`, a minute of its day among them; none older than a week."""
        whole, minute = self.latest_taken(at), self._minute(at) if self._minutes else None
        if whole is None or minute is None:
            return whole or minute
        return minute if minute.taken_at >= whole.taken_at else whole

    def _minute(self, at: datetime) -> TakenChain | None:
        day = exchange_date(at)
        recorded = self._minutes.get(day)
        if recorded is None:
            return None
        seconds = self._seconds[day]
        place = int(np.searchsorted(seconds, int(at.timestamp()), side="right")) - 1
        if place < 0:
            return None
        known = self._latest_minute
        if known is not None and known[:2] == (day, place):
            return known[2]
        second = int(seconds[place])
        spot = self._spot(datetime.fromtimestamp(second, UTC))
        source = len(self._chains) + recorded[0]
        found = None if spot is None else TakenChain(chain_at(recorded[1], second, spot), source)
        self._latest_minute = (day, place, found)
        return found

    def chain(
        self, taken: TakenChain, wish: ChainWish, day: date, rate: float, dividend_yield: float
    ) -> ChainColumns:
        """Return the wished part of a chain; series with another deliverable are left out."""
        chain = taken.chain
        ordinals = day_ordinals(chain.expiries)
        days = ordinals - day.toordinal()
        is_played = _is_played(chain)
        is_wanted = (days >= wish.days_low) & (days <= wish.days_high) & is_played
        if set(wish.rights) != {Right.PUT, Right.CALL}:
            is_wanted &= chain.is_put == (wish.rights == (Right.PUT,))
        listed = np.unique(ordinals[is_played & (days >= 0)]).tolist()
        rows = np.flatnonzero(is_wanted & (days >= 0))
        order = np.lexsort((chain.is_put[rows], chain.strikes[rows], ordinals[rows]))
        expiries = tuple(date.fromordinal(ordinal) for ordinal in listed)
        return self._columns(taken, rows[order], expiries, rate, dividend_yield)

    def quotes_of(
        self,
        taken: TakenChain,
        contracts: tuple[OptionContract, ...],
        rate: float,
        dividend_yield: float,
    ) -> ChainColumns | None:
        """Return the rows of these contracts; None where the chain has none of them."""
        places = self._places(taken)
        found = [
            places.get(
                (contract.expiry.toordinal(), float(contract.strike), contract.right is Right.PUT)
            )
            for contract in contracts
            if contract.is_standard
        ]
        rows = np.array([row for row in found if row is not None], dtype=np.int64)
        return self._columns(taken, rows, (), rate, dividend_yield) if rows.size else None

    def _places(self, taken: TakenChain) -> dict[tuple[int, float, bool], int]:
        if taken.source not in self._rows:
            chain = taken.chain
            rows = np.flatnonzero(_is_played(chain))
            names = zip(
                day_ordinals(chain.expiries)[rows].tolist(),
                chain.strikes[rows].tolist(),
                chain.is_put[rows].tolist(),
                strict=True,
            )
            self._rows[taken.source] = dict(zip(names, rows.tolist(), strict=True))
        return self._rows[taken.source]

    def _contract(self, taken: TakenChain, row: int) -> OptionContract:
        found = self._contracts.get((taken.source, row))
        if found is None:
            chain = taken.chain
            found = self._contracts[taken.source, row] = OptionContract(
                chain.underlying,
                chain.expiries[row].astype(object),
                Right.PUT if chain.is_put[row] else Right.CALL,
                Decimal(repr(float(chain.strikes[row]))),
            )
        return found

    def _columns(
        self,
        taken: TakenChain,
        rows: Rows,
        expiries: tuple[date, ...],
        rate: float,
        dividend_yield: float,
    ) -> ChainColumns:
        chain = taken.chain
        contracts = tuple(self._contract(taken, row) for row in rows.tolist())
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
            bid_sizes=_sizes(chain.bid_sizes, rows),
            ask_sizes=_sizes(chain.ask_sizes, rows),
        )


def _is_played(chain: RecordedChain) -> Flags:
    if chain.roots is None:
        return chain.has_standard_deliverable
    is_morning = np.isin(chain.roots, MORNING_SETTLED_ROOTS)
    return np.asarray(chain.has_standard_deliverable & ~is_morning)


def _sizes(column: Floats | None, rows: Rows) -> NDArray[np.int64] | None:
    return None if column is None else np.nan_to_num(column[rows]).astype(np.int64)
