"""What the engine's own work takes, in real time: figures for health, read by no rule of trade."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from datetime import datetime
from math import ceil

from allusedesk.domain.identifiers import OrderId
from allusedesk.engine.clock import ticks

# Upper edges of the buckets a timing falls into, in seconds; longer ones fall beyond the last.
EDGES = (50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 0.1, 0.5, 2.5)
_RECENT = 2_048
_BEAT_SECONDS = 0.1


class Timing:
    """How often one thing was done and how long it took; written by one thread, read by any.

    `buckets[i]` counts those that took at most `EDGES[i]` seconds and more than the edge before;
    the last one those that took longer.
    """

    __slots__ = ("_recent", "buckets", "count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(EDGES) + 1)
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)

    def took(self, seconds: float, at: float) -> None:
        """One more, done at the tick `at`."""
        self.count += 1
        self.seconds += seconds
        self.buckets[bisect_left(EDGES, seconds)] += 1
        self._recent.append((at, seconds))

    def quantile(self, share: float, since: float, least: int = 1) -> float | None:
        """The seconds that this share of those done since a tick stayed within.

        None where fewer than `least` were done since.
        """
        found = sorted(seconds for at, seconds in tuple(self._recent) if at >= since)
        return found[max(0, ceil(share * len(found)) - 1)] if len(found) >= least else None


class Meters:
    """The timings of one engine, by what was done.

    `steps` are by kind of input, `dispatches` by kind of command. `acknowledgements` are what the
    desk itself adds between a decision and the broker's word for it, `answers` the whole of it.
    `lag_seconds` is how much later than due the loop last came to look; `pace` tells recorded
    seconds per real one, None where time is not held to any.
    """

    def __init__(self, pace: Callable[[], float | None] = lambda: 1.0) -> None:
        self.pace = pace
        self.steps: dict[str, Timing] = {}
        self.dispatches: dict[str, Timing] = {}
        self.appends = Timing()
        self.entries_appended = 0
        self.observing = Timing()
        self.pulls = Timing()
        self.acknowledgements = Timing()
        self.answers = Timing()
        self.lags = Timing()
        self.lag_seconds = 0.0
        self.beats = 0
        self.beat_at = ticks()
        self.desk_now: datetime | None = None
        self._sent: dict[OrderId, tuple[float, float]] = {}

    async def beat(self, now: Callable[[], datetime]) -> None:
        """Show that the loop turns, and the desk's own instant at that, until cancelled."""
        while True:
            self.beats += 1
            self.beat_at, self.desk_now = ticks(), now()
            await asyncio.sleep(_BEAT_SECONDS)

    def stepped(self, kind: str, seconds: float, at: float) -> None:
        """An input of this kind was thought about."""
        _of(self.steps, kind).took(seconds, at)

    def appended(self, entries: int, seconds: float, at: float) -> None:
        """So many entries were written down at once."""
        self.entries_appended += entries
        self.appends.took(seconds, at)

    def dispatched(self, kind: str, seconds: float, at: float) -> None:
        """A wish of this kind was carried to its door."""
        _of(self.dispatches, kind).took(seconds, at)

    def late(self, desk_seconds: float, at: float) -> None:
        """The loop looked so much of the desk's own time after what was due."""
        pace = self.pace()
        self.lag_seconds = max(0.0, desk_seconds) / pace if pace else 0.0
        self.lags.took(self.lag_seconds, at)

    def sent(self, order: OrderId, decided_at: float, at: float) -> None:
        """An order decided at one tick was in the broker's hands at another."""
        self._sent[order] = (decided_at, at - decided_at)

    def heard_of(self, order: OrderId, looked_at: float, at: float) -> None:
        """The broker's first word for an order is recorded; the loop had come to look before."""
        sent = self._sent.pop(order, None)
        if sent is not None:
            decided_at, sending = sent
            self.answers.took(at - decided_at, at)
            self.acknowledgements.took(sending + self.lag_seconds + at - looked_at, at)


def _of(timings: dict[str, Timing], kind: str) -> Timing:
    timing = timings.get(kind)
    if timing is None:
        timing = timings[kind] = Timing()
    return timing
