"""Tables of option quotes made from live columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import isnan, nan

import numpy as np

from allusedesk.domain.instruments import INDEX_CLASSES, OptionContract, Right, Stock
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
        reach = day + timedelta(days=max(wish.days_high, _LISTED_DAYS))
        listed = tuple(
            each for each in self._listed.get(wish.underlying, ()) if day <= each <= reach
        )
        # For days without any expiry a screen asks what is listed; no row is missing then.
        if not chosen and self.is_listed(wish, day):
            return None
        return self._table(wish.underlying, tuple(chosen), at, listed)

    def is_listed(self, wish: ChainWish, day: date) -> bool:
        """Tell whether an expiry may lie in the days of a wish; true while none is known."""
        listed = self._listed.get(wish.underlying)
        if listed is None:
            return True
        return any(wish.days_low <= (each - day).days <= wish.days_high for each in listed)

    def rows(
        self, symbol: str, contracts: tuple[OptionContract, ...], at: datetime
    ) -> ChainColumns | None:
        """Return the rows of contracts with a quote young enough; None where there are none."""
        return self._table(symbol, contracts, at, ())

    def _table(
        self,
        symbol: str,
        contracts: tuple[OptionContract, ...],
        at: datetime,
        listed: tuple[date, ...],
    ) -> ChainColumns | None:
        spot, latest, day = self.spot(symbol), at.timestamp(), exchange_date(at)
        table = self._columns.figures(contracts)
        is_young = latest - table[INSTANT] <= OPTION_SECONDS_MAX
        if isnan(spot) or (contracts and not is_young.any()):
            return None
        table = table[:, is_young]
        chosen = tuple(each for each, young in zip(contracts, is_young, strict=True) if young)
        instants = np.minimum(table[INSTANT], latest)
        expiries = tuple(sorted({*listed, *(contract.expiry for contract in chosen)}))
        ends = {each: self._expiries.ends_at(each).timestamp() for each in expiries}
        sizes = np.nan_to_num(table[[BID_SIZE, ASK_SIZE]]).astype(np.int64)
        rate, dividend_yield = self._figures.terms(symbol, day)
        return ChainColumns(
            underlying=symbol,
            quoted_at=datetime.fromtimestamp(float(instants.max(initial=0.0)) or latest, UTC),
            spot=spot,
            rate=rate,
            dividend_yield=dividend_yield,
            is_modelled=False,
            volume_is_of_day=True,
            expiries_listed=expiries,
            contracts=chosen,
            expires_at=np.array([ends[contract.expiry] for contract in chosen]),
            strikes=np.array([float(contract.strike) for contract in chosen]),
            is_put=np.array([contract.right is Right.PUT for contract in chosen], dtype=np.bool_),
            bids=table[BID],
            asks=table[ASK],
            lasts=table[LAST],
            volatilities=np.full(len(chosen), nan),
            open_interests=table[OPEN_INTEREST],
            volumes=table[VOLUME],
            bid_sizes=sizes[0],
            ask_sizes=sizes[1],
            instants=instants,
        )

    def spot(self, symbol: str) -> float:
        """Return an underlying's mid, or the level of an index; NaN where nothing is known."""
        bid, ask, last = self._columns.figures((quoted_as(symbol),))[:3, 0].tolist()
        middle = (bid + ask) * 0.5
        return float(last if isnan(middle) else middle)


def quoted_as(symbol: str) -> Stock:
    """Return what tells the price of an underlying: for an option root of an index, the index."""
    index = INDEX_CLASSES.get(symbol)
    return Stock(symbol if index is None else index.index)
