"""One symbol of a recorded market: its path, its recorded chains and its modelled ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.quotes import ChainWish
from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import MarketHistory, Series, SymbolHistory
from allusedesk.market.modelled_rows import ExpiryCalendar, ModelledPart, ModelledRows
from allusedesk.market.modelled_volatility import VOLATILITY_INDEX, VolatilityRows
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_figures import KnownBars, KnownFacts, KnownVolatility
from allusedesk.market.recorded_rows import RecordedRows, TakenChain
from allusedesk.market.recorded_sessions import RecordedSessions, exchange_date

_LEAPS_DAYS = 1_110
_DAYS_BEFORE = 30
# What was recorded in a session's last hour stands for its close until the next one opens.
_LAST_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ShownShare:
    """A share's price, since when it is that old, and bid and ask where they were recorded."""

    price: float
    quoted_at: datetime
    sides: tuple[float, float] | None = None
    is_modelled: bool = True


class RecordedSymbol:
    """What was quoted of one symbol and its options at any instant of a history."""

    def __init__(
        self,
        history: MarketHistory,
        entry: SymbolHistory,
        calendar: ExchangeCalendar,
        expiries: ExpiryCalendar,
        seed: int,
    ) -> None:
        symbol = entry.symbol
        chains = tuple(chain for chain in history.chains if chain.underlying == symbol)
        self._rates = history.rate
        self._rate_told: tuple[date, float] | None = None
        self.history = entry
        self.sessions = RecordedSessions(
            entry.bars, entry.splits, calendar, seed, entry.trades, entry.quotes
        )
        self.bars = KnownBars(entry.signal_bars, entry.splits)
        self.facts = KnownFacts(entry, self.bars)
        minutes = tuple(chain for chain in history.minute_chains if chain.underlying == symbol)
        self.recorded = RecordedRows(chains, expiries, minutes, self._path_price)
        self._modelled = ModelledRows(
            symbol, self.bars, self.facts, KnownVolatility(history.vix), expiries, seed
        )
        self._of_volatility = VolatilityRows(expiries) if symbol == VOLATILITY_INDEX else None

    def shown(self, at: datetime) -> ShownShare | None:
        """Return the share's price and its instant: the later of path and recorded chain."""
        standing = self.sessions.standing(at)
        taken = self.recorded.latest_taken(at)
        if taken is not None and (standing is None or taken.taken_at >= standing.point_at):
            is_recorded = standing is not None and not standing.is_modelled
            if not is_recorded and not self._is_split_since(taken, at):
                price, is_modelled = taken.chain.underlying_price, not self.recorded.is_of_index
                return ShownShare(price, taken.taken_at, is_modelled=is_modelled)
        if standing is None:
            return None
        sides = None if math.isnan(standing.bid) else (standing.bid, standing.ask)
        return ShownShare(standing.price, standing.quoted_at, sides, standing.is_modelled)

    def chain(self, wish: ChainWish, at: datetime) -> ChainColumns | ModelledPart | None:
        """Return the wished part of the recorded chain, or what is to be modelled in its place.

        Pricing that is left to the caller, who may have several underlyings priced together.
        """
        day = exchange_date(at)
        taken = self._taken(at)
        if taken is not None:
            rate, dividend_yield = self._terms(exchange_date(taken.taken_at))
            return self.recorded.chain(taken, wish, day, rate, dividend_yield)
        standing = self.sessions.standing(at)
        if standing is None:
            return None
        rate = self._rate(standing.session.date)
        if self._of_volatility is not None:
            return self._of_volatility.chain(wish, day, standing, rate)
        return self._modelled.part_wished(wish, day, standing, rate)

    def quotes_of(
        self, contracts: tuple[OptionContract, ...], at: datetime
    ) -> tuple[tuple[ChainColumns, ...], ModelledPart | None]:
        """Return recorded rows for contracts of one deliverable, and what is to be modelled."""
        found: list[ChainColumns] = []
        taken = self._taken(at)
        if taken is not None:
            terms = self._terms(exchange_date(taken.taken_at))
            rows = self.recorded.quotes_of(taken, contracts, *terms)
            if rows is not None:
                found.append(rows)
                contracts = tuple(each for each in contracts if each not in rows.contracts)
        standing = self.sessions.standing(at) if contracts else None
        if standing is None:
            return tuple(found), None
        rate = self._rate(standing.session.date)
        if self._of_volatility is not None:
            modelled = self._of_volatility.quotes_of(contracts, standing, rate)
            return (*found, *modelled), None
        return tuple(found), self._modelled.part_of(contracts, standing, rate)

    def _taken(self, at: datetime) -> TakenChain | None:
        """Return the recorded chain that stands: on its day, or for a week where none is modelled.

        One of the last hour also stands through the night, for the close. A split ends it: its
        strikes are of before.
        """
        taken = self.recorded.latest(at)
        if taken is None or self._is_split_since(taken, at):
            return None
        if exchange_date(taken.taken_at) < exchange_date(at):
            standing = self.sessions.standing(at)
            if standing is not None and standing.point_at > taken.taken_at + _LAST_HOUR:
                return None
        return taken

    def _is_split_since(self, taken: TakenChain, at: datetime) -> bool:
        taken_on, day = exchange_date(taken.taken_at), exchange_date(at)
        return any(taken_on < split.effective_on <= day for split in self.history.splits)

    def _path_price(self, at: datetime) -> float | None:
        standing = self.sessions.standing(at)
        return None if standing is None else standing.price

    def _terms(self, day: date) -> tuple[float, float]:
        return self._rate(day), self.facts.dividend_yield(day)

    def _rate(self, day: date) -> float:
        """The rate before a day; looks keep asking for the same day's."""
        if self._rate_told is None or self._rate_told[0] != day:
            self._rate_told = day, rate_before(self._rates, day)
        return self._rate_told[1]


def symbols_of(
    history: MarketHistory, sessions: tuple[Session, ...], calendar: ExchangeCalendar, seed: int
) -> dict[str, RecordedSymbol]:
    """Return the symbols of a history, ready for the days from the first session to the last."""
    expiries = ExpiryCalendar(
        calendar,
        sessions[0].date - timedelta(days=_DAYS_BEFORE),
        sessions[-1].date + timedelta(days=_LEAPS_DAYS),
    )
    return {
        symbol: RecordedSymbol(history, history.symbols[symbol], calendar, expiries, seed)
        for symbol in sorted(history.symbols)
    }


def rate_before(rates: Series | None, day: date) -> float:
    """Return the rate observed before `day` as a decimal a year; zero where none is known."""
    percent = rates.last_before(day) if rates is not None else None
    return 0.0 if percent is None else percent / 100.0
