"""Recorded option chains as rows: each fresh at its own instant, and old from then on.

A chain of minutes is such a chain at every minute of its day. Series that settle in the morning of
their expiry are left out: the desk's options end with a close.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.contract_terms import MORNING_SETTLED_ROOTS, Settlement
from allusedesk.market.history import Flags, Floats, RecordedChain
from allusedesk.market.intraday import MinuteChain
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.raw_quotes import ChainColumns, ContractsOnDemand
from allusedesk.market.recorded_chains import chain_at
from allusedesk.market.recorded_sessions import STANDING_DAYS_MAX, day_ordinals, exchange_date

Rows = NDArray[np.int64]

# Looks ask for the same parts of a chain again and again, until the next one is taken.
_TABLES_KEPT = 32


@dataclass(frozen=True, slots=True, eq=False)
class TakenChain:
    """A chain as it stood at its instant; `source` is the recording its rows belong to."""

    chain: RecordedChain
    source: int

    @property
    def taken_at(self) -> datetime:
        return self.chain.taken_at


@dataclass(frozen=True, slots=True, eq=False)
class PlayedSeries:
    """What stays of a recording however its quotes move: which rows are played, and what they are.

    `expiry_ordinals` are Python's, one a row, and `expiries` those played, soonest first.
    `contracts` are the rows that somebody has looked at so far.
    """

    chain: RecordedChain
    expiry_ordinals: Rows
    is_played: Flags
    expiries: tuple[date, ...]
    contracts: dict[int, OptionContract]

    def wished(self, wish: ChainWish, day: date) -> Rows:
        """Return the rows of a wish by expiry, strike and right; calls stand before puts."""
        low, high = max(wish.days_low, 0) + day.toordinal(), wish.days_high + day.toordinal()
        ordinals, chain = self.expiry_ordinals, self.chain
        is_wanted = (ordinals >= low) & (ordinals <= high) & self.is_played
        if set(wish.rights) != {Right.PUT, Right.CALL}:
            is_wanted &= chain.is_put == (wish.rights == (Right.PUT,))
        rows = np.flatnonzero(is_wanted)
        return rows[np.lexsort((chain.is_put[rows], chain.strikes[rows], ordinals[rows]))]

    def row_of(self, contract: OptionContract) -> int | None:
        """Return the row of a contract; None where it was not recorded or is not played."""
        if not contract.is_standard:
            return None
        # To look through the columns costs less than a table of names, of which a handful are used.
        rows = np.flatnonzero(
            (self.chain.strikes == float(contract.strike))
            & (self.expiry_ordinals == contract.expiry.toordinal())
            & (self.chain.is_put == (contract.right is Right.PUT))
            & self.is_played
        )
        return int(rows[-1]) if rows.size else None

    def contract(self, row: int) -> OptionContract:
        """Return what a row quotes."""
        found = self.contracts.get(row)
        if found is None:
            found = self.contracts[row] = OptionContract(
                self.chain.underlying,
                date.fromordinal(int(self.expiry_ordinals[row])),
                Right.PUT if self.chain.is_put[row] else Right.CALL,
                Decimal(repr(float(self.chain.strikes[row]))),
            )
        return found


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
        ordered = sorted(chains, key=lambda chain: chain.taken_at)
        self._chains = tuple(TakenChain(chain, place) for place, chain in enumerate(ordered))
        self._instants = tuple(chain.taken_at for chain in ordered)
        self._minutes = {chain.day: (place, chain) for place, chain in enumerate(minutes)}
        self._seconds = {chain.day: chain.minutes() for chain in minutes}
        self._spot = spot
        self._calendar = calendar
        self._latest_minute: tuple[date, int, TakenChain | None] | None = None
        self._series: dict[int, PlayedSeries] = {}
        self.chain = lru_cache(_TABLES_KEPT)(self._chain)
        self.quotes_of = lru_cache(_TABLES_KEPT)(self._quotes_of)

    @property
    def instants(self) -> tuple[datetime, ...]:
        """When the chains were taken, but for the minutes."""
        return self._instants

    def spot(self, place: int) -> float:
        """Return the underlying's price that came with a chain, by its place among them."""
        return self._chains[place].chain.underlying_price

    @property
    def is_of_index(self) -> bool:
        """Tell whether the underlying is an index: its level is recorded, and it has no sides."""
        return bool(self._chains) and self._chains[0].chain.settlement is Settlement.CASH

    def latest_taken(self, at: datetime) -> TakenChain | None:
        """Return the last chain taken as a whole by `at`, unless it is older than a week."""
        place = bisect_right(self._instants, at) - 1
        if place < 0 or at - self._instants[place] > timedelta(days=STANDING_DAYS_MAX):
            return None
        return self._chains[place]

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

    def _chain(
        self, taken: TakenChain, wish: ChainWish, day: date, rate: float, dividend_yield: float
    ) -> ChainColumns:
        """Return the wished part of a chain; series with another deliverable are left out."""
        series = self._series_of(taken)
        listed = series.expiries[bisect_left(series.expiries, day) :]
        rows = series.wished(wish, day)
        contracts = ContractsOnDemand(rows.tolist(), series.contract)
        return self._columns(taken, rows, contracts, listed, (rate, dividend_yield))

    def _quotes_of(
        self,
        taken: TakenChain,
        contracts: tuple[OptionContract, ...],
        rate: float,
        dividend_yield: float,
    ) -> ChainColumns | None:
        """Return the rows of these contracts; None where the chain has none of them."""
        series = self._series_of(taken)
        found = {contract: series.row_of(contract) for contract in contracts}
        rows = {contract: row for contract, row in found.items() if row is not None}
        if not rows:
            return None
        places = np.array(list(rows.values()), dtype=np.int64)
        return self._columns(taken, places, tuple(rows), (), (rate, dividend_yield))

    def _series_of(self, taken: TakenChain) -> PlayedSeries:
        """The series of a recording; all minutes of a day have the same."""
        found = self._series.get(taken.source)
        if found is None:
            found = self._series[taken.source] = _played_series(taken.chain)
        return found

    def _columns(
        self,
        taken: TakenChain,
        rows: Rows,
        contracts: Sequence[OptionContract],
        expiries: tuple[date, ...],
        terms: tuple[float, float],
    ) -> ChainColumns:
        chain = taken.chain
        ordinals = self._series_of(taken).expiry_ordinals[rows].tolist()
        ends = {
            ordinal: self._calendar.ends_at(date.fromordinal(ordinal)).timestamp()
            for ordinal in dict.fromkeys(ordinals)
        }
        return ChainColumns(
            underlying=chain.underlying,
            quoted_at=chain.taken_at,
            spot=chain.underlying_price,
            rate=terms[0],
            dividend_yield=terms[1],
            is_modelled=False,
            volume_is_of_day=True,
            expiries_listed=expiries,
            contracts=contracts,
            expires_at=np.array([ends[ordinal] for ordinal in ordinals]),
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


def _played_series(chain: RecordedChain) -> PlayedSeries:
    ordinals, is_played = day_ordinals(chain.expiries), _is_played(chain)
    expiries = tuple(map(date.fromordinal, np.unique(ordinals[is_played]).tolist()))
    return PlayedSeries(chain, ordinals, is_played, expiries, {})


def _is_played(chain: RecordedChain) -> Flags:
    if chain.roots is None:
        return chain.has_standard_deliverable
    is_morning = np.isin(chain.roots, MORNING_SETTLED_ROOTS)
    return np.asarray(chain.has_standard_deliverable & ~is_morning)


def _sizes(column: Floats | None, rows: Rows) -> NDArray[np.int64] | None:
    return None if column is None else np.nan_to_num(column[rows]).astype(np.int64)
