"""The lines a feed streams from Interactive Brokers, and whose turn it is where they are few."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.contract_terms import MORNING_SETTLED_ROOTS
from allusedesk.market.feeds.live_columns import (
    ASK_SIZE,
    BID_SIZE,
    OPEN_INTEREST,
    VOLUME,
    LiveColumns,
    Tick,
)
from allusedesk.market.feeds.live_feed import VOLATILITY_INDEX
from allusedesk.market.feeds.live_figures import LiveFigures, first_unfinished, is_open, told_bars
from allusedesk.market.feeds.live_tables import LiveTables, quoted_as
from allusedesk.market.feeds.live_wishes import Wanted, strikes_within_reach
from allusedesk.market.history import Adjustment, IndexBars
from allusedesk.market.recorded_sessions import exchange_date

if TYPE_CHECKING:
    from allusedesk.market.feeds.interactive_brokers_wire import LineShown, QuoteWire

_FROZEN = frozenset({2, 4})
_DELAYED = 3
_LOOK_SECONDS = 0.1
_ASK_AGAIN_SECONDS = 60.0
_MUTE_TURNS = 5
# Both sides of an option are told within this long after its line began, where both are made.
_SETTLED_SECONDS = 1.0
# The vendor's bar of a day is final some minutes after the close.
_BARS_AFTER = timedelta(minutes=20)
_NAME = "Interactive Brokers"
_MORNING = "settle in the morning, which the desk does not trade, so they are left out."

_Question = Callable[[], Awaitable[None]]


class QuoteLines:
    """What one connection streams; it belongs to the loop of that connection.

    `parts` are the columns and figures it fills, `when` the calendar and the desk's instant,
    `limits` how many lines there may be, how many seconds a turn takes at most, and after how many
    a quote is renewed. Shares and indexes always stream.
    """

    def __init__(
        self,
        wire: QuoteWire,
        parts: tuple[LiveColumns, LiveFigures, LiveTables],
        when: tuple[ExchangeCalendar, Callable[[], datetime]],
        wanted: Callable[[], Wanted],
        note: Callable[[str, str], None],
        limits: tuple[int, float, float],
    ) -> None:
        self._wire = wire
        self._columns, self._figures, self._tables = parts
        self._calendar, self._now = when
        self._wanted = wanted
        self._note = note
        self._lines_max, self._turn_seconds, self._renew_seconds = limits
        self._underlyings: dict[str, int] = {}
        self._expiries: dict[tuple[str, date], tuple[date, ...]] = {}
        self._series: dict[tuple[str, date], dict[OptionContract, int]] = {}
        self._instruments: dict[int, Instrument] = {}
        self._retry_at: dict[tuple[str, object], float] = {}
        self._active: dict[int, float] = {}
        self._answered: set[int] = set()
        self._told_at: dict[int, float] = {}
        self._served_at: dict[int, float] = {}
        self._delayed: set[int] = set()
        self._frozen: set[int] = set()
        self._crossed: set[int] = set()
        self._bars_until: dict[str, date] = {}

    @property
    def is_delayed(self) -> bool:
        """True while any line shows delayed quotes, or last did so in its turn."""
        return bool(self._delayed)

    def name_of(self, con_id: int) -> str:
        """Return what a line is about; nothing for a number nobody knows."""
        found = self._instruments.get(con_id)
        return "" if found is None else str(found)

    def forget(self) -> None:
        """Ask for every line anew: the vendor has lost them."""
        for con_id in list(self._active):
            self._end(con_id)

    def make_do_with_fewer(self) -> None:
        """Stream a tenth fewer lines: the account has fewer than was said."""
        self._lines_max = max(self._lines_max - max(self._lines_max // 10, 1), 1)
        for con_id in list(self._active)[self._lines_max :]:
            self._end(con_id)

    # What comes.

    def take(self, shown: list[LineShown]) -> bool:
        """Put what lines show into the columns; True where the first of a batch begins to wait."""
        instant = self._now().timestamp()
        ticks: list[Tick] = []
        for each in shown:
            instrument = self._instruments.get(each.con_id)
            if instrument is None:
                continue
            _mark(self._frozen, each.con_id, is_in=each.kind in _FROZEN)
            _mark(self._delayed, each.con_id, is_in=each.kind == _DELAYED)
            if each.kind in _FROZEN:
                continue
            if isinstance(instrument, OptionContract):
                self._describe(instrument, each)
            else:
                self._figures.halt(instrument.symbol, is_halted=each.is_halted)
            if not self._is_whole(each, instrument):
                continue
            ticks.append(_tick(instrument, each, instant))
            self._answered.add(each.con_id)
            self._told_at[each.con_id] = asyncio.get_running_loop().time()
        said = f"{len(self._frozen)} frozen quotes, of an earlier time, are left out."
        self._note("frozen", said if self._frozen else "")
        return self._columns.post(ticks, is_polled=True)

    def _is_whole(self, shown: LineShown, instrument: Instrument) -> bool:
        """Tell whether a line shows a whole quote: both sides, or for an index its level.

        The vendor tells the sides one after the other, and may never tell the bid nobody makes
        for an option. Sides that cross are half a quote until they still do with the next message.
        """
        has_bid, has_ask = not math.isnan(shown.bid), not math.isnan(shown.ask)
        if isinstance(instrument, OptionContract):
            since = self._active.get(shown.con_id, math.inf)
            is_settled = asyncio.get_running_loop().time() - since >= _SETTLED_SECONDS
            if not (has_ask and (has_bid or is_settled)):
                return False
        elif instrument.is_index:
            return shown.last > 0.0
        elif not (has_bid and has_ask) or 0.0 in {shown.bid, shown.ask}:
            return False
        if shown.bid > shown.ask > 0.0 and shown.con_id not in self._crossed:
            self._crossed.add(shown.con_id)
            return False
        self._crossed.discard(shown.con_id)
        return True

    def _describe(self, contract: OptionContract, shown: LineShown) -> None:
        for figure, value in (
            (BID_SIZE, shown.bid_size),
            (ASK_SIZE, shown.ask_size),
            (VOLUME, shown.volume),
            (OPEN_INTEREST, shown.open_interest),
        ):
            if value >= 0.0:
                self._columns.describe(contract, figure, value)

    # What is asked for.

    async def keep(self, rest: Callable[[float], Awaitable[None]]) -> None:
        """Learn what is wanted, one question at a time, and give every line its turn."""
        while True:
            wanted = self._wanted()
            question = next(self._questions(wanted), None)
            if question is not None:
                await self._ask(*question)
            self._take_turns(wanted)
            await rest(0.0 if question is not None else _LOOK_SECONDS)

    async def keep_bars(self) -> None:
        """Fetch the daily bars of what is wanted, at the beginning and after each close."""
        while True:
            before = first_unfinished(self._calendar, self._now() - _BARS_AFTER)
            for symbol in self._wanted().symbols:
                key = ("bars", symbol)
                is_due = symbol in self._underlyings and self._bars_until.get(symbol) != before
                if is_due and self._is_time(key):
                    await self._ask(key, partial(self._learn_bars, symbol, before))
            await asyncio.sleep(_LOOK_SECONDS)

    def _questions(self, wanted: Wanted) -> Iterator[tuple[tuple[str, object], _Question]]:
        """Yield what is not known yet and worth asking now, underlyings first."""
        day = exchange_date(self._now())
        for symbol in wanted.symbols:
            if symbol not in self._underlyings and self._is_time(("underlying", symbol)):
                yield ("underlying", symbol), partial(self._learn_underlying, symbol)
        roots = {wish.underlying for wish in wanted.wishes}
        for symbol in sorted(roots & {*MORNING_SETTLED_ROOTS}):
            self._note(f"morning {symbol}", f"Options of {symbol} {_MORNING}")
        for symbol in sorted((roots - {*MORNING_SETTLED_ROOTS}) & self._underlyings.keys()):
            key = ("expiries", symbol)
            if (symbol, day) not in self._expiries and self._is_time(key):
                yield key, partial(self._learn_expiries, symbol, day)
        for place in self._places(wanted, day):
            if place not in self._series and self._is_time(("series", place)):
                yield ("series", place), partial(self._learn_series, *place)

    def _places(self, wanted: Wanted, day: date) -> Iterator[tuple[str, date]]:
        """Yield the underlyings and expiries whose series are worth knowing."""
        for wish in wanted.wishes:
            for expiry in self._expiries.get((wish.underlying, day), ()):
                if wish.days_low <= (expiry - day).days <= wish.days_high:
                    yield wish.underlying, expiry
        for contract in wanted.contracts:
            yield contract.underlying, contract.expiry

    async def _ask(self, key: tuple[str, object], question: _Question) -> None:
        """Ask, and ask again in a minute where there is no answer; a lost line is raised."""
        from allusedesk.market.feeds.interactive_brokers_wire import QuestionRefused

        kind, about = key
        name = about if isinstance(about, str) else " ".join(str(each) for each in _parts(about))
        try:
            await question()
        except (QuestionRefused, TimeoutError) as failed:
            why = str(failed) or "no answer came"
            self._note(
                f"{kind} {name}",
                f"{_NAME} does not tell the {kind} of {name} ({why}); asked again.",
            )
            self._retry_at[key] = asyncio.get_running_loop().time() + _ASK_AGAIN_SECONDS
        else:
            self._note(f"{kind} {name}", "")

    def _is_time(self, key: tuple[str, object]) -> bool:
        return self._retry_at.get(key, -math.inf) <= asyncio.get_running_loop().time()

    async def _learn_underlying(self, symbol: str) -> None:
        con_id = await self._wire.underlying(symbol)
        self._underlyings[symbol] = con_id
        self._instruments[con_id] = quoted_as(symbol)

    async def _learn_expiries(self, symbol: str, day: date) -> None:
        found = await self._wire.expiries(symbol, self._underlyings[symbol])
        self._expiries[symbol, day] = found
        self._tables.list(symbol, found)

    async def _learn_series(self, symbol: str, expiry: date) -> None:
        found = await self._wire.series(symbol, expiry)
        self._series[symbol, expiry] = found
        self._instruments.update({con_id: contract for contract, con_id in found.items()})

    async def _learn_bars(self, symbol: str, before: date) -> None:
        rows = await self._wire.daily_bars(self._underlyings[symbol])
        bars = told_bars(symbol, rows, adjustment=Adjustment.SPLITS, before=before, origin=_NAME)
        self._bars_until[symbol] = before
        if symbol == VOLATILITY_INDEX:
            self._figures.keep_volatility(
                IndexBars(symbol, bars.dates, bars.open, bars.high, bars.low, bars.close, _NAME)
            )
        else:
            self._figures.keep_bars(bars)

    # Whose turn it is.

    def _take_turns(self, wanted: Wanted) -> None:
        instant = asyncio.get_running_loop().time()
        shares = list(
            dict.fromkeys(
                self._underlyings[symbol]
                for symbol in wanted.symbols
                if symbol in self._underlyings
            )
        )
        options = list(dict.fromkeys(self._option_lines(wanted)))
        room = max(self._lines_max - len(shares), 1)
        is_crowded = len(options) > room
        self._note(
            "turns",
            f"{len(options)} options take turns on {room} lines of {_NAME}." if is_crowded else "",
        )
        keep = {*shares, *options}
        for con_id in [each for each in self._active if each not in keep]:
            self._end(con_id)
        in_session = is_open(self._calendar, self._now())
        for con_id in list(self._active):
            if self._is_mute(con_id, instant) or (in_session and self._is_idle(con_id, instant)):
                self._end(con_id)
        if is_crowded:
            for con_id in [each for each in options if self._has_had_its_turn(each, instant)]:
                self._end(con_id)
                self._served_at[con_id] = instant
        for con_id in shares:
            self._begin(con_id, instant)
        free = room - sum(con_id in self._active for con_id in options)
        waiting = [con_id for con_id in options if con_id not in self._active]
        waiting.sort(key=lambda con_id: self._served_at.get(con_id, -math.inf))
        for con_id in waiting[: max(free, 0)]:
            self._begin(con_id, instant)

    def _option_lines(self, wanted: Wanted) -> Iterator[int]:
        """Yield the lines of held contracts, then of the wished parts of chains."""
        for contract in wanted.contracts:
            con_id = self._series.get((contract.underlying, contract.expiry), {}).get(contract)
            if con_id is not None:
                yield con_id
        day = exchange_date(self._now())
        for wish in wanted.wishes:
            low, high = self._reach(wish, day)
            for expiry in self._expiries.get((wish.underlying, day), ()):
                if wish.days_low <= (expiry - day).days <= wish.days_high:
                    for contract, con_id in self._series.get((wish.underlying, expiry), {}).items():
                        if contract.right in wish.rights and low <= contract.strike <= high:
                            yield con_id

    def _reach(self, wish: ChainWish, day: date) -> tuple[float, float]:
        """Return the strikes worth a line; none where the underlying has no price yet."""
        spot = self._tables.spot(wish.underlying)
        if math.isnan(spot):
            return math.inf, -math.inf
        index_or_share = quoted_as(wish.underlying).symbol
        volatility = self._figures.realised_volatility(index_or_share, day)
        return strikes_within_reach(spot, volatility, wish.days_high)

    def _is_mute(self, con_id: int, instant: float) -> bool:
        """Tell whether a line has never shown anything for long: its request may be lost."""
        is_old = instant - self._active[con_id] >= self._turn_seconds * _MUTE_TURNS
        return is_old and con_id not in self._answered

    def _is_idle(self, con_id: int, instant: float) -> bool:
        """Tell whether a line shows nothing new for so long that its quote may not stand."""
        told_at = self._told_at.get(con_id, instant)
        since = self._active[con_id]
        return con_id in self._answered and instant - max(told_at, since) >= self._renew_seconds

    def _has_had_its_turn(self, con_id: int, instant: float) -> bool:
        since = self._active.get(con_id)
        if since is None:
            return False
        if instant - since >= self._turn_seconds:
            return True
        interest = self._columns.figures((self._instruments[con_id],))[OPEN_INTEREST, 0]
        return con_id in self._answered and not bool(np.isnan(interest))

    def _begin(self, con_id: int, instant: float) -> None:
        if con_id not in self._active:
            self._answered.discard(con_id)
            self._wire.watch(con_id)
            self._active[con_id] = instant

    def _end(self, con_id: int) -> None:
        if self._active.pop(con_id, None) is not None:
            self._wire.unwatch(con_id)


def _tick(instrument: Instrument, shown: LineShown, instant: float) -> Tick:
    """Return what a line shows; an index has no sides, and no last price is none."""
    last = math.nan if shown.last == 0.0 else shown.last
    if not isinstance(instrument, OptionContract) and instrument.is_index:
        return Tick(instrument, math.nan, math.nan, last, instant)
    return Tick(instrument, shown.bid, shown.ask, last, instant)


def _mark(those: set[int], con_id: int, *, is_in: bool) -> None:
    (those.add if is_in else those.discard)(con_id)


def _parts(about: object) -> tuple[object, ...]:
    return about if isinstance(about, tuple) else (about,)
