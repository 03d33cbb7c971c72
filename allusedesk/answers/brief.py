"""A brief as a value: what the desk says by itself before the open and after the close.

Every figure names the entries it rests on; the same record gives the same brief, at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from allusedesk.answers.answer import Part, Sentence
from allusedesk.answers.phrasing import NEW_YORK
from allusedesk.domain.weeks import Session

# When a brief can first be told, and until when it takes in what comes: the morning's until the
# opening look has shown the gaps, the evening's until midnight.
MORNING_AT, MORNING_UNTIL = "08:30", "09:40"
DAY_BEGINS, DAY_ENDS = "00:00", "23:59:59"
EVENING_AFTER, EVENING_UNTIL = timedelta(minutes=5), DAY_ENDS
_ENTRIES_SHOWN = 3


class BriefKind(Enum):
    """Before the open, or after the close."""

    MORNING = "morning"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class BriefPart:
    """Sentences under one title."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What is known of a day `at` an instant, which is after entry `sequence`.

    `headline` says it in one line; `mode` is rehearsal, paper or live.
    """

    kind: BriefKind
    day: date
    at: datetime
    mode: str
    sequence: int
    headline: Sentence
    parts: tuple[BriefPart, ...]

    @property
    def title(self) -> str:
        """Such as `Morning brief of Mon 2019-10-14`."""
        return f"{self.kind.value.title()} brief of {self.day:%a %Y-%m-%d}"

    @property
    def entries(self) -> tuple[int, ...]:
        """Every entry it cites, once each."""
        said = [self.headline, *(one for part in self.parts for one in part.sentences)]
        return tuple(dict.fromkeys(entry for one in said for entry in one.entries))

    @property
    def text(self) -> str:
        """The whole as plain text, entries in brackets behind each sentence."""
        known = f"{self.at.astimezone(NEW_YORK):%H:%M} New York time, entry {self.sequence}"
        lines = [
            f"{self.title} ({self.mode})",
            f"As known at {known} of the journal.",
            "",
            self.headline.text,
        ]
        for part in self.parts:
            lines += ["", part.title]
            lines += [f"- {one.text}{cited(one.entries)}" for one in part.sentences]
        return "\n".join(lines) + "\n"


def sentence(*parts: Part) -> Sentence:
    """Words and figures as one sentence."""
    return Sentence(tuple(parts))


def cited(entries: Sequence[int]) -> str:
    """Entry numbers in brackets, the first few; nothing where there are none."""
    if not entries:
        return ""
    more = ", …" if len(entries) > _ENTRIES_SHOWN else ""
    return f" [{', '.join(str(one) for one in entries[:_ENTRIES_SHOWN])}{more}]"


def on_clock(day: date, clock: str) -> datetime:
    """What a clock in New York shows on a day, such as `09:40`, as an instant."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=NEW_YORK)


def due_brief(sessions: Sequence[Session], now: datetime) -> tuple[BriefKind, date] | None:
    """The newest brief of a week's sessions that can be told at an instant; None before them."""
    found = None
    for session in sessions:
        if now >= on_clock(session.date, MORNING_AT):
            found = (BriefKind.MORNING, session.date)
        if now >= session.closes_at + EVENING_AFTER:
            found = (BriefKind.EVENING, session.date)
    return found


def known_at(kind: BriefKind, day: date, now: datetime) -> datetime:
    """The instant up to which a brief of a day tells, asked for at `now`."""
    until = MORNING_UNTIL if kind is BriefKind.MORNING else EVENING_UNTIL
    return min(now, on_clock(day, until))
