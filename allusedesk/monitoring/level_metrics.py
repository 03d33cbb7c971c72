"""Figures as they stand: queues, links, ages, limits, disk and process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from allusedesk.monitoring.tallies import Level, Shelf, Tally

Labelled = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class DeskLevels:
    """The desk at one instant, as numbers; a field that is None is not known just now.

    Seconds are real ones except `feed_age_seconds` and `question_seconds_left`, which are the
    desk's own. `limits` are used parts by sleeve or desk and name. `quotes` and `batches` count
    what the feed sent, `pictures_shown` what the window showed.
    """

    inbox_waiting: int
    alarms_set: int
    price_alarms_set: int
    is_link_up: bool
    is_halted: bool
    is_resuming: bool
    breakers: int
    heartbeat_age_seconds: float
    loop_lag_seconds: float
    beats: int
    quotes: int
    batches: int
    quotes_dropped: Labelled
    feed_age_seconds: float | None
    journal_bytes: Labelled
    disk_free_bytes: int | None
    threads: int
    observers_failed: int
    pictures_made: int
    pictures_failed: int
    pictures_shown: int
    window_faults: int
    picture_seconds: float
    orders_live: Labelled
    questions_open: Labelled
    question_seconds_left: float | None
    approved_open: int
    lots_held: Labelled
    contracts_short: Labelled
    shares_held: Labelled
    cash_settled: Labelled
    cash_pending: Labelled
    sleeves_by_state: Labelled
    limits: tuple[tuple[str, str, float], ...]
    alerts_standing: Labelled
    alerts_unacknowledged: int
    mails_sent: int
    mails_failed: int
    recorded_seconds: float


_PLAIN = (
    ("inbox_waiting", "inbox_facts", "Facts waiting to be recorded"),
    ("alarms_set", "alarms_set", "Clock alarms that will ring"),
    ("price_alarms_set", "price_alarms_set", "Prices being watched"),
    ("is_link_up", "broker_link_up", "1 while the broker can be reached"),
    ("is_halted", "desk_halted", "1 while everything is stopped"),
    ("is_resuming", "desk_resuming", "1 while orders of before a restart are asked for"),
    ("breakers", "breakers_in_force", "Breakers in force"),
    ("heartbeat_age_seconds", "heartbeat_age_seconds", "Since the engine's loop last turned"),
    ("loop_lag_seconds", "loop_lag_seconds", "How late the loop last came to look"),
    ("feed_age_seconds", "feed_age_seconds", "Desk time since the feed's last batch"),
    ("disk_free_bytes", "disk_free_bytes", "Room where the journal lies"),
    ("threads", "threads", "Threads of Python"),
    ("picture_seconds", "picture_seconds", "What the last picture for screens took"),
    ("question_seconds_left", "question_left_seconds", "Until the next question lapses"),
    ("approved_open", "approved_open", "Approved proposals on their way"),
    ("alerts_unacknowledged", "alerts_unacknowledged", "Alerts nobody took note of"),
    ("recorded_seconds", "desk_time_seconds", "The desk's own instant, since 1970"),
)
_GROUPS = (
    ("journal_bytes", "journal_bytes", "The journal on disk", "file"),
    ("orders_live", "orders_live", "Orders at the broker, by status", "status"),
    ("questions_open", "questions_open", "Questions waiting for a person", "kind"),
    ("lots_held", "lots_held", "Lots in the book", "sleeve"),
    ("contracts_short", "short_contracts", "Option contracts sold and open", "sleeve"),
    ("shares_held", "held_shares", "Shares held", "sleeve"),
    ("cash_settled", "settled_cash_dollars", "Cash that can be used", "sleeve"),
    ("cash_pending", "pending_cash_dollars", "Cash that settles later", "sleeve"),
    ("sleeves_by_state", "sleeves", "Sleeves by where they stand", "state"),
    ("alerts_standing", "alerts_standing", "Alerts whose condition holds", "severity"),
)
_COUNTS = (
    ("beats", "engine_beats", "Turns of the engine's pulse"),
    ("quotes", "feed_quotes", "Quotes the feed sent"),
    ("batches", "feed_batches", "Batches the feed sent"),
    ("observers_failed", "observers_failed", "Should be 0: something that only watches raised"),
    ("pictures_made", "pictures_made", "Rounds of the engine's pictures"),
    ("pictures_failed", "pictures_failed", "Should be 0: a screen may show an old picture"),
    ("pictures_shown", "pictures_shown", "Pictures the window showed"),
    ("window_faults", "window_faults", "Should be 0: a part of the window raised"),
    ("mails_sent", "mails_sent", "Messages about alerts that were sent"),
    ("mails_failed", "mails_failed", "Messages about alerts that could not be sent"),
)


class LevelMetrics(Collector):
    """Series of `DeskLevels`, read when the registry is; with those of the process itself.

    `levels` returns None while there is no desk yet.
    """

    def __init__(
        self, registry: CollectorRegistry, levels: Callable[[], DeskLevels | None]
    ) -> None:
        self._levels = levels
        registry.register(self)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        PlatformCollector(registry=registry)

    def collect(self) -> Iterable[Metric]:
        """Every level that is known, for the registry."""
        found = self._levels()
        return () if found is None else _shelf_of(found).collect()


def _shelf_of(found: DeskLevels) -> Shelf:
    """One reading as series."""
    shelf = Shelf()
    for field, name, text in _PLAIN:
        value = getattr(found, field)
        if value is not None:
            level = Level(name, text)
            level.set(value=float(value))
            shelf.put(level)
    for field, name, text, label in _GROUPS:
        level = Level(name, text, (label,))
        level.set_all({(key,): value for key, value in getattr(found, field)})
        shelf.put(level)
    for field, name, text in _COUNTS:
        tally = Tally(name, text)
        tally.add(amount=getattr(found, field))
        shelf.put(tally)
    dropped = Tally("quotes_dropped", "Quotes refused, by reason", ("reason",))
    for reason, count in found.quotes_dropped:
        if count:
            dropped.add(reason, amount=count)
    used = Level("limit_used_ratio", "Part of a limit that is used", ("where", "limit"))
    used.set_all({(where, name): part for where, name, part in found.limits})
    shelf.put(dropped, used)
    return shelf
