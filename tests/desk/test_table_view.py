"""Every blotter: by mouse and by keyboard, while rows change under it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    name: str
    amount: Decimal


COLUMNS: tuple[Column[Line], ...] = (
    Column("name", "Name", lambda line: line.name, is_searched=True),
    Column(
        "amount",
        "Amount $",
        lambda line: line.amount,
        lambda value: formatting.number(value, 2, signed=True),
        is_number=True,
    ),
    Column("id", "Id", lambda line: line.id, is_hidden_at_first=True),
)
LINES = tuple(Line(number, f"name {number}", Decimal(number - 20)) for number in range(60))


@pytest.fixture
def blotter(qtbot: QtBot, theme: Theme) -> Blotter:
    model: TableModel[Line] = TableModel(COLUMNS, lambda line: line.id, theme)

    def totals(lines: object) -> str:
        return f"{len(list(lines))} rows"  # type: ignore[call-overload]

    made = Blotter(model, "Lines", "Nothing yet: wait.", totals)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def place_of(blotter: Blotter, key: int) -> int:
    place = blotter.model.place_of(key)
    assert place is not None
    return place


def test_an_empty_table_says_what_to_do(blotter: Blotter) -> None:
    assert blotter.empty.isVisible()
    assert blotter.empty.text() == "Nothing yet: wait."
    blotter.model.show(LINES)
    assert blotter.table.isVisible()
    assert blotter.sums.text() == "60 rows"


def test_columns_fit_the_first_rows_that_come(blotter: Blotter) -> None:
    blotter.model.show([replace(LINES[0], name="a name much longer than its title")])
    wanted = blotter.fontMetrics().horizontalAdvance("a name much longer than its title")
    assert blotter.table.columnWidth(0) > wanted


def test_columns_grow_with_what_they_show_unless_somebody_chose(blotter: Blotter) -> None:
    blotter.model.show(LINES)
    before = blotter.table.columnWidth(1)
    blotter.table.horizontalHeader().resizeSection(0, 33)
    blotter.model.show([replace(LINES[0], name="wide " * 9, amount=Decimal(10**15)), *LINES[1:]])
    blotter.keep_up()
    assert blotter.table.columnWidth(1) > before
    assert blotter.table.columnWidth(0) == 33


def test_selection_and_scroll_stay_while_rows_change(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.model.show(LINES)
    blotter.choose(40)
    at = blotter.table.verticalScrollBar().value()
    assert at > 0
    changed = [replace(line, amount=line.amount + 1) for line in LINES]
    blotter.model.show([*changed, Line(99, "new", Decimal(0))])
    blotter.keep_up()
    qtbot.wait(10)
    assert [line.id for line in blotter.rows_chosen()] == [40]
    assert blotter.table.verticalScrollBar().value() == at
    blotter.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [line.id for line in blotter.rows_chosen()] == [40]


def test_the_filter_is_reached_and_left_by_keys(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.model.show(LINES)
    blotter.choose(41)
    blotter.table.setFocus()
    qtbot.keyClick(blotter.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(blotter.field.hasFocus)
    qtbot.keyClicks(blotter.field, "name 4")
    assert blotter.model.rowCount() == 15
    assert [line.id for line in blotter.rows_chosen()] == [41]
    qtbot.keyClicks(blotter.field, "zzz")
    assert blotter.empty.isVisible()
    assert "Escape" in blotter.empty.text()
    qtbot.keyClick(blotter.field, Qt.Key.Key_Escape)
    assert blotter.model.rowCount() == 60
    qtbot.waitUntil(blotter.table.hasFocus)


def test_a_click_on_a_title_sorts_by_value(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.model.show(LINES)
    header = blotter.table.horizontalHeader()
    where = header.viewport().rect().center()
    where.setX(header.sectionViewportPosition(1) + 8)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    shown = [line.amount for line in blotter.model.rows_shown()]
    assert shown == sorted(shown, reverse=shown[0] > 0)
    assert header.sortIndicatorSection() == 1


def test_the_selected_rows_are_copied_as_they_are_read(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.model.show(LINES)
    blotter.table.selectRow(place_of(blotter, 3))
    blotter.table.setFocus()
    qtbot.keyClick(blotter.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Name,Amount $\nname 3,-17.00\n"
    blotter.table.clearSelection()
    assert len(blotter.csv().splitlines()) == 61


def test_what_a_spreadsheet_would_run_is_copied_as_text(blotter: Blotter) -> None:
    blotter.model.show([Line(1, "=1+1", Decimal(1))])
    assert "\n=1+1" not in blotter.csv()


def test_columns_and_order_are_chosen_from_a_menu_without_a_mouse(blotter: Blotter) -> None:
    blotter.model.show(LINES)
    menu = blotter.menu()
    names = [action.text() for action in menu.actions()]
    assert "&Copy as CSV" in names
    columns = next(a.menu() for a in menu.actions() if a.text() == "C&olumns")
    wanted = next(action for action in columns.actions() if action.text() == "Id")
    wanted.trigger()
    assert not blotter.table.isColumnHidden(2)
    orders = next(a.menu() for a in menu.actions() if a.text() == "&Sort by")
    next(action for action in orders.actions() if action.text() == "Id, falling").trigger()
    assert blotter.model.row_at(0).id == 59
    menu.close()


def test_a_row_is_opened_by_enter_and_by_a_double_click(blotter: Blotter, qtbot: QtBot) -> None:
    blotter.model.show(LINES)
    blotter.choose(2)
    with qtbot.waitSignal(blotter.activated) as told:
        qtbot.keyClick(blotter.table, Qt.Key.Key_Return)
    assert told.args[0].id == 2


def test_a_layout_keeps_columns_and_order(blotter: Blotter, theme: Theme, qtbot: QtBot) -> None:
    blotter.model.show(LINES)
    blotter.hide_columns(("name",))
    blotter.table.horizontalHeader().moveSection(2, 0)
    blotter.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    model: TableModel[Line] = TableModel(COLUMNS, lambda line: line.id, theme)
    other = Blotter(model, "Lines", "")
    qtbot.addWidget(other)
    other.restore(blotter.kept())
    assert other.kept() == blotter.kept()
    other.restore({"hidden": ["gone"], "order": ["what"], "sorted": "unknown"})
    assert other.hidden_columns() == ()


def test_the_roomy_column_takes_what_the_others_leave(qtbot: QtBot, theme: Theme) -> None:
    columns = (replace(COLUMNS[0], is_roomy=True), COLUMNS[1])
    made = Blotter(TableModel(columns, lambda line: line.id, theme), "Lines", "Nothing yet: wait.")
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    qtbot.waitExposed(made)
    made.model.show([replace(LINES[0], name="a sentence that is never cut")])
    header, viewport = made.table.horizontalHeader(), made.table.viewport()
    assert header.length() == viewport.width()
    made.resize(900, 300)
    qtbot.waitUntil(lambda: header.length() == viewport.width())
    made.resize(120, 300)
    qtbot.waitUntil(lambda: viewport.width() < 200)
    needed = made.fontMetrics().horizontalAdvance("a sentence that is never cut")
    assert made.table.columnWidth(0) > needed
    made.resize(700, 300)
    header.resizeSection(0, 90)
    made.resize(800, 300)
    qtbot.waitUntil(lambda: viewport.width() > 700)
    assert made.table.columnWidth(0) == 90
