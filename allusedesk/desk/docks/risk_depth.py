"""Two pages of Risk that take seconds: losses with their record, and edges with ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.charts.heading import headed
from allusedesk.desk.charts.line_chart import Line, LineChart, Stroke, UprightMark
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.risk_depth_tables import BETAS, EDGES, EXITS, LOSSES_MEASURED
from allusedesk.desk.inquiry import Inquiry
from allusedesk.desk.table_model import TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.wiring.risk_in_depth import (
    BookSeen,
    EdgeRow,
    ExitRow,
    LossRow,
    RecordRow,
    RiskInDepth,
    look_at_book,
    risk_in_depth,
)

if TYPE_CHECKING:
    from datetime import date

    from allusedesk.desk.operations import Operation
    from allusedesk.engine.what_if.book import BetaGreeks

_DAYS_OF_LIGHT = 250
_TICKS = 8
# Heights of tables in lines of text, which are two thirds of a row.
_LINES_OF_WAYS, _LINES_OF_EDGES, _LINES_LEAST = 7, 11, 9
_NOT_YET = "Nothing is measured yet: press Measure. It takes some seconds and disturbs nothing."


class RiskDepth:
    """What both pages share: one button, one measurement, one answer."""

    def __init__(self, context: DeskContext, inquiry: Inquiry) -> None:
        self.context, self._inquiry = context, inquiry
        theme = context.theme
        self.found: RiskInDepth | None = None
        self._days: tuple[date, ...] = ()
        self.losses: TableModel[LossRow] = TableModel(LOSSES_MEASURED, lambda loss: loss.way, theme)
        self.edges: TableModel[EdgeRow] = TableModel(EDGES, lambda one: one.name, theme)
        self.betas: TableModel[BetaGreeks] = TableModel(BETAS, lambda one: one.underlying, theme)
        self.exits: TableModel[ExitRow] = TableModel(EXITS, lambda one: one.instrument, theme)
        self.measure = QPushButton("Measure")
        self.told, self.record = QLabel(_NOT_YET), QLabel()
        self.chart = LineChart(
            theme,
            "Value at risk against outcomes",
            self._day_at,
            lambda value: formatting.number(value, 0, signed=True),
        )
        self.chart.empty = "A record needs closes with something held, and a hundred days before."
        self._blotters: list[Blotter] = []
        self.losses_page, self.edges_page = self._losses(), self._edges()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for model in (self.losses, self.edges, self.betas, self.exits):
            model.wear(theme)
        self.chart.wear(theme)

    def measure_now(self) -> None:
        """Look at the book on the engine's thread, then measure on one of our own."""
        self.measure.setEnabled(False)
        self.told.setText("Measuring…")
        self._inquiry.ask(look_at_book, self._measure, self._fail)

    def _measure(self, seen: BookSeen) -> None:
        journal = self.context.records.journal

        def work(operation: Operation) -> RiskInDepth | None:
            return risk_in_depth(seen, journal, lambda: operation.is_stopped)

        self.context.operations.begin("Measuring the risk", work, self._take, self._fail)

    def _fail(self, sentence: str) -> None:
        self.measure.setEnabled(True)
        self.told.setText(sentence)

    def _take(self, found: RiskInDepth | None) -> None:
        self.measure.setEnabled(True)
        if found is None:
            return
        self.found = found
        self.losses.show(found.losses)
        self.edges.show(found.edges)
        self.betas.show(found.betas)
        self.exits.show(found.exits)
        nothing = "Nothing but cash is held." if not found.lots else "Nothing could be measured."
        for blotter in self._blotters:
            blotter.say_when_empty(nothing)
        self._show_record(found)
        beyond = [one.name for one in found.edges if one.value > one.soft]
        parts = [f"Equity {formatting.whole_money(found.equity)} USD, {found.lots} lots"]
        parts.append(f"beyond an edge: {', '.join(beyond)}" if beyond else "within every edge")
        parts.append(f"as of {formatting.clock(found.at)} New York")
        self.told.setText("   ".join(parts) + "".join(f"\n{note}" for note in found.notes))

    def _show_record(self, found: RiskInDepth) -> None:
        days = found.days
        self._days = tuple(day.on for day in days)
        places = np.arange(len(days), dtype=np.float64)
        outcome = np.array([day.outcome for day in days])
        told = np.array([-day.told for day in days])
        marks = [
            UprightMark(float(place), "beyond", "loss")
            for place, day in enumerate(days)
            if day.is_beyond
        ]
        step = max(1, len(days) // _TICKS)
        ticks = [
            (float(place), formatting.day(days[place].on)) for place in range(0, len(days), step)
        ]
        lines = [
            Line("what came, the book left alone", outcome, "accent"),
            Line("value at risk told the day before", told, "loss", Stroke.DASHED),
        ]
        self.chart.show_lines(places, lines if len(days) > 1 else [], marks, ticks)
        nothing = "No day yet for which a loss was both told and seen."
        self.record.setText("\n".join(map(_record_words, found.records)) or nothing)

    def _day_at(self, place: float) -> str:
        at = round(place)
        return formatting.day(self._days[at]) if 0 <= at < len(self._days) else ""

    def _losses(self) -> QWidget:
        page = QWidget()
        self.measure.setAccessibleName("Measure losses, edges and ways out")
        self.measure.setToolTip("Value at risk three ways, its record, edges, betas and ways out")
        self.measure.setAutoDefault(False)
        self.measure.clicked.connect(self.measure_now)
        for label in (self.told, self.record):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("What was measured")
        self.told.setWordWrap(True)
        self.record.setAccessibleName("The record of the losses told")
        self.record.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self.measure)
        head.addWidget(self.told, 1)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(4, 2, 4, 2)
        rows.addLayout(head)
        table = Blotter(self.losses, "Losses at 99%, one session ahead", "Nothing is measured yet.")
        # Three ways and the names above them are never cut off, and need no filter.
        table.field.hide()
        table.setMinimumHeight(self.told.fontMetrics().height() * _LINES_OF_WAYS)
        self._blotters.append(table)
        rows.addWidget(table, 1)
        rows.addWidget(self.record)
        heading = "Each day's gain or loss against the value at risk told before it, USD"
        rows.addWidget(headed(self.chart, heading), 3)
        return page

    def _edges(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(4, 2, 4, 2)
        empty = "Nothing is measured yet: Measure is on the page Losses."
        for title, model, part, lines in (
            ("Edges of the desk's own, as parts of equity", self.edges, 3, _LINES_OF_EDGES),
            ("Greeks by beta", self.betas, 2, _LINES_LEAST),
            ("Ways out at a tenth of the average day's volume", self.exits, 2, _LINES_LEAST),
        ):
            rows.addWidget(QLabel(title))
            table = Blotter(model, title, empty)
            self._blotters.append(table)
            # Six edges, or some rows of the rest: where there is less room the page is scrolled.
            table.setMinimumHeight(self.told.fontMetrics().height() * lines)
            rows.addWidget(table, part)
        self._blotters[-3].field.hide()
        return page


def _record_words(record: RecordRow) -> str:
    tests = (
        ("Kupiec", record.coverage),
        ("independence", record.independence),
        ("both", record.both),
    )
    told = ", ".join(f"{name} p {probability:.3f}" for name, probability in tests)
    is_short = record.days < _DAYS_OF_LIGHT
    short = f" {record.days} days tell little: the light is made for {_DAYS_OF_LIGHT}."
    return (
        f"{record.what}: {record.beyond} days beyond in {record.days}, {record.expected:.1f} "
        f"expected, light {record.light.upper()}; {told}."
        f"{short if is_short else ''}"
    )
