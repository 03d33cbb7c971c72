"""How wide the columns of a table are: as wide as what they show, and one takes what is left."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QTableView

from allusedesk.desk.table_model import TableModel

# A column grows to what it shows, up to so many letters; more is read in its tip.
_LETTERS_MAX = 52


class ColumnWidths(QObject):
    """Fits the columns of a table to its rows, unless somebody has given them a width by hand.

    The column declared `is_roomy` takes what the others leave of the table, for it holds
    sentences; where they leave less than it shows, the table scrolls sideways.
    """

    def __init__(self, table: QTableView, model: TableModel[Any]) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._by_hand: set[int] = set()
        self._is_fitting = False
        self._roomy = next(
            (place for place, column in enumerate(model.columns) if column.is_roomy), None
        )
        self._roomy_least = 0
        table.horizontalHeader().sectionResized.connect(self._on_resized)
        table.viewport().installEventFilter(self)

    def fit(self, places: range, *, is_first: bool = False) -> None:
        """Make columns wide enough for their titles and these rows; never narrower but at first."""
        header, table = self._table.horizontalHeader(), self._table
        self._is_fitting = True
        for column, width in enumerate(self._widest(places)):
            is_ours = column not in self._by_hand and not table.isColumnHidden(column)
            known = self._roomy_least if column == self._roomy else header.sectionSize(column)
            if is_ours and (is_first or known < width):
                header.resizeSection(column, width)
                if column == self._roomy:
                    self._roomy_least = width
        self._is_fitting = False
        self.spread()

    def spread(self) -> None:
        """Give the roomy column what the others leave; it keeps what its own text needs."""
        column, table = self._roomy, self._table
        if column is None or column in self._by_hand or table.isColumnHidden(column):
            return
        header = table.horizontalHeader()
        others = header.length() - header.sectionSize(column)
        width = max(self._roomy_least, table.viewport().width() - others)
        if width != header.sectionSize(column):
            self._is_fitting = True
            header.resizeSection(column, width)
            self._is_fitting = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self.spread()
        return super().eventFilter(watched, event)

    def _widest(self, places: range) -> list[int]:
        measure = self._table.fontMetrics().horizontalAdvance
        room = measure("0") + 6
        columns = self._model.columns
        # The arrow of the sorted column stands beside its title.
        widest = [measure(column.title) + measure("00") + room for column in columns]
        for place in places:
            if place >= self._model.rowCount():
                break
            for column, text in enumerate(self._model.texts_at(place)):
                widest[column] = max(widest[column], measure(text[:_LETTERS_MAX]) + room)
        return widest

    def _on_resized(self, column: int, _before: int, width: int) -> None:
        if not self._is_fitting and width > 0:
            self._by_hand.add(column)
