"""The command palette: every command by a few letters of its name."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListView, QVBoxLayout, QWidget

from allusedesk.desk.commands import CommandBook
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.theme import Theme


class CommandPalette(QDialog):
    """A field and the commands that fit; Enter gives the chosen one, Escape none."""

    def __init__(self, book: CommandBook, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Commands")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._book = book
        self.field = QLineEdit()
        self.field.setAccessibleName("Command")
        self.field.setPlaceholderText("Type a few letters of a command")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        column: Column[QAction] = Column("command", "Command", self._line, is_searched=True)
        self.model = TableModel((column,), lambda action: action.objectName(), theme)
        self.model.show(action for action in book.actions.values() if action.isEnabled())
        self.list = QListView()
        self.list.setAccessibleName("Commands that fit")
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.clicked.connect(lambda _: self.give())
        rows = QVBoxLayout(self)
        rows.addWidget(self.field)
        rows.addWidget(self.list, 1)
        metrics = self.fontMetrics()
        self.resize(metrics.averageCharWidth() * 70, metrics.height() * 24)
        self._choose(0)

    def give(self) -> None:
        """Carry out the chosen command, once the palette is out of the way."""
        index = self.list.currentIndex()
        if index.isValid():
            command = self.model.row_at(index.row()).objectName()
            self.accept()
            self._book.give(command)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_press = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress
        if watched is self.field and is_press and isinstance(event, QKeyEvent):
            match event.key():
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self.give()
                    return True
                case Qt.Key.Key_Down:
                    self._choose(self.list.currentIndex().row() + 1)
                    return True
                case Qt.Key.Key_Up:
                    self._choose(self.list.currentIndex().row() - 1)
                    return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.field.setFocus()

    def _narrow(self, text: str) -> None:
        self.model.filter(text)
        self._choose(0)

    def _choose(self, row: int) -> None:
        """Choose a row, round the ends of the list."""
        count = self.model.rowCount()
        if count:
            self.list.setCurrentIndex(self.model.index(row % count, 0))

    def _line(self, action: QAction) -> str:
        keys = action.shortcut().toString()
        group = self._book.commands[action.objectName()].group
        title = f"{group}: {action.text()}".replace("&", "")
        return f"{title}    [{keys}]" if keys else title
