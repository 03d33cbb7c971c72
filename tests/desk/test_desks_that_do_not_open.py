"""A desk that cannot be opened is one plain sentence in a window, never the end of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.new_desk import NewDeskDialog
from allusedesk.desk.session import DeskSession
from allusedesk.wiring.requests import PAPER_JOURNAL_NAME, DeskRequest
from tests.desk.asking import request_of
from tests.desk.conftest import WAIT, OpenDesk

TryDesk = Callable[..., DeskSession]


@pytest.fixture
def try_desk(qapp: QApplication, qtbot: QtBot) -> Iterator[TryDesk]:
    """Open desks until each has said why it does not open."""
    tried: list[DeskSession] = []

    def try_(*options: str) -> DeskSession:
        request = request_of(options)
        assert isinstance(request, DeskRequest)
        session = DeskSession(qapp, request, lambda: None)
        tried.append(session)
        qtbot.addWidget(session.window)
        session.open()
        qtbot.waitUntil(lambda: bool(session.window.notices.sentences()), timeout=WAIT)
        return session

    yield try_
    for session in tried:
        session.close()


def only_sentence(session: DeskSession) -> str:
    """What the window says, which must be a sentence of a person and lead on."""
    (sentence,) = session.window.notices.sentences()
    assert sentence.startswith("The desk could not be opened. ")
    assert sentence.endswith("open another desk with Ctrl+N.")
    for word in ("Traceback", "Error(", "[Errno", "0x"):
        assert word not in sentence
    assert session.window.strip.mode.text() == "NOT OPEN"
    return sentence


def journal_in(folder: Path) -> Path:
    folder.mkdir()
    return folder / PAPER_JOURNAL_NAME


def test_a_file_that_is_no_journal(try_desk: TryDesk, tmp_path: Path) -> None:
    journal = journal_in(tmp_path / "desk")
    journal.write_bytes(b"something else\n" * 100)
    said = only_sentence(try_desk("--out", str(journal.parent)))
    assert "is no journal of this desk: it was left as it is" in said
    assert journal.read_bytes().startswith(b"something else")


def test_a_journal_of_a_newer_desk(
    try_desk: TryDesk, open_desk: OpenDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    journal = _left_behind(open_desk, tmp_path, qtbot)
    connection = sqlite3.connect(journal)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    said = only_sentence(try_desk("--out", str(journal.parent)))
    assert "was written by a newer desk" in said


def test_a_damaged_journal(
    try_desk: TryDesk, open_desk: OpenDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    journal = _left_behind(open_desk, tmp_path, qtbot)
    content = bytearray(journal.read_bytes())
    for place in range(4096, len(content)):
        content[place] = 0x55
    journal.write_bytes(bytes(content))
    said = only_sentence(try_desk("--out", str(journal.parent)))
    assert str(journal) in said


def test_a_journal_that_another_desk_is_writing(
    try_desk: TryDesk, open_desk: OpenDesk, tmp_path: Path
) -> None:
    first = open_desk("--speed", "60")
    said = only_sentence(try_desk("--out", str(first.request.journal.parent)))
    assert "is being written by another desk: close that one first" in said


def test_a_folder_that_cannot_be_made(try_desk: TryDesk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / "desk"
    assert f"{folder} cannot be used: " in only_sentence(try_desk("--out", str(folder)))


def test_a_market_that_is_not_there(try_desk: TryDesk, tmp_path: Path) -> None:
    feed = tmp_path / "gone"
    days = ("--from", "2012-01-09", "--to", "2012-01-13")
    said = only_sentence(try_desk("--out", str(tmp_path / "desk"), "--feed", str(feed), *days))
    assert str(feed) in said


def test_another_desk_can_be_opened_from_there(try_desk: TryDesk, tmp_path: Path) -> None:
    journal = journal_in(tmp_path / "desk")
    journal.write_bytes(b"")
    session = try_desk("--out", str(journal.parent))
    session.context.commands.give("desk.open")
    dialog = session.window.findChild(NewDeskDialog)
    assert dialog is not None
    assert dialog.isVisible()
    other = request_of(("--out", str(tmp_path / "other")))
    assert isinstance(other, DeskRequest)
    dialog.chosen.emit(other)
    assert session.next_request == other
    assert not session.window.isVisible()


def _left_behind(open_desk: OpenDesk, folder: Path, qtbot: QtBot) -> Path:
    session = open_desk("--speed", "60", out=folder / "left")
    session.window.close()
    session.close()
    qtbot.waitUntil(lambda: session.is_over, timeout=WAIT)
    return session.request.journal
