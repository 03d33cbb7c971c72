"""`LiveFeed`: what both live feeds answer, from columns that a thread of the door keeps fresh."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isnan
from threading import Lock

from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import ChainWish, Indicators, Quote, Underlying, Volatility
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.live_columns import INSTANT, LiveColumns
from allusedesk.market.feeds.live_figures import LiveFigures, is_open
from allusedesk.market.feeds.live_standing import FeedRefused, FeedStanding, QuoteQuality
from allusedesk.market.feeds.live_tables import LiveTables
from allusedesk.market.feeds.live_thread import LineThread
from allusedesk.market.feeds.live_wishes import LiveWishes, Wanted
from allusedesk.market.history import MarketHistory
from allusedesk.market.pricing import to_price
from allusedesk.market.raw_quotes import (
    ChainColumns,
    FeedHealth,
    FeedTables,
    QuoteBatch,
    SymbolFacts,
)
from allusedesk.market.recorded_sessions import exchange_date

VOLATILITY_INDEX = "VIX"
# A watched share of which nothing came for so long during a session is told to be silent.
SILENT_SECONDS = 30.0
_PASSING = timedelta(minutes=10)
_RESTART_SECONDS, _RESTART_SECONDS_MAX = 1.0, 60.0


class LiveFeed(ABC):
    """The half of a live feed that answers the engine; no call of it waits for the network.

    Quotes come from the columns, with their own instants; what is missing or too old is absent.
    What is asked for is kept fresh for a quarter of an hour, so the first look at a chain finds it
    only where `keep` named it before. With `is_paper` false, quotes that are
    not the market as it is (delayed, indicative) are refused: nothing is answered.
    `next_at` is None: `heard` wakes the engine instead.
    """

    def __init__(
        self,
        name: str,
        history: MarketHistory,
        calendar: ExchangeCalendar,
        now: Callable[[], datetime],
        *,
        is_paper: bool,
    ) -> None:
        self._name = name
        self._history = history
        self._calendar = calendar
        self._is_paper = is_paper
        self._now = now
        self._columns = LiveColumns(now)
        self._figures = LiveFigures(history, calendar)
        self._tables = LiveTables(self._columns, self._figures, calendar, exchange_date(now()))
        self._standing = FeedStanding(is_up=False, reason=f"{name} has not been connected yet.")
        self._lock = Lock()
        self._subscribed: tuple[str, ...] = ()
        self._wishes = LiveWishes()
        self._notes: dict[str, tuple[str, datetime | None]] = {}
        self._last_batch_at: datetime | None = None
        self._heard: Callable[[], None] = _nothing
        self._thread: LineThread | None = None
        self._woken: asyncio.Event | None = None

    def open(self, heard: Callable[[], None]) -> None:
        """Begin to connect on a thread of the feed's own and return at once.

        `heard` is called from that thread when the first batch of several begins to wait.
        """
        if self._thread is None:
            self._heard = heard
            self._thread = LineThread(f"quotes of {self._name}", self._run, self._ended)
            self._thread.start()

    def close(self) -> None:
        """Disconnect and end the thread; closing twice does nothing more."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop()
            reason = f"The line to the quotes of {self._name} was closed."
            self._standing = replace(self._standing, is_up=False, reason=reason)

    @abstractmethod
    async def _work(self) -> None:
        """Keep the line and the columns fresh until cancelled."""

    def subscribe(self, symbols: tuple[str, ...]) -> None:
        """Send batches of these symbols too, from now on; one already subscribed stays so."""
        self._follow({*self._subscribed, *symbols})

    def unsubscribe(self, symbols: tuple[str, ...]) -> None:
        """Send no more batches of these symbols."""
        self._follow({symbol for symbol in self._subscribed if symbol not in symbols})

    def keep(self, wishes: Iterable[ChainWish], contracts: Iterable[OptionContract] = ()) -> None:
        """Keep these parts of chains and these contracts fresh for a quarter of an hour."""
        self._remember(wishes, contracts, self._now())

    def next_at(self) -> datetime | None:
        """Return None: what comes from a live market is told through `heard`."""
        return None

    def pull(self, until: datetime) -> tuple[QuoteBatch, ...]:
        """Return the batches that came and were not returned before, in order."""
        batches = self._columns.take(until)
        if self._is_refused():
            return ()
        if batches:
            self._last_batch_at = batches[-1].instant
        return batches

    def quote(self, instrument: Instrument, at: datetime) -> Quote | None:
        """Return the latest quote of one instrument, without greeks."""
        if self._is_refused():
            return None
        if isinstance(instrument, OptionContract):
            found = self.quotes_of((instrument,), at)
            return found[0].quote(0) if found else None
        bid, ask, last, instant = self._columns.figures((instrument,))[:4, 0].tolist()
        if isnan(instant):
            return None
        return Quote(instrument, _price(bid), _price(ask), _price(last), _earlier(instant, at))

    def chain(self, wish: ChainWish, at: datetime) -> ChainColumns | None:
        """Return the wished part of a chain; None where nothing of it is known."""
        return self.tables((wish,), (), at).chains[0]

    def quotes_of(
        self, contracts: tuple[OptionContract, ...], at: datetime
    ) -> tuple[ChainColumns, ...]:
        """Return rows for those of the contracts that are quoted, by underlying."""
        return self.tables((), contracts, at).held

    def tables(
        self, wishes: tuple[ChainWish, ...], contracts: tuple[OptionContract, ...], at: datetime
    ) -> FeedTables:
        """Return the answers of `chain` and `quotes_of`, and keep what was asked for fresh."""
        self._remember(wishes, contracts, at)
        if self._is_refused():
            return FeedTables((None,) * len(wishes), ())
        chains = tuple(self._tables.wished(wish, at) for wish in wishes)
        groups: dict[tuple[str, int], list[OptionContract]] = {}
        for contract in contracts:
            groups.setdefault((contract.underlying, contract.multiplier), []).append(contract)
        held = (self._tables.rows(symbol, tuple(own), at) for (symbol, _), own in groups.items())
        return FeedTables(chains, tuple(found for found in held if found is not None))

    def facts(self, symbol: str, at: datetime) -> SymbolFacts:
        """Return what imported data announces, and whether the symbol is halted now."""
        return self._figures.facts(symbol, at)

    def indicators(self, symbol: str, day: date) -> Indicators:
        """Return the figures over completed bars before `day`; all unknown without fresh bars."""
        return self._figures.indicators(symbol, day)

    def volatility(self, at: datetime) -> Volatility | None:
        """Return VIX: its print of this session, else its last completed close."""
        if self._is_refused():
            return self._figures.volatility(at, None)
        _, _, last, instant = self._columns.figures((Stock(VOLATILITY_INDEX),))[:4, 0].tolist()
        if isnan(last) or isnan(instant) or at.timestamp() - instant > SILENT_SECONDS * 2:
            return self._figures.volatility(at, None)
        return self._figures.volatility(at, (last, _earlier(instant, at)))

    def trend(self, at: datetime) -> Underlying | None:
        """Return the index that tells the market's trend, with its indicators."""
        symbol = self._history.trend.symbol
        quote = self.quote(Stock(symbol), at)
        if quote is None:
            return None
        return Underlying(symbol, quote, self.indicators(symbol, exchange_date(at)))

    def rate(self, at: datetime) -> float:
        """Return the imported short rate a year as a decimal; zero where none is known."""
        return self._figures.terms("", exchange_date(at))[0]

    def standing(self) -> FeedStanding:
        """Tell how the line stands now; safe from any thread."""
        standing = self._standing
        if standing.is_up and self._is_refused():
            return replace(standing, is_up=False, reason=self._refusal())
        return standing

    def health(self) -> FeedHealth:
        """Tell what is silent, missing, too old, dropped, or not the market as it is."""
        now = self._now()
        day, standing = exchange_date(now), self.standing()
        notes = [standing.reason] if standing.reason else []
        if standing.quality in {QuoteQuality.DELAYED, QuoteQuality.INDICATIVE}:
            notes.append(f"The quotes of {self._name} are {standing.quality.value}.")
        notes.extend(self._silences(now))
        told = tuple(each for each in self._all_symbols() if each != VOLATILITY_INDEX)
        notes.extend(self._figures.notes(told, day))
        notes.extend(self._notes_at(now))
        notes.extend(f"{count} quotes dropped: {why}." for why, count in self._columns.dropped)
        return FeedHealth(
            name=self._name,
            is_live=standing.is_up and standing.quality is QuoteQuality.REAL_TIME,
            last_batch_at=self._last_batch_at,
            symbols=self._subscribed,
            notes=tuple(notes),
        )

    def wanted(self) -> Wanted:
        """Return what is to be kept fresh: what was asked for in the last quarter of an hour."""
        wishes, contracts = self._wishes.current(self._now())
        return Wanted(self._all_symbols(wishes, contracts), wishes, contracts)

    async def _run(self) -> None:
        """Work until cancelled; what nobody foresaw is told, and the line is made anew."""
        self._woken = asyncio.Event()
        waited = _RESTART_SECONDS
        while True:
            try:
                await self._work()
            except FeedRefused:
                raise
            except Exception as fault:  # noqa: BLE001 - a desk without quotes is worse than a fault
                self._ended(fault)
                self._note("fault", f"The feed stumbled over {_told(fault)}.", is_passing=True)
            await asyncio.sleep(waited)
            waited = min(waited * 2.0, _RESTART_SECONDS_MAX)

    def _ended(self, fault: BaseException) -> None:
        reason = str(fault)
        if not isinstance(fault, FeedRefused):
            reason = f"The feed of {self._name} stumbled over {_told(fault)} and begins anew."
        self._standing = replace(self._standing, is_up=False, reason=reason)

    def _hear(self) -> None:
        self._heard()

    def _wake(self) -> None:
        """Tell the feed's thread that something else is wanted."""
        thread = self._thread
        if thread is not None:
            thread.call(self._look_again)

    def _look_again(self) -> None:
        if self._woken is not None:
            self._woken.set()

    async def _rest(self, seconds: float) -> None:
        """Wait until something else is wanted, or for so long."""
        if self._woken is None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    def _is_open(self) -> bool:
        """Tell whether the exchange is open, or about to be."""
        return is_open(self._calendar, self._now())

    def _all_symbols(
        self, wishes: tuple[ChainWish, ...] = (), contracts: tuple[OptionContract, ...] = ()
    ) -> tuple[str, ...]:
        names = (
            self._history.trend.symbol,
            *self._subscribed,
            *(wish.underlying for wish in wishes),
            *(contract.priced_by for contract in contracts),
        )
        return tuple(sorted({name for name in names if name}))

    def _follow(self, symbols: set[str]) -> None:
        self._subscribed = tuple(sorted(symbols))
        if self._columns.watch(self._subscribed):
            self._hear()
        self._wake()

    def _remember(
        self, wishes: Iterable[ChainWish], contracts: Iterable[OptionContract], at: datetime
    ) -> None:
        if self._wishes.add(wishes, contracts, at):
            self._wake()

    def _note(self, key: str, sentence: str, *, is_passing: bool = False) -> None:
        """Say something in the health under a key; nothing takes it back, and so does time.

        What is passing is said for ten minutes, all else until it is taken back.
        """
        until = self._now() + _PASSING if is_passing else None
        with self._lock:
            if sentence:
                self._notes[key] = sentence, until
            else:
                self._notes.pop(key, None)

    def _notes_at(self, now: datetime) -> list[str]:
        with self._lock:
            self._notes = {
                key: (sentence, until)
                for key, (sentence, until) in self._notes.items()
                if until is None or until > now
            }
            return [self._notes[key][0] for key in sorted(self._notes)]

    def _is_refused(self) -> bool:
        return not self._is_paper and self._standing.quality in {
            QuoteQuality.DELAYED,
            QuoteQuality.INDICATIVE,
        }

    def _refusal(self) -> str:
        return (
            f"{self._name} sends {self._standing.quality.value} quotes, and live orders need the "
            "market as it is: subscribe to real-time quotes with the vendor, or trade on paper."
        )

    def _silences(self, now: datetime) -> list[str]:
        """Name the watched shares of which nothing came for long while the exchange is open."""
        day = exchange_date(now)
        if not self._calendar.first <= day <= self._calendar.last:
            return []
        if not self._calendar.is_session(day):
            return []
        session = self._calendar.session(day)
        if not session.opens_at + timedelta(seconds=SILENT_SECONDS) <= now <= session.closes_at:
            return []
        shares = [Stock(symbol) for symbol in self._subscribed]
        ages = now.timestamp() - self._columns.figures(shares)[INSTANT]
        return [
            f"No quote of {share.symbol} yet."
            if isnan(age)
            else f"{share.symbol} has been silent for {int(age)} seconds."
            for share, age in zip(shares, ages.tolist(), strict=True)
            if isnan(age) or age > SILENT_SECONDS
        ]


def _price(value: float) -> Price | None:
    return to_price(value) if value > 0.0 else None


def _earlier(instant: float, at: datetime) -> datetime:
    """Return a quote's instant; the desk's where the vendor's clock runs ahead of it."""
    return datetime.fromtimestamp(min(instant, at.timestamp()), UTC)


def _told(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {fault}"


def _nothing() -> None:
    """Stand in for `heard` until the feed is opened."""
