"""Every panel and every dialog by keyboard, by name and at every size a screen may have."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.arm import ArmDialog
from allusedesk.desk.docks.approvals import ApprovalsDock
from allusedesk.desk.docks.catalogue import DOCKS
from allusedesk.desk.docks.journal import JournalDock
from allusedesk.desk.refusal_window import RefusalWindow
from allusedesk.desk.session import DeskSession
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.settings import Settings, write_settings
from tests.desk import reach
from tests.desk.asking import request_of
from tests.desk.conftest import WAIT, latest

# What is left of a screen of 1920x1080 at 100, 150 and 200 %, as Qt counts.
SCREENS = {100: (1920, 1040), 150: (1280, 690), 200: (960, 510)}
_SETTLE = 60
_ANSWERED = 8


@pytest.fixture(scope="module")
def session(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskSession]:
    """A desk that has traded for some days and stands still before an open question."""
    folder = tmp_path_factory.mktemp("reach")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALLUSEDESK_HOME", str(folder / "home"))
        write_settings(folder / "home", Settings(tour_done=True))
        request = request_of(["--out", str(folder / "desk"), "--speed", "max"])
        session = DeskSession(qapp, request, lambda: None)
        session.open()
        answered: set[str] = set()
        _wait_until(lambda: _has_question(session, answered))
        session.window.resize(*SCREENS[100])
        yield session
        session.window.close()
        session.close()
        _wait_until(lambda: session.is_over)
        session.window.deleteLater()


def _wait_until(holds: Callable[[], bool]) -> None:
    """As qtbot does, for a fixture that outlives one test."""
    for _ in range(3 * WAIT // _SETTLE):
        if holds():
            return
        QTest.qWait(_SETTLE)
    raise TimeoutError(holds)


def _has_question(session: DeskSession, answered: set[str]) -> bool:
    """Answer the first questions with yes and leave the next one open."""
    picture = session.context.bridge.latest
    if picture is None:
        return False
    fresh = [one for one in picture.questions if one.id not in answered]
    if len(answered) >= _ANSWERED and fresh:
        return True
    for one in fresh:
        answered.add(one.id)
        session.context.bridge.admit(OperatorDecided(one.id, Answer.APPROVE, "tester"))
    return False


def _pages(dock: QWidget) -> Iterator[str]:
    """Turn through the tabs of a panel; the name of each page."""
    tabs = [one for one in dock.findChildren(QTabWidget) if one.isVisible()]
    if not tabs:
        yield ""
    for one in tabs:
        for page in range(one.count()):
            one.setCurrentIndex(page)
            yield one.tabText(page)


@pytest.mark.parametrize("name", [spec.id for spec in DOCKS])
def test_every_widget_of_a_panel_is_named_and_reached(
    name: str, session: DeskSession, qtbot: QtBot
) -> None:
    session.window.resize(*SCREENS[100])
    session.context.commands.give(f"dock.{name}")
    dock = session.window.dock(name)
    qtbot.wait(_SETTLE)
    dock.prepare_picture()
    if name == "answers":
        # The keyboard goes to an answer when it comes, which must not be amid the round.
        qtbot.waitUntil(lambda: bool(dock.page.answers), timeout=30_000)
    qtbot.wait(_SETTLE)
    unnamed, unreached, faint, met = [], [], [], 0
    for page in _pages(dock):
        qtbot.wait(_SETTLE)
        met += len(list(reach.interactive_in(dock)))
        unnamed += [f"{page}: {one}" for one in reach.without_a_name(dock)]
        unreached += [f"{page}: {one}" for one in reach.out_of_reach(dock)]
        faint += reach.too_faint(dock)
    assert met > 0
    assert unnamed == []
    assert unreached == []
    assert faint == []


def _openers(session: DeskSession) -> dict[str, Callable[[], Any]]:
    commands = session.context.commands
    approvals = session.window.dock("approvals")
    assert isinstance(approvals, ApprovalsDock)
    given = {
        "CommandPalette": "palette",
        "NewDeskDialog": "desk.open",
        "ImportDialog": "import",
        "ConnectionsDialog": "connections",
        "PassphraseDialog": "lock.passphrase",
        "SettingsDialog": "settings",
        "ShortcutsDialog": "keys",
        "HandbookWindow": "handbook",
        "MailDialog": "alerts.mail",
        "CrashReportsDialog": "crash.reports",
        "MoneyMove": "accounts.deposit",
        "Confirmation": "accounts.pause",
    }
    found: dict[str, Callable[[], Any]] = {
        kind: (lambda command=command: commands.give(command)) for kind, command in given.items()
    }
    found["RefusalWindow"] = RefusalWindow("The disk is full.", session.window).show
    found["HaltDialog"] = session.halting.open
    found["ApprovalDialog"] = approvals.open_next
    found["ArmDialog"] = lambda: ArmDialog(session.context, session.window).open()
    return found


def _opened(session: DeskSession, kind: str, qtbot: QtBot) -> QDialog:
    _openers(session)[kind]()
    found = [
        one
        for one in session.window.findChildren(QDialog)
        if type(one).__name__ == kind and one.isVisible()
    ]
    assert len(found) == 1, session.window.notices.sentences()
    qtbot.waitExposed(found[0])
    qtbot.wait(_SETTLE)
    return found[0]


DIALOGS = (
    "ApprovalDialog",
    "CommandPalette",
    "Confirmation",
    "HaltDialog",
    "ArmDialog",
    "ConnectionsDialog",
    "CrashReportsDialog",
    "HandbookWindow",
    "ImportDialog",
    "MailDialog",
    "MoneyMove",
    "NewDeskDialog",
    "PassphraseDialog",
    "RefusalWindow",
    "SettingsDialog",
    "ShortcutsDialog",
)


def test_no_dialog_is_left_out() -> None:
    folder = Path(__file__).resolve().parents[2] / "allusedesk" / "desk"
    found = {
        node.name
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "QDialog" for base in node.bases)
    }
    assert sorted(found) == sorted(DIALOGS)


@pytest.mark.parametrize("kind", DIALOGS)
def test_every_dialog_is_named_reached_and_deaf_to_enter(
    kind: str, session: DeskSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    admitted: list[object] = []
    monkeypatch.setattr(session.context.bridge, "admit", admitted.append)
    dialog = _opened(session, kind, qtbot)
    try:
        assert dialog.windowTitle()
        assert not dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose) or dialog.isVisible()
        for page in _pages(dialog):
            assert [f"{page}: {one}" for one in reach.without_a_name(dialog)] == []
            assert [f"{page}: {one}" for one in reach.out_of_reach(dialog)] == []
        assert reach.pressed_by_enter(dialog) == []
        assert reach.too_faint(dialog) == []
        if kind != "CommandPalette":
            for widget in list(reach.interactive_in(dialog)):
                if widget.isEnabled() and widget.isVisible():
                    widget.setFocus()
                    qtbot.keyClick(widget, Qt.Key.Key_Return)
            assert dialog.isVisible()
        assert admitted == []
    finally:
        dialog.reject()
        qtbot.wait(_SETTLE)


def test_a_window_on_the_past_is_named_and_reached(session: DeskSession, qtbot: QtBot) -> None:
    session.context.commands.give("dock.journal")
    dock = session.window.dock("journal")
    assert isinstance(dock, JournalDock)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 0, timeout=WAIT)
    dock.past.open(latest(session).sequence)
    qtbot.waitUntil(lambda: len(dock.past.windows) == 1, timeout=WAIT)
    window = dock.past.windows[0]
    qtbot.waitExposed(window)
    qtbot.wait(_SETTLE)
    try:
        assert reach.without_a_name(window) == []
        assert reach.too_faint(window) == []
    finally:
        window.close()
        qtbot.waitUntil(lambda: dock.past.windows == [], timeout=WAIT)


def test_strip_and_menus_are_named_and_every_command_has_its_place(session: DeskSession) -> None:
    window = session.window
    assert reach.without_a_name(window.strip) == []
    assert reach.too_faint(window.strip) == []
    in_menus = {
        action.objectName() for menu in window.menus.actions() for action in menu.menu().actions()
    }
    assert set(session.context.commands.actions) <= in_menus


@pytest.mark.parametrize("percent", sorted(SCREENS))
def test_no_text_is_cut_at_any_scale(percent: int, session: DeskSession, qtbot: QtBot) -> None:
    width, height = SCREENS[percent]
    session.window.resize(width, height)
    qtbot.wait(_SETTLE)
    least = session.window.minimumSizeHint()
    assert (session.window.width(), session.window.height()) == (width, height), least
    cut = {}
    for spec in DOCKS:
        session.context.commands.give(f"dock.{spec.id}")
        dock = session.window.dock(spec.id)
        qtbot.wait(_SETTLE)
        found = reach.cut_short(dock)
        if found:
            cut[spec.id] = found
    assert cut == {}


@pytest.mark.parametrize("kind", DIALOGS)
def test_every_dialog_fits_a_screen_at_200_percent(
    kind: str, session: DeskSession, qtbot: QtBot
) -> None:
    dialog = _opened(session, kind, qtbot)
    try:
        least = dialog.minimumSizeHint()
        width, height = SCREENS[200]
        assert (least.width() <= width, least.height() <= height) == (True, True), least
        dialog.resize(min(dialog.width(), width), min(dialog.height(), height))
        qtbot.wait(_SETTLE)
        assert reach.cut_short(dialog) == []
    finally:
        dialog.reject()
        qtbot.wait(_SETTLE)


def test_colours_change_with_the_look_everywhere(session: DeskSession, qtbot: QtBot) -> None:
    """What was built under one look stands out under the other as well."""
    for look in ("light", "dark"):
        session.preferences.change(look=look)
        for spec in DOCKS:
            session.context.commands.give(f"dock.{spec.id}")
            qtbot.wait(_SETTLE)
            assert reach.too_faint(session.window.dock(spec.id)) == [], (look, spec.id)
        assert reach.too_faint(session.window.strip) == []
