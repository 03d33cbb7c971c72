"""The one step under way: facts found so far, wishes uttered so far, and the state they make."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.commands import Command
from allusedesk.domain.events import (
    AlarmsDropped,
    AlarmsSet,
    Derived,
    Entry,
    NoticeRaised,
    SleeveState,
    SleeveStateChanged,
)
from allusedesk.engine.fold import fold
from allusedesk.engine.sleeve_views import values_now
from allusedesk.engine.state import DeskState
from allusedesk.portfolio.valuation import BookValue
from allusedesk.protocol.sleeve_states import path_between


@dataclass(frozen=True, slots=True)
class Step:
    """What one entry led to: the state after it, facts to journal, wishes to carry out."""

    state: DeskState
    entries: tuple[Entry, ...]
    commands: tuple[Command, ...]


class Draft:
    """Collects one step; each recorded fact is folded at once, so later thoughts see it.

    `look` is the alarm that asked for the sample being thought about, where there is one.
    """

    def __init__(self, state: DeskState, entry: Entry) -> None:
        self.state = state
        self.entry = entry
        self._entries: list[Entry] = []
        self._commands: list[Command] = []
        self._valued: tuple[DeskState, BookValue] | None = None
        self.look: Alarm | PriceAlarm | None = None

    @property
    def values(self) -> BookValue:
        """Every sleeve at the last marks; worked out once while book and marks stay."""
        valued = self._valued
        if (
            valued is None
            or valued[0].book is not self.state.book
            or valued[0].marks is not self.state.marks
        ):
            valued = self._valued = self.state, values_now(self.state)
        return valued[1]

    def record(self, event: Derived, cause: int | None = None) -> int:
        """Fold a fact and keep it; returns the sequence it will have in the journal."""
        sequence = self.entry.sequence + len(self._entries) + 1
        why = self.entry.sequence if cause is None else cause
        entry = Entry(sequence, self.entry.recorded_at, why, event)
        self._entries.append(entry)
        self.state = fold(self.state, entry)
        return sequence

    def wish(self, command: Command) -> None:
        self._commands.append(command)

    def notice(self, severity: str, subject: str, text: str) -> None:
        """Tell a person once a day about one subject, not at each look."""
        if self.state.notices.get(subject) != self.state.day:
            self.record(NoticeRaised(severity, subject, text))

    def set_alarms(self, *alarms: Alarm) -> None:
        """Record what does not stand as it should already."""
        wanted = tuple(alarm for alarm in alarms if self.state.alarms.get(alarm.id) != alarm)
        if wanted:
            self.record(AlarmsSet(wanted))

    def drop_alarms(self, *alarms: str) -> None:
        standing = tuple(alarm for alarm in alarms if alarm in self.state.alarms)
        if standing:
            self.record(AlarmsDropped(standing))

    def move_sleeve(self, account: AccountId, state: SleeveState, cause: str) -> None:
        """Bring a sleeve to a state by legal transitions, each of them recorded."""
        for after in path_between(self.state.sleeves[account].state, state, self.state.rules):
            before = self.state.sleeves[account].state
            self.record(SleeveStateChanged(account, before, after, cause))

    def rest_sleeve(self, account: AccountId) -> None:
        """A sleeve with nothing left to enter goes back to watching what it holds."""
        sleeve = self.state.sleeves.get(account)
        if sleeve is None or sleeve.state not in (SleeveState.ANALYZING, SleeveState.ORDERING):
            return
        tickets = self.state.tickets.values()
        if not any(ticket.proposal.account == account for ticket in tickets):
            self.move_sleeve(account, SleeveState.MONITORING, "nothing is open any more")

    def finished(self) -> Step:
        return Step(self.state, tuple(self._entries), tuple(self._commands))
