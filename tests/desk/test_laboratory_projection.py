"""The laboratory's projection: weeks of a backtest or of the desk lived on, drawn and told."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.laboratory import LaboratoryDock
from allusedesk.desk.theme import Look, read_theme
from allusedesk.journal.results import RESULTS_NAME, ResultsFile
from allusedesk.wiring.laboratory.runs import keep_run
from tests.desk.conftest import WAIT
from tests.wiring.test_laboratory_views import TRIAL, tried


@pytest.fixture
def dock(home: Path, standing: DeskContext, qtbot: QtBot) -> LaboratoryDock:
    made = LaboratoryDock(standing)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    made.pages.setCurrentIndex(1)
    return made


def projected(dock: LaboratoryDock, qtbot: QtBot) -> None:
    panel = dock.projection
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.start.isEnabled, timeout=WAIT)


def test_a_backtest_is_lived_on_beside_the_targets(
    home: Path, dock: LaboratoryDock, qtbot: QtBot
) -> None:
    keep_run(ResultsFile(home / RESULTS_NAME), tried(replace(TRIAL, overrides=())))
    panel = dock.projection
    panel.years.setValue(3)
    projected(dock, qtbot)
    assert panel.view is not None, panel.told.text()
    assert [line.name for line in panel.fan.lines[:2]] == ["median", "targets"]
    assert panel.rows.rowCount() == 3
    first = panel.view.rows[0]
    assert first.low <= first.median <= first.high
    assert first.original == 503_893.35
    assert "run 1 of the laboratory" in panel.told.text()
    assert "modelled" in panel.told.text()
    assert "No promise" in panel.told.text()
    assert "Only" not in panel.told.text()
    assert "0.0% (0.00 to 0.04) ruined" in panel.told.text()
    assert "targets $1.38M" in panel.fan.accessibleDescription()
    panel.fan.setFocus()
    qtbot.keyClick(panel.fan, Qt.Key.Key_Right)
    dock.wear(read_theme(Look.LIGHT))
    picture = dock.grab()
    assert not picture.isNull()
    if os.environ.get("KEEP_PICTURE"):
        picture.save(os.environ["KEEP_PICTURE"])


def test_the_targets_and_how_many_reach_them_are_seen_without_scrolling(
    home: Path, dock: LaboratoryDock, qtbot: QtBot
) -> None:
    keep_run(ResultsFile(home / RESULTS_NAME), tried(replace(TRIAL, overrides=())))
    dock.resize(1280, 800)
    projected(dock, qtbot)
    table, names = dock.projection.table.table, [one.key for one in dock.projection.rows.columns]
    reach = names.index("reach")
    qtbot.waitUntil(
        lambda: (
            table.columnViewportPosition(reach) + table.columnWidth(reach)
            <= table.viewport().width()
        ),
        timeout=WAIT,
    )


def test_without_a_backtest_it_says_what_to_do(dock: LaboratoryDock, qtbot: QtBot) -> None:
    projected(dock, qtbot)
    assert dock.projection.view is None
    assert "keeps no backtest: run one" in dock.projection.told.text()


def test_the_desk_s_own_record_is_drawn_from(dock: LaboratoryDock, qtbot: QtBot) -> None:
    dock.projection.source.setCurrentIndex(1)
    projected(dock, qtbot)
    told = dock.projection.told.text()
    assert "this desk's record" in told
    assert ("holds no week yet" in told) == (dock.projection.view is None)
    # Two weeks of paper: the odds of ten years drawn from them are told as what they are.
    assert ("Only 2 weeks: what so few can tell" in told) == (dock.projection.view is not None)
