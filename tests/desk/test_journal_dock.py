"""The journal panel: pages, search, causes, and the past in a window of its own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks.journal import JournalDock
from allusedesk.desk.session import DeskSession
from allusedesk.domain.inputs import Instruction, OperatorInstructed
from tests.desk.conftest import WAIT, OpenDesk, latest


def _open(open_desk: OpenDesk, qtbot: QtBot) -> tuple[DeskSession, JournalDock]:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-10")
    session.context.commands.give("dock.journal")
    dock = session.window.dock("journal")
    assert isinstance(dock, JournalDock)
    engine = session.context.bridge.engine
    assert engine is not None
    qtbot.waitUntil(lambda: engine.is_over, timeout=WAIT)
    qtbot.waitUntil(
        lambda: dock.model.rowCount() > 0 and dock._last >= latest(session).sequence, timeout=WAIT
    )
    return session, dock


def test_the_newest_page_comes_first_and_earlier_ones_when_wanted(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session, dock = _open(open_desk, qtbot)
    shown = dock.model.rows_shown()
    assert shown[-1].sequence == latest(session).sequence
    while dock.earlier.isEnabled():
        before = dock.model.rowCount()
        qtbot.mouseClick(dock.earlier, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda before=before: dock.model.rowCount() > before, timeout=WAIT)
    sequences = [line.sequence for line in dock.model.rows_shown()]
    assert sequences == list(range(1, latest(session).sequence + 1))


def test_words_are_searched_in_the_whole_record(open_desk: OpenDesk, qtbot: QtBot) -> None:
    _, dock = _open(open_desk, qtbot)
    dock.words.setText("first shares")
    qtbot.keyClick(dock.words, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: (
            dock.model.rowCount() > 0
            and all("first shares" in line.line for line in dock.model.rows_shown())
        ),
        timeout=WAIT,
    )


def test_an_entry_shows_what_it_follows_from(open_desk: OpenDesk, qtbot: QtBot) -> None:
    _, dock = _open(open_desk, qtbot)
    dock.kind.setCurrentText("FillBooked")
    qtbot.waitUntil(
        lambda: (
            dock.model.rowCount() > 0
            and {line.kind for line in dock.model.rows_shown()} == {"FillBooked"}
        ),
        timeout=WAIT,
    )
    dock.blotter.table.selectRow(0)
    qtbot.waitUntil(lambda: dock.chain.rowCount() > 1, timeout=WAIT)
    assert dock.chain.row_at(dock.chain.rowCount() - 1).kind == "FillBooked"


def test_a_past_moment_opens_in_a_marked_window_that_hears_nobody(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session, dock = _open(open_desk, qtbot)
    dock.kind.setCurrentText("FillBooked")
    qtbot.waitUntil(
        lambda: (
            dock.model.rowCount() > 0
            and {line.kind for line in dock.model.rows_shown()} == {"FillBooked"}
        ),
        timeout=WAIT,
    )
    dock.blotter.table.selectRow(0)
    line = dock.model.row_at(0)
    qtbot.mouseClick(dock.reopen, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(dock.past.windows) == 1, timeout=WAIT)
    window = dock.past.windows[0]
    picture = window.context.bridge.latest
    assert picture is not None
    assert picture.sequence == line.sequence
    assert 0 < len(picture.lots) < len(latest(session).lots) + 1
    assert "THE PAST" in window.windowTitle()
    assert any("THE PAST" in sentence for sentence in window.notices.sentences())
    with pytest.raises(RuntimeError, match="nobody can change"):
        window.context.bridge.admit(OperatorInstructed(Instruction.KILL, "tester", "a test"))
    window.close()
    qtbot.waitUntil(lambda: dock.past.windows == [], timeout=WAIT)
