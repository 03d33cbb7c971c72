"""A grid of gains and losses: what every combination of two changes would do to the book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column, Index, TableModel
from allusedesk.desk.theme import Theme

_GROUND = int(Qt.ItemDataRole.BackgroundRole)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
# The strongest colour a cell takes: text over it keeps its contrast.
_STRENGTH = 0.45
_WIDEST = "\N{MINUS SIGN}9,999,999"


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One volatility: what each move of spot would bring or cost, in dollars."""

    factor: float
    gains: tuple[float, ...]


class HeatModel(TableModel[HeatRow]):
    """The deeper the colour the larger the gain (blue) or loss (orange); the sign says it too."""

    def __init__(self, moves: tuple[float, ...], theme: Theme) -> None:
        self._largest = 0.0
        self._theme = theme
        columns: list[Column[HeatRow]] = [Column("factor", "Volatility", _factor)]
        columns += [
            Column(
                f"move{place}",
                f"Spot {formatting.percent(move, 0, signed=True)}",
                _gain_at(place),
                lambda value: formatting.number(value, 0, signed=True),
                is_number=True,
            )
            for place, move in enumerate(moves)
        ]
        super().__init__(columns, lambda row: row.factor, theme)

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        super().wear(theme)

    def show_grid(self, factors: tuple[float, ...], table: tuple[tuple[float, ...], ...]) -> None:
        """Show dollars by factor and move."""
        self._largest = max((abs(gain) for row in table for gain in row), default=0.0)
        self.show([HeatRow(*row) for row in zip(factors, table, strict=True)])
        self.tick(0, self.rowCount() - 1)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _GROUND and index.isValid() and index.column():
            gain = self.row_at(index.row()).gains[index.column() - 1]
            if not self._largest:
                return None
            colour = QColor(self._theme.gain if gain > 0 else self._theme.loss)
            colour.setAlphaF(_STRENGTH * abs(gain) / self._largest)
            return QBrush(colour)
        return super().data(index, role)


class HeatGrid(QTableView):
    """The grid as a table, so that it can be walked by the keyboard and read aloud."""

    def __init__(self, model: HeatModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setModel(model)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        vertical = self.verticalHeader()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.setSizeAdjustPolicy(QTableView.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        model.rowsInserted.connect(self.updateGeometry)
        self._model = model
        for changed in (model.rowsInserted, model.dataChanged, model.modelReset):
            changed.connect(self._keep_room)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self._keep_room()

    def _keep_room(self, *_: object) -> None:
        """Make columns as wide as the widest figure: rather a scroll bar than one cut off."""
        rows = range(self._model.rowCount())
        texts = [_WIDEST, *(text for row in rows for text in self._model.texts_at(row))]
        letters = self.fontMetrics()
        widest = max(letters.horizontalAdvance(text) for text in texts)
        self.horizontalHeader().setMinimumSectionSize(widest + letters.horizontalAdvance("0"))


def _gain_at(place: int) -> Any:
    return lambda row: row.gains[place]


def _factor(row: HeatRow) -> str:
    return f"\N{MULTIPLICATION SIGN} {row.factor:g}"
