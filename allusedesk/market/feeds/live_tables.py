"""Tables of option quotes made from live columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import isnan, nan

import numpy as np

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.live_columns import (
    ASK,
    ASK_SIZE,
    BID,
    BID_SIZE,
    INSTANT,
    LAST,
    OPEN_INTEREST,
    VOLUME,
    Floats,
    LiveColumns,
)
from allusedesk.market.feeds.live_figures import LiveFigures
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_sessions import exchange_date

# An option's quote that nobody has renewed for so long belongs to another market.
OPTION_SECONDS_MAX = 300.0
_LISTED_DAYS = 56
_LEAPS_DAYS = 1_110


class LiveTables:
    """Chains and rows of held contracts, each row with its own instant, from one set of columns.

    `today` is the day of opening; expiries from a month before it to three years after are known.
    """

    def __init__(
        self, columns: LiveColumns, figures: LiveFigures, calendar: ExchangeCalendar, today: date
    ) -> None:
        self._columns = columns
        self._figures = figures
        self._expiries = ExpiryCalendar(
            calendar, today - timedelta(days=30), today + timedelta(days=_LEAPS_DAYS)
        )
        self._listed: dict[str, tuple[date, ...]] = {}

    def list(self, symbol: str, expiries: Iterable[date]) -> None:
        """Take an underlying's listed expiries."""
        self._listed[symbol] = tuple(sorted(set(expiries)))

    def wished(self, wish: ChainWish, at: datetime) -> ChainColumns | None:
        """Return the part of a chain a look asks for; None where nothing of it is known."""
        day = exchange_date(at)
        chosen = [
            contract
            for contract in self._columns.series(wish.underlying)
            if contract.right in wish.rights
            and max(wish.days_low, 0) <= (contract.expiry - day).days <= wish.days_high
            and contract.is_standard
        ]
        chosen.sort(key=lambda each: (each.expiry, each.strike, each.right is Right.PUT))
        return self.rows(wish.underlying, tuple(chosen), at, is_chain=True)

    def rows(
        self, symbol: str, contracts: tuple[OptionContract, ...], at: datetime, *, is_chain: bool
    ) -> ChainColumns | None:
        """Return the rows of contracts with a quote young enough; None where there are none."""
        spot = self._spot(symbol, contracts)
        if isnan(spot):
            return None
        table = self._columns.figures(contracts)
        latest = at.timestamp()
        instants = np.minimum(table[INSTANT], latest)
        is_young = latest - instants <= OPTION_SECONDS_MAX
        if not is_young.any():
            return None
        rows = np.flatnonzero(is_young)
        chosen = tuple(contracts[row] for row in rows.tolist())
        day = exchange_date(at)
        listed = self._listed.get(symbol, ()) if is_chain else ()
        reach = max(_LISTED_DAYS, *((each.expiry - day).days for each in chosen))
        expiries = {expiry for expiry in listed if 0 <= (expiry - day).days <= reach}
        return self._table(
            symbol,
            chosen,
            table[:, rows],
            instants[rows],
            (spot, *self._figures.terms(symbol, day)),
            tuple(sorted(expiries | {contract.expiry for contract in chosen})),
        )

    def _table(
        self,
        symbol: str,
        contracts: tuple[OptionContract, ...],
        table: Floats,
        instants: Floats,
        terms: tuple[float, float, float],
        expiries: tuple[date, ...],
    ) -> ChainColumns:
        ends = {each: self._expiries.ends_at(each).timestamp() for each in expiries}
        sizes = np.nan_to_num(table[[BID_SIZE, ASK_SIZE]]).astype(np.int64)
        return ChainColumns(
            underlying=symbol,
            quoted_at=datetime.fromtimestamp(float(instants.max()), UTC),
            spot=terms[0],
            rate=terms[1],
            dividend_yield=terms[2],
            is_modelled=False,
            volume_is_of_day=True,
            expiries_listed=expiries,
            contracts=contracts,
            expires_at=np.array([ends[contract.expiry] for contract in contracts]),
            strikes=np.array([float(contract.strike) for contract in contracts]),
            is_put=np.array([contract.right is Right.PUT for contract in contracts]),
            bids=table[BID],
            asks=table[ASK],
            lasts=table[LAST],
            volatilities=np.full(len(contracts), nan),
            open_interests=table[OPEN_INTEREST],
            volumes=table[VOLUME],
            bid_sizes=sizes[0],
            ask_sizes=sizes[1],
            instants=instants,
        )

    def _spot(self, symbol: str, contracts: tuple[OptionContract, ...]) -> float:
        """Return the underlying's mid, or the level of an index; NaN where nothing is known."""
        priced_by = contracts[0].priced_by if contracts else symbol
        bid, ask, last = self._columns.figures((Stock(priced_by),))[:3, 0].tolist()
        middle = (bid + ask) * 0.5
        return float(last if isnan(middle) else middle)
