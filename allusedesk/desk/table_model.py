"""Our own table model: immutable rows, sorted and filtered inside by value, never by text."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush

from allusedesk.desk.theme import Theme, Tone

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a table, as a declaration.

    `value` is what sorting compares (a plain number, date or text; None stands last), `text` what
    is shown of it. `key` is kept in saved layouts and never shown. Columns with `is_searched`
    answer the filter.
    """

    key: str
    title: str
    value: Callable[[Row], Any]
    text: Callable[[Any], str] = str
    is_number: bool = False
    is_searched: bool = False
    tone: Callable[[Row], Tone] | None = None
    tip: str = ""


class TableModel(QAbstractTableModel, Generic[Row]):
    """Rows that are replaced, never edited; only cells of changed rows are painted again.

    `key_of` names a row for as long as it lives, so that a selection stays with its row while
    others come and go.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key_of: Callable[[Row], Hashable],
        theme: Theme,
        tip_of: Callable[[Row], str] | None = None,
    ) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._key_of = key_of
        self._tip_of = tip_of
        self._rows: dict[Hashable, Row] = {}
        self._searched: dict[Hashable, str] = {}
        self._shown: list[Hashable] = []
        self._places: dict[Hashable, int] = {}
        self._texts: dict[Hashable, list[str]] = {}
        self._wanted = ""
        self._sorted_by: tuple[int, bool] | None = None
        self._is_order_stale = False
        self._alignments = [_RIGHT if column.is_number else _LEFT for column in self.columns]
        self._toned = [column.tone is not None for column in self.columns]
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._brushes = {tone: QBrush(theme.colour(tone)) for tone in Tone}

    # What Qt asks.

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role in (_DISPLAY, _SPOKEN):
            return self._texts_of(self._shown[index.row()])[index.column()]
        if role == _ALIGNMENT:
            return self._alignments[index.column()]
        if role == _FOREGROUND:
            place = index.column()
            if self._toned[place]:
                tone = self.columns[place].tone
                if tone is not None:
                    return self._brushes[tone(self._rows[self._shown[index.row()]])]
            return None
        if role == _TIP and self._tip_of is not None:
            return self._tip_of(self._rows[self._shown[index.row()]])
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _TIP:
            return self.columns[section].tip or self.columns[section].title
        return self._alignments[section] if role == _ALIGNMENT else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column's values; -1 is the order in which the rows were given."""
        is_falling = order is Qt.SortOrder.DescendingOrder
        self._sorted_by = (column, is_falling) if 0 <= column < len(self.columns) else None
        self._put_in_order()

    # What docks do.

    def show(self, rows: Iterable[Row]) -> None:
        """Take these rows in place of those before; rows that are the same are left alone."""
        new = {self._key_of(row): row for row in rows}
        gone = [key for key in self._rows if key not in new]
        if gone:
            self._drop(gone)
        old = self._rows
        changed = [key for key, row in new.items() if key in old and not _same(old[key], row)]
        added = [key for key in new if key not in old]
        self._rows = new
        for key in changed:
            self._texts.pop(key, None)
            self._searched.pop(key, None)
        if self._wanted:
            self._drop([key for key in changed if not self._is_wanted(key)], keep=True)
            added.extend(key for key in changed if key not in self._places and self._is_wanted(key))
        self._tell_changed([self._places[key] for key in changed if key in self._places])
        self._insert([key for key in added if self._is_wanted(key)])
        self._is_order_stale = self._is_order_stale or bool(changed or added)

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows nobody has seen yet, behind the others."""
        added = []
        for row in rows:
            key = self._key_of(row)
            self._rows[key] = row
            if self._is_wanted(key):
                added.append(key)
        self._insert(added)
        self._is_order_stale = self._is_order_stale or bool(added)

    def filter(self, wanted: str) -> None:
        """Show only rows whose searched columns hold every word, whatever its case."""
        wanted = wanted.casefold().strip()
        if wanted == self._wanted:
            return
        self.beginResetModel()
        self._wanted = wanted
        keys = [key for key in self._rows if self._is_wanted(key)] if wanted else list(self._rows)
        self._take_order(self._in_order(keys))
        self.endResetModel()

    def keep_order(self) -> None:
        """Sort again if rows have changed since; views call this now and then, not per change."""
        if self._is_order_stale and self._sorted_by is not None:
            self._put_in_order()

    def row_at(self, place: int) -> Row:
        """The row shown at a place; raises IndexError where there is none."""
        return self._rows[self._shown[place]]

    def rows_shown(self) -> list[Row]:
        """Every row that passes the filter, in the order shown."""
        return [self._rows[key] for key in self._shown]

    def place_of(self, key: Hashable) -> int | None:
        """Where a row is shown; None where it is not."""
        return self._places.get(key)

    def texts_at(self, place: int) -> list[str]:
        """One row's cells as they are shown."""
        return self._texts_of(self._shown[place])

    @property
    def is_filtered(self) -> bool:
        return bool(self._wanted)

    # How it is done.

    def _texts_of(self, key: Hashable) -> list[str]:
        texts = self._texts.get(key)
        if texts is None:
            row = self._rows[key]
            texts = [column.text(column.value(row)) for column in self.columns]
            self._texts[key] = texts
        return texts

    def _is_wanted(self, key: Hashable) -> bool:
        if not self._wanted:
            return True
        text = self._searched.get(key)
        if text is None:
            row = self._rows[key]
            found = (c.text(c.value(row)) for c in self.columns if c.is_searched)
            text = self._searched[key] = " ".join(found).casefold()
        return all(word in text for word in self._wanted.split())

    def _drop(self, keys: list[Hashable], *, keep: bool = False) -> None:
        """Take rows off the screen, and out of memory unless they are only filtered away."""
        places = sorted(self._places[key] for key in keys if key in self._places)
        for first, last in reversed(_runs(places)):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._shown[first : last + 1]
            self._places = {key: place for place, key in enumerate(self._shown)}
            self.endRemoveRows()
        if keep:
            return
        for key in keys:
            self._texts.pop(key, None)
            self._searched.pop(key, None)

    def _insert(self, keys: list[Hashable]) -> None:
        if not keys:
            return
        first = len(self._shown)
        self.beginInsertRows(QModelIndex(), first, first + len(keys) - 1)
        self._shown.extend(keys)
        for place, key in enumerate(keys, start=first):
            self._places[key] = place
        self.endInsertRows()

    def _tell_changed(self, places: list[int]) -> None:
        last_column = len(self.columns) - 1
        for first, last in _runs(sorted(places)):
            self.dataChanged.emit(self.index(first, 0), self.index(last, last_column))

    def _put_in_order(self) -> None:
        self._is_order_stale = False
        shown = (
            self._shown
            if self._sorted_by is not None
            else [key for key in self._rows if key in self._places]
        )
        order = self._in_order(shown)
        if order == self._shown:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        keys = [self._shown[index.row()] for index in held]
        self._take_order(order)
        moved = [
            self.index(self._places[key], index.column())
            for key, index in zip(keys, held, strict=True)
        ]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _in_order(self, keys: list[Hashable]) -> list[Hashable]:
        if self._sorted_by is None:
            return list(keys)
        place, is_falling = self._sorted_by
        value, rows = self.columns[place].value, self._rows
        valued = [(key, value(rows[key])) for key in keys]
        known = [pair for pair in valued if pair[1] is not None]
        known.sort(key=_second, reverse=is_falling)
        return [key for key, _ in known] + [key for key, found in valued if found is None]

    def _take_order(self, order: list[Hashable]) -> None:
        self._shown = order
        self._places = {key: place for place, key in enumerate(order)}


def _second(pair: tuple[Hashable, Any]) -> Any:
    return pair[1]


def _same(before: object, after: object) -> bool:
    return before is after or before == after


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """Ascending places as runs of neighbours, first and last included."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
