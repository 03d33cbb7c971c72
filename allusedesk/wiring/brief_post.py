"""Briefs by e-mail: once each, from desks in real time, beside the engine and never before it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from allusedesk.answers.brief import BriefKind, due_brief
from allusedesk.journal.file_format import create_private_file
from allusedesk.journal.read_side import ReadSide
from allusedesk.monitoring.notifications import MailRoute, send, text_message
from allusedesk.settings import MailChoice
from allusedesk.wiring.briefing import brief_of
from allusedesk.wiring.desk_levels import WatchedDesk

Post = Callable[[MailRoute, str | None, EmailMessage], None]
# What could not be sent is tried again after so long.
_AGAIN_SECONDS = 300.0


class BriefPost:
    """Knows which brief is due and which went; `hand_over` is the mail's door."""

    def __init__(self, hand_over: Post | None = None) -> None:
        self._hand_over = send if hand_over is None else hand_over
        self._tried_at = float("-inf")
        self._sent: set[str] = set()

    def due(self, desk: WatchedDesk, mail: MailChoice, at: float) -> tuple[BriefKind, date] | None:
        """The brief to be sent now; None where none is due, wanted, or not yet tried again."""
        week = desk.engine.state.week
        if not (mail.is_on and mail.briefs and desk.is_real_time) or week is None:
            return None
        found = due_brief(week.sessions, desk.clock.now())
        if found is None or at - self._tried_at < _AGAIN_SECONDS:
            return None
        name = _name(*found)
        if name in self._sent or name in _told_before(desk.journal):
            return None
        self._tried_at = at
        return found

    def post(
        self, desk: WatchedDesk, kind: BriefKind, day: date, route: MailRoute, password: str | None
    ) -> None:
        """Make a brief and send it; raises MailNotSent, JournalFault and NoBrief."""
        with ReadSide.open(desk.journal) as side:
            brief = brief_of(side, kind, day, desk.clock.now())
        message = text_message(route, f"ALL-USE Desk {desk.name}: {brief.title}", brief.text)
        self._hand_over(route, password, message)
        self._tried_at = float("-inf")
        self._sent.add(_name(kind, day))
        _remember(desk.journal, _name(kind, day))


def _name(kind: BriefKind, day: date) -> str:
    return f"{kind.value} {day.isoformat()}"


def _file_of(journal: Path) -> Path:
    return journal.with_name(journal.name + ".briefs")


def _told_before(journal: Path) -> tuple[str, ...]:
    """The brief that went last, so that a restart does not send it again."""
    try:
        return tuple(_file_of(journal).read_text(encoding="utf-8").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()


def _remember(journal: Path, name: str) -> None:
    file = _file_of(journal)
    # A brief that comes twice is better than a desk that stops for want of a note.
    with suppress(OSError):
        with suppress(FileExistsError):
            create_private_file(file)
        file.write_text(f"{name}\n", encoding="utf-8")
