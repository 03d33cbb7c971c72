"""What a source of quotes hands over: batches, columns of a chain, announcements, health."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, isnan
from typing import TYPE_CHECKING, overload

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import Greeks, Quote
from allusedesk.market.pricing import to_price

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SECONDS_PER_YEAR = 365.0 * 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class QuoteBatch:
    """Quotes of shares that reached the desk together: one float a symbol in each column."""

    instant: datetime
    symbols: tuple[str, ...]
    bids: Floats
    asks: Floats
    lasts: Floats
    is_modelled: bool


class ContractsOnDemand(Sequence[OptionContract]):
    """The contracts of some rows, each made when it is first asked for: of most nobody asks."""

    __slots__ = ("_made", "_of_row", "_rows")

    def __init__(self, rows: Sequence[int], of_row: Callable[[int], OptionContract]) -> None:
        self._rows = rows
        self._of_row = of_row
        self._made: dict[int, OptionContract] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> OptionContract: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[OptionContract, ...]: ...

    def __getitem__(self, place: int | slice) -> OptionContract | tuple[OptionContract, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = self._of_row(self._rows[place])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class ChainColumns:
    """Raw quotes of options of one underlying, as of `quoted_at`; one row a contract.

    Prices are per share; NaN or zero where a side is absent. `expires_at` are seconds since 1970
    UTC. `volatilities` are those the chain was modelled with, NaN where it was recorded.
    `open_interests` and `volumes` are NaN where unknown, sizes are None where none is shown.
    `spot`, `rate` and `dividend_yield` (decimals a year) belong to these quotes.
    `expiries_listed` reaches eight weeks, or as far as the wish did. Where each row has an instant
    of its own, `instants` are seconds since 1970 UTC and `quoted_at` is the newest of them.
    """

    underlying: str
    quoted_at: datetime
    spot: float
    rate: float
    dividend_yield: float
    is_modelled: bool
    volume_is_of_day: bool
    expiries_listed: tuple[date, ...]
    contracts: Sequence[OptionContract]
    expires_at: Floats
    strikes: Floats
    is_put: Flags
    bids: Floats
    asks: Floats
    lasts: Floats
    volatilities: Floats
    open_interests: Floats
    volumes: Floats
    bid_sizes: Counts | None = None
    ask_sizes: Counts | None = None
    instants: Floats | None = None

    def __len__(self) -> int:
        """Return the number of contracts."""
        return len(self.contracts)

    def quote(self, row: int, greeks: Greeks | None = None) -> Quote | None:
        """Return a row as a quote; None where it is crossed, or has no side and no last price.

        Sides and last prices that are zero, negative or missing are absent.
        """
        found = self.quotes([row], [greeks])
        return found[0] if found else None

    def quotes(self, rows: Sequence[int], greeks: Sequence[Greeks | None]) -> list[Quote]:
        """Return rows as quotes, each with its greeks; without those `quote` has None for."""
        shown = (self.bids, self.asks, self.lasts, self.open_interests, self.volumes)
        bids, asks, lasts, interests, volumes = (column.tolist() for column in shown)
        found: list[Quote] = []
        for row, known, quoted_at in zip(rows, greeks, self._quoted_at(rows), strict=True):
            bid, ask, last = _side(bids[row]), _side(asks[row]), _side(lasts[row])
            interest, volume = interests[row], volumes[row]
            if bid is None or ask is None:
                if bid is None and ask is None and last is None:
                    continue
            elif bids[row] > asks[row]:
                continue
            found.append(
                Quote(
                    self.contracts[row],
                    bid,
                    ask,
                    last,
                    quoted_at,
                    self.is_modelled,
                    known,
                    None if isnan(interest) else int(interest),
                    None if isnan(volume) else volume,
                    self.volume_is_of_day,
                )
            )
        return found

    def _quoted_at(self, rows: Sequence[int]) -> list[datetime]:
        if self.instants is None:
            return [self.quoted_at] * len(rows)
        return [datetime.fromtimestamp(each, UTC) for each in self.instants[rows].tolist()]

    @property
    def years(self) -> Floats:
        """Time to expiry of each row in years of 365 days; zero once it is up."""
        years: Floats = (self.expires_at - self.quoted_at.timestamp()) / SECONDS_PER_YEAR
        return years.clip(0.0)


@dataclass(frozen=True, slots=True)
class FeedTables:
    """What one look asked of a feed: a table for each chain wished, and tables of what is held.

    A chain that nobody quotes is None. An underlying whose held contracts stem from two sources,
    or deliver different numbers of shares, has several tables.
    """

    chains: tuple[ChainColumns | None, ...]
    held: tuple[ChainColumns, ...]


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """What is announced for a symbol; earnings may be an estimate from the quarters before."""

    symbol: str
    earnings_next: date | None = None
    earnings_estimated: bool = False
    ex_dividend_next: date | None = None
    dividend_next: Decimal | None = None
    is_halted: bool = False
    is_frozen_for_action: bool = False


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a feed is doing; `last_batch_at` is None before its first batch."""

    name: str
    is_live: bool
    last_batch_at: datetime | None
    symbols: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())


def _side(value: float) -> Price | None:
    return to_price(value) if 0.0 < value < inf else None
