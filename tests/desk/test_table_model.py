"""The model of every table: order and filter by value, rows that stay themselves."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.theme import Look, Theme, Tone, read_theme


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    name: str
    amount: Decimal | None


CLOCK = [0]
COLUMNS: tuple[Column[Line], ...] = (
    Column("name", "Name", lambda line: line.name, is_searched=True),
    Column(
        "amount",
        "Amount",
        lambda line: line.amount,
        lambda value: "none" if value is None else f"{value:.2f}",
        is_number=True,
        tone=lambda line: Tone.LOSS if line.amount is not None and line.amount < 0 else Tone.PLAIN,
    ),
    Column("age", "Age", lambda line: CLOCK[0] - line.id, is_timed=True),
)
RISING, FALLING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def line(number: int, amount: str | None = "0", name: str = "") -> Line:
    return Line(number, name or f"row {number}", None if amount is None else Decimal(amount))


def model_of(theme: Theme, *lines: Line) -> TableModel[Line]:
    model = TableModel(COLUMNS, lambda one: one.id, theme)
    # The tester looks at every signal and index the model gives from now on.
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show(lines)
    return model


def ids(model: TableModel[Line]) -> list[int]:
    return [one.id for one in model.rows_shown()]


def text(model: TableModel[Line], row: int, column: int) -> str:
    return str(model.data(model.index(row, column)))


def told(model: TableModel[Line]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: runs.append((first.row(), last.row())))
    return runs


def test_numbers_sort_by_value_and_nothing_stands_last(theme: Theme) -> None:
    model = model_of(theme, line(1, "9"), line(2, "10"), line(3, None), line(4, "-1"))
    model.sort(1, RISING)
    assert ids(model) == [4, 1, 2, 3]
    model.sort(1, FALLING)
    assert ids(model) == [2, 1, 4, 3]
    model.sort(-1)
    assert ids(model) == [1, 2, 3, 4]


def test_a_second_sort_refines_the_first(theme: Theme) -> None:
    model = model_of(theme, line(1, "1", "b"), line(2, "2", "a"), line(3, "1", "a"))
    model.sort(1, RISING)
    model.sort(0, RISING)
    assert ids(model) == [3, 2, 1]


def test_only_rows_that_changed_are_told(theme: Theme) -> None:
    lines = [line(number) for number in range(100)]
    model = model_of(theme, *lines)
    runs = told(model)
    lines[7] = replace(lines[7], amount=Decimal(5))
    lines[60] = replace(lines[60], amount=Decimal(6))
    model.show(lines)
    assert runs == [(7, 7), (60, 60)]
    assert text(model, 7, 1) == "5.00"
    model.show(list(lines))
    assert len(runs) == 2


def test_many_scattered_changes_are_told_at_once(theme: Theme) -> None:
    lines = [line(number) for number in range(400)]
    model = model_of(theme, *lines)
    runs = told(model)
    model.show([line(number, "1") if number % 10 == 0 else lines[number] for number in range(400)])
    assert runs == [(0, 390)]


def test_rows_come_and_go_and_a_selection_stays_with_its_row(theme: Theme) -> None:
    model = model_of(theme, *(line(number, str(number)) for number in range(6)))
    held = QPersistentModelIndex(model.index(4, 0))
    model.show([line(number, str(number)) for number in (1, 4, 5, 9)])
    assert ids(model) == [1, 4, 5, 9]
    assert held.row() == 1
    model.sort(1, FALLING)
    assert ids(model) == [9, 5, 4, 1]
    assert held.row() == 2
    assert text(model, held.row(), 0) == "row 4"


def test_the_filter_wants_every_word_and_follows_changes(theme: Theme) -> None:
    model = model_of(
        theme, line(1, name="AAPL put"), line(2, name="AAPL call"), line(3, name="IBM")
    )
    model.filter("PUT aapl")
    assert ids(model) == [1]
    changed = [line(1, name="IBM put"), line(2, name="AAPL put"), line(3, name="IBM")]
    model.show(changed)
    assert ids(model) == [2]
    model.append([line(4, name="aapl PUT too"), line(5, name="other")])
    assert ids(model) == [2, 4]
    model.filter("")
    assert ids(model) == [1, 2, 3, 4, 5]


def test_a_change_is_put_in_order_when_the_view_says_so(theme: Theme) -> None:
    model = model_of(theme, line(1, "1"), line(2, "2"))
    model.sort(1, RISING)
    model.show([line(1, "3"), line(2, "2")])
    assert ids(model) == [1, 2]
    model.keep_order()
    assert ids(model) == [2, 1]


def test_what_depends_on_the_clock_is_read_anew(theme: Theme) -> None:
    model = model_of(theme, line(1), line(2))
    CLOCK[0] = 10
    assert (text(model, 0, 2), model.texts_at(1)[2]) == ("9", "8")
    CLOCK[0] = 20
    runs = told(model)
    model.tick(0, 5)
    assert runs == [(0, 1)]
    assert text(model, 0, 2) == "19"
    assert model.is_timed


def test_a_tone_is_the_theme_s_colour(theme: Theme) -> None:
    model = model_of(theme, line(1, "-1"))
    loss = model.data(model.index(0, 1), int(Qt.ItemDataRole.ForegroundRole))
    assert loss.color().name() == theme.loss
    light = read_theme(Look.LIGHT)
    model.wear(light)
    loss = model.data(model.index(0, 1), int(Qt.ItemDataRole.ForegroundRole))
    assert loss.color().name() == light.loss


def test_nothing_is_said_of_a_cell_that_is_none(theme: Theme) -> None:
    model = model_of(theme, line(1))
    assert model.data(QModelIndex()) is None
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Name"
    assert model.headerData(3, Qt.Orientation.Horizontal) is None


@settings(max_examples=40)
@given(
    steps=st.lists(
        st.tuples(
            st.lists(
                st.tuples(st.integers(0, 9), st.integers(-3, 3)),
                max_size=8,
            ),
            st.sampled_from(["", "row 1", "row"]),
            st.integers(-1, 1),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_whatever_happens_the_rows_are_those_a_plain_list_would_show(
    qapp: QApplication, steps: list[tuple[list[tuple[int, int]], str, int, bool]]
) -> None:
    assert qapp is not None
    model = model_of(read_theme(Look.DARK))
    for rows, wanted, column, is_falling in steps:
        lines = [line(number, str(amount)) for number, amount in rows]
        model.show(lines)
        model.filter(wanted)
        model.sort(column, FALLING if is_falling else RISING)
        expected = [one for one in lines if all(word in one.name for word in wanted.split())]
        assert Counter(model.rows_shown()) == Counter(expected)
        if column >= 0:
            values = [COLUMNS[column].value(one) for one in model.rows_shown()]
            assert values == sorted(values, reverse=is_falling)
        else:
            assert model.rows_shown() == expected


def test_rows_of_one_key_are_all_shown_and_follow_their_changes(theme: Theme) -> None:
    first, second, other = line(1, "5", "put"), line(1, "7", "call"), line(2, "6", "share")
    model = model_of(theme, first, second, other)
    assert model.rows_shown() == [first, second, other]
    assert model.place_of(1) == 0
    assert len({model.key_at(place) for place in range(3)}) == 3
    kept = QPersistentModelIndex(model.index(1, 0))
    model.sort(1, FALLING)
    assert model.rows_shown() == [second, other, first]
    assert kept.row() == 0

    # Each of the two is replaced by the one at its own place, whichever changes.
    dearer = replace(second, amount=Decimal(9))
    model.show([first, dearer, other])
    assert model.rows_shown() == [dearer, other, first]
    model.filter("put")
    assert model.rows_shown() == [first]
    model.filter("")
    model.show([other, first, dearer, replace(first, name="another")])
    assert len(model.rows_shown()) == 4
    model.append([replace(other, name="one more")])
    model.sort(-1)
    names = [one.name for one in model.rows_shown()]
    assert names == ["share", "put", "call", "another", "one more"]
    model.show([first])
    assert model.rows_shown() == [first]


@pytest.mark.parametrize("count", [100, 2_000])
def test_a_few_changes_among_many_rows_cost_little(theme: Theme, count: int) -> None:
    """Generous: it catches a walk that looks into every row, not a slow morning."""
    model = TableModel(COLUMNS, lambda one: one.id, theme)
    lines = [line(number) for number in range(count)]
    model.show(lines)
    model.place_of(0)
    spent = 0.0
    for turn in range(20):
        lines = list(lines)
        for number in range(50):
            place = (turn * 50 + number * 37) % count
            lines[place] = replace(lines[place], amount=Decimal(turn))
        began = time.process_time()
        model.show(lines)
        spent += time.process_time() - began
    assert spent / (20 * 50) < 25e-6
