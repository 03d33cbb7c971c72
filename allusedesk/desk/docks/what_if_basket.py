"""The basket of a what-if: legs nobody has proposed, and what they would mean."""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.charts.line_chart import UprightMark
from allusedesk.desk.charts.payoff import PayoffChart
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.theme import Theme
from allusedesk.domain.instruments import Instrument
from allusedesk.engine.what_if.legs import WhatIf, WhatIfLeg

_EMPTY = (
    "Choose a cell of the chain and press Sell or Buy (keys S and B) to try a trade here. Nothing "
    "is proposed or recorded."
)
_NO_LIMIT = "no limit"


class WhatIfBasket(QWidget):
    """Some legs with their payoff and figures; `changed` comes when the legs do."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legs: tuple[WhatIfLeg, ...] = ()
        self.model: TableModel[WhatIfLeg] = TableModel(_COLUMNS, lambda leg: leg.instrument, theme)
        self.table = QTableView()
        self.table.setAccessibleName("Legs of the what-if")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        vertical = self.table.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.quantity = QSpinBox()
        self.quantity.setRange(1, 999)
        self.quantity.setAccessibleName("Contracts")
        self.quantity.setPrefix("\N{MULTIPLICATION SIGN} ")
        # Tool buttons are no wider than their words, so all four fit a narrow panel.
        self.sell, self.buy = QToolButton(), QToolButton()
        self.remove, self.clear = QToolButton(), QToolButton()
        for button, text, name in (
            (self.sell, "Sell", "Sell the option of the chosen cell, as a what-if"),
            (self.buy, "Buy", "Buy the option of the chosen cell, as a what-if"),
            (self.remove, "Take out", "Take the chosen legs out of the what-if"),
            (self.clear, "Clear", "Take every leg out of the what-if"),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove.clicked.connect(self._remove)
        self.clear.clicked.connect(self.take_out_all)
        self.figures = QLabel(_EMPTY)
        self.figures.setWordWrap(True)
        self.figures.setTextFormat(Qt.TextFormat.RichText)
        self.figures.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.figures.setAccessibleName("Figures of the what-if")
        self.figures.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.payoff = PayoffChart(theme)
        self.payoff.empty = "The payoff of the legs stands here."
        self._lay_out()

    def add(self, instrument: Instrument, quantity_signed: int) -> None:
        """Add contracts; what cancels out goes."""
        counts = {leg.instrument: leg.quantity_signed for leg in self.legs}
        counts[instrument] = counts.get(instrument, 0) + quantity_signed
        self._take(tuple(WhatIfLeg(each, count) for each, count in counts.items() if count))

    def take_out_all(self) -> None:
        """Begin anew."""
        self._take(())

    def show_answer(self, found: WhatIf) -> None:
        """Show what the engine says of the legs."""
        points = [(one.spot, one.at_expiry, one.now) for one in found.points]
        marks = [UprightMark(float(found.spot.per_unit), "spot", "text")]
        marks += [
            UprightMark(float(even), f"even {formatting.number(even, 2)}")
            for even in found.break_evens
        ]
        self.payoff.show_payoff(points, marks, [one.half_way for one in found.points])
        self.figures.setText(_told(found))

    def say(self, sentence: str) -> None:
        """Say why there is no answer."""
        self.figures.setText(escape(sentence))
        self.payoff.show_payoff([])

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.model.wear(theme)
        self.payoff.wear(theme)

    def _take(self, legs: tuple[WhatIfLeg, ...]) -> None:
        self.legs = legs
        self.model.show(legs)
        self.table.resizeColumnsToContents()
        if not legs:
            self.say(_EMPTY)
        self.changed.emit()

    def _remove(self) -> None:
        places = {index.row() for index in self.table.selectionModel().selectedRows()}
        gone = {self.model.row_at(place).instrument for place in places}
        self._take(tuple(leg for leg in self.legs if leg.instrument not in gone))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(3)
        for widget in (self.quantity, self.sell, self.buy, self.remove, self.clear):
            head.addWidget(widget)
        head.addStretch(1)
        left = QVBoxLayout()
        left.addLayout(head)
        left.addWidget(self.table, 1)
        left.addWidget(self.figures)
        # Three legs are seen at once; more of them scroll.
        self.table.setMinimumHeight(5 * self.fontMetrics().height())
        columns = QHBoxLayout(self)
        columns.setContentsMargins(4, 2, 4, 2)
        columns.addLayout(left, 4)
        columns.addWidget(self.payoff, 5)


def _told(found: WhatIf) -> str:
    """The figures as a small table: what it brings, what it holds, what it can cost."""
    greeks, asked = found.greeks, found.requirement
    rows: list[tuple[str, str]] = [
        ("Brings at mid, USD", formatting.money(found.brings, signed=True)),
        ("At worse sides", formatting.money(found.brings_least, signed=True)),
        ("Fees", formatting.money(found.fees)),
        ("Cash held", formatting.money(found.cash_held)),
    ]
    if asked is not None:
        rows.append(("Reg T deposit", formatting.money(asked.deposit)))
        rows.append(("Reg T maintenance", formatting.money(asked.maintenance)))
    rows += [
        ("Worst at expiry", _limited(found.worst)),
        ("Best at expiry", _limited(found.best)),
        ("Breaks even at", _listed(found)),
        ("Chance of profit", formatting.percent(found.probability)),
        ("Delta, shares", formatting.number(greeks.delta, 1, signed=True)),
        ("Gamma, shares per $", formatting.number(greeks.gamma, 2, signed=True)),
        ("Theta, $ per day", formatting.number(greeks.theta, 2, signed=True)),
        ("Vega, $ per point", formatting.number(greeks.vega, 2, signed=True)),
    ]
    notes = list(found.notes)
    if found.is_modelled:
        notes.append("Some of these quotes are modelled.")
    half = (len(rows) + 1) // 2
    lines = []
    for place in range(half):
        cells = rows[place : len(rows) : half]
        lines.append("".join(_cell(name, value) for name, value in cells))
    table = "".join(f"<tr>{line}</tr>" for line in lines)
    told = "".join(f"<p>{note}</p>" for note in notes)
    return f"<table cellspacing=0 cellpadding=1>{table}</table>{told}"


def _cell(name: str, value: str) -> str:
    name, value = (text.replace(" ", "&nbsp;") for text in (name, value))
    return f"<td>{name}&nbsp;</td><td align=right><b>{value}</b>&nbsp;&nbsp;&nbsp;</td>"


def _limited(amount: Any) -> str:
    return _NO_LIMIT if amount is None else formatting.money(amount, signed=True)


def _listed(found: WhatIf) -> str:
    evens = [formatting.number(even, 2) for even in found.break_evens]
    return ", ".join(evens) or formatting.NOTHING_TO_SHOW


_COLUMNS: tuple[Column[WhatIfLeg], ...] = (
    Column(
        "quantity",
        "Quantity",
        lambda leg: leg.quantity_signed,
        lambda value: formatting.number(float(value), 0, signed=True),
        is_number=True,
    ),
    Column("instrument", "Leg", lambda leg: formatting.instrument(leg.instrument)),
)
