"""Laboratory: backtests and searches begun, kept, and held against each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QTabWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from allusedesk.desk import formatting
from allusedesk.desk.charts.growth_fan import GrowthFan
from allusedesk.desk.charts.heading import headed
from allusedesk.desk.charts.interval_chart import IntervalChart
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.laboratory_form import LaboratoryForm
from allusedesk.desk.docks.laboratory_projection import ProjectionPanel
from allusedesk.desk.operations import Operation
from allusedesk.desk.room import Roomy
from allusedesk.desk.side_by_side import SideBySide
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.journal.results import RunLine

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.wiring.laboratory.trial_days import Passed
    from allusedesk.wiring.laboratory.views import Row, RunView
    from allusedesk.wiring.laboratory.wish import LaboratoryWish

_SPAN_FIRST, _SPAN_LAST = date(2012, 1, 2), date(2012, 3, 30)
_COMPARED_MAX = 2
_TWO_AT_MOST = "; of more than two chosen the uppermost two are shown"
_STOPPED = "Stopped; begun again, it goes on from the trials that ended."


class LaboratoryDock(Dock):
    """The file of results as a list; what is chosen in it is drawn, two runs against each other."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        from allusedesk.wiring.laboratory.wish import choices

        self.view: RunView | None = None
        self.running: Operation | None = None
        self._is_filled = False
        theme = context.theme
        self.form = LaboratoryForm(choices())
        self.form.begun.connect(self.begin)
        self.form.stopped.connect(self.stop)
        self.runs: TableModel[RunLine] = TableModel(_RUNS, lambda row: row.number, theme)
        self.list = Blotter(
            self.runs, "Runs", "Nothing was run yet: fill in the fields above and press Begin."
        )
        self.list.chosen.connect(self._choose)
        self.growth = GrowthFan(theme)
        self.intervals = IntervalChart(theme, "Mean week with its interval")
        self.title = _words("The run shown")
        self.remarks = _words("What to bear in mind")
        self.figures: TableModel[Row] = TableModel(_figure_columns(None), _row_name, theme)
        self.table = Blotter(self.figures, "Figures", "Choose a run, or two with Ctrl.")
        self.projection = ProjectionPanel(context, self._run_chosen)
        self._lay_out()

    def show_picture(self, _picture: DeskSnapshot) -> None:
        # A picture tells nothing of the laboratory, but there is one once the desk is known.
        if not self._is_filled:
            self._is_filled = True
            self._fill_in()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.read_again()

    def wear(self, theme: Theme) -> None:
        self.runs.wear(theme)
        self.figures.wear(theme)
        self.growth.wear(theme)
        self.intervals.wear(theme)
        self.projection.wear(theme)

    def begin(self) -> None:
        """Run what the form asks for, unless something runs."""
        if self.running is not None:
            return
        wish = self.form.wish()

        def work(operation: Operation) -> int:
            return _carried_out(wish, operation)

        self.form.show_running(is_running=True)
        self.form.show_progress(0.0, f"The {wish.kind} has begun.")
        self.running = self.context.operations.begin(
            f"The {wish.kind}", work, self._take_number, self._fail
        )
        self.running.progressed.connect(self.form.show_progress)
        self.running.ended.connect(self._end)

    def stop(self) -> None:
        """End what runs; the trials that ended before stay for the same run."""
        if self.running is not None:
            self.running.stop()
            self.form.told.setText("Stopping.")

    def read_again(self, choose: int | None = None) -> None:
        """List the runs there are now, and choose one."""

        def take(lines: tuple[RunLine, ...]) -> None:
            self.runs.show(lines)
            if choose is not None:
                self.list.choose(choose)

        self.context.operations.begin("Reading the runs", lambda _: _lines(), take, self._warn)

    def _take_number(self, number: int) -> None:
        if not isValid(self):
            return
        self.form.show_progress(1.0, f"Kept as run {number}.")
        self.read_again(choose=number)

    def _fail(self, sentence: str) -> None:
        # The panel's window may have been closed while the run went on.
        if not isValid(self):
            return
        is_stopped = self.running is not None and self.running.is_stopped
        self.form.show_refusal(_STOPPED if is_stopped else sentence)

    def _warn(self, sentence: str) -> None:
        self.context.notices.warn(sentence)

    def _end(self) -> None:
        if not isValid(self):
            return
        if self.running is not None and self.running.is_stopped:
            self.form.told.setText(_STOPPED)
        self.running = None
        value = self.form.bar.value()
        self.form.show_running(is_running=False)
        self.form.bar.setValue(value if value == self.form.bar.maximum() else 0)

    def _choose(self, rows: list[RunLine]) -> None:
        numbers = tuple(row.number for row in rows)[:_COMPARED_MAX]
        is_all = len(numbers) == len(rows)

        def take(view: RunView) -> None:
            self.show_view(view if is_all else replace(view, title=f"{view.title}{_TWO_AT_MOST}"))

        if numbers:
            self.context.operations.begin(
                "Reading the run", lambda _: _view(numbers), take, self._warn
            )

    def show_view(self, view: RunView) -> None:
        """Draw a run, or two against each other."""
        self.view = view
        self.title.setText(view.title)
        self.remarks.setText("\n".join(view.remarks))
        self.growth.show_curves(view.curves)
        self.intervals.show_bars(view.bars)
        columns = _figure_columns(view)
        if [one.title for one in columns] == [one.title for one in self.figures.columns]:
            self.figures.show(view.rows)
            return
        # Other columns need another table; it takes the place of the one before.
        theme = self.context.theme
        self.figures = TableModel(columns, _row_name, theme)
        self.figures.show(view.rows)
        before, self.table = self.table, Blotter(self.figures, "Figures", "Choose a run.")
        self.shown.replaceWidget(self.shown.indexOf(before), self.table)
        before.deleteLater()

    def _fill_in(self) -> None:
        """Begin with what the desk itself runs on."""
        request = getattr(self.context.bridge.engine, "request", None)
        if request is None or request.desk.connections is not None:
            self.form.begin_with("", "", _SPAN_FIRST, _SPAN_LAST)
            return
        desk = request.desk
        market = str(desk.data[0]) if desk.data else ""
        listed = ";".join(f"{one.kind.value}={','.join(one.symbols)}" for one in desk.symbols)
        self.form.begin_with(market, listed, desk.first, desk.last)
        self.form.capital.setValue(float(desk.capital))

    def _lay_out(self) -> None:
        charts = QSplitter(Qt.Orientation.Vertical)
        charts.setChildrenCollapsible(False)
        charts.addWidget(headed(self.growth, "Growth of the desk by the end of each week"))
        means = "Mean week with its 95 % interval; diamond: the target"
        charts.addWidget(headed(self.intervals, means))
        charts.setStretchFactor(0, 3)
        charts.setStretchFactor(1, 2)
        self.shown = SideBySide(charts, self.table, (1, 1))
        seen = QWidget()
        lines = QVBoxLayout(seen)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        lines.addWidget(self.title)
        lines.addWidget(self.shown, 1)
        lines.addWidget(self.remarks)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.list)
        parts.addWidget(self._in_tabs(seen))
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 7)
        parts.setSizes([200, 700])
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.form)
        rows.addWidget(parts, 1)
        self.put_keyboard_on(self.form.kind)

    def _in_tabs(self, seen: QWidget) -> QTabWidget:
        self.pages = QTabWidget()
        self.pages.setAccessibleName("What came of a run, and what its weeks would make")
        self.pages.tabBar().setAccessibleName("Pages of the laboratory")
        self.pages.setDocumentMode(True)
        # The remarks grow with what there is to bear in mind, and would cut the charts off below.
        self.pages.addTab(Roomy(seen), "Results")
        self.pages.addTab(Roomy(self.projection), "Projection")
        return self.pages

    def _run_chosen(self) -> int | None:
        rows = self.list.rows_chosen()
        return rows[0].number if len(rows) == 1 and rows[0].kind == "backtest" else None


def _carried_out(wish: LaboratoryWish, operation: Operation) -> int:
    from allusedesk.wiring.laboratory.runs import results_in
    from allusedesk.wiring.laboratory.wish import carry_out

    def moved(passed: Passed) -> None:
        operation.tell(passed.part, str(passed))

    return carry_out(wish, results_in(None), moved, lambda: operation.is_stopped)


def _lines() -> tuple[RunLine, ...]:
    from allusedesk.wiring.laboratory.runs import results_in

    return results_in(None).lines()


def _view(numbers: tuple[int, ...]) -> RunView:
    from allusedesk.wiring.laboratory.runs import results_in
    from allusedesk.wiring.laboratory.views import view_of

    return view_of(results_in(None), sorted(numbers))


def _words(name: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(name)
    label.setWordWrap(True)
    label.setContentsMargins(6, 0, 6, 2)
    return label


def _row_name(row: Row) -> str:
    return row.name


def _figure_columns(view: RunView | None) -> tuple[Column[Row], ...]:
    """A column for each outcome; where some are not drawn, those that are come first.

    So two runs stand beside each other as they are drawn, with no scrolling between them.
    """
    found: list[Column[Row]] = [
        Column("name", "Figure, money in USD", lambda row: row.name, is_searched=True)
    ]
    titles = () if view is None else view.columns
    drawn = set() if view is None else {curve.name for curve in view.curves}
    for place in sorted(range(len(titles)), key=lambda one: titles[one] not in drawn):

        def cell(row: Row, place: int = place) -> str:
            return row.cells[place]

        is_roomy = len(titles) == 1
        column = Column(f"c{place}", titles[place], cell, is_searched=True, is_roomy=is_roomy)
        found.append(column)
    return tuple(found)


_RUNS: tuple[Column[RunLine], ...] = (
    Column("number", "Run", lambda row: row.number, is_number=True),
    Column("kind", "Kind", lambda row: row.kind, is_searched=True),
    Column("kept", "Kept", lambda row: row.kept_at, formatting.moment),
    Column("headline", "Result", lambda row: row.headline, is_searched=True),
    Column("title", "What", lambda row: row.title, is_searched=True, is_roomy=True),
)
