"""The latest quotes of a live market in columns: one thread writes them, another reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf, isnan, nan
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.market.raw_quotes import QuoteBatch

Floats = NDArray[np.float64]

BID, ASK, LAST, INSTANT, BID_SIZE, ASK_SIZE, OPEN_INTEREST, VOLUME = range(8)
_FIGURES = 8
_ROWS_AT_START = 256
# A vendor's clock may run this much ahead of ours; what lies further ahead has a wrong instant.
AHEAD_SECONDS_MAX = 5.0
# As on the board: no share has ever cost a thousandth of this.
_PRICE_BEYOND = 1e9
# So many ticks wait for an engine that does not fetch them; then the oldest go, and are counted.
WAITING_MAX = 200_000
# What stays out of the columns only because something as new is there already.
_NOT_WORTH_TELLING = frozenset({"duplicate", "out of order"})


@dataclass(frozen=True, slots=True)
class Tick:
    """One quote as a vendor told it: prices a share, NaN where absent, seconds since 1970 UTC."""

    instrument: Instrument
    bid: float
    ask: float
    last: float
    instant: float


class LiveColumns:
    """The newest quote of every instrument, and the ticks of shares nobody has fetched yet.

    A tick older than the kept one never replaces it; one that repeats it, is crossed, negative,
    no number, or far ahead of the clock is dropped and counted. A new tick without a last price
    keeps the last one; a share's last price alone leaves its quote as it was. `now` tells the
    desk's instant. Safe between threads: each call holds the lock for as long as it copies.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._rows: dict[Instrument, int] = {}
        self._series: dict[str, dict[OptionContract, int]] = {}
        self._columns = np.full((_FIGURES, _ROWS_AT_START), nan)
        self._watched: frozenset[str] = frozenset()
        self._waiting: list[Tick] = []
        self._dropped: Counter[str] = Counter()
        self._ticks = 0

    def watch(self, symbols: Iterable[str]) -> bool:
        """Keep ticks of these shares for `take`, and of no others.

        The quote that stands of a share newly watched waits at once; True where a first one does.
        """
        with self._lock:
            was_empty, before = not self._waiting, self._watched
            self._watched = frozenset(symbols)
            self._waiting = [tick for tick in self._waiting if _symbol(tick) in self._watched]
            for symbol in sorted(self._watched - before):
                row = self._rows.get(Stock(symbol))
                if row is not None and not isnan(self._columns[INSTANT, row]):
                    standing = self._columns[: INSTANT + 1, row].tolist()
                    self._waiting.append(Tick(Stock(symbol), *standing))
            return was_empty and bool(self._waiting)

    def post(self, ticks: Sequence[Tick], *, is_polled: bool = False) -> bool:
        """Take ticks in the order they came; True where the first of a batch begins to wait.

        `is_polled` says that they were asked for, so that repeating the kept ones is no fault.
        """
        ahead = self._now().timestamp() + AHEAD_SECONDS_MAX
        with self._lock:
            was_empty = not self._waiting
            for tick in ticks:
                self._ticks += 1
                self._take(tick, ahead, is_polled=is_polled)
            excess = len(self._waiting) - WAITING_MAX
            if excess > 0:
                self._dropped["not fetched in time"] += excess
                del self._waiting[:excess]
            return was_empty and bool(self._waiting)

    def describe(self, instrument: Instrument, figure: int, value: float) -> None:
        """Put a figure beside a quote: a size, the open interest, the day's volume."""
        with self._lock:
            # The row comes first: a new one may bring new, longer columns.
            row = self._row(instrument)
            self._columns[figure, row] = value

    def take(self, until: datetime) -> tuple[QuoteBatch, ...]:
        """Return the waiting ticks by instant, those of one instant together.

        An instant the vendor's clock tells ahead of `until` counts as `until`.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, []
        latest = until.timestamp()
        waiting.sort(key=lambda tick: min(tick.instant, latest))
        batches: list[QuoteBatch] = []
        together: dict[str, Tick] = {}
        instant = -inf
        for tick in waiting:
            told_at = min(tick.instant, latest)
            if together and (told_at != instant or _symbol(tick) in together):
                batches.append(_batch(together, instant))
                together = {}
            instant = told_at
            together[_symbol(tick)] = tick
        if together:
            batches.append(_batch(together, instant))
        return tuple(batches)

    def figures(self, instruments: Sequence[Instrument]) -> Floats:
        """Return the columns of these instruments, shape (8, instruments); NaN where unknown."""
        found = np.full((_FIGURES, len(instruments)), nan)
        with self._lock:
            rows = [self._rows.get(instrument, -1) for instrument in instruments]
            places = [place for place, row in enumerate(rows) if row >= 0]
            found[:, places] = self._columns[:, [rows[place] for place in places]]
        return found

    def series(self, underlying: str) -> tuple[OptionContract, ...]:
        """Return every option of an underlying that was ever quoted or described."""
        with self._lock:
            return tuple(self._series.get(underlying, ()))

    @property
    def dropped(self) -> tuple[tuple[str, int], ...]:
        """How many ticks were dropped, by reason, since the start."""
        with self._lock:
            return tuple(sorted(self._dropped.items()))

    @property
    def ticks(self) -> int:
        """How many ticks came, dropped ones among them."""
        return self._ticks

    def _take(self, tick: Tick, ahead: float, *, is_polled: bool) -> None:
        row = self._row(tick.instrument)
        kept = self._columns[:4, row].tolist()
        no_quote = _value_fault(tick)
        fault = no_quote or _time_fault(tick, kept, ahead)
        is_watched = _symbol(tick) in self._watched
        if fault:
            if not (is_polled and fault in _NOT_WORTH_TELLING):
                self._dropped[fault] += 1
            # The board counts what cannot be a quote, so it is shown such a tick.
            if is_watched and no_quote and not isnan(tick.instant):
                self._waiting.append(tick)
            return
        columns = self._columns
        if isnan(tick.bid) and isnan(tick.ask) and _has_sides(tick.instrument):
            columns[LAST, row] = tick.last
            return
        columns[BID, row] = tick.bid if tick.bid > 0.0 else nan
        columns[ASK, row] = tick.ask if tick.ask > 0.0 else nan
        columns[INSTANT, row] = tick.instant
        if tick.last > 0.0:
            columns[LAST, row] = tick.last
        if is_watched:
            last = float(columns[LAST, row])
            self._waiting.append(tick if isnan(last) else replace(tick, last=last))

    def _row(self, instrument: Instrument) -> int:
        row = self._rows.get(instrument)
        if row is None:
            row = len(self._rows)
            self._rows[instrument] = row
            if row >= self._columns.shape[1]:
                self._columns = np.concatenate(
                    (self._columns, np.full_like(self._columns, nan)), axis=1
                )
        if isinstance(instrument, OptionContract):
            self._series.setdefault(instrument.underlying, {})[instrument] = row
        return row


def _symbol(tick: Tick) -> str:
    """Return a share's symbol; nothing for an option, which no batch holds."""
    return tick.instrument.symbol if isinstance(tick.instrument, Stock) else ""


def _has_sides(instrument: Instrument) -> bool:
    """Tell whether a trade of it leaves its quote as it was: a share's does, an index has none."""
    return isinstance(instrument, Stock) and not instrument.is_index


def _value_fault(tick: Tick) -> str:
    """Return why the prices are no quote; nothing where they are one.

    A share needs both sides, or a last price alone as an index has; an option one of the three.
    """
    prices = tick.bid, tick.ask, tick.last
    if any(price >= _PRICE_BEYOND for price in prices):
        return "not a number"
    if any(price < 0.0 for price in prices):
        return "negative"
    if tick.bid > tick.ask > 0.0:
        return "crossed"
    if isinstance(tick.instrument, OptionContract):
        return "" if any(price > 0.0 for price in prices) else "not a number"
    if isnan(tick.bid) and isnan(tick.ask):
        return "" if tick.last > 0.0 else "not a number"
    if 0.0 in {tick.bid, tick.ask, tick.last}:
        return "zero"
    return "not a number" if isnan(tick.bid) or isnan(tick.ask) else ""


def _time_fault(tick: Tick, kept: list[float], ahead: float) -> str:
    if isnan(tick.instant):
        return "without an instant"
    if tick.instant > ahead:
        return "ahead of the clock"
    if tick.instant < kept[INSTANT]:
        return "out of order"
    if tick.instant == kept[INSTANT] and _repeats(tick, kept):
        return "duplicate"
    return ""


def _repeats(tick: Tick, kept: list[float]) -> bool:
    told = tick.bid, tick.ask, kept[LAST] if isnan(tick.last) else tick.last
    return all(
        one == other or (isnan(other) and not one > 0.0)
        for one, other in zip(told, kept, strict=False)
    )


def _batch(together: dict[str, Tick], instant: float) -> QuoteBatch:
    ticks = together.values()
    return QuoteBatch(
        instant=datetime.fromtimestamp(instant, UTC),
        symbols=tuple(together),
        bids=np.array([tick.bid for tick in ticks]),
        asks=np.array([tick.ask for tick in ticks]),
        lasts=np.array([tick.last for tick in ticks]),
        is_modelled=False,
    )
