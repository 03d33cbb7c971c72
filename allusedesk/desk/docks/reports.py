"""Reports: all that the record can give, its pages to look at, to hand over and to print."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.report_preview import ReportPreview
from allusedesk.desk.report_work import DrawnReport, drawn_report, print_pages, write_aside
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.reports.kinds import ReportKind
from allusedesk.wiring.report_shelf import FOLDER, PACK, Maturity, ShelvedReport, shelved
from allusedesk.wiring.reporting import FORMATS, ReportWish, kinds_made

if TYPE_CHECKING:
    from allusedesk.desk.operations import Operation
    from allusedesk.engine.snapshot import DeskSnapshot

_EVERY_KIND = "every kind"
_LATEST = "last"
# Somebody who goes down the list with the arrows wants the report they stop at.
_CHOOSE_MILLISECONDS = 150
_NARROW_LINES = 46

_COLUMNS: tuple[Column[ShelvedReport], ...] = (
    Column(
        "kind",
        "Report",
        lambda one: (one.kind.value, one.account),
        is_searched=True,
        says=lambda one: f"{one.kind.value.capitalize()} {one.account}".rstrip(),
    ),
    Column("period", "Period", lambda one: one.period.name, is_searched=True),
    Column("standing", "Standing", lambda one: one.maturity.value, is_searched=True),
    Column("first", "From", lambda one: one.period.first, formatting.day, is_hidden_at_first=True),
    Column("last", "To", lambda one: one.period.last, formatting.day),
    Column(
        "file",
        "File",
        lambda one: "" if one.file is None else one.file.name,
        is_searched=True,
        is_roomy=True,
        tip="Where the desk put it when its time had come; any other one is made when asked for",
    ),
)


class ReportsDock(Dock):
    """The list beside the pages; in a narrow panel above them."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.model = TableModel(_COLUMNS, lambda one: one.key, context.theme)
        self.blotter = Blotter(
            self.model,
            "Reports",
            "Nothing can be reported yet: the first close of a week makes its report.",
        )
        self.preview = ReportPreview(context.operations)
        self._found: tuple[ShelvedReport, ...] = ()
        self._wanted: tuple[str, str] | None = None
        self._shown: ReportWish | None = None
        self._days_known = ""
        self._is_reading = False
        self._drawing: Operation | None = None
        self._printing: Operation | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_CHOOSE_MILLISECONDS)
        self._settle.timeout.connect(self._draw_chosen)
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        """The list changes with the days and when a week is closed, not with each quote."""
        mark = f"{picture.at:%Y-%m-%d %H}/{picture.week.id if picture.week else ''}"
        if mark != self._days_known:
            self._list(mark)

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)
        self.preview.pages.viewport().update()

    def open_report(self, kind: str, period: str) -> None:
        """Look at the report of that kind and period; `last` is the latest one."""
        self._wanted = (kind, period)
        if self._found:
            self._open_wanted()
        elif not self._is_reading:
            self._list("")

    def print_shown(self) -> None:
        """Ask for a printer and put the pages that are shown on paper."""
        report = self.preview.report
        if report is None:
            self.context.notices.say("Choose a report first: the one whose pages are shown is it.")
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(_name_of(report.wish))
        if printer.outputFormat() is QPrinter.OutputFormat.PdfFormat:
            # With no printer about, paper is a file; it begins with a name that says what it is.
            printer.setOutputFileName(str(Path.home() / f"{_file_of(report.wish)}-printed.pdf"))
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(f"Print the {_name_of(report.wish)}")
        dialog.setMinMax(1, len(report.pages.sizes))
        for button in dialog.findChildren(QPushButton):
            button.setDefault(False)
            button.setAutoDefault(False)
        dialog.accepted.connect(partial(self.print_on, printer))
        # QPrintDialog has an open of its own, which wants a slot by name.
        QDialog.open(dialog)

    def print_on(self, printer: QPrinter) -> None:
        """Print the shown report there, elsewhere; the same button stops it."""
        report = self.preview.report
        if report is None:
            return
        name = _name_of(report.wish)
        operation = self.context.papers.begin(
            f"Printing the {name}",
            lambda operation: print_pages(report.pages, printer, operation),
            lambda count: self.context.notices.say(f"{count} pages of the {name} went to print."),
        )
        operation.progressed.connect(lambda _fraction, sentence: self.said.setText(sentence))
        operation.ended.connect(self._printed)
        self._printing = operation
        self.print.setText("Stop printing")

    def prepare_picture(self) -> None:
        if self.model.rowCount():
            self.blotter.table.selectRow(0)

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.blotter.hidden_columns()), "kind": self.kind.currentText()}

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.hide_columns(tuple(kept.get("hidden", ())))
        place = self.kind.findText(str(kept.get("kind", "")))
        if place >= 0:
            self.kind.setCurrentIndex(place)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW_LINES * self.fontMetrics().height()
        way = Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal
        if self.parts.orientation() is not way:
            self.parts.setOrientation(way)
            self._share_room()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """The list has what its columns need, beside the pages; above them, some rows."""
        line = self.fontMetrics().height()
        if self.parts.orientation() is Qt.Orientation.Vertical:
            self.parts.setSizes([10 * line, max(10 * line, self.parts.height() - 10 * line)])
        else:
            self.parts.setSizes([24 * line, max(24 * line, self.parts.width() - 24 * line)])

    def _lay_out(self) -> None:
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of report")
        self.kind.setToolTip("One kind shows its reports of every length, weeks to years")
        self.kind.addItems([_EVERY_KIND, *(kind.value for kind in kinds_made())])
        self.kind.currentIndexChanged.connect(self._fill)
        self.said = _label("What is shown")
        self.exports = {form: self._button(f"{form.upper()}…") for form in FORMATS}
        for form, button in self.exports.items():
            button.setAccessibleName(f"Export the report as {form.upper()}")
            button.setToolTip(f"Write what is shown as {form.upper()} to a file of your choice")
            button.clicked.connect(partial(self._choose_file, form))
        self.pack = self._button("ZIP…")
        self.pack.setAccessibleName("Export the regulatory pack as ZIP")
        self.pack.setToolTip("The regulatory pack: every file of the period with its sums")
        self.pack.clicked.connect(partial(self._choose_file, PACK))
        self.pack.hide()
        self.print = self._button("Print…")
        self.print.setToolTip("Put the pages on paper, drawn as finely as the printer can")
        self.print.clicked.connect(self._print_or_stop)
        self.lies = self._button("Open folder")
        self.lies.setToolTip("Show the folder where the desk put this report")
        self.lies.clicked.connect(self._open_folder)
        foot = QHBoxLayout()
        foot.addStretch(1)
        for button in (self.lies, *self.exports.values(), self.pack, self.print):
            foot.addWidget(button)
        self.blotter.chosen.connect(lambda _rows: self._settle.start())
        left = QWidget()
        _stack(QVBoxLayout(left), self.kind, self.blotter)
        self.parts = QSplitter(Qt.Orientation.Horizontal)
        self.parts.addWidget(left)
        self.parts.addWidget(self.preview)
        self.parts.setStretchFactor(0, 0)
        self.parts.setStretchFactor(1, 1)
        self.parts.setChildrenCollapsible(False)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 4, 4, 2)
        rows.addWidget(self.parts, 1)
        rows.addWidget(self.said)
        rows.addLayout(foot)
        self.put_keyboard_on(self.blotter)

    def _button(self, text: str) -> QPushButton:
        made = QPushButton(text)
        made.setAutoDefault(False)
        made.setAccessibleName(text.rstrip("…"))
        made.setEnabled(False)
        return made

    def _list(self, mark: str) -> None:
        if self._is_reading:
            return
        self._days_known, self._is_reading = mark, True
        folder = self.context.records.journal.parent / FOLDER
        self.context.records.ask(
            "Listing the reports", lambda side: shelved(side, folder), self._take, self._fail
        )

    def _take(self, found: tuple[ShelvedReport, ...]) -> None:
        self._is_reading = False
        self._found = found
        self._fill()
        self._open_wanted()

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self._days_known = ""
        self.context.notices.warn(sentence)

    def _fill(self) -> None:
        kind = self.kind.currentText()
        every = kind == _EVERY_KIND
        self.model.show(
            one for one in self._found if (one.is_regular if every else one.kind.value == kind)
        )

    def _open_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        kind, period = wanted
        one = next(
            (
                one
                for one in self._found
                if one.kind.value == kind
                and (one.period.name == period or (period == _LATEST and one.is_regular))
            ),
            None,
        )
        if one is None:
            self.context.notices.warn(
                f"The record gives no {kind} report of {period}: choose another from the list."
            )
            return
        self.kind.setCurrentText(_EVERY_KIND if one.is_regular else kind)
        self.blotter.field.clear()
        self.blotter.choose(one.key)

    def _draw_chosen(self) -> None:
        rows: list[ShelvedReport] = self.blotter.rows_chosen()
        if len(rows) != 1:
            return
        wish = self._wish_of(rows[0])
        self.lies.setEnabled(rows[0].file is not None)
        if wish == self._shown and rows[0].maturity is not Maturity.RUNNING:
            return
        self._shown = wish
        self.pack.setVisible(wish.kind is ReportKind.REGULATORY)
        if self._drawing is not None:
            self._drawing.stop()
        self._allow(is_allowed=False)
        name = _name_of(wish)
        self.said.setText("")
        self.preview.clear(f"Drawing the {name}…")
        journal = self.context.records.journal
        self._drawing = self.context.papers.begin(
            f"The {name}",
            lambda operation: drawn_report(journal, wish, operation),
            self._show_report,
            partial(self._show_fault, wish),
        )

    def _wish_of(self, one: ShelvedReport) -> ReportWish:
        """What is shown of a row; only a client's pages may be kept from telling targets."""
        is_client = one.kind is ReportKind.CLIENT
        by = self.context.preferences.settings.client.targets_by if is_client else ""
        return ReportWish(one.kind, one.period.name, one.account, targets_by=by)

    def _show_report(self, report: DrawnReport | None) -> None:
        if report is None or report.wish != self._shown:
            return
        self.preview.show_report(report)
        self.said.setText(
            f"The {_name_of(report.wish)}, {len(report.pages.sizes)} pages, from the record up to "
            f"entry {report.statement.sequence_last:,}"
        )
        self._allow(is_allowed=True)

    def _show_fault(self, wish: ReportWish, sentence: str) -> None:
        if wish == self._shown:
            self._shown = None
            self.preview.clear(f"{sentence.rstrip('.')}. Choose it again, or another one.")

    def _allow(self, *, is_allowed: bool) -> None:
        for button in (*self.exports.values(), self.pack):
            button.setEnabled(is_allowed)
        self.print.setEnabled(is_allowed or self._printing is not None)

    def _print_or_stop(self) -> None:
        if self._printing is not None:
            self._printing.stop()
        else:
            self.print_shown()

    def _printed(self) -> None:
        self._printing = None
        self.print.setText("Print…")
        self._allow(is_allowed=self.preview.report is not None)

    def _open_folder(self) -> None:
        rows: list[ShelvedReport] = self.blotter.rows_chosen()
        if rows and rows[0].file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(rows[0].file.parent)))

    def _choose_file(self, form: str) -> None:
        report = self.preview.report
        if report is None:
            return
        dialog = QFileDialog(self, f"Export the {_name_of(report.wish)}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(form)
        dialog.setNameFilter(f"{form.upper()} (*.{form})")
        dialog.selectFile(f"{_file_of(report.wish)}.{form}")
        dialog.fileSelected.connect(partial(self._export, report, form))
        dialog.open()

    def _export(self, report: DrawnReport, form: str, file: str) -> None:
        name = _name_of(report.wish)
        journal = self.context.records.journal
        self.context.papers.begin(
            f"Exporting the {name}",
            lambda _: write_aside(journal, report, form, Path(file)),
            lambda path: self.context.notices.say(f"The {name} is in {path}."),
        )


def _name_of(wish: ReportWish) -> str:
    of = f"{wish.account} for {wish.period}" if wish.account else wish.period
    return f"{wish.kind.value} report of {of}"


def _file_of(wish: ReportWish) -> str:
    return "-".join(part for part in (wish.kind.value, wish.account, wish.period) if part)


def _label(name: str) -> QLabel:
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setAccessibleName(name)
    made.setWordWrap(True)
    return made


def _stack(rows: QBoxLayout, head: QWidget, rest: QWidget) -> None:
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(3)
    rows.addWidget(head)
    rows.addWidget(rest, 1)
