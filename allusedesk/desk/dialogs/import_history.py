"""Vendors' files looked at, every defect named, then kept in an archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.context import DeskContext
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter

if TYPE_CHECKING:
    from allusedesk.desk.operations import Operation
    from allusedesk.wiring.imports import Preview


@dataclass(frozen=True, slots=True)
class _Taken:
    """One file and what it gave."""

    file: str
    gave: str


@dataclass(frozen=True, slots=True)
class _Fault:
    """One defect as a person reads it."""

    number: int
    file: str
    row: int
    reason: str
    effect: str


_FILES: tuple[Column[_Taken], ...] = (
    Column("file", "File", lambda one: one.file, is_searched=True),
    Column("gave", "Gave", lambda one: one.gave, is_searched=True),
)
_FAULTS: tuple[Column[_Fault], ...] = (
    Column("file", "File", lambda one: one.file, is_searched=True),
    Column("row", "Row", lambda one: one.row, lambda row: str(row) if row else "", is_number=True),
    Column("reason", "What is wrong", lambda one: one.reason, is_searched=True, is_roomy=True),
    Column("effect", "What was done", lambda one: one.effect, is_searched=True),
)


class ImportDialog(QDialog):
    """Choose files, read what they hold and what is wrong with them, then choose an archive."""

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import history")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.context = context
        self._found: Preview | None = None
        self._reading: Operation | None = None
        self.files = TableModel(_FILES, lambda one: one.file, context.theme)
        self.faults = TableModel(_FAULTS, lambda one: one.number, context.theme)
        self.said = QLabel("Choose a folder or files of prices, chains, rates or events.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What happened")
        tabs = QTabWidget()
        tabs.setAccessibleName("What was found")
        tabs.addTab(Blotter(self.files, "Files read", "No file was read yet."), "Files")
        tabs.addTab(Blotter(self.faults, "Defects", "No defect was found."), "Defects")
        self.folder = self._button("Read folder…", partial(self._choose, is_folder=True))
        self.choose = self._button("Read files…", partial(self._choose, is_folder=False))
        self.stop = self._button("Stop", self._stop)
        self.keep = self._button("Keep in an archive…", self._choose_archive)
        self.leave = self._button("Close", self.accept)
        self.keep.setEnabled(False)
        self.stop.setEnabled(False)
        foot = QHBoxLayout()
        for button in (self.folder, self.choose, self.stop, self.keep, self.leave):
            foot.addWidget(button)
        rows = QVBoxLayout(self)
        rows.addWidget(self.said)
        rows.addWidget(tabs, 1)
        rows.addLayout(foot)
        self.resize(self.fontMetrics().averageCharWidth() * 110, self.fontMetrics().height() * 32)

    def read(self, paths: list[str]) -> None:
        """Read files, or whatever lies in folders; nothing is kept yet."""
        if not paths:
            return
        self.said.setText("Reading…")
        self.keep.setEnabled(False)
        self.stop.setEnabled(True)
        self._reading = self.context.operations.begin(
            "Reading the files",
            partial(_read, tuple(Path(path) for path in paths)),
            self._show,
            self._fail,
        )
        self._reading.ended.connect(self._ended)

    def keep_in(self, archive: str) -> None:
        """Keep what was read in an archive, new or there already."""
        found = self._found
        if found is None or not archive:
            return
        self.keep.setEnabled(False)
        self.context.operations.begin(
            "Keeping the history",
            partial(_keep, found, Path(archive)),
            lambda held: self.said.setText(
                f"{archive} now holds {held} series, chains and lists: name it as the recorded "
                "market of a desk."
            ),
            self._fail,
        )

    def _button(self, title: str, press: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.setAccessibleName(title.rstrip("…"))
        button.clicked.connect(lambda _=False: press())
        return button

    def _choose(self, *, is_folder: bool) -> None:
        dialog = self._file_dialog("Files to read")
        mode = QFileDialog.FileMode.Directory if is_folder else QFileDialog.FileMode.ExistingFiles
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self.read)
        dialog.open()

    def _choose_archive(self) -> None:
        dialog = self._file_dialog("Archive to keep it in")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.keep_in)
        dialog.open()

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        return dialog

    def _show(self, found: Preview) -> None:
        self._found = found
        report = found.report
        self.files.show(_Taken(file, gave) for file, gave in report.taken)
        self.faults.show(
            _Fault(number, defect.file, defect.row, defect.reason, str(defect.effect))
            for number, defect in enumerate(report.defects)
        )
        self.keep.setEnabled(bool(found.values))
        passed = len(report.passed_over)
        over = f", {passed} passed over as no layout the desk knows" if passed else ""
        self.said.setText(
            f"{len(report.taken)} files read, {len(report.defects)} defects{over}. Nothing is "
            "kept yet."
        )

    def _fail(self, sentence: str) -> None:
        self.said.setText(sentence)

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.stop()
            self.said.setText("Stopped: nothing was read and nothing kept.")

    def _ended(self) -> None:
        self.stop.setEnabled(False)


def _read(paths: tuple[Path, ...], _operation: Operation) -> Preview:
    from allusedesk.wiring.imports import preview

    return preview(paths)


def _keep(found: Preview, archive: Path, _operation: Operation) -> int:
    from allusedesk.wiring.imports import keep

    return keep(found, archive)
