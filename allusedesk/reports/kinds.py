"""Which reports there are, and the stretch of days each of them covers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from allusedesk.journal.queries.record import last_mark_day, weeks
from allusedesk.journal.read_side import ReadSide

_MONTHS_A_QUARTER = 3
_MONTHS_A_YEAR = 12
_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER = re.compile(r"\d{4}-Q[1-4]", re.ASCII)
_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)


class Span(Enum):
    """How long a report's stretch of days is; the value is how one is written."""

    WEEK = "2013-W07"
    MONTH = "2013-02"
    QUARTER = "2013-Q1"
    YEAR = "2013"


class ReportKind(Enum):
    """The reports, as they are named on the command line."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    RISK = "risk"
    REGULATORY = "regulatory"
    CLIENT = "client"
    TAX = "tax"

    @property
    def span(self) -> Span:
        """The stretch after which a report of this kind is cut by itself."""
        return _SPANS[self][0]

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every stretch that may be asked for."""
        return _SPANS[self]


_ANY = (Span.WEEK, Span.MONTH, Span.QUARTER, Span.YEAR)
_SPANS: dict[ReportKind, tuple[Span, ...]] = {
    ReportKind.WEEKLY: (Span.WEEK,),
    ReportKind.MONTHLY: (Span.MONTH,),
    ReportKind.QUARTERLY: (Span.QUARTER,),
    ReportKind.ANNUAL: (Span.YEAR,),
    ReportKind.RISK: _ANY,
    ReportKind.REGULATORY: (Span.QUARTER, Span.WEEK, Span.MONTH, Span.YEAR),
    ReportKind.CLIENT: (Span.MONTH, Span.WEEK, Span.QUARTER, Span.YEAR),
    ReportKind.TAX: (Span.YEAR,),
}


class PeriodUnknown(LookupError):
    """The journal has no such period, or its name cannot be read; says what to write."""


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """A stretch of calendar days, both ends included; a week runs from session to session.

    `is_over` is whether nothing can be added to it: the journal was marked after it, or its last
    week is closed for good and the next one begins behind it.
    """

    name: str
    span: Span
    first: date
    last: date
    is_over: bool


def periods_of(side: ReadSide, span: Span) -> tuple[ReportPeriod, ...]:
    """Every stretch of that length with a session the journal was run through, oldest first."""
    last_day = last_mark_day(side)
    if last_day is None:
        return ()
    planned = weeks(side)
    open_since = max(last_day, _first_open_day(side) or last_day)
    if span is Span.WEEK:
        return tuple(
            ReportPeriod(
                one.week, span, one.first_session, one.last_session, one.last_session < open_since
            )
            for one in planned
        )
    first_day = planned[0].first_session if planned else last_day
    return tuple(_calendar_periods(first_day, last_day, open_since, span))


def period_named(side: ReadSide, kind: ReportKind, name: str) -> ReportPeriod:
    """The period a person asked for: such as `2013-02`, or `last`, the latest of the kind's own.

    Raises PeriodUnknown where the journal was not run through it.
    """
    if name == "last":
        found = periods_of(side, kind.span)
        if not found:
            message = (
                f"{side.journal.path} holds no whole day yet, so there is nothing to report: "
                "let the desk run to a close first."
            )
            raise PeriodUnknown(message)
        return found[-1]
    span = _span_written(name)
    if span not in kind.spans:
        wanted = " or ".join(one.value for one in kind.spans)
        message = f"A {kind.value} report has no period {name!r}: write one such as {wanted}."
        raise PeriodUnknown(message)
    found = periods_of(side, span)
    for one in found:
        if one.name == name:
            return one
    known = f"from {found[0].name} to {found[-1].name}" if found else "none yet"
    message = (
        f"The journal was not run through {name}, so there is nothing to report: it has {known}."
    )
    raise PeriodUnknown(message)


def _first_open_day(side: ReadSide) -> date | None:
    """The first session planned after the last week that is closed for good."""
    (found,) = side.column(
        "SELECT min(first_session) FROM weeks WHERE first_session > (SELECT max(last_session) "
        "FROM weeks JOIN closings USING (week) WHERE closings.is_final)"
    )
    return None if found is None else date.fromisoformat(found)


def _span_written(name: str) -> Span | None:
    for pattern, span in (
        (_WEEK, Span.WEEK),
        (_MONTH, Span.MONTH),
        (_QUARTER, Span.QUARTER),
        (_YEAR, Span.YEAR),
    ):
        if pattern.fullmatch(name):
            return span
    return None


def _calendar_periods(
    first: date, last: date, open_since: date, span: Span
) -> Iterable[ReportPeriod]:
    step = {Span.MONTH: 1, Span.QUARTER: _MONTHS_A_QUARTER, Span.YEAR: _MONTHS_A_YEAR}[span]
    start = date(first.year, (first.month - 1) // step * step + 1, 1)
    while start <= last:
        after = _months_later(start, step)
        end = after - timedelta(days=1)
        yield ReportPeriod(_name(start, span), span, start, end, end < open_since)
        start = after


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, _MONTHS_A_YEAR)
    return date(day.year + years, month + 1, 1)


def _name(start: date, span: Span) -> str:
    match span:
        case Span.MONTH:
            return f"{start:%Y-%m}"
        case Span.QUARTER:
            return f"{start.year:04}-Q{(start.month - 1) // _MONTHS_A_QUARTER + 1}"
        case _:
            return f"{start.year:04}"
