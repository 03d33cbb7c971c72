"""The keys of every command, to be read and changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.commands import CommandBook
from allusedesk.desk.context import DeskContext
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One command with the keys it has and those it had at first."""

    command: str
    menu: str
    title: str
    keys: str
    keys_first: str


_COLUMNS: tuple[Column[KeyRow], ...] = (
    Column("menu", "Menu", lambda row: row.menu, is_searched=True),
    Column("title", "Command", lambda row: row.title, is_searched=True),
    Column("keys", "Keys", lambda row: row.keys, is_searched=True),
    Column("first", "First keys", lambda row: row.keys_first),
)


class ShortcutsDialog(QDialog):
    """Choose a command, press its new keys, assign; keys that are taken are refused and told."""

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.context = context
        self.model = TableModel(_COLUMNS, lambda row: row.command, context.theme)
        self.model.show(_rows(context.commands))
        self.blotter = Blotter(self.model, "Commands and keys", "There is no command.")
        self.blotter.chosen.connect(self._chose)
        self.keys = QKeySequenceEdit()
        self.keys.setAccessibleName("New keys")
        self.keys.setMaximumSequenceLength(1)
        self.said = QLabel("Choose a command, then press its new keys.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName("What happened")
        self.said.setWordWrap(True)
        self.assign = self._button("Assign", self._assign)
        self.clear = self._button("No keys", lambda: self._bind(""))
        self.first = self._button("First keys", self._give_first)
        self.close_button = self._button("Close", self.accept)
        foot = QHBoxLayout()
        for widget in (self.keys, self.assign, self.clear, self.first, self.close_button):
            foot.addWidget(widget)
        rows = QVBoxLayout(self)
        rows.addWidget(self.blotter, 1)
        rows.addWidget(self.said)
        rows.addLayout(foot)
        metrics = self.fontMetrics()
        self.resize(metrics.averageCharWidth() * 100, metrics.height() * 34)
        self._chose([])

    def _button(self, title: str, press: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.setAccessibleName(title)
        button.clicked.connect(press)
        return button

    def _chose(self, rows: list[KeyRow]) -> None:
        has_one = len(rows) == 1
        for widget in (self.keys, self.assign, self.clear, self.first):
            widget.setEnabled(has_one)
        if has_one:
            self.keys.setKeySequence(QKeySequence(rows[0].keys))

    def _assign(self) -> None:
        self._bind(self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText))

    def _give_first(self) -> None:
        rows = self.blotter.rows_chosen()
        if rows:
            self._bind(rows[0].keys_first)

    def _bind(self, keys: str) -> None:
        rows = self.blotter.rows_chosen()
        if not rows:
            return
        command = rows[0].command
        book = self.context.commands
        try:
            book.rebind(command, keys)
        except ValueError as taken:
            self.said.setText(str(taken))
            return
        chosen = {
            name: action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
            for name, action in book.actions.items()
            if action.shortcut() != QKeySequence(book.commands[name].keys)
        }
        self.context.preferences.change(keys=chosen)
        self.said.setText(f"“{rows[0].title}” now has {keys or 'no keys'}.")
        self.model.show(_rows(book))


def _rows(book: CommandBook) -> list[KeyRow]:
    return [
        KeyRow(
            name,
            command.group.replace("&", ""),
            command.title.replace("&", ""),
            book.actions[name].shortcut().toString(),
            command.keys,
        )
        for name, command in book.commands.items()
    ]
