"""The week panel over a running desk: condition, days, and why a symbol got no proposal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.charts.week_strip import WeekStrip
from allusedesk.desk.docks.week import WeekDock
from allusedesk.desk.docks.week_page import strip_days
from allusedesk.desk.theme import Theme
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.journal.read_values import EntryLine
from tests.desk.conftest import WAIT, OpenDesk, latest

MONDAY = datetime(2013, 2, 11, 14, 30, tzinfo=UTC)


def _plan() -> TradingWeek:
    sessions = tuple(
        Session(
            (MONDAY + timedelta(days=day)).date(),
            MONDAY + timedelta(days=day),
            MONDAY + timedelta(days=day, hours=6.5),
        )
        for day in range(5)
    )
    return TradingWeek(2013, 7, sessions, sessions[-1].date)


def _line(sequence: int, at: datetime, kind: str, text: str) -> EntryLine:
    return EntryLine(sequence, at, kind, None, "F1.gen", text)


def test_a_day_holds_what_rang_what_happened_and_what_is_to_come() -> None:
    now = MONDAY + timedelta(hours=2)
    told = (
        _line(1, MONDAY + timedelta(minutes=15), "AlarmRang", "Alarm W/Mon/entry rang: look."),
        _line(2, MONDAY + timedelta(minutes=16), "FillBooked", "3 traded"),
        _line(3, MONDAY + timedelta(days=1), "LevelChanged", "L1"),
    )
    alarms = (
        Alarm("a", AlarmKind.MANAGE, now + timedelta(hours=1)),
        Alarm("b", AlarmKind.ORDER_PATIENCE, now + timedelta(seconds=1), "2013-W07/F1.gen/P1"),
        Alarm("c", AlarmKind.OPENING, now - timedelta(hours=1)),
    )
    days = strip_days(_plan(), alarms, told, now)
    assert [mark.letter for mark in days[0].marks] == ["", "F", ""]
    assert [mark.is_past for mark in days[0].marks] == [True, True, False]
    assert days[0].words == ("1 filled",)
    assert days[1].words == ("1 level change",)
    assert days[4].marks == ()


def test_the_strip_is_walked_by_keys_and_by_the_mouse(qtbot: QtBot, theme: Theme) -> None:
    strip = WeekStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(500, 120)
    strip.show()
    now = MONDAY + timedelta(days=1, hours=1)
    strip.show_days(strip_days(_plan(), (), (), now), now)
    day = strip.chosen_day()
    assert day is not None
    assert day.date == now.date()
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert chosen.args == [(now + timedelta(days=1)).date()]
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect().center())
    assert chosen.args == [(MONDAY + timedelta(days=2)).date()]
    assert "Monday 11 February" in strip.accessibleDescription()


def test_the_week_of_a_running_desk(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-12")
    session.context.commands.give("dock.week")
    dock = session.window.dock("week")
    assert isinstance(dock, WeekDock)
    qtbot.waitUntil(lambda: dock.path.rowCount() == 3, timeout=WAIT)
    assert "Week 2012-W02" in dock.headline.text()
    qtbot.waitUntil(lambda: "GREEN" in dock.headline.text(), timeout=WAIT)
    qtbot.waitUntil(lambda: dock.why.rowCount() > 0, timeout=WAIT)
    stopped = dock.why.row_at(0)
    assert stopped.rule
    assert stopped.reason
    assert dock.evidence.rowCount() >= 3
    assert dock.next.text().startswith("Next: ")
    qtbot.waitUntil(lambda: dock.dates.rowCount() > 0, timeout=WAIT)
    assert any("expiry" in one.what for one in dock.dates.rows_shown())


def test_a_new_week_begins_with_an_empty_page(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-19")
    session.context.commands.give("dock.week")
    dock = session.window.dock("week")
    assert isinstance(dock, WeekDock)
    weeks_of_page: list[tuple[str, str]] = []

    def note(_: object) -> None:
        picture = latest(session)
        if dock._page is not None and picture.week is not None:
            weeks_of_page.append((dock._page.week, str(picture.week.id)))

    session.context.bridge.published.connect(note)
    qtbot.waitUntil(
        lambda: dock._page is not None and dock._page.week == "2012-W03", timeout=3 * WAIT
    )
    assert all(page == week for page, week in weeks_of_page)


@pytest.mark.parametrize("width", [300, 1200])
def test_the_strip_draws_at_any_width(qtbot: QtBot, theme: Theme, width: int) -> None:
    strip = WeekStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(width, 120)
    strip.show_days(strip_days(_plan(), (), (), MONDAY), MONDAY)
    drawn = strip.grab().toImage()
    colours = {drawn.pixelColor(x, 60).name() for x in range(0, width, 3)}
    assert len(colours) > 1
