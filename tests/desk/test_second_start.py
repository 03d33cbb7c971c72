"""A second start on one journal is told who has it, and the window that is there shows itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.preflight import other_desk
from allusedesk.desk.second_start import Door, knock, knock_of
from allusedesk.journal.store import Journal
from allusedesk.journal.writer_lock import lock_of
from tests.desk.conftest import WAIT, OpenDesk

_HOLDS = (
    "import sys, time; from pathlib import Path; "
    "from allusedesk.journal.store import Journal; "
    "kept = Journal.open(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
)


def test_a_knock_brings_a_minimised_window_to_the_front(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    journal = tmp_path / "paper.journal"
    knock_of(journal).touch()
    door = Door(journal, window)
    door.begin()
    assert not knock_of(journal).exists()
    assert window.isMinimized()
    assert knock(journal, lambda: qtbot.wait(100), 30)
    assert not window.isMinimized()
    assert window.isVisible()
    door.rest()


def test_nobody_answers_a_knock_at_an_empty_house(tmp_path: Path) -> None:
    journal = tmp_path / "paper.journal"
    assert not knock(journal, lambda: None, 3)
    assert not knock_of(journal).exists()
    assert not knock(tmp_path / "gone" / "paper.journal", lambda: None, 3)


def test_a_desk_answers(open_desk: OpenDesk, qtbot: QtBot, qapp: QApplication) -> None:
    session = open_desk("--speed", "1")
    session.window.showMinimized()
    qtbot.waitUntil(session.window.isMinimized, timeout=WAIT)
    writer = other_desk(session.request.journal)
    assert writer is not None
    assert writer.process == os.getpid()
    assert knock(session.request.journal, lambda: qtbot.wait(100), 30)
    assert not session.window.isMinimized()


def test_a_lock_survives_neither_a_kill_nor_a_stale_number(tmp_path: Path) -> None:
    journal = tmp_path / "paper.journal"
    Journal.create(journal, durable=True).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(journal)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        writer = other_desk(journal)
        assert writer is not None
        assert writer.process == holder.pid
    finally:
        holder.kill()
        holder.communicate()
    assert lock_of(journal).read_text() == f"{holder.pid}\n"
    assert other_desk(journal) is None
    # Numbers of processes come again; only the system's lock tells who lives.
    lock_of(journal).write_text(f"{os.getpid()}\n")
    assert other_desk(journal) is None
    Journal.open(journal).close()


@pytest.mark.parametrize("text", ["", "no number\n", "12 34\n"])
def test_a_lock_that_names_nobody_still_locks(tmp_path: Path, text: str) -> None:
    journal = tmp_path / "paper.journal"
    with Journal.create(journal, durable=False):
        lock_of(journal).write_text(text)
        writer = other_desk(journal)
        assert writer is not None
        assert writer.process is None
