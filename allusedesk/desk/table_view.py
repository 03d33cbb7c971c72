"""A blotter: a table with a filter, a choice of columns, totals, and its rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.column_widths import ColumnWidths
from allusedesk.desk.empty_page import EmptyPage
from allusedesk.desk.formatting import MINUS
from allusedesk.desk.table_cells import CellDelegate
from allusedesk.desk.table_model import TableModel
from allusedesk.reports.csv_export import neutralised

Totals = Callable[[Sequence[Any]], str]

# Rows are put in order at most twice a second, and never under somebody's hand.
_ORDER_MILLISECONDS = 500
_ROWS_MEASURED = 200


class _Table(QTableView):
    """A table that paints again just the cells that changed, and only those that can be seen.

    Qt would paint the whole table after a change of more than two hundred cells, seen or not.
    """

    def dataChanged(self, first: Any, last: Any, roles: Any = ()) -> None:
        header, viewport = self.horizontalHeader(), self.viewport()
        top, below = self.rowViewportPosition(first.row()), self.rowViewportPosition(last.row())
        below += self.rowHeight(last.row())
        if below <= 0 or top >= viewport.height():
            return
        if header.sectionsMoved() or QAccessible.isActive():
            super().dataChanged(first, last, roles)
            return
        left, last_column = self.columnViewportPosition(first.column()), last.column()
        right = self.columnViewportPosition(last_column) + self.columnWidth(last_column)
        viewport.update(left, top, right - left, below - top)


class Blotter(QWidget):
    """A filter above a table, totals below; with no row to show, what to do next.

    `activated` gives the row that was double-clicked or entered, `chosen` the selected ones.
    `totals` says the sums of the rows shown; the sentence stands under the table.
    """

    activated = Signal(object)
    chosen = Signal(list)

    def __init__(
        self,
        model: TableModel[Any],
        name: str,
        empty: str,
        totals: Totals | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.table = _Table()
        self.table.setAccessibleName(name)
        self.field = QLineEdit()
        self.field.setAccessibleName(f"Filter {name}")
        self.field.setPlaceholderText("Filter by words (Ctrl+F)")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.empty = EmptyPage(empty)
        self.sums = QLabel()
        self.sums.setAccessibleName(f"Totals of {name}")
        self.sums.setTextFormat(Qt.TextFormat.PlainText)
        self.sums.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sums.setWordWrap(True)
        self._empty_text = empty
        self._totals = totals
        self._cells = CellDelegate(model)
        self._lay_out()
        self._prepare_table()
        self._add_actions()
        model.rowsInserted.connect(self._choose_page)
        model.rowsRemoved.connect(self._choose_page)
        model.modelReset.connect(self._choose_page)
        self._timer = QTimer(self)
        self._timer.setInterval(_ORDER_MILLISECONDS)
        self._timer.timeout.connect(self.keep_up)
        self._choose_page()

    def rows_chosen(self) -> list[Any]:
        """The selected rows, in the order shown."""
        return [self.model.row_at(place) for place in self._places_chosen()]

    def choose(self, key: object) -> None:
        """Select the row of that key and scroll to it, if it is shown."""
        place = self.model.place_of(key)
        if place is not None:
            # Said outright, since selecting a row asks which keys are held down at the moment.
            selection, index = self.table.selectionModel(), self.model.index(place, 0)
            flags = selection.SelectionFlag.ClearAndSelect | selection.SelectionFlag.Rows
            selection.setCurrentIndex(index, flags)
            self.table.scrollTo(index)

    def csv(self) -> str:
        """The selected rows, or all shown, with the visible columns as they are read."""
        table, model = self.table, self.model
        header = table.horizontalHeader()
        columns = [
            column
            for column in map(header.logicalIndex, range(model.columnCount()))
            if not table.isColumnHidden(column)
        ]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([model.columns[column].title for column in columns])
        for place in self._places_chosen() or range(model.rowCount()):
            texts = model.texts_at(place)
            writer.writerow([neutralised(texts[column].replace(MINUS, "-")) for column in columns])
        return out.getvalue()

    def hidden_columns(self) -> tuple[str, ...]:
        """The keys of the columns that are hidden, for a saved layout."""
        columns = enumerate(self.model.columns)
        return tuple(one.key for place, one in columns if self.table.isColumnHidden(place))

    def hide_columns(self, keys: Sequence[str]) -> None:
        """Hide the columns of these keys and show all others; an unknown key is let pass."""
        for place, column in enumerate(self.model.columns):
            self.table.setColumnHidden(place, column.key in keys)

    def kept(self) -> dict[str, Any]:
        """Columns, their order and the sorting, as a saved layout keeps them."""
        header = self.table.horizontalHeader()
        columns = self.model.columns
        sorted_by = header.sortIndicatorSection()
        return {
            "hidden": list(self.hidden_columns()),
            "order": [columns[header.logicalIndex(place)].key for place in range(len(columns))],
            "sorted": columns[sorted_by].key if 0 <= sorted_by < len(columns) else "",
            "falling": header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `kept` gave; what this version does not know is let pass."""
        keys = [column.key for column in self.model.columns]
        header = self.table.horizontalHeader()
        if isinstance(kept.get("hidden"), list):
            self.hide_columns(kept["hidden"])
        for place, key in enumerate([key for key in kept.get("order", ()) if key in keys]):
            header.moveSection(header.visualIndex(keys.index(key)), place)
        order = Qt.SortOrder.DescendingOrder if kept.get("falling") else Qt.SortOrder.AscendingOrder
        sorted_by = kept.get("sorted")
        self.table.sortByColumn(keys.index(sorted_by) if sorted_by in keys else -1, order)

    def add_action(self, title: str, keys: str, run: Callable[[], None], tip: str = "") -> QAction:
        """One more thing to do with the selected rows, in the menu of the table and by keys."""
        action = QAction(title, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(tip or title)
        action.triggered.connect(lambda *_: run())
        self.addAction(action)
        return action

    def menu(self) -> QMenu:
        """What can be done here: with the rows, with the columns, with the order."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.addSeparator()
        self._add_columns(menu.addMenu("C&olumns"))
        self._add_orders(menu.addMenu("&Sort by"))
        return menu

    def keep_up(self) -> None:
        """Order, ages, widths and totals as time goes on; the timer calls it while shown."""
        if QGuiApplication.mouseButtons() is Qt.MouseButton.NoButton and not (
            self.table.viewport().underMouse()
        ):
            self.model.keep_order()
        first, last = self._places_seen()
        if self.model.is_timed:
            self.model.tick(first, last)
        self._widths.fit(range(first, last + 1))
        self._add_up()

    def showEvent(self, event: Any) -> None:
        self._timer.start()
        super().showEvent(event)
        self.keep_up()

    def hideEvent(self, event: Any) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        key = getattr(event, "key", lambda: None)()
        if watched is self.table and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate(self.table.currentIndex())
            return True
        if watched is self.field and key in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            if key == Qt.Key.Key_Escape:
                self.field.clear()
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.empty)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2, 2, 2, 2)
        rows.setSpacing(2)
        # Tab follows the order of adding: the rows come first, the filter above them second.
        rows.addWidget(pages, 1)
        rows.insertWidget(0, self.field)
        rows.addWidget(self.sums)
        self.sums.setVisible(self._totals is not None)

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(self._cells)
        self.model.seen = self._places_seen
        table.setSortingEnabled(True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        vertical = table.verticalHeader()
        vertical.setVisible(False)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer_columns)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        for place, column in enumerate(self.model.columns):
            table.setColumnHidden(place, column.is_hidden_at_first)
        self._widths = ColumnWidths(table, self.model)
        self._widths.fit(range(0), is_first=True)
        table.installEventFilter(self)
        self.field.installEventFilter(self)
        table.doubleClicked.connect(self._activate)
        table.selectionModel().selectionChanged.connect(self._tell_chosen)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._offer_menu)

    def _add_actions(self) -> None:
        self.add_action("&Copy as CSV", "Ctrl+C", self._copy, "Copy the selected rows, or all")
        self.add_action("&Filter", "Ctrl+F", self._to_filter, "Go to the filter")

    def _places_chosen(self) -> list[int]:
        return sorted({index.row() for index in self.table.selectionModel().selectedRows()})

    def _places_seen(self) -> tuple[int, int]:
        """The first and the last row that can be seen; none gives an empty span."""
        first = self.table.rowAt(0)
        if first < 0:
            return 0, -1
        last = self.table.rowAt(self.table.viewport().height() - 1)
        return first, last if last >= 0 else self.model.rowCount() - 1

    def say_when_empty(self, sentence: str) -> None:
        """Put another sentence where there are no rows."""
        self._empty_text = sentence
        self._choose_page()

    def _choose_page(self) -> None:
        has_rows = self.model.rowCount() > 0
        if has_rows and self._pages.currentWidget() is self.empty:
            self._widths.fit(range(_ROWS_MEASURED), is_first=True)
        text = self._empty_text
        if self.model.is_filtered:
            text = "No row holds these words: press Escape in the filter to see all rows."
        self.empty.setText(text)
        before, after = self._pages.currentWidget(), self.table if has_rows else self.empty
        # A proxy that is hidden would hold up Tab, and the keyboard stays where it was.
        had_keyboard = before is not None and before.hasFocus()
        self.setFocusProxy(after)
        self._pages.setCurrentWidget(after)
        if had_keyboard:
            after.setFocus(Qt.FocusReason.OtherFocusReason)
        self._add_up()

    def _add_up(self) -> None:
        if self._totals is not None and self.isVisible():
            self.sums.setText(self._totals(self.model.rows_shown()))

    def _filter(self, wanted: str) -> None:
        keys = [self.model.key_at(place) for place in self._places_chosen()]
        self.model.filter(wanted)
        selection = self.table.selectionModel()
        flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
        for place in (self.model.place_of(key) for key in keys):
            if place is not None:
                selection.select(self.model.index(place, 0), flags)

    def _to_filter(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _activate(self, index: QModelIndex) -> None:
        if index.isValid():
            self.activated.emit(self.model.row_at(index.row()))

    def _tell_chosen(self) -> None:
        self.chosen.emit(self.rows_chosen())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.csv())

    def _offer_menu(self, where: QPoint) -> None:
        self.menu().popup(self.table.viewport().mapToGlobal(where))

    def _offer_columns(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_columns(menu)
        menu.popup(self.table.horizontalHeader().mapToGlobal(where))

    def _add_columns(self, menu: QMenu) -> None:
        for place, column in enumerate(self.model.columns):
            choice = menu.addAction(column.title)
            choice.setCheckable(True)
            choice.setChecked(not self.table.isColumnHidden(place))
            choice.toggled.connect(partial(self._show_column, place))

    def _show_column(self, place: int, is_shown: bool) -> None:  # noqa: FBT001 - a signal's
        self.table.setColumnHidden(place, not is_shown)
        if is_shown:
            first, last = self._places_seen()
            self._widths.fit(range(first, last + 1))

    def _add_orders(self, menu: QMenu) -> None:
        """Each column rising or falling, so that the order needs no mouse."""
        given = menu.addAction("As it came")
        given.triggered.connect(partial(self._sort, -1, Qt.SortOrder.AscendingOrder))
        for place, column in enumerate(self.model.columns):
            for order, word in (
                (Qt.SortOrder.AscendingOrder, "rising"),
                (Qt.SortOrder.DescendingOrder, "falling"),
            ):
                choice = menu.addAction(f"{column.title}, {word}")
                choice.triggered.connect(partial(self._sort, place, order))

    def _sort(self, place: int, order: Qt.SortOrder, *_: bool) -> None:
        self.table.sortByColumn(place, order)
