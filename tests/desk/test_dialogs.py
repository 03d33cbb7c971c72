"""Settings, keys and the handbook, as a person uses them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.settings import SettingsDialog
from allusedesk.desk.dialogs.shortcuts import ShortcutsDialog
from allusedesk.desk.handbook_window import HandbookWindow
from allusedesk.settings import ClientChoice, read_settings
from tests.desk.conftest import WAIT, OpenDesk, latest


def test_settings_are_kept_and_worn_at_once(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    session.context.commands.give("settings")
    dialog = session.window.findChild(SettingsDialog)
    assert dialog is not None
    other = "light" if session.context.theme.name == "dark" else "dark"
    dialog.look.setCurrentText(other)
    dialog.operator.clear()
    qtbot.keyClicks(dialog.operator, "Ann")
    dialog.typed_above.setValue(3)
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    assert session.context.theme.name == other
    assert session.context.operator == "Ann"
    kept = read_settings(session.preferences.home)
    assert (kept.look, kept.operator, kept.typed_above) == (other, "Ann", 3)


def test_clients_statements_are_switched_on_and_the_rest_of_their_choice_stays(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    known = ClientChoice(shows_targets=True, responsible="Ann")
    session.preferences.change(client=known)
    for wanted in (True, False):
        session.context.commands.give("settings")
        dialog = session.window.findChildren(SettingsDialog)[-1]
        assert dialog.cuts_statements.isChecked() is not wanted
        dialog.cuts_statements.setFocus()
        qtbot.keyClick(dialog.cuts_statements, Qt.Key.Key_Space)
        with qtbot.waitSignal(dialog.destroyed, timeout=WAIT):
            qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
        kept = read_settings(session.preferences.home).client
        assert kept == replace(known, cuts_statements=wanted)


def test_enter_keeps_no_settings(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    before = session.preferences.settings
    session.context.commands.give("settings")
    dialog = session.window.findChild(SettingsDialog)
    assert dialog is not None
    qtbot.keyClicks(dialog.operator, "Bob")
    qtbot.keyClick(dialog.operator, Qt.Key.Key_Return)
    assert session.preferences.settings == before
    qtbot.mouseClick(dialog.leave, Qt.MouseButton.LeftButton)
    assert session.preferences.settings == before


def test_keys_are_changed_and_taken_ones_refused(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    session.context.commands.give("keys")
    dialog = session.window.findChild(ShortcutsDialog)
    assert dialog is not None
    dialog.blotter.choose("palette")
    dialog.keys.setKeySequence(QKeySequence("Ctrl+Q"))
    qtbot.mouseClick(dialog.assign, Qt.MouseButton.LeftButton)
    assert "already means “Quit”" in dialog.said.text()
    dialog.keys.setKeySequence(QKeySequence("Ctrl+Alt+P"))
    qtbot.mouseClick(dialog.assign, Qt.MouseButton.LeftButton)
    assert session.context.commands.with_keys("Ctrl+Alt+P") == "palette"
    assert read_settings(session.preferences.home).keys == {"palette": "Ctrl+Alt+P"}
    qtbot.mouseClick(dialog.first, Qt.MouseButton.LeftButton)
    assert session.context.commands.with_keys("Ctrl+Shift+P") == "palette"
    assert read_settings(session.preferences.home).keys == {}


def test_f1_opens_the_page_of_the_panel_with_the_keyboard(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    qtbot.waitExposed(session.window)
    session.context.commands.give("dock.journal")
    session.context.commands.give("handbook")
    book = session.window.findChild(HandbookWindow)
    assert book is not None
    assert book.page == "desk-journal"
    assert "Re-open this moment" in book.text.toPlainText()
    book.show_page("no such page")
    assert book.page == "desk"
    qtbot.keyClicks(book.field, "palette")
    qtbot.keyClick(book.field, Qt.Key.Key_Return)
    assert book.text.textCursor().selectedText().lower() == "palette"


def test_words_are_found_in_the_whole_handbook(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    session.context.commands.give("handbook")
    book = session.window.findChild(HandbookWindow)
    assert book is not None
    before = {row for row in range(book.pages.count()) if not book.pages.isRowHidden(row)}
    qtbot.keyClicks(book.field, "Wash sale")
    qtbot.keyClick(book.field, Qt.Key.Key_Return)
    assert book.page == "compliance"
    assert "wash sale" in book.text.textCursor().block().text()
    shown = [book.pages.item(row).text().strip() for row in sorted(before)]
    left = [
        book.pages.item(row).text().strip()
        for row in range(book.pages.count())
        if not book.pages.isRowHidden(row)
    ]
    assert "Taxes" in left
    assert "Panel: Chart" in shown
    assert "Panel: Chart" not in left
    seen = []
    for _ in range(60):
        qtbot.keyClick(book.field, Qt.Key.Key_Return)
        seen.append(book.page)
    assert "taxes" in seen
    assert "compliance" in seen[seen.index("taxes") :], "after the last page comes the first again"
    book.field.setText("xyzzy")
    assert "No page" in book.said.text()
    assert not book.find_next()
    book.field.clear()
    assert {row for row in range(book.pages.count()) if not book.pages.isRowHidden(row)} == before


def test_every_page_that_a_panel_names_is_in_the_handbook(qtbot: QtBot) -> None:
    from allusedesk.desk.docks.catalogue import DOCKS
    from allusedesk.resource_files import resource_path

    missing = [
        spec.page
        for spec in DOCKS
        if not resource_path("handbook").joinpath(f"{spec.page}.md").exists()
    ]
    assert missing == []


def test_time_goes_on_at_questions_for_whoever_wants_it_so(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "max", "--to", "2012-01-13")
    qtbot.waitUntil(lambda: bool(latest(session).cards), timeout=WAIT)
    at = latest(session).at
    qtbot.wait(150)
    assert latest(session).at == at
    session.preferences.change(stands_at_questions=False)
    qtbot.waitUntil(lambda: latest(session).at > at, timeout=WAIT)
