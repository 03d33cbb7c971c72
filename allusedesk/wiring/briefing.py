"""The briefs of a journal, made whenever somebody asks."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from allusedesk.answers.brief import Brief, BriefKind, known_at
from allusedesk.answers.evening import evening_brief
from allusedesk.answers.morning import morning_brief
from allusedesk.answers.phrasing import NEW_YORK
from allusedesk.journal.queries.asked import last_instant
from allusedesk.journal.queries.briefs import is_session
from allusedesk.journal.queries.record import desk_header, last_mark_day
from allusedesk.journal.read_side import ReadSide


class NoBrief(Exception):
    """A day without a brief; the text says why and which day to ask for."""


def brief_of(
    side: ReadSide, kind: BriefKind, day: date | None = None, now: datetime | None = None
) -> Brief:
    """The brief of a day, of the record's last one where none is named, as known at `now`.

    `now` is the record's last instant where it is left out. Raises NoBrief for a day on which the
    desk had no session, and for a journal without a desk.
    """
    last, desk = last_instant(side), desk_header(side)
    if last is None or desk is None:
        raise NoBrief("The journal holds no desk yet: let one run first.")
    now = last if now is None else now
    day = _last_day(side, kind, now) if day is None else day
    at = known_at(kind, day, now)
    if not is_session(side, day, side.journal.head()[0]):
        raise NoBrief(
            f"The desk had no session on {day:%a %Y-%m-%d}, so there is no brief of it: the record "
            f"ends on {last.astimezone(NEW_YORK):%a %Y-%m-%d}; name another day with --day."
        )
    make = morning_brief if kind is BriefKind.MORNING else evening_brief
    return make(side, day, at, desk.mode.lower())


def _last_day(side: ReadSide, kind: BriefKind, now: datetime) -> date:
    """The day of the newest brief there can be: an evening needs balances that were marked."""
    today, marked = now.astimezone(NEW_YORK).date(), last_mark_day(side)
    is_today = kind is BriefKind.MORNING and is_session(side, today, side.journal.head()[0])
    return today if is_today or marked is None else marked


def brief_from(journal: Path, kind: BriefKind, day: date | None = None) -> Brief:
    """As `brief_of`, of a journal's file; raises as it does, and JournalFault."""
    with ReadSide.open(journal) as side:
        return brief_of(side, kind, day)
