"""A blotter: a table with a filter, a choice of columns, and its rows as CSV on the clipboard."""

from __future__ import annotations

import csv
import io
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.formatting import MINUS
from allusedesk.desk.table_model import TableModel
from allusedesk.reports.csv_export import neutralised

# Rows are put in order at most twice a second, and never under somebody's hand.
_ORDER_MILLISECONDS = 500
_COLUMN_WIDTH_MAX = 420


class Blotter(QWidget):
    """A filter above a table; with no row to show, a sentence that says what to do next.

    `activated` gives the row that was double-clicked or entered, `chosen` the selected ones.
    """

    activated = Signal(object)
    chosen = Signal(list)

    def __init__(
        self, model: TableModel[Any], name: str, empty: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.table = QTableView()
        self.table.setAccessibleName(name)
        self.field = QLineEdit()
        self.field.setAccessibleName(f"Filter {name}")
        self.field.setPlaceholderText("Filter")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.empty = QLabel(empty)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._empty_text = empty
        self._lay_out()
        self._prepare_table()
        model.rowsInserted.connect(self._choose_page)
        model.rowsRemoved.connect(self._choose_page)
        model.modelReset.connect(self._choose_page)
        self._timer = QTimer(self)
        self._timer.setInterval(_ORDER_MILLISECONDS)
        self._timer.timeout.connect(self._keep_order)
        self._choose_page()

    def rows_chosen(self) -> list[Any]:
        """The selected rows, in the order shown."""
        places = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.model.row_at(place) for place in places]

    def choose(self, key: object) -> None:
        """Select the row of that key and scroll to it, if it is shown."""
        place = self.model.place_of(key)
        if place is not None:
            self.table.selectRow(place)
            self.table.scrollTo(self.model.index(place, 0))

    def csv(self) -> str:
        """The selected rows, or all shown, with the visible columns as they are read."""
        table, model = self.table, self.model
        places = sorted({index.row() for index in table.selectionModel().selectedRows()})
        columns = [
            column for column in range(model.columnCount()) if not table.isColumnHidden(column)
        ]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([model.columns[column].title for column in columns])
        for place in places or range(model.rowCount()):
            texts = model.texts_at(place)
            writer.writerow([neutralised(texts[column].replace(MINUS, "-")) for column in columns])
        return out.getvalue()

    def hidden_columns(self) -> tuple[str, ...]:
        """The keys of the columns that are hidden, for a saved layout."""
        columns = enumerate(self.model.columns)
        return tuple(one.key for place, one in columns if self.table.isColumnHidden(place))

    def hide_columns(self, keys: tuple[str, ...]) -> None:
        """Hide the columns of these keys and show all others; an unknown key is let pass."""
        for place, column in enumerate(self.model.columns):
            self.table.setColumnHidden(place, column.key in keys)

    def showEvent(self, event: Any) -> None:
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: Any) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and event.type() is QEvent.Type.KeyPress:
            key = getattr(event, "key", lambda: None)()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._activate(self.table.currentIndex())
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
        rows.addWidget(self.field)
        rows.addWidget(pages, 1)
        self.setFocusProxy(self.table)

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        vertical = table.verticalHeader()
        vertical.setVisible(False)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer_columns)
        self._fit_columns()
        table.installEventFilter(self)
        table.doubleClicked.connect(self._activate)
        table.selectionModel().selectionChanged.connect(self._tell_chosen)
        copy = QAction("Copy as CSV", self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.triggered.connect(self._copy)
        table.addAction(copy)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _fit_columns(self) -> None:
        """Wide enough for the titles now; rows widen them once, when the first ones come."""
        self.table.resizeColumnsToContents()
        for place in range(self.model.columnCount()):
            if self.table.columnWidth(place) > _COLUMN_WIDTH_MAX:
                self.table.setColumnWidth(place, _COLUMN_WIDTH_MAX)

    def _choose_page(self) -> None:
        has_rows = self.model.rowCount() > 0
        if has_rows and self._pages.currentWidget() is self.empty:
            self._fit_columns()
        text = "No row holds these words." if self.model.is_filtered else self._empty_text
        self.empty.setText(text)
        self._pages.setCurrentWidget(self.table if has_rows else self.empty)

    def _keep_order(self) -> None:
        if QGuiApplication.mouseButtons() is Qt.MouseButton.NoButton and not (
            self.table.viewport().underMouse()
        ):
            self.model.keep_order()

    def _filter(self, wanted: str) -> None:
        self.model.filter(wanted)

    def _activate(self, index: QModelIndex) -> None:
        if index.isValid():
            self.activated.emit(self.model.row_at(index.row()))

    def _tell_chosen(self) -> None:
        self.chosen.emit(self.rows_chosen())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.csv())

    def _offer_columns(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, column in enumerate(self.model.columns):
            choice = menu.addAction(column.title)
            choice.setCheckable(True)
            choice.setChecked(not self.table.isColumnHidden(place))
            choice.triggered.connect(
                lambda shown, place=place: self.table.setColumnHidden(place, not shown)
            )
        menu.popup(self.table.horizontalHeader().mapToGlobal(where))
