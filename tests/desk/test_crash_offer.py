"""What failed is offered at the next start, and looked at, kept or deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.crash_reports import CrashReportsDialog
from allusedesk.desk.session import DeskSession
from allusedesk.monitoring.crash_reports import CrashFolder
from tests.desk.conftest import WAIT, OpenDesk


def fail(home: Path, kinds: tuple[type[Exception], ...]) -> CrashFolder:
    folder = CrashFolder(home, lambda: datetime(2026, 3, 2, 14, tzinfo=UTC), "p", Path("log"))
    for kind in kinds:
        assert folder.write(kind("secret words")) is not None
    return folder


def offered(session: DeskSession) -> list[str]:
    return [one for one in session.window.notices.sentences() if "failed" in one]


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_reports_are_offered_looked_at_kept_and_deleted(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    folder = fail(home, (TypeError, KeyError))
    session = open_desk("--speed", "1")
    (sentence,) = offered(session)
    assert sentence.startswith("The desk failed on 2026-03-02 14:00:00 UTC (KeyError at")
    assert "and 1 more" in sentence
    assert "nothing was sent" in sentence
    look = next(
        one for one in session.window.notices.findChildren(QPushButton) if one.text() == "Look…"
    )
    press(qtbot, look)
    dialog = session.crashes.dialog
    assert isinstance(dialog, CrashReportsDialog)
    assert dialog.isVisible()
    assert offered(session) == []
    assert dialog.list.count() == 2
    assert "builtins.KeyError" in dialog.text.toPlainText()
    press(qtbot, dialog.keep)
    assert [one.is_new for one in folder.reports()] == [False, True]
    dialog.list.setCurrentRow(1)
    assert "builtins.TypeError" in dialog.text.toPlainText()
    press(qtbot, dialog.delete)
    assert dialog.list.count() == 1
    assert not dialog.keep.isEnabled()
    press(qtbot, dialog.delete)
    assert "Nothing has failed here" in dialog.text.toPlainText()
    assert not dialog.delete.isEnabled()
    assert not any(one.isDefault() or one.autoDefault() for one in dialog.findChildren(QPushButton))
    press(qtbot, dialog.leave)
    assert folder.reports() == []


def test_nothing_new_is_not_offered(open_desk: OpenDesk, home: Path) -> None:
    folder = fail(home, (TypeError,))
    folder.keep(folder.reports()[0].path)
    assert offered(open_desk("--speed", "1")) == []


def test_what_ends_the_engine_is_kept_and_a_refusal_is_not(
    open_desk: OpenDesk, qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_desk("--speed", "max", "--approve", "all")
    folder = session.crashes.folder
    engine = session.context.bridge.engine
    assert engine is not None

    def fail_in_step(*_: object) -> object:
        raise RuntimeError("a passphrase nobody should read")

    monkeypatch.setattr("allusedesk.engine.loop.step", fail_in_step)
    qtbot.waitUntil(lambda: session.context.bridge.is_lost, timeout=WAIT)
    (report,) = folder.reports()
    text = folder.text(report.path)
    assert "in fail_in_step" in text
    assert "allusedesk/engine/loop.py" in text
    assert "nobody should read" not in text
    assert "desk began" in text
