"""Recorded markets within a day: a share's trades and quotes, and a chain minute by minute."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.weeks import Session
from allusedesk.market.contract_terms import ExerciseStyle, Settlement

Dates: TypeAlias = NDArray[np.datetime64]
Flags: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]
_NO_NUMBERS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ShareTrades:
    """Bars of trades of one share or index on one day, extended hours among them.

    `ends_at` is when a bar was complete, in seconds since 1970 UTC, strictly ascending. Prices in
    USD (an index: in points), volumes in shares.
    """

    symbol: str
    day: date
    bar_seconds: int
    ends_at: Numbers
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volumes: Floats
    origin: str

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.ends_at)

    def in_session(self, session: Session) -> ShareTrades:
        """Return the bars that lie wholly within the regular session."""
        chosen = rows_in_session(self.ends_at, self.bar_seconds, session)
        return replace(
            self,
            ends_at=self.ends_at[chosen],
            open=self.open[chosen],
            high=self.high[chosen],
            low=self.low[chosen],
            close=self.close[chosen],
            volumes=self.volumes[chosen],
        )


@dataclass(frozen=True, slots=True)
class ShareQuotes:
    """The sides of one share as they stood at the end of each bar of a day; NaN where absent.

    `bid_lows` and `ask_highs` are the worst sides within each bar; sizes are in shares.
    """

    symbol: str
    day: date
    bar_seconds: int
    ends_at: Numbers
    bids: Floats
    asks: Floats
    bid_lows: Floats
    ask_highs: Floats
    bid_sizes: Floats
    ask_sizes: Floats
    origin: str

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.ends_at)

    def in_session(self, session: Session) -> ShareQuotes:
        """Return the bars that lie wholly within the regular session."""
        chosen = rows_in_session(self.ends_at, self.bar_seconds, session)
        return replace(
            self,
            ends_at=self.ends_at[chosen],
            bids=self.bids[chosen],
            asks=self.asks[chosen],
            bid_lows=self.bid_lows[chosen],
            ask_highs=self.ask_highs[chosen],
            bid_sizes=self.bid_sizes[chosen],
            ask_sizes=self.ask_sizes[chosen],
        )


@dataclass(frozen=True, slots=True)
class MinuteChain:
    """One day of an option chain by minutes, in columns.

    Contracts are the rows of the first four columns. The quotes of contract `i` are the places
    `quote_starts[i]` to `quote_starts[i + 1]` of the quote columns, in the order of `quoted_at`,
    when their minute was complete (seconds since 1970 UTC); its trades likewise. A side nobody
    showed is NaN. `open_interests` are those of the evening before, NaN where none is known.
    `root` is that of the options on an index (SPX, SPXW), else empty.
    """

    underlying: str
    day: date
    exercise: ExerciseStyle
    settlement: Settlement
    expiries: Dates
    is_put: Flags
    strikes: Floats
    open_interests: Floats
    quote_starts: Numbers
    quoted_at: Numbers
    bids: Floats
    asks: Floats
    bid_sizes: Floats
    ask_sizes: Floats
    trade_starts: Numbers
    traded_at: Numbers
    lasts: Floats
    volumes: Floats
    origin: str
    root: str = ""

    def __len__(self) -> int:
        """Return the number of contracts."""
        return len(self.strikes)

    def minutes(self) -> Numbers:
        """Return the seconds since 1970 at which any quote of the chain changed, ascending."""
        return np.unique(self.quoted_at)


def rows_in_session(ends_at: Numbers, bar_seconds: int, session: Session) -> Flags:
    """Return which bars begin at or after the open and end at or before the close."""
    opens_at, closes_at = session.opens_at.timestamp(), session.closes_at.timestamp()
    return np.asarray((ends_at - bar_seconds >= opens_at) & (ends_at <= closes_at))


def merged_minutes(chains: tuple[MinuteChain, ...]) -> MinuteChain:
    """Return one chain with the quotes, trades and open interests of several of one day.

    Each kind comes from the first chain that has it, its contracts laid over those of all.
    """
    if len(chains) == 1:
        return chains[0]
    keys = [contract_keys(each.expiries, each.is_put, each.strikes) for each in chains]
    every, first = np.unique(np.concatenate(keys), return_index=True)
    places = range(len(chains))
    quoter = next((place for place in places if len(chains[place].quoted_at)), 0)
    trader = next((place for place in places if len(chains[place].traded_at)), 0)
    quoting, trading = chains[quoter], chains[trader]
    quote_starts, quotes = _laid_over(every, keys[quoter], quoting.quote_starts)
    trade_starts, trades = _laid_over(every, keys[trader], trading.trade_starts)
    interests = np.full(len(every), math.nan)
    for own, chain in zip(keys, chains, strict=True):
        rows = np.searchsorted(every, own)
        unknown = np.isnan(interests[rows])
        interests[rows[unknown]] = chain.open_interests[unknown]
    return replace(
        quoting,
        expiries=np.concatenate([each.expiries for each in chains])[first],
        is_put=np.concatenate([each.is_put for each in chains])[first],
        strikes=np.concatenate([each.strikes for each in chains])[first],
        open_interests=interests,
        quote_starts=quote_starts,
        quoted_at=quoting.quoted_at[quotes],
        bids=quoting.bids[quotes],
        asks=quoting.asks[quotes],
        bid_sizes=quoting.bid_sizes[quotes],
        ask_sizes=quoting.ask_sizes[quotes],
        trade_starts=trade_starts,
        traded_at=trading.traded_at[trades],
        lasts=trading.lasts[trades],
        volumes=trading.volumes[trades],
        origin=" + ".join(each.origin for each in chains),
    )


def contract_keys(expiries: Dates, is_put: Flags, strikes: Floats) -> Numbers:
    """Return one whole number per contract of a root: equal for equal contracts only."""
    ordinals = expiries.astype("datetime64[D]").astype(np.int64)
    parts = np.rint(strikes * 10_000.0).astype(np.int64)
    return (ordinals * 2 + is_put) * 1_000_000_000_000 + parts


def _laid_over(every: Numbers, own: Numbers, starts: Numbers) -> tuple[Numbers, Numbers]:
    """Return starts for all contracts, and the old places of the rows in their order."""
    counts = np.zeros(len(every), dtype=np.int64)
    counts[np.searchsorted(every, own)] = np.diff(starts)
    order = np.argsort(own)
    rows = [np.arange(starts[place], starts[place + 1]) for place in order.tolist()]
    return (
        np.concatenate(([0], np.cumsum(counts))),
        np.concatenate(rows) if rows else _NO_NUMBERS,
    )
