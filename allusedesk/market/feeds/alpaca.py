"""`AlpacaFeed`: quotes from Alpaca, shares by its stream and options by requests."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from allusedesk.domain.instruments import Stock
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.alpaca_calls import (
    BARS_AFTER,
    AlpacaCalls,
    Take,
    about,
    is_about_one_question,
    said,
)
from allusedesk.market.feeds.live_columns import Tick
from allusedesk.market.feeds.live_feed import VOLATILITY_INDEX, LiveFeed
from allusedesk.market.feeds.live_figures import first_unfinished
from allusedesk.market.feeds.live_standing import FeedRefused, FeedStanding, QuoteQuality
from allusedesk.market.feeds.live_thread import ended
from allusedesk.market.history import MarketHistory
from allusedesk.market.recorded_sessions import exchange_date

if TYPE_CHECKING:
    from allusedesk.market.feeds.alpaca_wire import AlpacaWire

_NAME = "Alpaca"
_CONTRACTS_A_CALL = 100
_MUTE_SECONDS = 60.0
# A question the vendor finds wrong is put again after so long, beside the others.
_REFUSED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AlpacaFeedSettings:
    """How to reach Alpaca's market data.

    `shares` is "iex" (one exchange, free) or "sip"; `options` is "indicative" (free, not the
    market as it is) or "opra". Seconds say how often each part is asked for anew while the
    exchange is open; it is asked twelve times more rarely while it is closed. The addresses are
    the vendor's own where they are None.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    is_paper: bool = True
    shares: str = "iex"
    options: str = "indicative"
    calls_per_minute: int = 180
    shares_seconds: float = 5.0
    chain_seconds: float = 10.0
    retry_seconds: float = 1.0
    retry_seconds_max: float = 60.0
    rest_url: str | None = None
    trading_url: str | None = None
    stream_url: str | None = None


class AlpacaFeed(LiveFeed):
    """Alpaca's market behind `Feed`; `open` begins, `close` ends, `standing` tells how it stands.

    Needs the extra `alpaca` and a key. Shares come by the stream, and by snapshots beside it,
    which also tell last prices; chains and held contracts by snapshots in turn; bars unadjusted,
    with the splits the vendor's adjusted bars show; open interest once a day. Alpaca quotes no
    index: VIX and index options need imported data. Indicative quotes are refused for live
    trading. `now` tells the desk's instant.
    """

    def __init__(
        self,
        settings: AlpacaFeedSettings,
        history: MarketHistory,
        calendar: ExchangeCalendar,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(_NAME, history, calendar, now, is_paper=settings.is_paper)
        self._settings = settings
        self._stream_fault = ""
        self._call_fault = "Alpaca has not answered yet."
        self._offset: float | None = None
        self._calls = AlpacaCalls(
            (settings.shares, settings.options),
            (self._columns, self._figures, self._tables),
            now,
            self._note,
            self._hear,
            self._keep_offset,
        )
        self._due: dict[tuple[str, object], float] = {}
        self._called_at: deque[float] = deque()
        self._quiet_until = 0.0
        self._tell()

    def _keep_offset(self, seconds: float) -> None:
        self._offset = seconds
        self._tell()

    def _tell(self) -> None:
        """Put the line's standing together from the two ways quotes come."""
        is_plain = self._settings.options == "opra"
        fault = self._call_fault or self._stream_fault
        self._standing = FeedStanding(
            is_up=not fault,
            reason=fault,
            quality=QuoteQuality.REAL_TIME if is_plain else QuoteQuality.INDICATIVE,
            clock_offset_seconds=self._offset,
        )

    async def _work(self) -> None:
        settings = self._settings
        pool = ThreadPoolExecutor(1, "alpaca calls")
        try:
            wire = await asyncio.get_running_loop().run_in_executor(pool, _wire, settings)
            streaming = asyncio.create_task(self._stream())
            try:
                await self._ask(wire, pool)
            finally:
                await ended(streaming)
                wire.close()
        finally:
            # A question on its way ends by itself, in ten seconds at most.
            pool.shutdown(wait=False, cancel_futures=True)

    # The stream of shares.

    async def _stream(self) -> None:
        """Listen to the shares wanted, for as long as there are any; come back when cut."""
        waited = self._settings.retry_seconds
        while True:
            symbols = self._shares()
            if not symbols:
                await asyncio.sleep(self._settings.retry_seconds)
                continue
            started = asyncio.get_running_loop().time()
            try:
                await self._listen(symbols)
            except ConnectionRefusedError as refused:
                self._stream_fault = (
                    f"Alpaca refuses its stream of quotes ({refused}): check the key and the plan."
                )
            except OSError as lost:
                self._stream_fault = f"The stream of quotes from Alpaca is lost ({lost})."
            else:
                waited = 0.0
            self._tell()
            if asyncio.get_running_loop().time() - started > self._settings.retry_seconds_max:
                waited = self._settings.retry_seconds
            await asyncio.sleep(waited)
            waited = min(max(waited, self._settings.retry_seconds / 2) * 2, self._longest())

    async def _listen(self, symbols: tuple[str, ...]) -> None:
        """Listen to what is wanted until nothing is; raises OSError where the line is lost."""
        from allusedesk.market.feeds.alpaca_stream import QuoteStream

        settings = self._settings
        mute_seconds = _MUTE_SECONDS if self._is_open() else None
        stream = QuoteStream(
            settings.key, settings.secret, settings.shares, settings.stream_url, mute_seconds
        )
        listening = asyncio.create_task(
            stream.listen(symbols, self._on_quote, self._on_halt, self._on_up)
        )
        try:
            while (wanted := self._shares()) and not listening.done():
                await stream.follow(wanted)
                await asyncio.wait({listening}, timeout=0.25)
            if listening.done():
                listening.result()
        finally:
            await ended(listening)

    def _on_up(self) -> None:
        self._stream_fault = ""
        self._tell()

    def _on_quote(self, tick: Tick) -> None:
        if self._columns.post((tick,)):
            self._hear()

    def _on_halt(self, symbol: str, is_halted: bool) -> None:  # noqa: FBT001 - a callback's order
        self._figures.halt(symbol, is_halted=is_halted)

    # What is asked for in turn.

    async def _ask(self, wire: AlpacaWire, pool: ThreadPoolExecutor) -> None:
        """Make the call that is due longest, again and again, within the vendor's limit."""
        from allusedesk.market.feeds.alpaca_wire import CallFailed

        loop = asyncio.get_running_loop()
        waited = self._settings.retry_seconds
        while True:
            job = self._next_job(loop.time())
            if job is None:
                await self._rest(0.25)
                continue
            key, seconds, call = job
            await self._keep_pace()
            made = wire.requests_made
            try:
                take = await loop.run_in_executor(pool, call, wire)
            except CallFailed as failed:
                if is_about_one_question(failed):
                    self._note(f"refused {key}", f"{said(failed)} It was about {about(key)}.")
                    self._due[key] = loop.time() + _REFUSED_SECONDS
                    continue
                self._due[key] = loop.time() + waited
                self._quiet_until = loop.time() + max(failed.wait_seconds, waited)
                waited = min(waited * 2, self._longest())
                self._call_fault = said(failed)
                self._tell()
                continue
            finally:
                self._called_at.extend([loop.time()] * (wire.requests_made - made))
            take()
            self._note(f"refused {key}", "")
            waited = self._settings.retry_seconds
            pace = 1 if self._is_open() else 12
            self._due[key] = loop.time() + seconds * pace
            if self._call_fault:
                self._call_fault = ""
                self._tell()

    async def _keep_pace(self) -> None:
        """Wait until one more call stays within the limit, and the vendor wants to hear us."""
        loop, calls = asyncio.get_running_loop(), self._called_at
        await asyncio.sleep(max(self._quiet_until - loop.time(), 0.0))
        while calls and calls[0] <= loop.time() - 60.0:
            calls.popleft()
        if len(calls) >= self._settings.calls_per_minute:
            await asyncio.sleep(calls[0] + 60.0 - loop.time())

    def _next_job(self, instant: float) -> tuple[tuple[str, object], float, _Call] | None:
        """Return what is most overdue: its key, how often it is due, and the call."""
        jobs = list(self._jobs())
        wanted = {key for key, _, _ in jobs}
        self._due = {key: due for key, due in self._due.items() if key in wanted}
        due = [job for job in jobs if self._due.get(job[0], -math.inf) <= instant]
        return min(due, key=lambda job: self._due.get(job[0], -math.inf), default=None)

    def _jobs(self) -> Iterable[tuple[tuple[str, object], float, _Call]]:
        settings, wanted = self._settings, self.wanted()
        symbols = self._shares()
        self._tell_indexes(wanted.symbols)
        if symbols:
            yield ("shares", symbols), settings.shares_seconds, partial(self._calls.shares, symbols)
            before = first_unfinished(self._calendar, self._now() - BARS_AFTER)
            call = partial(self._calls.bars, symbols, before)
            yield ("bars", (symbols, before)), 86_400.0, call
        yield ("clock", ""), 300.0, self._calls.clock
        day = exchange_date(self._now())
        for wish in wanted.wishes:
            if self._tables.spot(wish.underlying) > 0.0 and self._tables.is_listed(wish, day):
                yield ("chain", wish), settings.chain_seconds, partial(self._calls.chain, wish)
        reach: dict[str, int] = {}
        for wish in wanted.wishes:
            reach[wish.underlying] = max(reach.get(wish.underlying, 0), wish.days_high)
        for symbol, days in reach.items():
            if symbol in symbols:
                call = partial(self._calls.interest, symbol, days)
                yield ("interest", (symbol, day, days)), 86_400.0, call
        held = tuple(each for each in wanted.contracts if each.is_standard)
        for start in range(0, len(held), _CONTRACTS_A_CALL):
            part = held[start : start + _CONTRACTS_A_CALL]
            yield ("held", part), settings.chain_seconds, partial(self._calls.contracts, part)

    # Small questions.

    def _tell_indexes(self, symbols: tuple[str, ...]) -> None:
        """Say which of what is wanted Alpaca can never quote."""
        indexes = [symbol for symbol in symbols if Stock(symbol).is_index]
        said = f"Alpaca quotes no indexes, so there is no {', '.join(indexes)}: choose a fund."
        self._note("indexes", said if indexes else "")

    def _shares(self) -> tuple[str, ...]:
        """Return what is wanted and no index."""
        return tuple(
            symbol
            for symbol in self.wanted().symbols
            if not Stock(symbol).is_index and symbol != VOLATILITY_INDEX
        )

    def _longest(self) -> float:
        return self._settings.retry_seconds_max


_Call = Callable[[Any], Take]


def trial(settings: AlpacaFeedSettings) -> datetime:
    """Ask the vendor for its clock, once; raises FeedRefused where it does not tell."""
    wire = _wire(settings)
    from allusedesk.market.feeds.alpaca_wire import CallFailed

    try:
        return wire.clock()
    except CallFailed as failed:
        raise FeedRefused(said(failed)) from failed
    finally:
        wire.close()


def _wire(settings: AlpacaFeedSettings) -> AlpacaWire:
    """Load the vendor's client and make one; raises FeedRefused where it is not installed."""
    try:
        from allusedesk.market.feeds.alpaca_wire import AlpacaWire
    except ImportError as missing:
        raise FeedRefused(
            "Quotes from Alpaca need its client, which is not installed: "
            'install it with pip install "allusedesk[alpaca]".'
        ) from missing
    return AlpacaWire(
        settings.key,
        settings.secret,
        is_paper=settings.is_paper,
        urls=(settings.rest_url, settings.trading_url),
    )
