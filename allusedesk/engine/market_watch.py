"""The board, the feed that fills it, and the looks taken at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allusedesk.domain.alarms import PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.inputs import PriceAlarmRang
from allusedesk.domain.instruments import Stock
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.clock import ticks
from allusedesk.engine.meters import Timing
from allusedesk.market.enrichment import complete_snapshot, post_batch
from allusedesk.market.feeds.feed import Feed
from allusedesk.market.quote_board import QuoteBoard

# Fewer batches than this in one pull are no stream that could fall behind: a line that has just
# opened tells quotes of long ago.
_STREAM_LEAST = 20


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """What came of a feed so far: batches, the instant of the last one, quotes dropped and why.

    `quotes` are those of all batches together.
    """

    batches: int
    last_at: datetime | None
    dropped: tuple[tuple[str, int], ...]
    quotes: int = 0


class MarketWatch:
    """Pulls the feed onto the board; price alarms ring within the batch that crosses them.

    `batches` and `quotes` count what was pulled so far; `handling` times each batch onto the
    board, the alarms it crosses included. `due_at` is when the feed last promised a batch for. Of a
    feed that promises nothing, `waited_seconds` is how long half of the batches of the last pull
    had waited, at the tick `waited_at`.
    """

    def __init__(self, feed: Feed, board: QuoteBoard) -> None:
        self._feed = feed
        self._board = board
        self._armed: dict[str, PriceAlarm] = {}
        self.batches = 0
        self.quotes = 0
        self.handling = Timing()
        self.due_at: datetime | None = None
        self.waited_seconds = 0.0
        self.waited_at = 0.0
        self._last_at: datetime | None = None

    def next_at(self) -> datetime | None:
        self.due_at = self._feed.next_at()
        return self.due_at

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        rung: list[PriceAlarmRang] = []
        instants: list[datetime] = []
        for batch in self._feed.pull(until):
            self.batches += 1
            self._last_at = until
            began = ticks()
            rung.extend(self._rang(name) for name in post_batch(self._board, batch))
            at = ticks()
            self.handling.took(at - began, at)
            self.quotes += len(batch.symbols)
            instants.append(batch.instant)
        if self.due_at is None and instants:
            waited = until - instants[len(instants) // 2]
            is_stream = len(instants) >= _STREAM_LEAST
            self.waited_seconds = waited.total_seconds() if is_stream else 0.0
            self.waited_at = ticks()
        return rung

    def counts(self) -> FeedCounts:
        """What came of the feed so far; may be read from any thread."""
        return FeedCounts(
            self.batches, self._last_at, tuple(self._board.dropped.items()), self.quotes
        )

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        wanted = {alarm.id: alarm for alarm in alarms}
        for name in [name for name in self._armed if name not in wanted]:
            self._board.disarm(name)
            del self._armed[name]
        crossed: list[PriceAlarmRang] = []
        # By id, since the alarms may come in the order of a hash, which changes from run to run.
        armed = self._armed
        # An alarm that stands is mostly the very same: only others are compared field by field.
        fresh = [
            name
            for name, alarm in wanted.items()
            if armed.get(name) is not alarm and armed.get(name) != alarm
        ]
        for name in sorted(fresh):
            alarm = self._armed[name] = wanted[name]
            if self._board.arm(alarm):
                crossed.append(self._rang(name))
        return crossed

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        return complete_snapshot(watch, self._board, self._feed, at)

    def _rang(self, name: str) -> PriceAlarmRang:
        alarm = self._armed.pop(name)
        quote = self._board.quote(self._board.register(Stock(alarm.symbol)))
        mark = quote.mark if quote is not None else None
        return PriceAlarmRang(alarm, alarm.level if mark is None else mark)
