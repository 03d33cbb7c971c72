"""Cells as they are painted: their ink, their ground when selected, their text where it is cut."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    amount: Decimal


COLUMNS: tuple[Column[Line], ...] = (
    Column("name", "Name", lambda line: line.name),
    Column("amount", "Amount", lambda line: line.amount, is_number=True, tone=lambda _: Tone.LOSS),
)


@pytest.fixture
def blotter(qtbot: QtBot, theme: Theme) -> Blotter:
    model: TableModel[Line] = TableModel(COLUMNS, lambda line: line.name, theme)
    made = Blotter(model, "Lines", "")
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    qtbot.waitExposed(made)
    model.show([Line("HHHHHHHH", Decimal(88888888)), Line("other", Decimal(1))])
    return made


def painted(blotter: Blotter, column: int) -> tuple[QImage, QRect]:
    cell = blotter.table.visualRect(blotter.model.index(0, column))
    return blotter.table.viewport().grab(cell).toImage(), cell


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_text_wears_its_tone(blotter: Blotter, theme: Theme) -> None:
    image, _ = painted(blotter, 1)
    wanted = QColor(theme.loss)
    nearest = min(
        abs(QColor(name).red() - wanted.red()) + abs(QColor(name).blue() - wanted.blue())
        for name in colours(image)
    )
    assert nearest < 40
    assert theme.panel in colours(image)


def test_a_selected_row_stands_on_its_own_ground(blotter: Blotter, theme: Theme) -> None:
    assert theme.selection not in colours(painted(blotter, 0)[0])
    blotter.table.selectRow(0)
    blotter.table.clearFocus()
    assert theme.selection in colours(painted(blotter, 0)[0])


def test_what_is_cut_ends_inside_its_cell(blotter: Blotter) -> None:
    blotter.table.setColumnWidth(0, 30)
    image, cell = painted(blotter, 0)
    ground = image.pixelColor(1, 1)
    edge = [image.pixelColor(image.width() - 2, y) for y in range(2, image.height() - 2)]
    assert cell.width() == 30
    assert all(colour == ground for colour in edge)
