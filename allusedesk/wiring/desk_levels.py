"""A running desk as numbers, read from any thread: its state is an immutable value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allusedesk.domain.alerts import Severity
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.quotes import MarketSnapshot, Volatility
from allusedesk.engine.clock import Clock, SteeredClock
from allusedesk.engine.loop import Engine
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.meters import Meters, Timing
from allusedesk.engine.publishing import Publisher
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.limits import limits_used
from allusedesk.monitoring.heartbeat import Question, Signs
from allusedesk.monitoring.level_metrics import DeskLevels, Labelled
from allusedesk.monitoring.process import free_bytes, read_process, size_bytes, thread_count
from allusedesk.monitoring.work_metrics import Work

# Quantiles are those of the newest work, and of enough of it to mean something.
_RECENT_SECONDS, _BATCHES_LEAST = 60.0, 50
_STREAM_SECONDS = 10.0
_ORDERS_SECONDS, _ORDERS_LEAST = 3_600.0, 5
_SHARE = 0.99
# Limits that entries are sized to are full by design; they matter once they are passed.
_SIZED = ("cash held by short puts", "cash kept back", "in ", "issuer ")


@dataclass(frozen=True, slots=True)
class WatchedDesk:
    """The parts of a desk that are watched; `publisher` is None where there is no screen.

    `name` is what messages call it; `is_real_time` tells recorded time from the real one.
    """

    engine: Engine
    clock: Clock
    market: MarketWatch
    journal: Path
    is_simulated: bool
    name: str = ""
    publisher: Publisher | None = None
    is_real_time: bool = False


@dataclass(slots=True)
class Told:
    """What others count: the window what it showed, the watch what it sent and saw differ.

    Each field is written by one thread alone.
    """

    pictures_shown: int = 0
    window_faults: int = 0
    mails_sent: int = 0
    mails_failed: int = 0
    mails_failed_in_a_row: int = 0
    differences_open: int = 0


LimitParts = tuple[tuple[str, str, float], ...]


def limits_of(state: DeskState, volatility: Volatility | None) -> LimitParts:
    """The used part of each limit, by sleeve or desk and name; `volatility` as last seen.

    Limits follow from the book; only margin of uncovered lots would read quotes.
    """
    if state.rulebook is None or state.now is None:
        return ()
    seen = MarketSnapshot(state.now, volatility=volatility)
    return tuple((one.where, one.name, one.used) for one in limits_used(state, seen))


def levels_of(desk: WatchedDesk, told: Told, limits: LimitParts, at: float) -> DeskLevels | None:
    """Everything that stands at some level, at a tick of real time; None before the first beat."""
    engine, state, publisher = desk.engine, desk.engine.state, desk.publisher
    counts, meters = desk.market.counts(), engine.meters
    now = meters.desk_now
    if now is None:
        return None
    tickets = tuple(state.tickets.values())
    asked = [ticket.proposal for ticket in tickets if not ticket.is_approved]
    fed_at = counts.last_at
    standing = [one.alert.severity.value for one in state.alerts.values()]
    return DeskLevels(
        inbox_waiting=engine.inbox.waiting,
        alarms_set=len(state.alarms),
        price_alarms_set=len(state.price_alarms),
        is_link_up=state.is_link_up,
        is_halted=bool(state.halted_by),
        is_resuming=state.is_resuming,
        breakers=len(state.breakers),
        heartbeat_age_seconds=max(0.0, at - meters.beat_at),
        loop_lag_seconds=meters.lag_seconds,
        beats=meters.beats,
        quotes=counts.quotes,
        batches=counts.batches,
        quotes_dropped=tuple((reason, float(count)) for reason, count in counts.dropped),
        feed_age_seconds=None if fed_at is None else max(0.0, (now - fed_at).total_seconds()),
        journal_bytes=_journal_bytes(desk.journal),
        disk_free_bytes=free_bytes(desk.journal.parent),
        threads=thread_count(),
        observers_failed=engine.observer_faults,
        pictures_made=0 if publisher is None else publisher.rounds,
        pictures_failed=0 if publisher is None else publisher.faults,
        picture_seconds=0.0 if publisher is None else publisher.picture_seconds,
        pictures_shown=told.pictures_shown,
        window_faults=told.window_faults,
        orders_live=_counted(order.status.value for order in state.orders.values()),
        questions_open=_counted(proposal.kind.value for proposal in asked),
        question_seconds_left=min(
            ((proposal.expires_at - now).total_seconds() for proposal in asked), default=None
        ),
        approved_open=len(tickets) - len(asked),
        lots_held=_counted(lot.account for lot in state.book.positions.values()),
        contracts_short=_held(state, is_option=True),
        shares_held=_held(state, is_option=False),
        cash_settled=tuple(
            (name, float(pile.settled.amount)) for name, pile in sorted(state.book.cash.items())
        ),
        cash_pending=tuple(
            (name, float((pile.whole - pile.settled).amount))
            for name, pile in sorted(state.book.cash.items())
        ),
        sleeves_by_state=_counted(sleeve.state.value for sleeve in state.sleeves.values()),
        limits=limits,
        alerts_standing=tuple(
            (severity.value, float(standing.count(severity.value))) for severity in Severity
        ),
        alerts_unacknowledged=sum(not one.acknowledged_by for one in state.alerts.values()),
        mails_sent=told.mails_sent,
        mails_failed=told.mails_failed,
        recorded_seconds=now.timestamp(),
    )


def signs_of(desk: WatchedDesk, told: Told, limits: LimitParts, at: float) -> Signs | None:
    """Everything the alert rules are held against, at a tick; None before the first beat."""
    state, meters, clock = desk.engine.state, desk.engine.meters, desk.clock
    now = meters.desk_now
    if now is None:
        return None
    named = tuple((f"{where}: {name}", name, part) for where, name, part in limits)
    return Signs(
        at=at,
        now=now,
        pace=meters.pace(),
        is_standing=isinstance(clock, SteeredClock) and clock.is_standing,
        process=read_process(),
        disk_free_bytes=free_bytes(desk.journal.parent),
        heartbeat_age_seconds=max(0.0, at - meters.beat_at),
        loop_lag_seconds=max(meters.lag_seconds, _waited_seconds(desk.market, at)),
        quotes=desk.market.quotes,
        feed_silent_seconds=_feed_silent_seconds(desk, state, now),
        is_link_up=state.is_link_up,
        is_simulated=desk.is_simulated,
        differences_open=told.differences_open,
        questions=tuple(
            Question(ticket.proposal.id, ticket.proposal.made_at, ticket.proposal.expires_at)
            for ticket in state.tickets.values()
            if not ticket.is_approved
        ),
        limits_sized=tuple((text, part) for text, name, part in named if name.startswith(_SIZED)),
        limits_watched=tuple(
            (text, part) for text, name, part in named if not name.startswith(_SIZED)
        ),
        mails_failed_in_a_row=told.mails_failed_in_a_row,
        step_slowest_seconds=_slowest(meters.steps.values(), at),
        append_slowest_seconds=_slowest((meters.appends,), at),
        handling_p99_seconds=desk.market.handling.quantile(
            _SHARE, at - _RECENT_SECONDS, _BATCHES_LEAST
        ),
        acknowledgement_p99_seconds=meters.acknowledgements.quantile(
            _SHARE, at - _ORDERS_SECONDS, _ORDERS_LEAST
        ),
    )


def works_of(meters: Meters, market: MarketWatch) -> tuple[Work, ...]:
    """Every kind of work that an engine times."""
    return (
        Work("step", "Thinking about one input", dict(meters.steps), "input"),
        Work("dispatch", "Carrying one wish to its door", dict(meters.dispatches), "command"),
        Work("journal_append", "Writing entries down, on the disk", {"": meters.appends}),
        Work("observing", "All that watches an input and what follows", {"": meters.observing}),
        Work("market_pull", "Taking in what the market has sent", {"": meters.pulls}),
        Work("quote_handling", "One batch of quotes onto the board", {"": market.handling}),
        Work(
            "order_acknowledgement",
            "What the desk adds between a decision and the broker's word",
            {"": meters.acknowledgements},
        ),
        Work("order_answer", "From a decision to the broker's word", {"": meters.answers}),
        Work("loop_late", "How late the loop came to look", {"": meters.lags}),
    )


def _waited_seconds(market: MarketWatch, at: float) -> float:
    """How long quotes of a live stream wait; a stream that has ended waits for nobody."""
    return market.waited_seconds if at - market.waited_at <= _STREAM_SECONDS else 0.0


def _feed_silent_seconds(desk: WatchedDesk, state: DeskState, now: datetime) -> float | None:
    """None while the market is closed, nothing watches it, or the feed has promised a later batch.

    A recorded market of single instants promises nothing in between.
    """
    if state.week is None or not (state.price_alarms or state.orders):
        return None
    for session in state.week.sessions:
        if session.opens_at <= now < session.closes_at and session.quoted_at is None:
            due_at, heard_at = desk.market.due_at, desk.market.counts().last_at
            if due_at is not None and due_at > now:
                return None
            known = (one for one in (due_at, heard_at) if one is not None)
            return (now - max(session.opens_at, *known)).total_seconds()
    return None


def _slowest(timings: Iterable[Timing], at: float) -> float | None:
    since = at - _RECENT_SECONDS
    found = (timing.quantile(1.0, since) for timing in tuple(timings))
    return max((one for one in found if one is not None), default=None)


def _held(state: DeskState, *, is_option: bool) -> Labelled:
    found: Counter[str] = Counter()
    for lot in state.book.positions.values():
        if isinstance(lot.instrument, OptionContract) is is_option and lot.is_short is is_option:
            found[lot.account] += lot.quantity
    return _sorted(found)


def _counted(names: Iterable[str]) -> Labelled:
    return _sorted(Counter(names))


def _sorted(counts: Mapping[str, int]) -> Labelled:
    return tuple((name, float(count)) for name, count in sorted(counts.items()))


def _journal_bytes(journal: Path) -> Labelled:
    log = journal.with_name(f"{journal.name}-wal")
    return (("journal", float(size_bytes(journal))), ("log", float(size_bytes(log))))
