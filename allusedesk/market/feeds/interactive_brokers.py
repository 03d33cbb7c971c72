"""`InteractiveBrokersFeed`: quotes from Trader Workstation or IB Gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.interactive_brokers_lines import QuoteLines
from allusedesk.market.feeds.interactive_brokers_words import (
    CONNECTION_LOST,
    CONNECTION_RESTORED,
    LINES_KEPT,
    SUBSCRIPTION,
    TOO_MANY_LINES,
    answer_to,
    nobody_there,
)
from allusedesk.market.feeds.live_feed import VOLATILITY_INDEX, LiveFeed
from allusedesk.market.feeds.live_standing import FeedRefused, QuoteQuality
from allusedesk.market.feeds.live_thread import ended
from allusedesk.market.history import MarketHistory

if TYPE_CHECKING:
    from allusedesk.market.feeds.interactive_brokers_wire import LineShown, QuoteWire

_NAME = "Interactive Brokers"
_LIVE, _DELAYED = 1, 3
_LATE = frozenset({3, 4})
_TRIED_ON = "SPY"


@dataclass(frozen=True, slots=True)
class InteractiveBrokersFeedSettings:
    """How to reach Trader Workstation or Gateway for quotes.

    `ports_else` are tried where nobody listens at `port`. `client_id` must differ from the
    broker's: both connect. `lines_max` is how many quotes the
    account may stream at once, `messages_per_second` stays below the 50 the vendor allows;
    `turn_seconds` is how long an option's line waits for its quote before the next has its turn.
    A line that showed nothing new for `renew_seconds` in a session is asked for anew, so that its
    quote is known to stand.
    """

    host: str = "127.0.0.1"
    port: int = 7497
    ports_else: tuple[int, ...] = ()
    client_id: int = 71
    is_paper: bool = True
    lines_max: int = 90
    messages_per_second: int = 45
    answer_seconds: float = 10.0
    turn_seconds: float = 3.0
    renew_seconds: float = 20.0
    heartbeat_seconds: float = 15.0
    retry_seconds: float = 1.0
    retry_seconds_max: float = 60.0


class InteractiveBrokersFeed(LiveFeed):
    """Interactive Brokers' market behind `Feed`; `open` begins, `close` ends.

    Needs the extra `ibkr` and a Trader Workstation or Gateway that is logged in and lets clients
    in. Shares and indexes stream; options stream while the account has lines enough, else they
    take turns. The vendor tells no instant with a quote, so it counts as quoted when it came;
    frozen quotes are of another time and are left out. Delayed quotes are asked for on paper
    only, and said to be delayed; with `is_paper` false they are refused. Daily bars come adjusted
    for splits. `now` tells the desk's instant.
    """

    def __init__(
        self,
        settings: InteractiveBrokersFeedSettings,
        history: MarketHistory,
        calendar: ExchangeCalendar,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(_NAME, history, calendar, now, is_paper=settings.is_paper)
        self._settings = settings
        self._lost: asyncio.Event | None = None
        self._lines: QuoteLines | None = None

    async def _work(self) -> None:
        """Connect, serve until the line is lost, and come back with growing waits."""
        settings = self._settings
        waited = settings.retry_seconds
        while True:
            started = asyncio.get_running_loop().time()
            self._lost = asyncio.Event()
            wire = _wire(settings, self._on_shown, self._on_said, self._lost.set)
            try:
                await _connect(wire, settings)
                await self._serve(wire)
            except (OSError, TimeoutError) as lost:
                reason = nobody_there(settings.host, settings.port, lost)
            else:
                reason = f"The line to {_NAME} was lost: the desk is connecting again."
            finally:
                wire.disconnect()
            self._stand(is_up=False, reason=reason)
            if asyncio.get_running_loop().time() - started > settings.retry_seconds_max:
                waited = settings.retry_seconds
            await asyncio.sleep(waited)
            waited = min(waited * 2, settings.retry_seconds_max)

    async def _serve(self, wire: QuoteWire) -> None:
        """Keep everything fresh until the line is lost or falls silent."""
        settings, lost = self._settings, self._lost
        if lost is None:
            return
        wire.want(_DELAYED if settings.is_paper else _LIVE)
        before = self._now()
        told = await wire.clock()
        middle = before + (self._now() - before) / 2
        self._standing = replace(
            self._standing, clock_offset_seconds=(told - middle).total_seconds()
        )
        self._lines = QuoteLines(
            wire,
            (self._columns, self._figures, self._tables),
            (self._calendar, self._now),
            self.wanted,
            self._note,
            (settings.lines_max, settings.turn_seconds, settings.renew_seconds),
        )
        self._stand(is_up=True, reason="")
        jobs = [
            asyncio.create_task(self._lines.keep(self._rest)),
            asyncio.create_task(self._lines.keep_bars()),
            asyncio.create_task(self._beat(wire, lost)),
        ]
        try:
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._lines = None
            faults = [job.exception() for job in jobs if job.done() and not job.cancelled()]
            for job in jobs:
                await ended(job)
        for fault in faults:
            if fault is not None and not isinstance(fault, (OSError, TimeoutError)):
                raise fault

    async def _beat(self, wire: QuoteWire, lost: asyncio.Event) -> None:
        """Return when the line is lost, or says nothing to a question for its clock."""
        while not lost.is_set():
            try:
                async with asyncio.timeout(self._settings.heartbeat_seconds):
                    await lost.wait()
            except TimeoutError:
                await wire.clock()

    def _on_shown(self, shown: list[LineShown]) -> None:
        lines = self._lines
        if lines is None:
            return
        is_first = lines.take(shown)
        kinds = {each.kind for each in shown}
        quality = self._standing.quality
        if _DELAYED in kinds:
            quality = QuoteQuality.DELAYED
        elif _LIVE in kinds and not lines.is_delayed:
            quality = QuoteQuality.REAL_TIME
        if quality is not self._standing.quality:
            self._standing = replace(self._standing, quality=quality)
        if is_first:
            self._hear()

    def _on_said(self, con_id: int, code: int, text: str) -> None:
        lines = self._lines
        if code in CONNECTION_LOST:
            self._stand(
                is_up=False,
                reason=f"{_NAME} has lost its own connection ({text}): quotes will come again "
                "when it is back.",
            )
        elif code in CONNECTION_RESTORED:
            if lines is not None and code not in LINES_KEPT:
                lines.forget()
            self._stand(is_up=lines is not None, reason="")
        elif code in TOO_MANY_LINES and lines is not None:
            lines.make_do_with_fewer()
        key, sentence = answer_to(code, text)
        if key:
            name = "" if lines is None else lines.name_of(con_id)
            named = f"{name}: {sentence}" if name and sentence else sentence
            self._note(f"{key} {name}", named, is_passing=True)

    def _stand(self, *, is_up: bool, reason: str) -> None:
        self._standing = replace(self._standing, is_up=is_up, reason=reason)

    def _all_symbols(self, *asked: object) -> tuple[str, ...]:
        names = super()._all_symbols(*asked)  # type: ignore[arg-type]
        return tuple(sorted({*names, VOLATILITY_INDEX}))


def trial(settings: InteractiveBrokersFeedSettings, seconds: float) -> QuoteQuality:
    """Log in once and see what quotes of SPY are sent; unknown where none come in `seconds`.

    Raises FeedRefused with one plain sentence. It waits, so not on a thread that must not.
    """
    return asyncio.run(_tried(replace(settings, answer_seconds=seconds), seconds))


async def _tried(settings: InteractiveBrokersFeedSettings, seconds: float) -> QuoteQuality:
    found: asyncio.Future[QuoteQuality] = asyncio.get_running_loop().create_future()

    def shown(lines: list[LineShown]) -> None:
        if not found.done():
            kinds = {line.kind for line in lines}
            is_delayed = not kinds.isdisjoint(_LATE)
            found.set_result(QuoteQuality.DELAYED if is_delayed else QuoteQuality.REAL_TIME)

    def said(_con_id: int, code: int, text: str) -> None:
        key, sentence = answer_to(code, text)
        if key == SUBSCRIPTION and not found.done():
            found.set_exception(FeedRefused(f"{_NAME}: {sentence}"))

    wire = _wire(settings, shown, said, _nothing)
    from allusedesk.market.feeds.interactive_brokers_wire import QuestionRefused

    try:
        await _connect(wire, settings)
        wire.want(_DELAYED if settings.is_paper else _LIVE)
        wire.watch(await wire.underlying(_TRIED_ON))
    except QuestionRefused:
        return QuoteQuality.UNKNOWN
    except (OSError, TimeoutError) as lost:
        raise FeedRefused(nobody_there(settings.host, settings.port, lost)) from lost
    else:
        await asyncio.wait({found}, timeout=seconds)
        return found.result() if found.done() else QuoteQuality.UNKNOWN
    finally:
        wire.disconnect()


async def _connect(wire: QuoteWire, settings: InteractiveBrokersFeedSettings) -> None:
    """Log in at the first port where anybody listens."""
    *others, last = settings.port, *settings.ports_else
    for port in others:
        with suppress(ConnectionRefusedError):
            await wire.connect(settings.host, port, settings.client_id)
            return
    await wire.connect(settings.host, last, settings.client_id)


def _wire(
    settings: InteractiveBrokersFeedSettings,
    shown: Callable[[list[LineShown]], None],
    said: Callable[[int, int, str], None],
    lost: Callable[[], None],
) -> QuoteWire:
    """Load the vendor's client and make one; raises FeedRefused where it is not installed."""
    try:
        from allusedesk.market.feeds.interactive_brokers_wire import Heard, QuoteWire
    except ImportError as missing:
        raise FeedRefused(
            "Quotes from Interactive Brokers need its client, which is not installed: "
            'install it with pip install "allusedesk[ibkr]".'
        ) from missing
    heard = Heard(shown, said, lost)
    return QuoteWire(heard, settings.answer_seconds, settings.messages_per_second)


def _nothing() -> None:
    """Let a lost line pass: the trial ends by itself."""
