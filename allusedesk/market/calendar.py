"""The New York Stock Exchange's sessions, holidays and early closes, as a value."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.weeks import Session, TradingWeek

NEW_YORK = ZoneInfo("America/New_York")


class DayOutsideCalendar(Exception):
    """A day for which the calendar does not know whether the exchange opens."""


@dataclass(frozen=True, slots=True, eq=False)
class ExchangeCalendar:
    """Sessions from `first` to `last`: every weekday but the closures, at the stated hours.

    Hours are New York wall-clock times; `early_closes` maps a date to its closing time.
    """

    first: date
    last: date
    opens: time
    closes: time
    early_closes: dict[date, time]
    session_dates: NDArray[np.datetime64]

    def is_session(self, day: date) -> bool:
        """Tell whether the exchange opens on `day`. Raises DayOutsideCalendar."""
        self._check(day)
        return day in _session_days(self)

    def session(self, day: date) -> Session:
        """Return the session of `day`, with aware UTC instants. Raises DayOutsideCalendar."""
        if not self.is_session(day):
            raise DayOutsideCalendar(f"The exchange is closed on {day}.")
        closes = self.early_closes.get(day, self.closes)
        return Session(
            date=day,
            opens_at=_instant(day, self.opens),
            closes_at=_instant(day, closes),
            is_early_close=day in self.early_closes,
        )

    def sessions_between(self, first: date, last: date) -> tuple[Session, ...]:
        """Return the sessions from `first` to `last`, both included."""
        return tuple(self.session(day) for day in self.dates_between(first, last))

    def dates_between(self, first: date, last: date) -> tuple[date, ...]:
        """Return the dates of the sessions from `first` to `last`, both included."""
        self._check(first)
        self._check(last)
        start = int(np.searchsorted(self.session_dates, np.datetime64(first, "D")))
        end = int(np.searchsorted(self.session_dates, np.datetime64(last, "D"), side="right"))
        days: list[date] = self.session_dates[start:end].astype(object).tolist()
        return tuple(days)

    def session_after(self, day: date) -> date:
        """Return the first session strictly after `day`."""
        self._check(day)
        row = int(np.searchsorted(self.session_dates, np.datetime64(day, "D"), side="right"))
        if row == len(self.session_dates):
            raise DayOutsideCalendar(f"The calendar has no session after {day}.")
        found: date = self.session_dates[row].astype(object)
        return found

    def session_on_or_before(self, day: date) -> date:
        """Return the last session on or before `day`."""
        self._check(day)
        row = int(np.searchsorted(self.session_dates, np.datetime64(day, "D"), side="right"))
        if row == 0:
            raise DayOutsideCalendar(f"The calendar has no session on or before {day}.")
        found: date = self.session_dates[row - 1].astype(object)
        return found

    def week_of(self, day: date) -> TradingWeek:
        """Return the ISO week around `day`; it expires on its last session up to Friday."""
        monday = day - timedelta(days=day.weekday())
        sessions = self.sessions_between(
            max(monday, self.first), min(monday + timedelta(days=6), self.last)
        )
        if not sessions:
            raise DayOutsideCalendar(f"The exchange has no session in the week of {day}.")
        year, number, _ = day.isocalendar()
        return TradingWeek(year=year, number=number, sessions=sessions, expiry=sessions[-1].date)

    def _check(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise DayOutsideCalendar(
                f"{day} lies outside the calendar, which runs from {self.first} to {self.last}."
            )


@lru_cache(maxsize=4)
def _session_days(calendar: ExchangeCalendar) -> frozenset[date]:
    """Every session's date: files of prices ask of each of their rows whether it is one."""
    return frozenset(calendar.session_dates.astype(object).tolist())


def calendar_of(text: str) -> ExchangeCalendar:
    """Return the calendar written in TOML (resources/calendars/xnys.toml).

    Raises KeyError, ValueError or TOMLDecodeError where the text is not such a calendar: it
    ships with the product and is checked against its source by a test.
    """
    return _calendar_of(text)


@lru_cache(maxsize=4)
def _calendar_of(text: str) -> ExchangeCalendar:
    table = tomllib.loads(text)
    first, last = table["first"], table["last"]
    closures = np.array(table["closures"], dtype="datetime64[D]")
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    sessions = days[np.is_busday(days, holidays=closures)]
    sessions.flags.writeable = False
    early = {date.fromisoformat(day): closes for day, closes in table["early_closes"].items()}
    return ExchangeCalendar(first, last, table["opens"], table["closes"], early, sessions)


def _instant(day: date, wall_clock: time) -> datetime:
    return datetime.combine(day, wall_clock, tzinfo=NEW_YORK).astimezone(UTC)
