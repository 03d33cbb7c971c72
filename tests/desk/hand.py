"""A hand at the fields and buttons of a dialog, by keyboard and mouse."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.session import DeskSession


class Hand:
    """Types, chooses and clicks, and looks whether the field took it."""

    qtbot: QtBot

    @property
    def session(self) -> DeskSession:
        raise NotImplementedError

    def opened(self, command: str, kind: type[Any]) -> Any:
        self.session.context.commands.give(command)
        found = [one for one in self.session.window.findChildren(kind) if one.isVisible()]
        assert len(found) == 1
        return found[0]

    def pick(self, field: QComboBox, start: str) -> None:
        field.setFocus()
        self.qtbot.keyClick(field, Qt.Key.Key_Home)
        for _ in range(field.count()):
            if not field.currentText().startswith(start):
                self.qtbot.keyClick(field, Qt.Key.Key_Down)
        assert field.currentText().startswith(start)

    def write(self, field: QLineEdit, text: str) -> None:
        field.setFocus()
        field.selectAll()
        if not text:
            self.qtbot.keyClick(field, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(field, text)
        assert field.text() == text

    def count(self, field: QSpinBox, number: int) -> None:
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, str(number))
        self.qtbot.keyClick(field, Qt.Key.Key_Tab)
        assert field.value() == number

    def click(self, button: QWidget) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
