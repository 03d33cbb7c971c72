"""Crash reports on this machine: looked at, kept or deleted, and sent nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.theme import CODE_FONT

if TYPE_CHECKING:
    from allusedesk.monitoring.crash_reports import CrashFolder, CrashReport

_ABOUT = (
    "These reports lie on this machine alone; nothing is sent anywhere. They tell where the desk "
    "failed, with which versions, and the last lines of its log. They hold no keys, passphrases "
    "or figures of an account, so they can be shown to whoever helps you."
)
_NONE = "Nothing has failed here, or every report was deleted."


class CrashReportsDialog(QDialog):
    """A list of reports and the one chosen; what was looked at and kept is not offered again."""

    def __init__(self, folder: CrashFolder, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Crash reports")
        self.setAccessibleName("Crash reports")
        self._folder = folder
        self._reports: list[CrashReport] = []
        about = QLabel(_ABOUT)
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Reports, the newest first")
        self.list.setToolTip("Choose the report to read")
        self.list.currentRowChanged.connect(self._show)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(QFont(CODE_FONT, self.font().pointSize()))
        self.text.setAccessibleName("The report")
        self.text.setToolTip("The whole report, as it lies on the disk")
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.list)
        parts.addWidget(self.text)
        parts.setStretchFactor(1, 1)
        rows = QVBoxLayout(self)
        rows.addWidget(about)
        rows.addWidget(parts, 1)
        rows.addLayout(self._buttons())
        metrics = self.fontMetrics()
        parts.setSizes([metrics.height() * 6, metrics.height() * 18])
        self.resize(metrics.averageCharWidth() * 100, metrics.height() * 36)
        self._read(0)

    def _buttons(self) -> QHBoxLayout:
        self.copy = QPushButton("Copy the text")
        self.delete = QPushButton("Delete")
        self.keep = QPushButton("Keep")
        self.leave = QPushButton("Close")
        foot = QHBoxLayout()
        for button, tip, press in (
            (self.copy, "Put the report on the clipboard, to show it to somebody", self._copy),
            (self.delete, "Remove this report from the disk", self._delete),
            (self.keep, "Leave it on the disk; it is not offered again", self._keep),
            (self.leave, "Look at them again later", self.reject),
        ):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text())
            button.setToolTip(tip)
            button.clicked.connect(press)
            foot.addWidget(button)
        foot.insertStretch(1, 1)
        return foot

    def _read(self, row: int) -> None:
        self._reports = self._folder.reports()
        self.list.clear()
        for one in self._reports:
            mark = "new, " if one.is_new else ""
            self.list.addItem(f"{one.at}: {mark}{one.what}")
        self.list.setCurrentRow(min(row, len(self._reports) - 1))
        self._show(self.list.currentRow())

    def _show(self, row: int) -> None:
        found = self._reports[row] if 0 <= row < len(self._reports) else None
        self.text.setPlainText(_NONE if found is None else self._folder.text(found.path))
        for button in (self.copy, self.delete):
            button.setEnabled(found is not None)
        self.keep.setEnabled(found is not None and found.is_new)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _delete(self) -> None:
        row = self.list.currentRow()
        self._folder.delete(self._reports[row].path)
        self._read(row)

    def _keep(self) -> None:
        row = self.list.currentRow()
        self._folder.keep(self._reports[row].path)
        self._read(row)
