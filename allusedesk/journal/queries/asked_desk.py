"""Questions about the desk itself: alerts, quotes it saw, forecasts, reports, single entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.forecasts import ForecastMade
from allusedesk.journal.queries.asked import Scope, rows_asked
from allusedesk.journal.queries.asked_decisions import instant_of
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import entry_of
from allusedesk.journal.words.sentences import describe


@dataclass(frozen=True, slots=True)
class AlertAsked:
    """An alert, who took note of it, and the entry that cleared it, if any did."""

    sequence: int
    recorded_at: datetime
    id: str
    severity: str
    text: str
    cleared_in: int | None
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class QuoteCount:
    """Looks at the market, the quotes they showed, and how many of those were modelled."""

    looks: int
    quotes: int
    modelled: int
    first: int
    last: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LikelihoodAsked:
    """The probability a forecast gave one code, beside its base rate."""

    sequence: int
    target: str
    code: str
    probability: Decimal
    base_rate: Decimal


@dataclass(frozen=True, slots=True)
class ClosingAsked:
    """A report that was cut for a week."""

    sequence: int
    week: str
    is_final: bool
    version: int


@dataclass(frozen=True, slots=True)
class EntryInWords:
    """An entry as a sentence, and the entry it follows from."""

    sequence: int
    recorded_at: datetime
    kind: str
    cause: int | None
    line: str


def alerts_asked(side: ReadSide, scope: Scope) -> tuple[AlertAsked, ...]:
    """Alerts that were raised within a scope, or stand since before it, in order."""
    return tuple(
        side.figures(
            AlertAsked,
            "FROM alerts WHERE sequence <= ? AND (sequence >= ? OR cleared_in IS NULL) "
            "ORDER BY sequence",
            (scope.entries[1], scope.entries[0]),
        )
    )


def quotes_counted(side: ReadSide, scope: Scope) -> QuoteCount:
    """What looks at the market showed within a scope."""
    looks, quotes, modelled, first, last = side.rows(
        "SELECT count(*), total(quotes), total(modelled), min(sequence), max(sequence) "
        "FROM samples WHERE sequence BETWEEN ? AND ?",
        scope.entries,
    )[0]
    if not looks:
        return QuoteCount(0, 0, 0, 0, 0, instant_of(side, 1))
    at = instant_of(side, last)
    return QuoteCount(looks, int(quotes), int(modelled), first, last, at)


def forecasts_of(side: ReadSide, week: str) -> tuple[LikelihoodAsked, ...]:
    """The last forecast for a week, each code with its probability, likeliest first."""
    return tuple(
        side.figures(
            LikelihoodAsked,
            "FROM forecasts WHERE week = ? AND sequence = (SELECT max(sequence) FROM forecasts "
            "WHERE week = ?) ORDER BY target, CAST(probability AS REAL) DESC, code",
            (week, week),
        )
    )


def forecast_spoken(side: ReadSide, week: str, cut: int) -> tuple[int, ForecastMade] | None:
    """The last forecast for a week up to an entry, with its own entry; None where none spoke."""
    (sequence,) = side.rows(
        "SELECT max(sequence) FROM forecasts WHERE week = ? AND sequence <= ?", (week, cut)
    )[0]
    if sequence is None:
        return None
    event = entry_of(next(iter(side.journal.rows(sequence, sequence)))).event
    return (sequence, event) if isinstance(event, ForecastMade) else None


def closings_asked(side: ReadSide, scope: Scope) -> tuple[ClosingAsked, ...]:
    """Weekly reports of the weeks of a scope, in order."""
    return rows_asked(side, ClosingAsked, "closings", scope)


def entry_in_words(side: ReadSide, sequence: int) -> EntryInWords:
    """One entry as a sentence; raises StopIteration where there is none."""
    row = next(iter(side.journal.rows(sequence, sequence)))
    entry = entry_of(row)
    return EntryInWords(sequence, entry.recorded_at, row.kind, row.cause, describe(entry.event))


def cause_of(side: ReadSide, one: EntryInWords) -> tuple[EntryInWords, ...]:
    """What an entry follows from, the nearest cause first, three of them at most."""
    found: list[EntryInWords] = []
    cause, before = one.cause, one.sequence
    # A cause always lies before its effect, so this ends even in an altered file.
    while cause is not None and cause < before and len(found) < 3:  # noqa: PLR2004
        found.append(entry_in_words(side, cause))
        cause, before = found[-1].cause, found[-1].sequence
    return tuple(found)
