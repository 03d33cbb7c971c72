"""What a period's profit came from: one division at a time, as a table with bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.bars import BarDelegate
from allusedesk.desk.context import DeskContext
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.journal.words.rules import rule_in_words
from allusedesk.reports.attribution_report import DIVISIONS, AttributionReport, build_attribution

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINES_LEAST = 11
_READING = "The profit is being divided; a long record takes some seconds."
_EMPTY = "No close has been marked in this period yet."
# What these rules say of a candidate is not what they say of a position they opened.
_OPENED = {"entry.delta": "an option inside the sleeve's delta band was sold"}
_MEANING = {
    "delta": "the underlying's moves; for shares, all of it",
    "gamma": "the moves' curvature, which short options pay",
    "theta": "the days that passed, which short options earn",
    "vega": "changes of the implied volatility",
    "rest": "what the four leave: fills off the mid, gaps, jumps of quotes",
    "dividends": "paid on shares",
    "costs": "commissions and fees",
    "interest and fees": "cash that no position earned",
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a profit, and what fraction of the whole it is (None of a whole of nothing)."""

    name: str
    meaning: str
    amount: Decimal
    share: Decimal | None


class PartsPanel(QWidget):
    """Divides the profit of the period that is shown; read from the record when it is seen."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self.context = context
        self.found: AttributionReport | None = None
        self._wanted: tuple[object, ...] = ()
        self._first: date | None = None
        self._read: tuple[object, ...] = ()
        self._is_reading = False
        self.division = QComboBox()
        self.division.setAccessibleName("Divided by")
        self.division.setToolTip("What the profit is divided by; each division sums to the whole")
        for name in DIVISIONS:
            self.division.addItem(name.capitalize(), name)
        self.division.setCurrentIndex(len(DIVISIONS) - 1)
        self.division.currentIndexChanged.connect(self._show)
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("The profit that is divided")
        self.told.setWordWrap(True)
        self.rows: TableModel[PartRow] = TableModel(_PARTS, lambda row: row.name, context.theme)
        self.table = Blotter(self.rows, "Parts of the profit", _EMPTY, self._totals)
        place = next(place for place, column in enumerate(_PARTS) if column.key == "bar")
        # Some rows stand whole under the words above them: where there is less room it is scrolled.
        self.table.setMinimumHeight(self.told.fontMetrics().height() * _LINES_LEAST)
        self._bars = BarDelegate(_PARTS[place], context.theme, self.table)
        self.table.table.setItemDelegateForColumn(place, self._bars)
        self._lay_out()

    def want(self, first: date | None, key: tuple[object, ...]) -> None:
        """Show the period from `first` on; `key` is another whenever the record has more of it."""
        self._first, self._wanted = first, key
        self._ask()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._ask()

    def wear(self, theme: Theme) -> None:
        self._bars.theme = theme
        self.rows.wear(theme)

    def _ask(self) -> None:
        if self._is_reading or not self.isVisible() or self._wanted == self._read:
            return
        first, asked = self._first, self._wanted
        self._is_reading = True
        self.table.say_when_empty(_READING)

        def take(found: AttributionReport) -> None:
            self._is_reading = False
            self._read = asked
            self.found = found
            self.table.say_when_empty(_EMPTY)
            self._show()
            self._ask()

        def fail(sentence: str) -> None:
            self._is_reading = False
            self._read = asked
            self.found = None
            self.rows.show(())
            self.table.say_when_empty("Nothing could be divided: the reason stands above.")
            self.told.setText(sentence)

        self.context.records.ask(
            "Dividing the profit", lambda side: build_attribution(side, first), take, fail
        )

    def _show(self) -> None:
        if self.found is None:
            return
        divided = self.found.attribution
        name = self.division.currentData()
        cut = next(one for one in divided.cuts if one.by.value == name)
        whole = divided.whole.amount
        self.rows.show(
            [
                PartRow(
                    part.name,
                    _meaning(name, part.name),
                    part.amount.amount,
                    part.amount.amount / whole if whole else None,
                )
                for part in cut.parts
            ]
        )
        self.told.setText(
            f"{formatting.day(divided.first)} to {formatting.day(divided.last)}   "
            f"profit {formatting.money(divided.whole, signed=True)} USD   "
            + "   ".join(self.found.notes)
        )

    def _totals(self, rows: Sequence[PartRow]) -> str:
        if not rows:
            return ""
        whole = sum((row.amount for row in rows), Decimal(0))
        noun = "part" if len(rows) == 1 else "parts"
        return f"{len(rows)} {noun}, together {formatting.number(whole, 2, signed=True)} USD"

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 2)
        head.addWidget(QLabel("Divided by"))
        head.addWidget(self.division)
        head.addWidget(self.told, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(head)
        rows.addWidget(self.table, 1)


def _tone(amount: Decimal) -> Tone:
    if not amount:
        return Tone.PLAIN
    return Tone.LOSS if amount < 0 else Tone.GAIN


def _meaning(division: str, name: str) -> str:
    if division == "rule" and name not in _MEANING:
        return _OPENED.get(name) or rule_in_words(name)
    return _MEANING.get(name, "")


_PARTS: tuple[Column[PartRow], ...] = (
    Column("name", "Part", lambda row: row.name, is_searched=True),
    Column(
        "amount",
        "USD",
        lambda row: row.amount,
        lambda value: formatting.number(value, 2, signed=True),
        is_number=True,
        tone=lambda row: _tone(row.amount),
    ),
    Column(
        "share",
        "Of the profit",
        lambda row: row.share,
        lambda value: formatting.percent(value, 1, signed=True),
        is_number=True,
        tip="Parts against each other may be larger than the whole",
    ),
    Column(
        "bar",
        "From loss to gain",
        lambda row: row.amount,
        lambda value: "loss" if value < 0 else "gain",
        tip="All bars on one scale; losses reach to the left of the line",
    ),
    Column("meaning", "What it is", lambda row: row.meaning, is_searched=True, is_roomy=True),
)
