"""What the engine needs of the world, and no more; `wiring` chooses who answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from allusedesk.domain.alarms import PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import OperatorDecided, PriceAlarmRang, WeekPlanned
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.clock import Clock
from allusedesk.execution.brokers.broker import Broker


class Record(Protocol):
    """Where entries are kept; `append` returns once they are as safe as the mode asks."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Keep entries, in order; raises `JournalCannotWrite` when that fails."""
        ...


class Market(Protocol):
    """Quotes on the board, pulled in the order of their instants."""

    def next_at(self) -> datetime | None:
        """The instant of the next batch of quotes; None when there will be none."""
        ...

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        """Post every batch up to `until`; returns the price alarms they crossed, in order."""
        ...

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        """Replace all armed alarms; returns those that the standing price has crossed."""
        ...

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        """What the board shows of the watch at this instant."""
        ...


class Operator(Protocol):
    """A person, or in rehearsals a policy, that is asked before anything is done."""

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        """Show a proposal; the answer if there is one at once, else it comes to the inbox."""
        ...


class Calendar(Protocol):
    """The exchange's weeks."""

    def week_after(self, day: date) -> WeekPlanned | None:
        """The first trading week that begins after `day`; None past the calendar's end."""
        ...


class ReportDesk(Protocol):
    """Writes the report of a week."""

    def cut(self, week: WeekId, *, is_final: bool) -> None:
        """Write the report of a week from the record."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """Every door of one desk."""

    clock: Clock
    record: Record
    market: Market
    broker: Broker
    operator: Operator
    calendar: Calendar
    reports: ReportDesk
