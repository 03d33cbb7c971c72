"""The doors of a desk on paper: who answers, what the week is, how the market moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from allusedesk.approvals.policy import Policy, answer
from allusedesk.domain.alarms import PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.events import CashBooked, Entry
from allusedesk.domain.inputs import OperatorDecided, PriceAlarmRang, WeekPlanned
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import total
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.domain.weeks import Session, WeekId
from allusedesk.engine.clock import SteeredClock
from allusedesk.engine.loop import Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.state import DeskState
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.calendar import ExchangeCalendar

# Bookings of money that crosses the desk's border; all others stay inside the account.
_MOVED_BY_HAND = frozenset({"deposit", "withdrawal"})


@dataclass(frozen=True, slots=True)
class PolicyOperator:
    """Answers at once, by a policy; for rehearsals and tests of the whole."""

    policy: Policy

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        return answer(self.policy, proposal)


class DeskOperator:
    """A person at a screen: the question shows in the desk's picture, the answer comes later.

    Where recorded time goes faster than a person can read, it stands still while any question is
    open, also one from before a restart, and goes on by itself after the last one. A pause that a
    person made stays. `observe` is one of the engine's observers.
    """

    def __init__(self, clock: SteeredClock) -> None:
        self._clock = clock
        self._tickets_seen: object = None
        self._has_question = False

    def ask(self, _proposal: Proposal) -> OperatorDecided | None:
        return None

    def observe(self, state: DeskState, _entry: Entry) -> None:
        """Stop and start time with the first and the last open question."""
        # Orders are asked for first: their answers need time to go on.
        if state.is_resuming or state.tickets is self._tickets_seen:
            return
        self._tickets_seen = state.tickets
        # What trust has announced needs no answer, and its time must go by.
        has_question = any(
            not ticket.is_approved and ticket.announced is None for ticket in state.tickets.values()
        )
        if has_question and not self._has_question:
            speed = self._clock.speed
            if speed is None or speed > 1:
                self._clock.stand_for_answer()
        elif self._has_question and not has_question:
            self._clock.answered()
        self._has_question = has_question


@dataclass(frozen=True, slots=True)
class ExchangeWeeks:
    """The exchange's weeks, with the instants at which a recorded market is fresh.

    `is_quoted_throughout` tells of a session whether there are quotes besides at these instants.
    """

    calendar: ExchangeCalendar
    fresh_at: tuple[datetime, ...] = ()
    is_quoted_throughout: Callable[[Session], bool] = lambda _: True

    def week_after(self, day: date) -> WeekPlanned | None:
        """The week of the first session after `day`, its sessions before that one left out."""
        if day >= self.calendar.last - timedelta(days=14):
            return None
        first = self.calendar.session_after(day)
        week = self.calendar.week_of(first)
        sessions = tuple(
            self._quoted(session) for session in week.sessions if session.date >= first
        )
        after = self.calendar.session(self.calendar.session_after(sessions[-1].date))
        looks = tuple(
            instant
            for instant in self.fresh_at
            if sessions[0].opens_at <= instant <= sessions[-1].closes_at
        )
        return WeekPlanned(replace(week, sessions=sessions), after, looks)

    def _quoted(self, session: Session) -> Session:
        """The session with the only instants at which it is quoted, where that is so."""
        if self.is_quoted_throughout(session):
            return session
        opens, closes = session.opens_at, session.closes_at
        instants = tuple(instant for instant in self.fresh_at if opens <= instant < closes)
        return replace(session, quoted_at=instants)


class ReportsOnDemand:
    """A rehearsal writes no reports while it runs; they are drawn from the record when asked."""

    def cut(self, week: WeekId, *, is_final: bool) -> None:
        """Leave the week to whoever asks for its report."""


def cash_follows(broker: SimulatedBroker) -> Observer:
    """Let the simulated account follow what a person brings in and takes out.

    A real broker has moved the money before the desk is told of it.
    """

    def follow(_state: DeskState, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, CashBooked) and event.reason in _MOVED_BY_HAND:
            broker.transfer_cash(total([move.amount for move in event.booking.cash]))

    return follow


@dataclass(frozen=True, slots=True)
class PaperMarket:
    """The market of a paper desk: its simulated broker looks at orders whenever quotes move."""

    watch: MarketWatch
    broker: SimulatedBroker
    quote_of: Callable[[Instrument], Quote | None]

    def next_at(self) -> datetime | None:
        return self.watch.next_at()

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        before = self.watch.batches
        rung = self.watch.pull(until)
        if self.watch.batches != before:
            self.broker.on_market(until, self.quote_of)
        return rung

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        return self.watch.arm(alarms)

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        return self.watch.sample(watch, at)
