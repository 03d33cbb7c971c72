"""A part of the window that raises is counted and shown, and stops nothing else."""

from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import Notices
from allusedesk.desk.docks.health import HealthDock
from allusedesk.desk.faults import Faults
from tests.desk.conftest import WAIT, OpenDesk, latest


@pytest.fixture
def told_before(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whoever listens in place of the test runner, which would call the fault a failure."""
    told: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *fault: told.append(fault[1]))
    monkeypatch.setattr(threading, "excepthook", lambda told_by: told.append(told_by.exc_value))
    return told


def fail() -> None:
    raise ValueError("a fault of a slot")


def test_a_slot_that_raises_is_shown_and_counted_and_the_desk_goes_on(
    told_before: list[object], open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    QTimer.singleShot(0, fail)
    notices = session.window.notices
    qtbot.waitUntil(
        lambda: any("a fault of a slot" in sentence for sentence in notices.sentences()),
        timeout=WAIT,
    )
    assert session.context.notices.faults == 1
    assert len(told_before) == 1
    log = (session.preferences.home / "logs" / "desk.log").read_text()
    (line,) = (one for one in log.splitlines() if "window fault" in one)
    assert '"fault": "ValueError"' in line
    assert '"module": "test_faults.py"' in line
    assert "a fault of a slot" not in line
    before = latest(session).sequence
    qtbot.waitUntil(lambda: latest(session).sequence > before, timeout=WAIT)
    session.context.commands.give("dock.health")
    dock = session.window.dock("health")
    assert isinstance(dock, HealthDock)
    dock.count()
    place = dock.metrics.place_of("Parts of the window failed")
    assert place is not None
    assert dock.metrics.row_at(place).value == 1
    session.close()
    assert sys.excepthook is not session.faults._hear


def test_a_thread_that_raises_is_told_on_the_screens_thread(
    told_before: list[object], qtbot: QtBot
) -> None:
    notices = Notices()
    faults = Faults(notices)
    heard_on: list[int] = []
    notices.told.connect(lambda *_: heard_on.append(threading.get_ident()))
    faults.watch()
    worker = threading.Thread(target=fail)
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: bool(heard_on), timeout=WAIT)
    faults.rest()
    assert heard_on == [threading.get_ident()]
    assert notices.faults == len(told_before) == 1


def test_leaving_the_program_is_no_fault(told_before: list[object], qtbot: QtBot) -> None:
    notices = Notices()
    faults = Faults(notices)
    faults.watch()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    qtbot.wait(20)
    faults.rest()
    assert notices.faults == 0
    assert len(told_before) == 1
