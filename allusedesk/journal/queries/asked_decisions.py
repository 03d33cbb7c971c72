"""Questions about persons' decisions, what they switched, and what is due."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.instruments import Stock
from allusedesk.journal.queries.asked import Scope, rows_asked, scope_of
from allusedesk.journal.quote_rows import quote_in_sample
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.scalars import read_instant, write_instant

_SOLD = re.compile(r"^sell (\S+) (\d{4}-\d\d-\d\d) ([\d.]+) (put|call)$")
_LOOKS_MAX = 60


@dataclass(frozen=True, slots=True)
class DecisionAsked:
    """A person's answer to a proposal and what it came to."""

    sequence: int
    recorded_at: datetime
    id: str
    account: str
    kind: str
    operator: str
    effect: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmDue:
    """Something the desk will do at an instant; `subject` is the tier or sleeve it concerns."""

    sequence: int
    id: str
    kind: str
    due_at: datetime
    subject: str


@dataclass(frozen=True, slots=True)
class SettingNow:
    """What a person set, and the entry that says so."""

    sequence: int
    recorded_at: datetime
    subject: str
    setting: str
    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class OptionEnded:
    """Where a symbol stood at an option's last close, and what a share of it was worth then."""

    sequence: int
    symbol: str
    spot: Decimal
    worth: Decimal


def answers_asked(
    side: ReadSide, scope: Scope, effects: Sequence[str]
) -> tuple[DecisionAsked, ...]:
    """Persons' answers that came to one of these, in order."""
    marks = ", ".join("?" * len(effects))
    found = rows_asked(side, DecisionAsked, "answers", scope, f"effect IN ({marks})", effects)
    if not scope.symbol:
        return found
    named = {
        identifier
        for identifier, legs in side.rows("SELECT id, legs FROM proposals")
        if f" {scope.symbol} " in f" {legs} "
    }
    return tuple(one for one in found if one.id in named)


def alarms_due(side: ReadSide, now: datetime) -> tuple[AlarmDue, ...]:
    """What is still due after an instant, the next first."""
    return tuple(
        side.figures(
            AlarmDue,
            "FROM alarms WHERE due_at > ? AND is_dropped = 0 ORDER BY due_at, id",
            (write_instant(now),),
        )
    )


def settings_now(side: ReadSide, what: str) -> tuple[SettingNow, ...]:
    """The last setting of each subject of one kind of switch, by subject."""
    found = side.figures(SettingNow, "FROM switches WHERE what = ? ORDER BY sequence", (what,))
    latest = {one.subject: one for one in found}
    return tuple(latest[subject] for subject in sorted(latest))


def trust_counts(side: ReadSide) -> tuple[tuple[str, int, int, int, int], ...]:
    """By kind: persons' answers, those that approved as proposed, first and last entry."""
    rows = side.rows(
        "SELECT kind, count(*), sum(effect = 'approved'), min(sequence), max(sequence) "
        "FROM answers WHERE effect != 'ignored' GROUP BY kind ORDER BY kind"
    )
    return tuple((str(kind), whole, agreed, one, two) for kind, whole, agreed, one, two in rows)


def expired_at(side: ReadSide, legs: str, today: date) -> OptionEnded | None:
    """What a single option sold was worth at its last close; None where that is not on record."""
    read = _SOLD.match(legs)
    if read is None or date.fromisoformat(read[2]) > today:
        return None
    symbol, expiry, strike = read[1], date.fromisoformat(read[2]), Decimal(read[3])
    first, last = scope_of(side, expiry, expiry).entries
    looks = side.column(
        "SELECT sequence FROM samples WHERE sequence BETWEEN ? AND ? "
        "ORDER BY sequence DESC LIMIT ?",
        (first, last, _LOOKS_MAX),
    )
    for sequence in looks:
        body = next(iter(side.journal.rows(sequence, sequence))).body
        quote = quote_in_sample(body, Stock(symbol))
        if quote is not None and quote.mark is not None:
            spot = quote.mark.per_unit
            inside = strike - spot if read[4] == "put" else spot - strike
            return OptionEnded(sequence, symbol, spot, max(inside, Decimal(0)))
    return None


def instant_of(side: ReadSide, sequence: int) -> datetime:
    """When an entry was recorded."""
    return read_instant(next(iter(side.journal.rows(sequence, sequence))).recorded_at)
