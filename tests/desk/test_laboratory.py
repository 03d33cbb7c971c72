"""The laboratory's panel: runs begun, stopped, kept, chosen and held against each other."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks import laboratory
from allusedesk.desk.docks.laboratory import LaboratoryDock
from allusedesk.desk.operations import Operation
from allusedesk.desk.room import Roomy
from allusedesk.desk.theme import Look, read_theme
from allusedesk.journal.results import RESULTS_NAME, ResultsFile
from allusedesk.wiring.laboratory.runs import keep_run
from allusedesk.wiring.laboratory.wish import BACKTEST, SEARCH, LaboratoryWish
from tests.desk.conftest import WAIT
from tests.wiring.test_laboratory_views import TRIAL, tried


@pytest.fixture
def file(home: Path) -> ResultsFile:
    """Two kept backtests."""
    made = ResultsFile(home / RESULTS_NAME)
    keep_run(made, tried())
    keep_run(made, tried(replace(TRIAL, overrides=(("skill", 0),))))
    return made


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> LaboratoryDock:
    made = LaboratoryDock(standing)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    return made


def shown(dock: LaboratoryDock, qtbot: QtBot, rows: int) -> None:
    qtbot.waitUntil(lambda: dock.runs.rowCount() == rows, timeout=WAIT)


def test_what_was_kept_is_listed_and_drawn_when_it_is_chosen(
    file: ResultsFile, dock: LaboratoryDock, qtbot: QtBot
) -> None:
    shown(dock, qtbot, 2)
    dock.list.choose(1)
    qtbot.waitUntil(lambda: dock.view is not None, timeout=WAIT)
    assert [line.name for line in dock.growth.lines] == [
        "default", "mid", "default at best", "default at worst",
    ]  # fmt: skip
    assert dock.title.text().startswith("classic, skill=6")
    assert "Gen default" in dock.intervals.accessibleDescription()
    assert "target +1.50%" in dock.intervals.accessibleDescription()
    assert [column.title for column in dock.figures.columns] == [
        "Figure, money in USD", "mid", "default",
    ]  # fmt: skip
    assert "modelled" in dock.remarks.text()
    dock.wear(read_theme(Look.LIGHT))
    assert not dock.grab().isNull()


def test_two_runs_are_compared(file: ResultsFile, dock: LaboratoryDock, qtbot: QtBot) -> None:
    shown(dock, qtbot, 2)
    dock.list.table.setFocus()
    dock.list.table.selectAll()
    qtbot.waitUntil(lambda: dock.view is not None and len(dock.view.columns) == 4, timeout=WAIT)
    assert dock.title.text() == "run 1 against run 2"
    assert [column.title for column in dock.figures.columns[1:]] == [
        "1 default", "2 default", "1 mid", "2 mid",
    ]  # fmt: skip
    assert dock.view is not None
    gains = next(row for row in dock.view.rows if row.name == "gain")
    texts = dock.figures.texts_at(dock.view.rows.index(gains))
    assert tuple(texts) == ("gain", *(gains.cells[place] for place in (1, 3, 0, 2)))
    assert dock.table.model is dock.figures
    assert "more than chance would do" in dock.remarks.text()
    assert len(dock.intervals.bars) == 8


def test_of_three_runs_two_are_shown_and_it_is_told(
    file: ResultsFile, dock: LaboratoryDock, qtbot: QtBot
) -> None:
    keep_run(file, tried(replace(TRIAL, overrides=(("skill", 3),))))
    dock.read_again()
    qtbot.waitUntil(lambda: dock.runs.rowCount() == 3 and dock.runs.row_at(0).number == 3)
    dock.list.table.selectAll()
    qtbot.waitUntil(lambda: dock.title.text().startswith("run 2 against run 3"), timeout=WAIT)
    assert dock.title.text().endswith("; of more than two chosen the uppermost two are shown")


def test_a_search_is_at_one_fill_and_a_grid_has_nothing_to_count(dock: LaboratoryDock) -> None:
    form = dock.form
    fills = [form.fills.itemText(place) for place in range(form.fills.count())]
    assert (fills[0], form.wish().fills) == ("all", "all")
    form.kind.setCurrentIndex(1)
    assert [form.fills.itemText(place) for place in range(form.fills.count())] == fills[1:]
    assert form.wish().fills == "default"
    assert not form.tries.isEnabled()
    form.manner.setCurrentText("random")
    assert form.tries.isEnabled()
    form.kind.setCurrentIndex(0)
    assert form.wish().fills == "all"


def test_the_remarks_leave_the_charts_their_room(
    file: ResultsFile, dock: LaboratoryDock, qtbot: QtBot
) -> None:
    shown(dock, qtbot, 2)
    dock.resize(900, 420)
    dock.list.table.selectAll()
    qtbot.waitUntil(lambda: dock.view is not None and len(dock.view.columns) == 4, timeout=WAIT)
    page = dock.pages.currentWidget()
    assert isinstance(page, Roomy)

    def is_whole() -> bool:
        inner = page.widget()
        below = dock.intervals.mapTo(inner, dock.intervals.rect().bottomLeft()).y()
        is_high = dock.intervals.height() >= dock.intervals.minimumHeight()
        return is_high and below < dock.remarks.geometry().top()

    qtbot.waitUntil(is_whole, timeout=WAIT)


def test_nothing_kept_says_what_to_do(dock: LaboratoryDock, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dock.context.operations.is_busy, timeout=WAIT)
    assert dock.runs.rowCount() == 0
    assert "press Begin" in dock.list._empty_text
    assert not dock.form.stop.isEnabled()


def waiting_work(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> tuple[list[LaboratoryWish], threading.Event]:
    """Stand where a run's processes would, until let go or stopped."""
    wishes: list[LaboratoryWish] = []
    go = threading.Event()

    def carried_out(wish: LaboratoryWish, operation: Operation) -> int:
        wishes.append(wish)
        while not go.wait(0.02):
            operation.tell(0.5, "1 of 2 done.")
            if operation.is_stopped:
                raise RuntimeError("The work was stopped")
        return number

    monkeypatch.setattr(laboratory, "_carried_out", carried_out)
    return wishes, go


def test_a_run_is_begun_tells_how_far_it_is_and_is_shown(
    file: ResultsFile, dock: LaboratoryDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(dock, qtbot, 2)
    wishes, go = waiting_work(monkeypatch, 2)
    dock.form.symbols.setText("IBM")
    qtbot.mouseClick(dock.form.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.form.told.text() == "1 of 2 done.", timeout=WAIT)
    assert dock.form.bar.value() == 500
    assert not dock.form.begin.isEnabled()
    dock.begin()
    go.set()
    qtbot.waitUntil(lambda: dock.running is None, timeout=WAIT)
    qtbot.waitUntil(lambda: dock.view is not None, timeout=WAIT)
    assert len(wishes) == 1
    assert (wishes[0].kind, wishes[0].symbols, wishes[0].fills) == (BACKTEST, "IBM", "all")
    assert wishes[0].first == date(2012, 1, 2)
    assert dock.form.told.text() == "Kept as run 2."
    assert [row.number for row in dock.list.rows_chosen()] == [2]


def test_a_run_is_stopped_by_its_button(
    dock: LaboratoryDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes, _ = waiting_work(monkeypatch, 1)
    assert not dock.form.purge.isVisible()
    dock.form.kind.setCurrentIndex(1)
    assert dock.form.axes.isVisible()
    assert dock.form.wish().kind == SEARCH
    for field, value in ((dock.form.folds, 3), (dock.form.purge, 6), (dock.form.embargo, 0)):
        assert field.isVisible()
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, str(value))
    qtbot.mouseClick(dock.form.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.form.told.text() == "1 of 2 done.", timeout=WAIT)
    qtbot.mouseClick(dock.form.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.running is None, timeout=WAIT)
    assert (wishes[0].folds, wishes[0].purge, wishes[0].embargo) == (3, 6, 0)
    assert dock.form.told.text() == "Stopped; begun again, it goes on from the trials that ended."
    assert dock.form.begin.isEnabled()


def test_what_cannot_be_run_is_told_in_a_sentence(
    dock: LaboratoryDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise ValueError("The exchange has no session then: widen the span.")

    monkeypatch.setattr(laboratory, "_carried_out", refused)
    dock.begin()
    qtbot.waitUntil(lambda: dock.running is None, timeout=WAIT)
    assert "widen the span" in dock.form.told.text()


def test_a_refusal_calls_the_fields_by_their_names_here(
    dock: LaboratoryDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise ValueError(
            "No bars of ZZTOP: name a folder with --data, give --from before --to, or leave it out."
        )

    monkeypatch.setattr(laboratory, "_carried_out", refused)
    dock.begin()
    qtbot.waitUntil(lambda: dock.running is None, timeout=WAIT)
    assert dock.form.told.text().endswith(
        "name a folder in the field Market, give the first day before the last day, or leave it "
        "out."
    )


def test_whatever_takes_the_keyboard_has_a_name(
    file: ResultsFile, dock: LaboratoryDock, qtbot: QtBot
) -> None:
    shown(dock, qtbot, 2)
    dock.form.kind.setCurrentIndex(1)
    dock.form.kind.setFocus()
    named = []
    for _ in range(30):
        widget = QApplication.focusWidget()
        assert widget is not None
        if widget is dock.form.kind and named:
            break
        text = widget.text() if isinstance(widget, QLabel) else ""
        named.append(widget.accessibleName() or text)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    assert all(named), named
    assert {"Runs", "Figures", "Growth of the runs chosen", "Begin the run"} & set(named)
    # No field is a trap: the round ends where it began.
    assert widget is dock.form.kind


@pytest.mark.long
def test_a_real_backtest_runs_beside_the_desk(dock: LaboratoryDock, qtbot: QtBot) -> None:
    dock.form.begin_with("", "IBM", date(2012, 1, 3), date(2012, 1, 5))
    dock.form.fills.setCurrentText("mid")
    dock.begin()
    qtbot.waitUntil(lambda: dock.view is not None, timeout=90_000)
    assert "1 weeks: mid" in dock.runs.row_at(0).headline
    assert dock.form.told.text() == "Kept as run 1."
