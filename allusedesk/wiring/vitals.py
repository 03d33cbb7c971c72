"""How the running desk is: what the health panel counts, beside what the record holds."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.engine.market_watch import FeedCounts
from allusedesk.monitoring.process import size_bytes

if TYPE_CHECKING:
    from allusedesk.wiring.live_desk import LiveDesk
    from allusedesk.wiring.paper_desk import PaperDesk

_STATM = Path("/proc/self/statm")
_BYTES_PER_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Vitals:
    """Counts since the engine started, and levels now; read without stopping the engine.

    `picture_seconds` is what the last picture took, `memory_megabytes` what the whole process
    holds (None where the system does not tell). `quotes_dropped` are by reason; `feed_notes` are
    what a live feed says of itself, one sentence each.
    """

    entries: int
    beats: int
    inbox_waiting: int
    picture_seconds: float
    pictures_failed: int
    observers_failed: int
    batches: int
    quotes_dropped: tuple[tuple[str, int], ...]
    alarms_set: int
    price_alarms_set: int
    orders_live: int
    questions_open: int
    journal_megabytes: float
    memory_megabytes: float | None
    feed_notes: tuple[str, ...] = ()


def vitals_of(
    desk: PaperDesk | LiveDesk, counts: FeedCounts, feed_notes: tuple[str, ...] = ()
) -> Vitals:
    """Read a desk's vitals; safe from any thread, for each figure is read whole."""
    state, publisher = desk.engine.state, desk.publisher
    path = desk.journal.path
    logs = (path, path.with_name(f"{path.name}-wal"))
    return Vitals(
        entries=state.sequence,
        beats=publisher.beats,
        inbox_waiting=desk.engine.inbox.waiting,
        picture_seconds=publisher.picture_seconds,
        pictures_failed=publisher.faults,
        observers_failed=desk.engine.observer_faults,
        batches=counts.batches,
        quotes_dropped=counts.dropped,
        alarms_set=len(state.alarms),
        price_alarms_set=len(state.price_alarms),
        orders_live=len(state.orders),
        questions_open=sum(1 for ticket in state.tickets.values() if not ticket.is_approved),
        journal_megabytes=sum(size_bytes(log) for log in logs) / _BYTES_PER_MEGABYTE,
        memory_megabytes=_memory_megabytes(),
        feed_notes=feed_notes,
    )


def _memory_megabytes() -> float | None:
    if not sys.platform.startswith("linux"):
        return None
    from resource import getpagesize

    pages = int(_STATM.read_text(encoding="ascii").split()[1])
    return pages * getpagesize() / _BYTES_PER_MEGABYTE
