"""The strip: what must never be looked for, on any width, and the pace of recorded time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.status_strip import StatusStrip
from allusedesk.desk.theme import Look, Theme, read_theme
from allusedesk.domain.arming import ArmedBy
from allusedesk.domain.inputs import (
    Instruction,
    Mode,
    OperatorAsked,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.engine.snapshot import DeskSnapshot
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.pictures import Engine, shown, small_desk


@pytest.fixture(scope="module")
def picture() -> DeskSnapshot:
    return shown(small_desk())


@pytest.fixture
def strip(theme: Theme, qtbot: QtBot) -> StatusStrip:
    bridge = Bridge()
    bridge.engine = Engine()  # type: ignore[assignment]
    made = StatusStrip(theme, bridge)
    qtbot.addWidget(made)
    made.resize(1280, 26)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_standing_of_the_desk_is_read_at_once(
    strip: StatusStrip, picture: DeskSnapshot
) -> None:
    strip.show_picture(picture)
    assert strip.mode.text() == "PAPER"
    assert strip.state.text() == "MONITORING +2"
    assert "F1.rev: MONITORING" in strip.state.toolTip()
    assert strip.broker.text() == "Broker linked"
    assert strip.feed.text() == "Quotes 0 s old"
    assert strip.clock.text() == "Wed 30 Jan 13 12:00:00 New York"


def test_what_stops_the_desk_is_said_in_words_and_colour(
    strip: StatusStrip, picture: DeskSnapshot, theme: Theme
) -> None:
    strip.show_picture(replace(picture, halted_by="kill switch by tester", is_link_up=False))
    assert strip.state.text() == "HALTED"
    assert "kill switch by tester" in strip.state.toolTip()
    assert strip.broker.text() == "BROKER LOST"
    ink = strip.state.palette().color(strip.state.foregroundRole())
    assert ink.name() == theme.alarm
    strip.show_picture(replace(picture, breakers=("safe",)))
    assert strip.state.text() == "BREAKER safe"


def test_old_quotes_are_told(strip: StatusStrip, picture: DeskSnapshot) -> None:
    strip.show_picture(replace(picture, at=picture.at + timedelta(minutes=4)))
    assert strip.feed.text() == "Quotes 4 min old"


def test_beats_and_the_queue_are_counted(strip: StatusStrip) -> None:
    engine = strip._bridge.engine
    assert engine is not None
    engine.beats = 18  # type: ignore[misc, union-attr]
    strip.count_beats()
    assert strip.engine.text() == "Engine 18/s"
    strip.show_engine("ENGINE LOST")
    strip.count_beats()
    assert strip.engine.text() == "ENGINE LOST"


@pytest.mark.parametrize("width", [1280, 640, 420])
def test_nothing_is_cut_on_a_narrow_screen(
    strip: StatusStrip, picture: DeskSnapshot, width: int, qtbot: QtBot
) -> None:
    button = QPushButton("STOP")
    strip.add_last(button)
    strip.show_picture(replace(picture, halted_by="drill"))
    strip.resize(width, strip.height())
    seen = [label for label in (strip.mode, strip.state, button) if label.isVisible()]
    assert len(seen) == 3
    qtbot.waitUntil(lambda: 0 < button.geometry().right() <= width)
    labels = [label for label in strip._yielding if label.isVisible()]
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in labels))
    if width == 1280:
        assert strip.clock in labels
        assert strip.feed in labels
    assert "New York" in strip.toolTip()


def test_a_broker_that_is_lost_never_gives_way(strip: StatusStrip, picture: DeskSnapshot) -> None:
    armed = ArmedBy("Ann", "A1", True, picture.at)
    live = replace(picture, mode=Mode.LIVE, armed=armed)
    strip.resize(420, 26)
    strip.show_picture(live)
    assert strip.broker.isHidden()
    strip.show_picture(replace(live, is_link_up=False))
    assert strip.broker.text() == "BROKER LOST"
    assert not strip.broker.isHidden()
    strip.show_picture(live)
    assert strip.broker.isHidden()


def test_another_theme_is_worn_at_once(strip: StatusStrip, picture: DeskSnapshot) -> None:
    strip.show_picture(picture)
    light = read_theme(Look.LIGHT)
    strip.wear(light)
    assert light.paper_ground in strip.mode.styleSheet()


def test_recorded_time_is_steered_by_keys_and_buttons(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    engine, pace = session.context.bridge.engine, session.window.strip.pace
    assert engine is not None
    qtbot.waitUntil(lambda: engine.clock is not None and pace.isVisible(), timeout=WAIT)
    clock = engine.clock
    assert clock is not None
    give = session.context.commands.give
    give("time.stand")
    assert clock.is_standing
    assert pace.pace.text() == "Time stands still"
    qtbot.mouseClick(pace.stand, Qt.MouseButton.LeftButton)
    assert not clock.is_standing
    for command, speed in (("time.real", 1.0), ("time.ten", 10.0), ("time.most", None)):
        give(command)
        assert clock.speed == speed
    give("time.stand")
    qtbot.waitUntil(lambda: bool(latest(session).alarms), timeout=WAIT)
    due = latest(session).alarms[0].due_at
    give("time.next")
    qtbot.waitUntil(lambda: latest(session).at >= due and clock.is_standing, timeout=WAIT)
    assert latest(session).at == due


def test_a_request_that_cannot_be_is_told_with_its_reason(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    bridge = session.context.bridge
    bridge.admit(OperatorAsked(OperatorRequest.CANCEL, "nothing", "tester"))
    notices = session.window.notices
    qtbot.waitUntil(lambda: any("nothing" in said for said in notices.sentences()), timeout=WAIT)
    assert "not known" in notices.sentences()[0]
    bridge.admit(OperatorInstructed(Instruction.PAUSE, "tester", "a test"))
    qtbot.waitUntil(
        lambda: all("paused" in one.freezes for one in latest(session).sleeves), timeout=WAIT
    )


@pytest.mark.parametrize(
    ("mode", "armed", "words"),
    [
        (Mode.REHEARSAL, None, "REHEARSAL"),
        (Mode.PAPER, None, "PAPER"),
        (Mode.LIVE, None, "LIVE, not armed"),
        (Mode.LIVE, True, "LIVE, ARMED: practice account A1"),
        (Mode.LIVE, False, "LIVE, ARMED: REAL MONEY A1"),
    ],
)
def test_the_mode_is_written_out_and_a_live_desk_says_whether_it_is_armed(
    strip: StatusStrip, picture: DeskSnapshot, mode: Mode, armed: bool | None, words: str
) -> None:
    by = None if armed is None else ArmedBy("Ann", "A1", armed, picture.at)
    strip.show_picture(replace(picture, mode=mode, armed=by))
    assert strip.mode.text() == words
    assert mode.value in words
