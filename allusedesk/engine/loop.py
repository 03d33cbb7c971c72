"""The engine: admit, journal, step, dispatch, publish, for ever."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter

from allusedesk.domain import commands as cmd
from allusedesk.domain.alarms import Alarm
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import (
    AlarmRang,
    BrokerReported,
    Input,
    MarketSampled,
    PriceAlarmRang,
    WeekPlanned,
)
from allusedesk.domain.orders import OrderAcknowledged, OrderFilled, OrderRejected
from allusedesk.engine.clock import ticks
from allusedesk.engine.doors import Doors
from allusedesk.engine.inbox import Inbox
from allusedesk.engine.meters import Meters
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step

Observer = Callable[[DeskState, Entry], None]

_when = attrgetter("due_at", "id")

# What a broker may say first of an order that it was sent.
_FIRST_WORDS = (OrderAcknowledged, OrderFilled, OrderRejected)


class Engine:
    """One desk at work. It belongs to one thread; facts from others come through the inbox.

    If the record, a step or a door raises, `run` raises: the engine stops rather than trade
    unrecorded. Observers are isolated: one that raises is counted and the rest go on.
    """

    def __init__(
        self,
        doors: Doors,
        state: DeskState,
        observers: tuple[Observer, ...] = (),
        meters: Meters | None = None,
    ) -> None:
        self.state = state
        self.meters = meters if meters is not None else Meters()
        self.inbox = Inbox()
        self.observer_faults = 0
        self._doors = doors
        self._observers = observers
        self._is_stopping = False
        self._statements_wished: deque[int] = deque()
        self._alarms_known = state.alarms
        self._alarm_known = min(state.alarms.values(), key=_when, default=None)

    def stop(self) -> None:
        """Ask the engine to end after the fact it is at; may be called from any thread."""
        self._is_stopping = True
        self.inbox.nudge()

    async def run(self, until: datetime | None = None, *, is_endless: bool = False) -> None:
        """Work until `until`, until stopped, or until nothing can happen any more.

        An endless one waits on for what may come from outside, as a desk in real time does.
        """
        self.inbox.attach(asyncio.get_running_loop())
        try:
            await self._work(until, is_endless=is_endless)
        finally:
            self.inbox.detach()

    async def _work(self, until: datetime | None, *, is_endless: bool) -> None:
        clock = self._doors.clock
        for rang in self._doors.market.arm(self.state.price_alarms.values()):
            self.inbox.admit(rang)
        while not self._is_stopping:
            self._drain()
            due = self._next_due()
            if until is not None and (due is None or due > until):
                break
            if due is None and not is_endless and not self._waits_for_people():
                break
            await clock.wait_until(due, self.inbox.wake)
            now = clock.now()
            if due is not None:
                self.meters.late((now - due).total_seconds(), ticks())
            self._advance(now)

    def first_week(self, day: date) -> WeekPlanned | None:
        """The first trading week after a day, to begin with."""
        return self._doors.calendar.week_after(day)

    def admit(self, event: Input, cause: int | None = None) -> None:
        """Journal one fact, think about it, journal what follows, carry out what is wished."""
        meters, began = self.meters, ticks()
        entry = Entry(self.state.sequence + 1, self._doors.clock.now(), cause, event)
        self._doors.record.append((entry,))
        kept = ticks()
        meters.appended(1, kept - began, kept)
        result = step(self.state, entry)
        thought = ticks()
        meters.stepped(type(event).__name__, thought - kept, thought)
        if result.entries:
            self._doors.record.append(result.entries)
            at = ticks()
            meters.appended(len(result.entries), at - thought, at)
        armed = self.state.price_alarms
        self.state = result.state
        self._observe(entry, result.entries)
        for command in result.commands:
            self._dispatch(command, entry.sequence, began)
        if self.state.price_alarms is not armed:
            for rang in self._doors.market.arm(self.state.price_alarms.values()):
                self.inbox.admit(rang)

    def _drain(self) -> None:
        while True:
            waiting = self.inbox.take()
            if waiting is not None:
                event, cause = waiting
                if not isinstance(event, PriceAlarmRang) or self._is_wanted(event):
                    self.admit(event, cause)
            elif self._statements_wished:
                self._hear_statement(self._statements_wished.popleft())
            else:
                return

    def _hear_statement(self, cause: int) -> None:
        """Take the broker's statement when nothing waits: it is compared with the book as it is.

        What came before it is heard before it, or it would show as missing; and nothing is booked
        between its telling and the comparison, such as money that a person brings in just then.
        """
        broker = self._doors.broker
        for report in broker.advance(self._doors.clock.now()):
            self.admit(BrokerReported(report), cause)
        told = broker.statement()
        if told is not None:
            self.admit(BrokerReported(told), cause)

    def _is_wanted(self, rang: PriceAlarmRang) -> bool:
        """False for an alarm that an earlier look at the same quotes has answered already."""
        return self.state.price_alarms.get(rang.alarm.id) == rang.alarm

    def _waits_for_people(self) -> bool:
        return bool(self.state.tickets) or self.state.is_resuming

    def _next_due(self) -> datetime | None:
        """The earliest thing to come; quotes count only while something watches them."""
        alarm = self._next_alarm()
        instants = [alarm.due_at] if alarm is not None else []
        broker_at = self._doors.broker.next_event_at()
        if broker_at is not None:
            instants.append(broker_at)
        if self.state.price_alarms or self.state.orders:
            quotes_at = self._doors.market.next_at()
            if quotes_at is not None:
                instants.append(quotes_at)
        return min(instants, default=None)

    def _next_alarm(self) -> Alarm | None:
        """The earliest alarm; looked for anew only when the alarms have changed."""
        alarms = self.state.alarms
        if alarms is not self._alarms_known:
            self._alarms_known = alarms
            self._alarm_known = min(alarms.values(), key=_when, default=None)
        return self._alarm_known

    def _advance(self, now: datetime) -> None:
        """Take what has come by now: quotes first, then the broker, then the clock's alarms."""
        looked = ticks()
        for rang in self._doors.market.pull(now):
            if self._is_wanted(rang):
                self.admit(rang)
        self.meters.pulls.took(ticks() - looked, looked)
        for report in self._doors.broker.advance(now):
            self.admit(BrokerReported(report))
            if isinstance(report, _FIRST_WORDS):
                self.meters.heard_of(report.order, looked, ticks())
        alarm = self._next_alarm()
        while alarm is not None and alarm.due_at <= now and not self._is_stopping:
            self.admit(AlarmRang(alarm))
            self._drain()
            alarm = self._next_alarm()

    def _dispatch(self, command: cmd.Command, cause: int, began: float) -> None:
        """Carry out one wish of a step that began at a tick; what was seen is a fact at once."""
        given = ticks()
        seen = self._carried_out(command, cause)
        done = ticks()
        self.meters.dispatched(type(command).__name__, done - given, done)
        if isinstance(command, cmd.SubmitOrder):
            self.meters.sent(command.order.id, began, done)
        if seen is not None:
            self.admit(seen, cause)

    def _carried_out(self, command: cmd.Command, cause: int) -> MarketSampled | None:
        doors = self._doors
        match command:
            case cmd.TakeSample():
                snapshot = doors.market.sample(command.watch, doors.clock.now())
                return MarketSampled(command.alarm, snapshot)
            case cmd.SubmitOrder():
                doors.broker.place_order(command.order)
            case cmd.ReplaceOrder():
                doors.broker.replace_order(
                    command.order, command.version, command.quantity, command.limit
                )
            case cmd.CancelOrder():
                doors.broker.cancel_order(command.order)
            case cmd.LookUpOrder():
                doors.broker.look_up(command.order)
            case cmd.AskStatement():
                self._statements_wished.append(cause)
            case cmd.AskOperator():
                answer = doors.operator.ask(command.proposal)
                if answer is not None:
                    self.inbox.admit(answer, cause)
            case cmd.PlanWeek():
                planned = doors.calendar.week_after(command.after)
                if planned is not None:
                    self.inbox.admit(planned, cause)
            case cmd.CutReport():
                doors.reports.cut(command.week, is_final=command.is_final)
        return None

    def _observe(self, entry: Entry, derived: tuple[Entry, ...]) -> None:
        began = ticks()
        for told in (entry, *derived):
            self._tell(told)
        at = ticks()
        self.meters.observing.took(at - began, at)

    def _tell(self, entry: Entry) -> None:
        for observer in self._observers:
            try:
                observer(self.state, entry)
            except Exception:  # noqa: BLE001 - an observer is isolated, by the rule of the house
                self.observer_faults += 1
