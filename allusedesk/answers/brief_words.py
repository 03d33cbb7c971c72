"""Words that both briefs use: spans of time, looks that are due, and what is left untold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from allusedesk.answers.answer import Part, Sentence
from allusedesk.answers.brief import sentence
from allusedesk.answers.phrasing import NEW_YORK, fact, joined
from allusedesk.journal.queries.asked_decisions import AlarmDue
from allusedesk.journal.read_values import EntryLine, PlannedWeek

_OPTION_WORDS = 4
_MINUTES_AN_HOUR = 60


def symbol_of(instrument: str) -> str:
    """The underlying of an instrument's words."""
    return instrument.split(" ", 1)[0]


def expiry_of(instrument: str) -> date | None:
    """An option's last day; None for shares."""
    words = instrument.split(" ")
    return date.fromisoformat(words[1]) if len(words) == _OPTION_WORDS else None


def of_week(week: PlannedWeek) -> str:
    """Such as `Week 2019-W42`."""
    return f"Week {week.week}"


def span(left: timedelta) -> str:
    """Such as `2 h 05 min`, or `40 min`."""
    minutes = max(0, int(left.total_seconds() // 60))
    hours, minutes = divmod(minutes, _MINUTES_AN_HOUR)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def looks_due(alarms: Sequence[AlarmDue], when: str) -> tuple[Sentence, ...]:
    """Every look of a day in one sentence, in the order they are due."""
    at_once: dict[tuple[str, str], list[AlarmDue]] = {}
    for one in alarms:
        moment = f"{one.due_at.astimezone(NEW_YORK):%H:%M}"
        at_once.setdefault((moment, one.kind), []).append(one)
    if not at_once:
        return (sentence(f"No look is due {when}."),)
    told: list[tuple[Part, ...]] = []
    for (moment, kind), group in at_once.items():
        whom = ", ".join(sorted(one.subject for one in group if one.subject))
        about = f" {kind} of {whom}" if whom else f" {kind}"
        told.append((fact(moment, *(one.sequence for one in group)), about))
    return (sentence(f"Looks {when}: ", *joined(told), "."),)


def told_by(line: EntryLine) -> Sentence:
    """An entry's own sentence; its first word stands for the entry."""
    first, _, rest = line.line.partition(" ")
    return sentence(fact(first, line.sequence), f" {rest}")


def more_of(said: Sequence[Sentence], most: int, what: str) -> tuple[Sentence, ...]:
    """The first so many, and how many more there are, with where to read them."""
    if len(said) <= most:
        return tuple(said)
    entries = [entry for one in said[most:] for entry in one.entries]
    left = len(said) - most
    return (
        *said[:most],
        sentence(
            "And ",
            fact(f"{left} more {what}", entries[0], entries[-1]),
            "; the journal has them all.",
        ),
    )
