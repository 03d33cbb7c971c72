"""Weeks that were clean on paper, read from the record of whoever traded them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from allusedesk.domain.arming import LiveArmed, PaperWeek
from allusedesk.domain.events import DeskHalted, DifferenceFound, Entry, WeekClosed
from allusedesk.domain.inputs import DeskOpened, Mode, WeekPlanned
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.faults import JournalFault
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify

# A halt by the kill switch is a person's, and testing it is wanted.
_BY_HAND = "kill switch"


def clean_weeks(path: Path) -> tuple[PaperWeek, ...]:
    """The clean paper weeks a journal proves; none where it is missing or its chain is broken."""
    if not path.exists():
        return ()
    verdict = verify(path)
    if not verdict.is_intact:
        return ()
    try:
        with JournalReader.open(path) as reader:
            weeks = clean_among(reader.read())
    except JournalFault:
        return ()
    return tuple(PaperWeek(week, path.name, verdict.chain_head) for week in weeks)


def clean_among(entries: Iterable[Entry]) -> tuple[WeekId, ...]:
    """Weeks whose final report was cut, without a stop between, and without real money.

    A week of a paper desk counts; one of a live desk counts where it was armed for the broker's
    practice account and for nothing else.
    """
    found: list[WeekId] = []
    week: WeekId | None = None
    mode, is_practice, spoilt = Mode.REHEARSAL, False, set[WeekId]()
    practised: set[WeekId] = set()
    for entry in entries:
        match entry.event:
            case DeskOpened(mode=opened_as):
                mode = opened_as
            case WeekPlanned(week=planned):
                week = planned.id
                if is_practice:
                    practised.add(week)
            case LiveArmed(is_paper=is_paper):
                is_practice = is_paper
                if week is not None:
                    (practised if is_paper else spoilt).add(week)
            case DifferenceFound(stops=True):
                spoilt.update(() if week is None else (week,))
            case DeskHalted(reason=reason) if not reason.startswith(_BY_HAND):
                spoilt.update(() if week is None else (week,))
            case WeekClosed(week=closed, is_final=True):
                counts = mode is Mode.PAPER or (mode is Mode.LIVE and closed in practised)
                if counts and closed not in spoilt:
                    found.append(closed)
            case _:
                pass
    return tuple(found)
