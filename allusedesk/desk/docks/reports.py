"""Reports: every week's statement, its pages to look at, and files to hand over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.page_view import PageView
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.journal.queries import weeks
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import PlannedWeek
from allusedesk.journal.week_queries import week

if TYPE_CHECKING:
    from allusedesk.desk.operations import Operation
    from allusedesk.engine.snapshot import DeskSnapshot


@dataclass(frozen=True, slots=True)
class WeekReport:
    """One week that can be reported, and how final its report is."""

    week: PlannedWeek
    standing: str


_COLUMNS: tuple[Column[WeekReport], ...] = (
    Column("week", "Week", lambda one: one.week.week, is_searched=True),
    Column("first", "From", lambda one: one.week.first_session, formatting.day),
    Column("last", "To", lambda one: one.week.last_session, formatting.day),
    Column("standing", "Standing", lambda one: one.standing, is_searched=True),
)


class ReportsDock(Dock):
    """The weeks on the left, the pages of the chosen one on the right."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.model = TableModel(_COLUMNS, lambda one: one.week.week, context.theme)
        self.blotter = Blotter(
            self.model,
            "Reports",
            "No week can be reported yet: the first close of a week makes its report.",
        )
        self.pages = PageView()
        self._shown: str = ""
        self._days_known = ""
        self._is_reading = False
        self._drawing: Operation | None = None
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        """The list changes with the days and when a week is closed, not with each quote."""
        mark = f"{picture.at:%Y-%m-%d}/{picture.week.id if picture.week else ''}"
        if mark != self._days_known and not self._is_reading:
            self._days_known, self._is_reading = mark, True
            self.context.records.ask("Listing the reports", _listed, self._take, self._fail)

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)

    def prepare_picture(self) -> None:
        if self.model.rowCount():
            self.blotter.table.selectRow(0)

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.blotter.hidden_columns())}

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.hide_columns(tuple(kept.get("hidden", ())))

    def _lay_out(self) -> None:
        self.said = QLabel("Choose a week to see its pages.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName("What is shown")
        self.said.setWordWrap(True)
        self.exports = {
            kind: QPushButton(f"Export {kind.upper()}…") for kind in ("pdf", "csv", "json")
        }
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        for kind, button in self.exports.items():
            button.setEnabled(False)
            button.setAccessibleName(f"Export the chosen week as {kind.upper()}")
            button.clicked.connect(partial(self._choose_file, kind))
            foot.addWidget(button)
        self.blotter.chosen.connect(self._chose)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.blotter)
        parts.addWidget(self.pages)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 3)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 4, 4, 2)
        rows.addWidget(parts, 1)
        rows.addLayout(foot)
        self.put_keyboard_on(self.blotter)

    def _take(self, found: tuple[WeekReport, ...]) -> None:
        self._is_reading = False
        self.model.show(reversed(found))

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self._days_known = ""
        self.context.notices.warn(sentence)

    def _chose(self, rows: list[WeekReport]) -> None:
        for button in self.exports.values():
            button.setEnabled(len(rows) == 1)
        if len(rows) != 1 or rows[0].week.week == self._shown:
            return
        self._shown = rows[0].week.week
        self.said.setText(f"Drawing the report of {self._shown}…")
        if self._drawing is not None:
            self._drawing.stop()
        self._drawing = self.context.operations.begin(
            f"The report of {self._shown}",
            partial(_drawn, self.context.records.journal, self._shown),
            partial(self._show_pages, self._shown),
        )

    def _show_pages(self, name: str, pages: tuple[QImage, ...]) -> None:
        if name == self._shown:
            self.pages.show_pages(pages)
            self.said.setText(f"The report of {name}, {len(pages)} pages")

    def _choose_file(self, kind: str) -> None:
        rows: list[WeekReport] = self.blotter.rows_chosen()
        if not rows:
            return
        name = rows[0].week.week
        dialog = QFileDialog(self, f"Export the report of {name}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.setNameFilter(f"{kind.upper()} (*.{kind})")
        dialog.selectFile(f"weekly-{name}.{kind}")
        dialog.fileSelected.connect(partial(self._export, name, kind))
        dialog.open()

    def _export(self, name: str, kind: str, file: str) -> None:
        self.context.operations.begin(
            f"The report of {name}",
            partial(_exported, self.context.records.journal, name, kind, Path(file)),
            lambda path: self.context.notices.say(f"The report of {name} is in {path}."),
        )


def _listed(side: ReadSide) -> tuple[WeekReport, ...]:
    found = []
    for one in weeks(side):
        overview = week(side, one.week)
        is_final = overview is not None and any(cut.is_final for cut in overview.closings)
        is_cut = overview is not None and bool(overview.closings)
        standing = "final" if is_final else "provisional" if is_cut else "running"
        found.append(WeekReport(one, standing))
    return tuple(found)


def _drawn(journal: Path, name: str, operation: Operation) -> tuple[QImage, ...]:
    """The pages of a week's report as pictures; the PDF is drawn in a folder that goes away."""
    from tempfile import TemporaryDirectory

    from allusedesk.reports.kinds import ReportKind
    from allusedesk.reports.page_pictures import picture_pages
    from allusedesk.wiring.reporting import ReportWish, write_report

    with TemporaryDirectory() as folder:
        pdf, *_ = write_report(
            journal, ReportWish(ReportKind.WEEKLY, name), Path(folder) / "report"
        )
        if operation.is_stopped:
            return ()
        return tuple(QImage(str(page)) for page in picture_pages(pdf, Path(folder)))


def _exported(journal: Path, name: str, kind: str, file: Path, _operation: Operation) -> Path:
    from tempfile import TemporaryDirectory

    from allusedesk.reports.kinds import ReportKind
    from allusedesk.wiring.reporting import ReportWish, write_report

    # Drawn aside and moved whole, so that a full disk leaves no half of a report.
    with TemporaryDirectory(dir=file.parent, prefix=".report-") as folder:
        files = write_report(journal, ReportWish(ReportKind.WEEKLY, name), Path(folder) / "report")
        written = next(one for one in files if one.suffix == f".{kind}")
        return written.replace(file)
