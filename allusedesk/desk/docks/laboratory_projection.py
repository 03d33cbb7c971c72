"""The laboratory's projection: the weeks of a backtest or of this desk, lived on for years."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from allusedesk.desk import formatting
from allusedesk.desk.charts.fan import ProjectionFan
from allusedesk.desk.charts.heading import headed
from allusedesk.desk.context import DeskContext
from allusedesk.desk.operations import Operation
from allusedesk.desk.side_by_side import SideBySide
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.reports.round_amounts import short_money

if TYPE_CHECKING:
    from allusedesk.journal.read_side import ReadSide
    from allusedesk.wiring.laboratory.own_weeks import OwnWeeks
    from allusedesk.wiring.laboratory.projecting import ProjectedRow, ProjectionView, ProjectionWish

_CAPITAL_MAX = 1e9
_YEARS_MAX = 20
_SOURCES = ("The backtest chosen, else the newest", "This desk's own record")
_HEADING = "USD, logarithmic; the bands hold 50 and 90 of 100 paths"


class ProjectionPanel(QWidget):
    """Fields, a fan and a table; `run_chosen` names the backtest whose weeks are drawn."""

    def __init__(
        self,
        context: DeskContext,
        run_chosen: Callable[[], int | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._run_chosen = run_chosen
        self.view: ProjectionView | None = None
        self.source = QComboBox()
        _named(self.source, "Whose weeks are drawn")
        self.source.addItems(list(_SOURCES))
        self.capital = _amount("Capital in dollars", 300_000, 10_000)
        self.years = QSpinBox()
        _named(self.years, "Years to project")
        self.years.setRange(1, _YEARS_MAX)
        self.years.setValue(10)
        self.tax = QSpinBox()
        _named(self.tax, "Per cent of each quarter's net gain set aside for tax")
        self.tax.setRange(0, 100)
        self.tax.setValue(30)
        self.tax.setSuffix(" %")
        self.withdrawal = _amount("Dollars taken from Gen and Rev each year", 0, 0)
        self.start = QPushButton("Project")
        _named(self.start, "Live these weeks on, ten thousand times")
        self.start.setAutoDefault(False)
        self.start.clicked.connect(lambda _=False: self.project())
        self.fan = ProjectionFan(context.theme)
        self.rows: TableModel[ProjectedRow] = TableModel(_ROWS, _year_of, context.theme)
        self.table = Blotter(self.rows, "Years projected", "Nothing was projected yet.")
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("What to bear in mind of the projection")
        self.told.setWordWrap(True)
        self.told.setContentsMargins(6, 0, 6, 2)
        self._lay_out()

    def project(self) -> None:
        """Read the weeks, then draw and show what they would make."""
        from allusedesk.wiring.laboratory.projecting import ProjectionWish as Wish

        wish = Wish(
            Decimal(round(self.capital.value())),
            self.years.value(),
            Decimal(self.tax.value()) / 100,
            Decimal(round(self.withdrawal.value())),
        )
        self.start.setEnabled(False)
        self.told.setText("Drawing.")
        title, number = "The projection", self._run_chosen()

        def draw(weeks: OwnWeeks) -> None:
            self.context.operations.begin(
                title, lambda _: _drawn(weeks, wish), self.show_view, self._fail
            )

        if self.source.currentIndex():
            self.context.records.ask(title, _weeks_of_desk, draw, self._fail)
        else:

            def read(_operation: Operation) -> OwnWeeks:
                return _weeks_of_run(number)

            self.context.operations.begin(title, read, draw, self._fail)

    def show_view(self, view: ProjectionView) -> None:
        """Show a projection."""
        if not isValid(self):
            return
        self.view = view
        self.start.setEnabled(True)
        self.fan.show_view(view)
        self.rows.show(view.rows)
        self.told.setText("\n".join(view.remarks))

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.fan.wear(theme)
        self.rows.wear(theme)

    def _fail(self, sentence: str) -> None:
        if isValid(self):
            self.start.setEnabled(True)
            self.told.setText(sentence)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(4, 2, 4, 2)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Weeks of", self.source),
            ("USD", self.capital),
            ("years", self.years),
            ("tax", self.tax),
            ("USD taken a year", self.withdrawal),
        )
        for place, (title, field) in enumerate(fields):
            label = QLabel(title)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(field)
            grid.addWidget(label, 0, 2 * place)
            grid.addWidget(field, 0, 2 * place + 1)
        grid.addWidget(self.start, 0, 2 * len(fields))
        grid.setColumnStretch(2 * len(fields) + 1, 1)
        # So much that the table's columns stand beside each other on a small screen.
        parts = SideBySide(headed(self.fan, _HEADING), self.table, (11, 9))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(grid)
        rows.addWidget(parts, 1)
        rows.addWidget(self.told)


def _weeks_of_desk(side: ReadSide) -> OwnWeeks:
    from allusedesk.wiring.laboratory.own_weeks import weeks_of_journal

    return weeks_of_journal(side, "this desk's record")


def _weeks_of_run(number: int | None) -> OwnWeeks:
    from allusedesk.wiring.laboratory.own_weeks import weeks_of_results
    from allusedesk.wiring.laboratory.runs import results_in

    return weeks_of_results(results_in(None), number)


def _drawn(weeks: OwnWeeks, wish: ProjectionWish) -> ProjectionView:
    from allusedesk.wiring.laboratory.projecting import projection_view

    return projection_view(weeks, wish)


def _amount(name: str, value: float, least: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    _named(field, name)
    field.setRange(least, _CAPITAL_MAX)
    field.setDecimals(0)
    field.setGroupSeparatorShown(True)
    field.setValue(value)
    return field


def _named(widget: QWidget, name: str) -> None:
    widget.setAccessibleName(name)
    widget.setToolTip(name)


def _year_of(row: ProjectedRow) -> int:
    return row.year


def _share(part: float) -> str:
    return formatting.percent(part, 1)


_ROWS: tuple[Column[ProjectedRow], ...] = (
    Column("year", "Year", lambda row: row.year, is_number=True),
    Column("low", "5%", lambda row: row.low, short_money, is_number=True),
    Column("median", "Median", lambda row: row.median, short_money, is_number=True),
    Column("high", "95%", lambda row: row.high, short_money, is_number=True),
    Column("original", "Targets", lambda row: row.original, short_money, is_number=True),
    Column("reach", "Reach them", lambda row: row.reach, _share, is_number=True),
    Column("forks", "Forks", lambda row: row.forks, is_number=True),
)
