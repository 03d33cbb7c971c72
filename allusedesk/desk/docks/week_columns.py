"""The columns of the week panel's tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from allusedesk.desk import formatting
from allusedesk.desk.docks.week_page import PathRow
from allusedesk.desk.table_model import Column
from allusedesk.desk.theme import Tone
from allusedesk.domain.alarms import Alarm
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.journal.queries.desk import WhyNot
from allusedesk.journal.read_values import ComparisonSeen, EntryLine
from allusedesk.journal.words.rules import rule_in_words

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

_BY_STRATEGIES = "strategies.run"


@dataclass(frozen=True, slots=True)
class DateAhead:
    """A date a trader must not forget; `days` is how far off it is."""

    day: date
    symbol: str
    what: str
    days: int


def dates_of(picture: DeskSnapshot, facts: MarketSnapshot | None) -> tuple[DateAhead, ...]:
    """Expiries of options held, ex-dates and earnings of the desk's symbols, soonest first."""
    today = picture.at.astimezone(formatting.NEW_YORK).date()
    found: dict[tuple[date, str, str], DateAhead] = {}

    def add(day: date | None, symbol: str, what: str) -> None:
        if day is not None and day >= today:
            found[day, symbol, what] = DateAhead(day, symbol, what, (day - today).days)

    for held in picture.lots:
        if held.lot.option is not None:
            add(held.lot.option.expiry, held.lot.underlying, "expiry of options held")
    for seen in facts.underlyings if facts is not None else ():
        guess = " (estimated)" if seen.earnings_estimated else ""
        add(seen.earnings_next, seen.symbol, f"earnings{guess}")
        paid = "" if seen.dividend_next is None else f" of {seen.dividend_next:.2f} a share"
        add(seen.ex_dividend_next, seen.symbol, f"ex-date of a dividend{paid}")
    return tuple(found[key] for key in sorted(found))


def _count(value: int) -> str:
    return str(value) if value else formatting.NOTHING_TO_SHOW


def _away_tone(row: PathRow) -> Tone:
    return Tone.CAUTION if row.turned_away else Tone.PLAIN


EVIDENCE: tuple[Column[ComparisonSeen], ...] = (
    Column("name", "Evidence", lambda one: one.name, is_searched=True),
    Column("value", "Value", lambda one: one.value, is_number=True),
    Column("limit", "Against", lambda one: one.limit_value, is_number=True),
    Column("holds", "Holds", lambda one: "yes" if one.passed else "no"),
)

PATH: tuple[Column[PathRow], ...] = (
    Column("account", "Sleeve", lambda row: row.account, is_searched=True),
    Column("looks", "Looked", lambda row: row.looks, _count, is_number=True),
    Column("proposed", "Proposed", lambda row: row.proposed, _count, is_number=True),
    Column("waiting", "Waits for you", lambda row: row.waiting, _count, is_number=True),
    Column("approved", "Approved", lambda row: row.approved, _count, is_number=True),
    Column(
        "away",
        "Turned away",
        lambda row: row.turned_away,
        _count,
        is_number=True,
        tone=_away_tone,
        tip="Rejected, refused, void or lapsed",
    ),
    Column("done", "Traded", lambda row: row.done, _count, is_number=True),
    Column("outcome", "Outcome", lambda row: row.outcome),
)


def key_of_why(one: WhyNot) -> tuple[str, ...]:
    """What tells one row from another: a look may turn a candidate down by one rule twice."""
    return (one.account, one.candidate, one.rule, one.reason, one.value, one.limit_value)


def _reason(one: WhyNot) -> str:
    """Some reasons are a rule's name, such as what froze a sleeve."""
    return rule_in_words(one.reason) if one.reason == _BY_STRATEGIES else one.reason


WHY_NOT: tuple[Column[WhyNot], ...] = (
    Column("account", "Sleeve", lambda one: one.account, is_searched=True),
    Column("candidate", "Candidate", lambda one: one.candidate, is_searched=True),
    Column("rule", "Gate", lambda one: one.rule, is_searched=True),
    Column("reason", "Why not", _reason, is_searched=True, is_roomy=True),
    Column("value", "It was", lambda one: one.value, tip="What the gate saw"),
    Column("limit", "It needs", lambda one: one.limit_value, tip="What the gate asks for"),
    Column("count", "How many", lambda one: one.count, is_number=True),
)

HAPPENED: tuple[Column[EntryLine], ...] = (
    Column("at", "Time", lambda line: line.recorded_at, formatting.clock),
    Column("sequence", "Entry", lambda line: line.sequence, is_number=True),
    Column("account", "Sleeve", lambda line: line.account, is_searched=True),
    Column("line", "What happened", lambda line: line.line, is_searched=True, is_roomy=True),
)

TO_COME: tuple[Column[Alarm], ...] = (
    Column("at", "When", lambda alarm: alarm.due_at, formatting.moment),
    Column("kind", "What", lambda alarm: alarm.kind.value, is_searched=True),
    Column("subject", "Of", lambda alarm: alarm.subject, is_searched=True),
)

DATES: tuple[Column[DateAhead], ...] = (
    Column("day", "Date", lambda one: one.day, formatting.day),
    Column("days", "Days", lambda one: one.days, is_number=True),
    Column("symbol", "Symbol", lambda one: one.symbol, is_searched=True),
    Column("what", "What", lambda one: one.what, is_searched=True),
)
