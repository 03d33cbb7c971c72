"""`RecordedFeed`: imported history played back, with modelled prices where nothing finer exists."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

import numpy as np

from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import CENT
from allusedesk.domain.quotes import ChainWish, Indicators, Quote, Underlying, Volatility
from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import CashDividend, Split
from allusedesk.market.displayed_quotes import displayed_option, displayed_share
from allusedesk.market.history import Floats, MarketHistory
from allusedesk.market.modelled_rows import ModelledPart, quote_parts
from allusedesk.market.pricing import to_price, to_price_tick
from allusedesk.market.raw_quotes import (
    ChainColumns,
    FeedHealth,
    FeedTables,
    QuoteBatch,
    SymbolFacts,
)
from allusedesk.market.recorded_figures import KnownBars, KnownVolatility
from allusedesk.market.recorded_sessions import (
    RecordedSessions,
    exchange_date,
    session_on,
    sides_around,
)
from allusedesk.market.recorded_symbol import rate_before, symbols_of
from allusedesk.market.session_path import MINUTES_PER_POINT
from allusedesk.market.simulated_exchange import DisplayedQuote

_NAME = "recorded"
# What stands at an instant does not change, and desk, broker and exercise desk ask for it in turn.
_ANSWERS_KEPT = 16


class RecordedFeed:
    """A history played session by session, from bars by seeded paths and from recorded chains.

    `sessions` are those that send batches. A recorded chain is the chain of its symbol for a week
    where nothing can be modelled, and for its own day otherwise; its underlying price is the
    price until the next point of a path. Recorded trades of a day are its path. Everything else
    is modelled and marked so.
    """

    def __init__(
        self,
        history: MarketHistory,
        sessions: tuple[Session, ...],
        calendar: ExchangeCalendar,
        seed: int,
    ) -> None:
        if not sessions:
            raise ValueError("A recorded feed needs at least one session to play.")
        self._history = history
        self._sessions = sessions
        self._calendar = calendar
        self._symbols = symbols_of(history, sessions, calendar, seed)
        self._volatility = KnownVolatility(history.vix)
        splits = history.trend_splits
        self._trend_bars = KnownBars(history.trend, splits)
        self._trend_sessions = RecordedSessions(history.trend, splits, calendar, seed)
        self._shown = lru_cache(_ANSWERS_KEPT)(self._shown_at)
        self._answered = lru_cache(_ANSWERS_KEPT)(self._tables_at)
        self._indicators: dict[tuple[str, date], Indicators] = {}
        self._facts: dict[tuple[str, date], SymbolFacts] = {}
        self._trend_figures: tuple[date, Indicators] | None = None
        self._subscribed: tuple[str, ...] = ()
        self._dates = [session.date for session in sessions]
        self._place = 0
        self._waiting: list[QuoteBatch] = []
        self._returned_to: datetime | None = None
        self._last_batch_at: datetime | None = None

    def subscribe(self, symbols: tuple[str, ...]) -> None:
        """Send batches of these symbols too; raises KeyError for one the history lacks."""
        unknown = [symbol for symbol in symbols if symbol not in self._symbols]
        if unknown:
            raise KeyError(f"The history has no {unknown[0]}: import it, or leave it out.")
        self._follow(sorted({*self._subscribed, *symbols}))

    def unsubscribe(self, symbols: tuple[str, ...]) -> None:
        """Send no more batches of these symbols."""
        self._follow([symbol for symbol in self._subscribed if symbol not in symbols])

    def next_at(self) -> datetime | None:
        """Return the instant of the next batch; None after the last session's last."""
        while not self._waiting and self._place < len(self._sessions):
            self._load(self._sessions[self._place])
            self._place += 1
        return self._waiting[-1].instant if self._waiting else None

    def pull(self, until: datetime) -> tuple[QuoteBatch, ...]:
        """Return the batches up to and with `until` that were not returned before, in order."""
        pulled: list[QuoteBatch] = []
        while (instant := self.next_at()) is not None and instant <= until:
            pulled.append(self._waiting.pop())
        if pulled:
            self._last_batch_at = pulled[-1].instant
        if self._returned_to is None or until > self._returned_to:
            self._returned_to = until
        return tuple(pulled)

    def recorded_instants(self, symbol: str) -> tuple[datetime, ...]:
        """Return when chains of the symbol were recorded; batches come at these instants too."""
        known = self._symbols.get(symbol)
        return known.recorded.instants if known else ()

    def has_path(self, symbol: str, session: Session) -> bool:
        """Tell whether a symbol's price is played through a session, modelled or by minutes."""
        known = self._symbols.get(symbol)
        return known is not None and known.sessions.path(session) is not None

    def quote(self, instrument: Instrument, at: datetime) -> Quote | None:
        """Return the latest quote of one instrument, without greeks."""
        displayed = self.displayed(instrument, at)
        return displayed.quote if displayed else None

    def displayed(self, instrument: Instrument, at: datetime) -> DisplayedQuote | None:
        """Return the latest quote with tick and sizes, as an exchange shows it."""
        if isinstance(instrument, OptionContract):
            found = self.quotes_of((instrument,), at)
            return displayed_option(found[0], 0) if found else None
        return self._shown(instrument, at)

    def _shown_at(self, instrument: Stock, at: datetime) -> DisplayedQuote | None:
        known = self._symbols.get(instrument.symbol)
        shown = known.shown(at) if known else None
        if shown is None:
            return None
        return displayed_share(
            instrument, shown.price, shown.quoted_at, shown.sides, is_modelled=shown.is_modelled
        )

    def chain(self, wish: ChainWish, at: datetime) -> ChainColumns | None:
        """Return the wished part of the recorded chain, or of the modelled one where none is."""
        return self.tables((wish,), (), at).chains[0]

    def quotes_of(
        self, contracts: tuple[OptionContract, ...], at: datetime
    ) -> tuple[ChainColumns, ...]:
        """Return rows for these contracts, by underlying; modelled where the record lacks them."""
        return self.tables((), contracts, at).held

    def tables(
        self, wishes: tuple[ChainWish, ...], contracts: tuple[OptionContract, ...], at: datetime
    ) -> FeedTables:
        """Return what `chain` and `quotes_of` return, everything modelled priced together."""
        return self._answered(wishes, contracts, at)

    def _tables_at(
        self, wishes: tuple[ChainWish, ...], contracts: tuple[OptionContract, ...], at: datetime
    ) -> FeedTables:
        wished: list[ChainColumns | ModelledPart | None] = []
        for wish in wishes:
            known = self._symbols.get(wish.underlying)
            wished.append(known.chain(wish, at) if known else None)
        groups: dict[tuple[str, int], list[OptionContract]] = {}
        for contract in contracts:
            groups.setdefault((contract.underlying, contract.multiplier), []).append(contract)
        held: list[ChainColumns | ModelledPart] = []
        for (symbol, _), wanted in groups.items():
            if symbol in self._symbols:
                recorded, part = self._symbols[symbol].quotes_of(tuple(wanted), at)
                held.extend(recorded)
                if part is not None:
                    held.append(part)
        quoted = _quoted([*wished, *held])
        return FeedTables(
            tuple(quoted[: len(wishes)]),
            tuple(columns for columns in quoted[len(wishes) :] if columns is not None),
        )

    def facts(self, symbol: str, at: datetime) -> SymbolFacts:
        """Return what was announced for a symbol by then; nothing for one the history lacks."""
        day = exchange_date(at)
        found = self._facts.get((symbol, day))
        if found is None:
            known = self._symbols.get(symbol)
            found = known.facts.on(day) if known else SymbolFacts(symbol)
            self._facts[symbol, day] = found
        return found

    def indicators(self, symbol: str, day: date) -> Indicators:
        """Return the figures over completed bars before `day`; raises KeyError without history."""
        found = self._indicators.get((symbol, day))
        if found is None:
            found = self._symbols[symbol].bars.indicators(day)
            self._indicators[symbol, day] = found
        return found

    def volatility(self, at: datetime) -> Volatility | None:
        """Return the last close of VIX: today's from the close on, before it an earlier one."""
        day = exchange_date(at)
        session = session_on(self._calendar, day)
        is_over = session is not None and at >= session.closes_at
        return self._volatility.through(day if is_over else day - timedelta(days=1))

    def trend(self, at: datetime) -> Underlying | None:
        """Return the trend index as last seen, without sides: nobody trades an index."""
        standing = self._trend_sessions.standing(at)
        if standing is None:
            return None
        symbol = self._history.trend.symbol
        last = to_price(round(standing.price * 100.0) / 100.0)
        quote = Quote(Stock(symbol), None, None, last, standing.quoted_at, is_modelled=True)
        day = exchange_date(at)
        if self._trend_figures is None or self._trend_figures[0] != day:
            self._trend_figures = day, self._trend_bars.indicators(day)
        return Underlying(symbol, quote, self._trend_figures[1])

    def rate(self, at: datetime) -> float:
        """Return the short rate observed before the day of `at`, a decimal a year."""
        return rate_before(self._history.rate, exchange_date(at))

    def health(self) -> FeedHealth:
        """Tell what is played, and what the history says of its own choices."""
        return FeedHealth(
            name=_NAME,
            is_live=False,
            last_batch_at=self._last_batch_at,
            symbols=self._subscribed,
            notes=self._history.choices,
        )

    def closing_price(self, symbol: str, day: date) -> Decimal | None:
        """Return the unadjusted close of `day` in whole cents; None where it has no bar."""
        known = self._symbols.get(symbol)
        close = known.sessions.close_on(day) if known else None
        return None if close is None else to_price_tick(close, CENT, ROUND_HALF_EVEN)

    def dividends_on(self, day: date) -> tuple[CashDividend, ...]:
        """Return the dividends whose ex-date is `day`, by symbol."""
        return tuple(
            dividend
            for known in self._symbols.values()
            for dividend in known.history.dividends
            if dividend.ex_date == day
        )

    def splits_on(self, day: date) -> tuple[Split, ...]:
        """Return the splits that take effect at the open of `day`, by symbol."""
        return tuple(
            split
            for known in self._symbols.values()
            for split in known.history.splits
            if split.effective_on == day
        )

    def _follow(self, symbols: Iterable[str]) -> None:
        """Change the subscription and make the running session's batches anew."""
        self._subscribed = tuple(symbols)
        self._waiting = []
        reached = self._returned_to
        self._place = 0 if reached is None else bisect_left(self._dates, exchange_date(reached))

    def _load(self, session: Session) -> None:
        """Queue a session's batches, the next one last, without those that lie behind us."""
        batches = [*self._path_batches(session), *self._recorded_batches(session)]
        batches.sort(key=lambda batch: batch.instant, reverse=True)
        behind = self._returned_to
        self._waiting = [batch for batch in batches if behind is None or batch.instant > behind]

    def _path_batches(self, session: Session) -> list[QuoteBatch]:
        """Return the session's batches: the modelled paths together, each recorded one alone."""
        paths = {
            symbol: self._symbols[symbol].sessions.path(session) for symbol in self._subscribed
        }
        modelled = {
            symbol: path.prices
            for symbol, path in paths.items()
            if path is not None and path.is_modelled
        }
        batches: list[QuoteBatch] = []
        if modelled:
            sides = sides_around(np.stack(list(modelled.values()), axis=1))
            step = timedelta(minutes=MINUTES_PER_POINT)
            batches.extend(_batches(session, step, tuple(modelled), sides, is_modelled=True))
        for symbol, path in paths.items():
            if path is not None and not path.is_modelled:
                sides = self._symbols[symbol].sessions.sides(session, path)
                step = timedelta(minutes=path.minutes_per_point)
                batches.extend(_batches(session, step, (symbol,), sides, is_modelled=False))
        return batches

    def _recorded_batches(self, session: Session) -> list[QuoteBatch]:
        batches = []
        for symbol in self._subscribed:
            recorded = self._symbols[symbol].recorded
            path = self._symbols[symbol].sessions.path(session) if recorded.instants else None
            if path is not None and not path.is_modelled:
                continue
            for place, instant in enumerate(recorded.instants):
                if exchange_date(instant) == session.date:
                    bids, asks, lasts = sides_around(np.array([recorded.spot(place)]))
                    if recorded.is_of_index:
                        bids = asks = np.array([np.nan])
                    is_modelled = not recorded.is_of_index
                    batches.append(
                        QuoteBatch(instant, (symbol,), bids, asks, lasts, is_modelled=is_modelled)
                    )
        return batches


def _quoted(
    found: Sequence[ChainColumns | ModelledPart | None],
) -> list[ChainColumns | None]:
    """Return tables in their places, the parts of one instant priced together."""
    places: dict[datetime, list[int]] = {}
    parts: dict[datetime, list[ModelledPart]] = {}
    quoted: list[ChainColumns | None] = []
    for place, item in enumerate(found):
        if isinstance(item, ModelledPart):
            instant = item.standing.quoted_at
            places.setdefault(instant, []).append(place)
            parts.setdefault(instant, []).append(item)
            quoted.append(None)
        else:
            quoted.append(item)
    for instant, together in parts.items():
        for place, columns in zip(places[instant], quote_parts(together), strict=True):
            quoted[place] = columns
    return quoted


def _batches(
    session: Session,
    step: timedelta,
    symbols: tuple[str, ...],
    sides: tuple[Floats, Floats, Floats],
    *,
    is_modelled: bool,
) -> Iterator[QuoteBatch]:
    """Return a batch for each row of bids, asks and lasts, a step apart from the open on."""
    for point, (bids, asks, lasts) in enumerate(zip(*sides, strict=True)):
        instant = session.opens_at + step * point
        yield QuoteBatch(instant, symbols, bids, asks, lasts, is_modelled=is_modelled)
