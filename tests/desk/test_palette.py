"""The palette: a few letters, an arrow, Enter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.commands import CommandBook, DeskCommand
from allusedesk.desk.palette import CommandPalette
from allusedesk.desk.theme import Theme


@pytest.fixture
def given() -> list[str]:
    return []


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def palette(qtbot: QtBot, theme: Theme, given: list[str], parent: QWidget) -> CommandPalette:
    book = CommandBook()
    for name, title in (("one", "Open positions"), ("two", "Open orders"), ("three", "Quit")):
        book.add([DeskCommand(name, title, "&Desk", lambda name=name: given.append(name))])
    made = CommandPalette(book, theme, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    made.open()
    qtbot.waitExposed(made)
    return made


def test_letters_narrow_and_enter_gives(
    palette: CommandPalette, qtbot: QtBot, given: list[str]
) -> None:
    qtbot.keyClicks(palette.field, "ord op")
    assert palette.model.rowCount() == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert given == ["two"]
    assert not palette.isVisible()


def test_arrows_go_round_the_ends(palette: CommandPalette, qtbot: QtBot, given: list[str]) -> None:
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert given == ["three"]


def test_enter_with_nothing_that_fits_gives_nothing(
    palette: CommandPalette, qtbot: QtBot, given: list[str]
) -> None:
    qtbot.keyClicks(palette.field, "zebra")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert given == []
    assert palette.isVisible()
