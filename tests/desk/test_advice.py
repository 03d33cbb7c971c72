"""The panel Advice: bars with numbers, an honest record, and plain silence."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.advice import NOTHING, AdviceDock
from allusedesk.desk.docks.week import WeekDock
from allusedesk.desk.theme import Look, read_theme
from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.journal.queries.advice import AdviceLine
from tests.desk.conftest import WAIT
from tests.desk.standing import StandingDesk
from tests.learning.forecasts import silent, spoken, without_record


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> AdviceDock:
    made = AdviceDock(standing)
    qtbot.addWidget(made)
    made.resize(560, 700)
    made.show()
    return made


def pictured(standing_desk: StandingDesk) -> DeskSnapshot:
    picture = standing_desk.latest
    assert picture.week is not None
    return picture


def test_without_a_forecast_it_says_how_to_get_one(
    dock: AdviceDock, standing_desk: StandingDesk
) -> None:
    dock.take(pictured(standing_desk))
    assert dock.head.text() == NOTHING
    assert not dock.bars.isVisible()


def test_silence_is_told_with_its_count(dock: AdviceDock, standing_desk: StandingDesk) -> None:
    picture = pictured(standing_desk)
    week = picture.week.id  # type: ignore[union-attr]
    dock.take(replace(picture, forecast=silent(week, 23)))
    assert dock.head.text() == f"Week {week}. Silent: 23 of 50 labelled weeks are known."
    assert not dock.bars.isVisible()
    assert not dock.record.isVisible()


def test_each_target_has_bars_a_record_and_its_drift(
    dock: AdviceDock, standing_desk: StandingDesk, qtbot: QtBot
) -> None:
    picture = pictured(standing_desk)
    week = picture.week.id  # type: ignore[union-attr]
    dock.take(replace(picture, forecast=spoken(week)))
    assert [bar.name for bar in dock.bars.bars] == ["Red", "Green", "Chop"]
    assert "Red 61%, base 35%" in dock.bars.accessibleDescription()
    assert dock.record.text().startswith("Record: better than the base rates over 470 weeks")
    names = [line.name for line in dock.reliability.lines]
    assert names == ["came about", "as given", "by chance, from", "to (95%)"]
    # Forty cases given 84%: 1.96 deviations of a share are 11 points, above which is certainty.
    low, high = (line.values[-1] for line in dock.reliability.lines[2:])
    assert (low, high) == (pytest.approx(0.7264, abs=1e-4), pytest.approx(0.9536, abs=1e-4))
    assert len(dock.reliability.places) == 6
    assert not dock.drift.isVisible()
    dock.target.setFocus()
    qtbot.keyClick(dock.target, Qt.Key.Key_Down)
    assert [bar.name for bar in dock.bars.bars] == ["Calm-Income", "Roll"]
    assert dock.record.text().startswith("Record: no better than the base rates")
    assert "(\N{MINUS SIGN}0.006 nats a week, 95% from \N{MINUS SIGN}0.044" in dock.record.text()
    assert dock.drift.isVisible()
    dock.wear(read_theme(Look.LIGHT))
    assert not dock.grab().isNull()
    # A forecast for another week is none for this one.
    other = replace(spoken(week), week=replace(week, number=week.number + 1))
    dock.take(replace(picture, forecast=other))
    assert dock.head.text() == NOTHING


def test_without_a_record_it_says_from_when_on_there_is_one(
    dock: AdviceDock, standing_desk: StandingDesk
) -> None:
    picture = pictured(standing_desk)
    assert picture.week is not None
    dock.take(replace(picture, forecast=without_record(picture.week.id)))
    assert "from 55 labelled weeks" in dock.head.text()
    said = "No record yet: there is one once 13 forecast weeks are over."
    assert (dock.record.text(), dock.reliability.empty) == (said, said)
    # Four cases are no curve.
    assert not dock.reliability.lines


def test_the_week_tells_the_likeliest_or_how_many_weeks_are_known(
    standing: DeskContext, standing_desk: StandingDesk, qtbot: QtBot
) -> None:
    week_dock = WeekDock(standing)
    qtbot.addWidget(week_dock)
    week_dock.show()
    picture = pictured(standing_desk)
    week = picture.week.id  # type: ignore[union-attr]
    week_dock.take(replace(picture, forecast=spoken(week)))
    assert week_dock.forecast.text().startswith(
        "Advice: condition after the week Red 61% (base 35%; better than the base rates over 470 "
        "weeks), label"
    )
    week_dock.take(replace(picture, forecast=without_record(week)))
    young = "P-EW 55% (base 56%); no record yet: there is one once 13 forecast weeks are over"
    assert week_dock.forecast.text().endswith(young)
    week_dock.take(replace(picture, forecast=silent(week, 23)))
    assert week_dock.forecast.text() == "Advice: Silent: 23 of 50 labelled weeks are known."
    week_dock.take(picture)
    assert not week_dock.forecast.isVisible()


def test_the_record_reads_week_by_week(dock: AdviceDock) -> None:
    dock.lines.show(
        [
            AdviceLine("2012-W03", "label of the week", "Roll", Decimal("0.6"), "Roll", 0.31),
            AdviceLine("2012-W04", "label of the week", "Roll", Decimal("0.6"), "", None),
        ]
    )
    cells = [
        dock.lines.index(row, column).data()
        for row in range(2)
        for column in range(dock.lines.columnCount())
    ]
    assert "+0.31 better" in cells
    assert "not known yet" in cells


def test_the_model_card_opens(dock: AdviceDock, qtbot: QtBot) -> None:
    qtbot.mouseClick(dock.card, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock._handbook is not None, timeout=WAIT)
    assert dock._handbook is not None
    assert dock._handbook.page == "model-card"
    dock._handbook.close()


def test_before_the_first_picture_no_empty_chart_is_shown(
    context: DeskContext, qtbot: QtBot
) -> None:
    made = AdviceDock(context)
    qtbot.addWidget(made)
    made.show()
    assert made.head.text().startswith("The desk is starting")
    assert not made.reliability.isVisible()
    assert not made.target.isVisible()
