"""Cells as text: made once, taken over by a row's successor where nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.row_texts import RowTexts, runs_of
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    amount: int
    price: float
    note: str = ""


MADE: list[str] = []


def made(value: object) -> str:
    MADE.append(str(value))
    return f"<{value}>"


def columns() -> tuple[Column[Line], ...]:
    MADE.clear()
    return (
        Column("name", "Name", lambda line: line.name, made),
        Column("amount", "Amount", lambda line: line.amount, made),
        Column(
            "price",
            "Price",
            lambda line: line.price,
            made,
            tone=lambda line: Tone.LOSS if line.note else Tone.PLAIN,
        ),
        Column("spoken", "Spoken", lambda line: line.amount, says=lambda line: f"no {line.note}"),
    )


def test_a_text_is_made_once() -> None:
    texts, line = RowTexts(columns()), Line("one", 1, 2.5)
    assert [texts.text(line, 0), texts.text(line, 0), texts.text(line, 2)] == [
        "<one>",
        "<one>",
        "<2.5>",
    ]
    assert MADE == ["one", "2.5"]
    assert texts.texts(line) == ["<one>", "<1>", "<2.5>", "no "]


def test_a_successor_takes_over_what_did_not_change() -> None:
    texts, line = RowTexts(columns()), Line("one", 1, 2.5)
    texts.texts(line)
    MADE.clear()
    after = replace(line, amount=2)
    assert texts.differing(line, after) == [(1, 3)]
    assert texts.texts(after) == ["<one>", "<2>", "<2.5>", "no "]
    assert MADE == ["2"]


def test_another_tone_alone_is_a_difference() -> None:
    texts, line = RowTexts(columns()[:3]), Line("one", 1, 2.5)
    assert texts.differing(line, replace(line, note="late")) == [(2, 2)]
    assert texts.differing(line, replace(line)) == []


def test_runs_bridge_small_gaps() -> None:
    assert runs_of([1, 2, 4, 9]) == [(1, 2), (4, 4), (9, 9)]
    assert runs_of([1, 2, 4, 9], 2) == [(1, 4), (9, 9)]
    assert runs_of([]) == []


def test_only_cells_that_differ_are_told_in_rows_somebody_sees(theme: Theme, qtbot: QtBot) -> None:
    model = TableModel(columns()[:3], lambda line: line.name, theme)
    blotter = Blotter(model, "Lines", "None.")
    qtbot.addWidget(blotter)
    blotter.resize(400, 300)
    lines = [Line(f"{number}", number, 1.0) for number in range(500)]
    model.show(lines)
    blotter.show()
    qtbot.waitExposed(blotter)
    told: list[tuple[int, int, int, int]] = []
    model.dataChanged.connect(
        lambda first, last: told.append((first.row(), last.row(), first.column(), last.column()))
    )
    places = (1, 2, 4, 300, 350, 499)
    model.show([replace(one, price=2.0) if n in places else one for n, one in enumerate(lines)])
    assert told == [(1, 2, 2, 2), (4, 4, 2, 2), (300, 499, 0, 2)]
    at = model.index(4, 2)
    assert blotter.table.model().data(at, int(Qt.ItemDataRole.DisplayRole)) == "<2.0>"


def test_a_cell_that_changed_is_painted_and_rows_out_of_sight_paint_nothing(
    theme: Theme, qtbot: QtBot
) -> None:
    model = TableModel(columns()[:3], lambda line: line.name, theme)
    blotter = Blotter(model, "Lines", "None.")
    qtbot.addWidget(blotter)
    blotter.resize(400, 300)
    lines = [Line(f"{number}", number, 1.0) for number in range(500)]
    model.show(lines)
    blotter.show()
    qtbot.waitExposed(blotter)
    before = blotter.table.viewport().grab().toImage()
    model.show([*lines[:499], replace(lines[499], price=7.0)])
    assert blotter.table.viewport().grab().toImage() == before
    model.show([replace(lines[0], price=7.0), *lines[1:]])
    qtbot.waitUntil(lambda: blotter.table.viewport().grab().toImage() != before)
