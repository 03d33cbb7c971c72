"""The curtain stays before everything, whatever comes after it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from allusedesk.desk.session import DeskSession
from allusedesk.passphrase import Passphrase
from tests.desk.conftest import WAIT, OpenDesk


def test_panels_of_a_kept_layout_come_behind_the_curtain(
    open_desk: OpenDesk, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    first = open_desk("--speed", "1")
    qtbot.waitUntil(lambda: len(visible_tabs(first)) > 1, timeout=WAIT)
    first.window.close()
    first.close()
    qtbot.waitUntil(lambda: first.is_over, timeout=WAIT)
    Passphrase(home, lambda: 0.0).change("correct horse battery")
    session = open_desk("--speed", "1", out=tmp_path / "another")
    curtain = session.locking.curtain
    assert curtain.isVisible()
    qtbot.waitUntil(lambda: bool(visible_tabs(session)), timeout=WAIT)
    qtbot.wait(500)
    for bar in visible_tabs(session):
        there = session.window.childAt(bar.geometry().center())
        assert there is not None
        assert there is curtain or curtain.isAncestorOf(there)


def visible_tabs(session: DeskSession) -> list[QTabBar]:
    bars = session.window.findChildren(QTabBar)
    return [bar for bar in bars if bar.isVisible() and bar.parent() is session.window]
