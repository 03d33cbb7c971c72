"""Copies of the journal from the window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from allusedesk.desk.session import DeskSession
from allusedesk.journal.backup import backups_of
from allusedesk.journal.verification import verify
from tests.desk.conftest import WAIT, OpenDesk


def said(session: DeskSession, words: str) -> list[str]:
    """The sentences above the panels with these words; a loaded machine adds some of its own."""
    return [one for one in session.window.notices.sentences() if words in one]


def test_a_copy_is_made_while_the_desk_runs(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "1")
    session.context.commands.give("journal.backup")
    journal = session.request.journal
    qtbot.waitUntil(lambda: bool(said(session, "backups")), timeout=WAIT)
    [copy] = backups_of(journal)
    assert str(copy) in said(session, "backups")[-1]
    assert verify(copy).is_intact
    # The day has its copy, so the daily look makes no second one.
    session.backing_up.look()
    qtbot.waitUntil(lambda: not session.context.operations.is_busy, timeout=WAIT)
    assert backups_of(journal) == [copy]


def test_why_there_is_none_is_said(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "1")
    (session.request.journal.parent / "backups").write_text("a file stands there")
    session.context.commands.give("journal.backup")
    qtbot.waitUntil(lambda: bool(said(session, "cannot be copied")), timeout=WAIT)
