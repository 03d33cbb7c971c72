"""`Feed`: the methods a source of quotes must have."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.quotes import ChainWish, Indicators, Quote, Underlying, Volatility
from allusedesk.market.raw_quotes import (
    ChainColumns,
    FeedHealth,
    FeedTables,
    QuoteBatch,
    SymbolFacts,
)


class Feed(Protocol):
    """A door to a market. Every answer is what was known at the instant asked for.

    Instants are aware. None, or a row that is missing, means that nobody quoted it; an old quote
    keeps its old instant. Methods belong to one thread.
    """

    def subscribe(self, symbols: tuple[str, ...]) -> None:
        """Send batches of these symbols too, from now on; one already subscribed stays so."""

    def unsubscribe(self, symbols: tuple[str, ...]) -> None:
        """Send no more batches of these symbols."""

    def next_at(self) -> datetime | None:
        """Return the instant of the next batch; None where none will come."""

    def pull(self, until: datetime) -> tuple[QuoteBatch, ...]:
        """Return the batches up to and with `until` that were not returned before, in order."""

    def quote(self, instrument: Instrument, at: datetime) -> Quote | None:
        """Return the latest quote of one instrument, without greeks."""

    def chain(self, wish: ChainWish, at: datetime) -> ChainColumns | None:
        """Return the part of a chain a look asks for; None where there is no chain."""

    def quotes_of(
        self, contracts: tuple[OptionContract, ...], at: datetime
    ) -> tuple[ChainColumns, ...]:
        """Return rows for these contracts, equal to those `chain` gives them.

        An underlying whose contracts stem from two sources comes twice.
        """

    def tables(
        self, wishes: tuple[ChainWish, ...], contracts: tuple[OptionContract, ...], at: datetime
    ) -> FeedTables:
        """Return the answers of `chain` and of `quotes_of` to all of one look's questions."""

    def facts(self, symbol: str, at: datetime) -> SymbolFacts:
        """Return what was announced for a symbol by then."""

    def indicators(self, symbol: str, day: date) -> Indicators:
        """Return the figures over completed bars before `day`, on the scale of its prices."""

    def volatility(self, at: datetime) -> Volatility | None:
        """Return the last completed close of VIX and its one-year average."""

    def trend(self, at: datetime) -> Underlying | None:
        """Return the index that tells the market's trend, with its indicators."""

    def rate(self, at: datetime) -> float:
        """Return the short rate a year as a decimal; zero where none is known."""

    def health(self) -> FeedHealth:
        """Tell how the feed is doing."""
