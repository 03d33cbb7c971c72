"""A trading week as a value, whatever the holidays did to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One day the exchange is open; instants are UTC and aware.

    `quoted_at` are the only instants at which a recorded market was quoted on that day, in order;
    none at all where nothing was recorded. It is None where the market is quoted throughout.
    """

    date: date
    opens_at: datetime
    closes_at: datetime
    is_early_close: bool = False
    quoted_at: tuple[datetime, ...] | None = None


@dataclass(frozen=True, slots=True)
class WeekId:
    """An ISO week: the year it belongs to and its number."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    def __lt__(self, other: WeekId) -> bool:
        return (self.year, self.number) < (other.year, other.number)


def week_follows(week: str, before: str) -> bool:
    """Whether a week, written as `WeekId` writes it, is the calendar's next after another."""
    return _monday(week) - _monday(before) == timedelta(weeks=1)


def _monday(week: str) -> date:
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1)


@dataclass(frozen=True, slots=True)
class TradingWeek:
    """The sessions of one ISO week, holidays applied; `expiry` is its last session."""

    year: int
    number: int
    sessions: tuple[Session, ...]
    expiry: date

    def __post_init__(self) -> None:
        if not self.sessions:
            message = f"Week {self.year}-W{self.number:02d} has no session: it is no trading week."
            raise ValueError(message)

    @property
    def id(self) -> WeekId:
        return WeekId(self.year, self.number)

    def session_on(self, day: date) -> Session | None:
        """The session of `day`, or None where the exchange is closed."""
        for session in self.sessions:
            if session.date == day:
                return session
        return None

    def last_session_on_or_before(self, day: date) -> Session | None:
        """The session on which an option dated `day` stops trading, if it lies in this week."""
        earlier = [session for session in self.sessions if session.date <= day]
        return earlier[-1] if earlier else None
