"""What is held against the alert rules: silence, loss, slowness and want, measured."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from allusedesk.domain import events as told
from allusedesk.domain.events import Entry
from allusedesk.domain.orders import OrderStatus
from allusedesk.monitoring.alerts import Readings
from allusedesk.monitoring.process import ProcessReading

_RATE_SECONDS = 5.0
# The loop counts as behind its feed from here on; a timer of a busy machine is not that late.
_BEHIND_SECONDS = 1.0
_ORDERS_JUDGED = timedelta(days=1)
_NO_WORD = (OrderStatus.REJECTED, OrderStatus.UNKNOWN)
# A question is about to lapse once it has had three quarters of its time.
_LAST_PART = 0.25


@dataclass(frozen=True, slots=True)
class Question:
    """An open question by its proposal's id, in desk time."""

    proposal: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything looked at in one round, at `at` seconds of real time; None is not known.

    `now` is the desk's own instant. `pace` is recorded seconds per real one, None as fast as it
    goes; `is_standing` says that time stands still. `feed_silent_seconds` is told only while a
    feed that something watches ought to speak. The slowest and the quantiles are those of the
    newest timings, None where there are too few. Limits are used parts by what they limit:
    `limits_sized` are those entries are sized to, `limits_watched` the others.
    """

    at: float
    now: datetime
    pace: float | None
    is_standing: bool
    process: ProcessReading
    disk_free_bytes: int | None
    heartbeat_age_seconds: float
    loop_lag_seconds: float
    quotes: int
    feed_silent_seconds: float | None
    is_link_up: bool
    is_simulated: bool
    differences_open: int
    questions: tuple[Question, ...]
    limits_sized: tuple[tuple[str, float], ...]
    limits_watched: tuple[tuple[str, float], ...]
    mails_failed_in_a_row: int
    step_slowest_seconds: float | None = None
    append_slowest_seconds: float | None = None
    handling_p99_seconds: float | None = None
    acknowledgement_p99_seconds: float | None = None


class OrderErrors:
    """Which orders of the last day of the desk's time failed; `observe` hears every entry."""

    def __init__(self) -> None:
        self._sent: deque[tuple[datetime, str]] = deque()
        self._failed: deque[tuple[datetime, str]] = deque()

    def observe(self, entry: Entry) -> None:
        """Count an order sent, and one that was rejected or whose fate is unknown."""
        event = entry.event
        if isinstance(event, told.OrderWritten):
            self._sent.append((entry.recorded_at, event.order.id))
        elif isinstance(event, told.OrderStatusChanged) and event.status in _NO_WORD:
            self._failed.append((entry.recorded_at, event.order))
        else:
            return
        for kept in (self._sent, self._failed):
            while kept and entry.recorded_at - kept[0][0] > _ORDERS_JUDGED:
                kept.popleft()

    def share(self, now: datetime) -> float | None:
        """Failed orders over sent ones in the day up to now; None where none was sent."""
        since = now - _ORDERS_JUDGED
        failed = {order for at, order in tuple(self._failed) if at >= since}
        sent = {order for at, order in tuple(self._sent) if at >= since} | failed
        return len(failed) / len(sent) if sent else None


class Heartbeat:
    """Turns signs into readings; remembers a few seconds of them to tell rates."""

    def __init__(self, errors: OrderErrors) -> None:
        self._errors = errors
        self._before: deque[Signs] = deque()

    def readings(self, signs: Signs) -> Readings:
        """What the alert rules are held against, by measure and subject."""
        before = self._earlier(signs)
        single = {
            "order_error_share": self._errors.share(signs.now),
            "acknowledgement_p99_seconds": (
                signs.acknowledgement_p99_seconds if signs.is_simulated else None
            ),
            "quotes_per_second_behind": _quotes_per_second_behind(before, signs),
            "quote_handling_p99_seconds": signs.handling_p99_seconds,
            "memory_bytes": signs.process.memory_bytes,
            "cpu_share": _cpu_share(before, signs),
            "feed_silent_seconds": signs.feed_silent_seconds,
            "broker_lost": 0.0 if signs.is_link_up else 1.0,
            "journal_append_slowest_seconds": signs.append_slowest_seconds,
            "disk_free_bytes": signs.disk_free_bytes,
            "heartbeat_age_seconds": signs.heartbeat_age_seconds,
            "step_slowest_seconds": signs.step_slowest_seconds,
            "differences_open": signs.differences_open,
            "mails_failed_in_a_row": signs.mails_failed_in_a_row,
        }
        found = {name: {"": float(value)} for name, value in single.items() if value is not None}
        found["question_seconds_left"] = _seconds_left(signs)
        found["limit_sized_used"] = dict(signs.limits_sized)
        found["limit_watched_used"] = dict(signs.limits_watched)
        return found

    def _earlier(self, signs: Signs) -> Signs | None:
        """The oldest signs still within the span of a rate."""
        self._before.append(signs)
        while len(self._before) > 1 and signs.at - self._before[1].at >= _RATE_SECONDS:
            self._before.popleft()
        first = self._before[0]
        return first if first.at < signs.at else None


def _cpu_share(before: Signs | None, now: Signs) -> float | None:
    """Of one core; whoever lets time go as fast as it goes has asked for all of it."""
    if before is None or now.pace is None:
        return None
    began, spent = before.process.cpu_seconds, now.process.cpu_seconds
    if began is None or spent is None:
        return None
    return (spent - began) / (now.at - before.at)


def _quotes_per_second_behind(before: Signs | None, now: Signs) -> float | None:
    """Quotes taken in, told only while the loop comes too late for what the feed offers."""
    if before is None or now.loop_lag_seconds < _BEHIND_SECONDS:
        return None
    return (now.quotes - before.quotes) / (now.at - before.at)


def _seconds_left(signs: Signs) -> dict[str, float]:
    """Of the questions in the last part of their time; none runs out while time stands still."""
    found: dict[str, float] = {}
    for question in () if signs.is_standing else signs.questions:
        left = (question.expires_at - signs.now).total_seconds()
        given = (question.expires_at - question.made_at).total_seconds()
        if left <= _LAST_PART * given:
            found[question.proposal] = left
    return found
