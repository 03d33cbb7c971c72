"""Our own table model: immutable rows, sorted and filtered inside by value, never by text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import is_not
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush

from allusedesk.desk import formatting
from allusedesk.desk.row_keys import RowNames
from allusedesk.desk.row_order import order_of
from allusedesk.desk.row_texts import RowTexts, runs_of
from allusedesk.desk.theme import Theme, Tone

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
# Rows so close to each other are told as one run, and so many runs at most as several.
_GAP, _RUNS_MAX = 4, 16
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_ROLES = frozenset({_DISPLAY, _FOREGROUND, _ALIGNMENT, _TIP, _SPOKEN})


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a table, as a declaration.

    `value` is what sorting compares (a plain number, date or text; None stands last), `text` what
    is shown of it, or `says` where more of the row is told. `key` is kept in saved layouts and
    never shown. Columns with `is_searched` answer the filter; `is_timed` ones change with the
    clock alone and are never kept as text. One column of a table may be `is_roomy`: it holds
    sentences and takes what the others leave of the table's width.
    """

    key: str
    title: str
    value: Callable[[Row], Any]
    text: Callable[[Any], str] = str
    is_number: bool = False
    is_searched: bool = False
    is_timed: bool = False
    is_hidden_at_first: bool = False
    is_roomy: bool = False
    tone: Callable[[Row], Tone] | None = None
    tip: str = ""
    says: Callable[[Row], str] | None = None

    def cell(self, row: Row) -> str:
        """What stands in this column for a row."""
        return self.text(self.value(row)) if self.says is None else self.says(row)


class TableModel(QAbstractTableModel, Generic[Row]):
    """Rows that are replaced, never edited; only cells of changed rows are painted again.

    `key_of` names a row for as long as it lives, so that a selection stays with its row while
    others come and go; rows of one key are all shown. No change costs more for the rows around it.
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
        # All rows as they were given, with their names and the words each is found by; and those
        # shown, in order.
        self._given: list[Row] = []
        self._names = RowNames()
        self._keys: list[Hashable] = []
        self._words: list[str | None] = []
        self._shown: list[Row] = []
        self._keys_shown: list[Hashable] = []
        self._places_known: dict[Hashable, int] | None = {}
        self._texts = RowTexts(self.columns)
        # The span of rows that can be seen, where a view tells it: only there each cell counts.
        self.seen: Callable[[], tuple[int, int]] | None = None
        self._wanted: tuple[str, ...] = ()
        self._sorted_by: tuple[int, bool] | None = None
        self._is_order_stale = False
        self._alignments = [_RIGHT if column.is_number else _LEFT for column in self.columns]
        self._tones = [column.tone for column in self.columns]
        self._is_timed = [column.is_timed for column in self.columns]
        self._searches = [column for column in self.columns if column.is_searched]
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._brushes = {tone: QBrush(theme.colour(tone)) for tone in Tone}
        self.tick(0, len(self._shown) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        # Of seven roles asked for each cell that is painted, four are of no interest.
        if role not in _ROLES or not index.isValid():
            return None
        if role in (_DISPLAY, _SPOKEN):
            return self._texts.text(self._shown[index.row()], index.column())
        if role == _ALIGNMENT:
            return self._alignments[index.column()]
        if role == _FOREGROUND:
            tone = self._tones[index.column()]
            return None if tone is None else self._brushes[tone(self._shown[index.row()])]
        if role == _TIP and self._tip_of is not None:
            return formatting.tip(self._tip_of(self._shown[index.row()]))
        return None

    def cell_at(self, row: int, place: int) -> tuple[str, int, QBrush | None]:
        """Text, alignment and ink of a cell at once, for whoever draws it."""
        shown, tone = self._shown[row], self._tones[place]
        text = self._texts.text(shown, place)
        return text, self._alignments[place], None if tone is None else self._brushes[tone(shown)]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _TIP:
            return self.columns[section].tip or self.columns[section].title
        return self._alignments[section] if role == _ALIGNMENT else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column's values; -1 is the order in which the rows were given.

        Rows of equal values keep the order they had, so a second sort refines a first one.
        """
        is_falling = order is Qt.SortOrder.DescendingOrder
        wanted = (column, is_falling) if 0 <= column < len(self.columns) else None
        if wanted == self._sorted_by and not self._is_order_stale:
            # Qt asks twice for one click on a header.
            return
        self._sorted_by = wanted
        self._put_in_order()

    def show(self, rows: Iterable[Row]) -> None:
        """Take these rows in place of those before; the very same objects cost next to nothing."""
        given = list(rows)
        if self._is_replaced(given):
            return
        self._names = RowNames()
        keys = self._names.of([self._key_of(row) for row in given])
        old = {key: number for number, key in enumerate(self._keys)}
        numbers = [old.get(key) for key in keys]
        stays = set(keys)
        gone = [key for key in old if key not in stays]
        before, words = self._given, self._words
        self._given, self._keys = given, keys
        self._words = [
            None if number is None or before[number] is not row else words[number]
            for number, row in zip(numbers, given, strict=True)
        ]
        self._drop(gone)
        changed, added = [], []
        for place, number in enumerate(numbers):
            if number is None:
                added.append(place)
            elif before[number] is not given[place]:
                changed.append(place)
        self._take_changes(changed, [keys[place] for place in changed])
        self._insert([place for place in added if self._is_wanted(place)])
        self._is_order_stale = True

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows nobody has seen yet, behind the others."""
        new = list(rows)
        first = len(self._given)
        self._given.extend(new)
        self._keys += self._names.of([self._key_of(row) for row in new])
        self._words.extend([self._words_of(row) for row in new])
        added = [place for place in range(first, len(self._given)) if self._is_wanted(place)]
        self._insert(added)
        self._is_order_stale = self._is_order_stale or bool(added)

    def tick(self, first: int, last: int) -> None:
        """The clock or the theme changed: paint the rows shown from `first` to `last` again."""
        last = min(last, len(self._shown) - 1)
        if 0 <= first <= last:
            self._tell([(first, last)])

    def filter(self, wanted: str) -> None:
        """Show only rows whose searched columns hold every word, whatever its case."""
        words = tuple(wanted.casefold().split())
        if words == self._wanted:
            return
        self.beginResetModel()
        self._wanted = words
        self._arrange(self._given, self._keys, self._places_wanted())
        if self._sorted_by is not None:
            self._arrange(self._shown, self._keys_shown, self._order())
        self.endResetModel()

    def keep_order(self) -> None:
        """Sort again if rows have changed since; views call this now and then, not per change."""
        if self._is_order_stale:
            self._put_in_order()

    def row_at(self, place: int) -> Row:
        """The row shown at a place; raises IndexError where there is none."""
        return self._shown[place]

    def rows_shown(self) -> list[Row]:
        """Every row that passes the filter, in the order shown."""
        return list(self._shown)

    def place_of(self, key: Hashable) -> int | None:
        """Where a row is shown; None where it is not."""
        return self._places().get(key)

    def key_at(self, place: int) -> Hashable:
        """The key of the row shown at a place."""
        return self._keys_shown[place]

    def texts_at(self, place: int) -> list[str]:
        """One row's cells as they are shown."""
        return self._texts.texts(self._shown[place])

    @property
    def is_filtered(self) -> bool:
        return bool(self._wanted)

    @property
    def is_timed(self) -> bool:
        """True where a column changes with the clock alone."""
        return any(self._is_timed)

    def _places(self) -> dict[Hashable, int]:
        """Where each row is shown; counted again only when asked for after the order changed."""
        known = self._places_known
        if known is None:
            known = self._places_known = {key: n for n, key in enumerate(self._keys_shown)}
        return known

    def _is_replaced(self, given: list[Row]) -> bool:
        """Replace rows where no row came, went or moved; False where one did."""
        before, key_of = self._given, self._key_of
        if len(given) != len(before):
            return False
        # The walk compares identities alone: a few nanoseconds a row, however wide the table.
        places = [place for place, is_new in enumerate(map(is_not, before, given)) if is_new]
        if any(key_of(given[place]) != key_of(before[place]) for place in places):
            return False
        self._given = given
        for place in places:
            self._words[place] = None
        self._take_changes(places, [self._keys[place] for place in places])
        return True

    def _take_changes(self, changed: list[int], keys: list[Hashable]) -> None:
        """Show the rows given anew at these places, wherever those of their keys are shown."""
        if not changed:
            return
        places, shown, given = self._places(), self._shown, self._given
        first, last = (0, -1) if self.seen is None else self.seen()
        told, added, hidden = [], [], []
        before: dict[int, Row] = {}
        is_filtered = bool(self._wanted)
        for number, key in zip(changed, keys, strict=True):
            row, place = given[number], places.get(key)
            is_wanted = not is_filtered or self._is_wanted(number)
            if place is None:
                if is_wanted:
                    added.append(number)
            elif is_wanted:
                if first <= place <= last:
                    before[place] = shown[place]
                shown[place] = row
                told.append(place)
            else:
                hidden.append(key)
        told.sort()
        if not before:
            self._tell(runs_of(told, _GAP))
        else:
            self._tell_cells(before)
            # Rows out of sight are told in one run above and one below.
            above, below = bisect_left(told, first), bisect_right(told, last)
            self._tell([(told[0], told[above - 1])] if above else [])
            self._tell([(told[below], told[-1])] if below < len(told) else [])
        self._drop(hidden)
        self._insert(added)
        self._is_order_stale = True

    def _words_of(self, row: Row) -> str:
        return " ".join([column.cell(row) for column in self._searches]).casefold()

    def _known_words(self, place: int) -> str:
        words = self._words[place]
        if words is None:
            words = self._words[place] = self._words_of(self._given[place])
        return words

    def _is_wanted(self, place: int) -> bool:
        """Whether the row given at a place passes the filter."""
        if not self._wanted:
            return True
        words = self._known_words(place)
        return all(word in words for word in self._wanted)

    def _places_wanted(self) -> Sequence[int]:
        if not self._wanted:
            return range(len(self._given))
        if None in self._words:
            self._words = [self._known_words(place) for place in range(len(self._given))]
        words: list[Any] = self._words
        first, *others = self._wanted
        places = [place for place, text in enumerate(words) if first in text]
        for word in others:
            places = [place for place in places if word in words[place]]
        return places

    def _arrange(self, rows: list[Row], keys: list[Hashable], places: Sequence[int]) -> None:
        """Show the rows at these places, in that order."""
        self._shown = list(map(rows.__getitem__, places))
        self._keys_shown = list(map(keys.__getitem__, places))
        self._places_known = None

    def _drop(self, keys: list[Hashable]) -> None:
        """Take rows off the screen."""
        if not keys:
            return
        known = self._places()
        places = sorted(known[key] for key in keys if key in known)
        for first, last in reversed(runs_of(places)):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._shown[first : last + 1], self._keys_shown[first : last + 1]
            self._places_known = None
            self.endRemoveRows()

    def _insert(self, places: list[int]) -> None:
        """Show rows given at these places behind the others."""
        if not places:
            return
        first = len(self._shown)
        self.beginInsertRows(QModelIndex(), first, first + len(places) - 1)
        self._shown.extend([self._given[place] for place in places])
        self._keys_shown.extend([self._keys[place] for place in places])
        self._places_known = None
        self.endInsertRows()

    def _tell(self, runs: list[tuple[int, int]]) -> None:
        """Tell the view, in runs of rows; what lies close together is painted in one go."""
        last_column = len(self.columns) - 1
        if len(runs) > _RUNS_MAX:
            runs = [(runs[0][0], runs[-1][1])]
        for first, last in runs:
            self.dataChanged.emit(self.createIndex(first, 0), self.createIndex(last, last_column))

    def _tell_cells(self, before: dict[int, Row]) -> None:
        """Tell the cells that differ in rows somebody sees: painting them is what costs."""
        for top, left, bottom, right in self._texts.blocks(before, self._shown):
            self.dataChanged.emit(self.createIndex(top, left), self.createIndex(bottom, right))

    def _put_in_order(self) -> None:
        self._is_order_stale = False
        order = self._order()
        if order == list(range(len(order))):
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        self._arrange(self._shown, self._keys_shown, order)
        if held:
            moved_to = [0] * len(order)
            for place, before in enumerate(order):
                moved_to[before] = place
            moved = [self.createIndex(moved_to[i.row()], i.column()) for i in held]
            self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _order(self) -> list[int]:
        """The places of the rows shown now, in the order they should stand in."""
        shown = self._shown
        if self._sorted_by is None:
            known = self._places()
            return [known[key] for key in self._keys if key in known]
        column, is_falling = self._sorted_by
        # Lists of plain values, and no pairs of them: a hundred thousand tuples wake the collector.
        values = list(map(self.columns[column].value, shown))
        return order_of(values, is_falling=is_falling)
