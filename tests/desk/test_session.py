"""One sitting: the window comes, the engine follows, both end."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks.catalogue import DOCKS
from allusedesk.domain.inputs import Instruction, Mode, OperatorInstructed
from allusedesk.journal.read_side import ReadSide
from tests.desk.conftest import WAIT, OpenDesk, latest


def test_a_desk_opens_trades_on_paper_and_closes(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    qtbot.waitUntil(lambda: bool(latest(session).lots), timeout=WAIT)
    picture = latest(session)
    assert picture.mode is Mode.PAPER
    assert picture.rulebook == "classic@1.0"
    assert session.window.strip.mode.text() == "PAPER"
    session.window.close()
    session.close()
    qtbot.waitUntil(lambda: session.is_over, timeout=WAIT)
    with ReadSide.open(session.request.journal) as side:
        assert side.journal.head()[0] >= picture.sequence


def test_a_person_is_heard_while_time_stands_still(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    engine = session.context.bridge.engine
    assert engine is not None
    engine.steer(lambda clock: clock.stand())
    session.context.bridge.admit(OperatorInstructed(Instruction.KILL, "tester", "a test"))
    qtbot.waitUntil(lambda: "kill switch" in latest(session).halted_by, timeout=WAIT)
    at = latest(session).at
    qtbot.wait(150)
    assert latest(session).at == at
    assert "HALTED" in session.window.strip.state.text()


def test_every_panel_opens_by_its_keys(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    for spec in DOCKS:
        session.context.commands.give(f"dock.{spec.id}")
        qtbot.waitUntil(lambda spec=spec: spec.id in session.window.docks, timeout=WAIT)
        assert session.window.docks[spec.id].isVisible()
    assert session.window.notices.sentences() == []


def test_pictures_come_on_the_thread_of_the_screen(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    threads: list[int] = []
    session.context.bridge.published.connect(lambda _: threads.append(threading.get_ident()))
    qtbot.waitUntil(lambda: len(threads) > 2, timeout=WAIT)
    assert set(threads) == {threading.get_ident()}


def test_a_panel_that_raises_is_told_and_stops_no_other(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    dock = session.window.dock("positions")
    shown: list[object] = []

    def fail(picture: object) -> None:
        shown.append(picture)
        raise ValueError("a fault")

    dock.take = fail
    session.window.take(latest(session))
    assert shown
    assert any("positions" in sentence for sentence in session.window.notices.sentences())
    assert session.window.strip.mode.text() == "PAPER"


def test_the_window_turns_to_lost_within_a_second_and_back(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    bridge = session.context.bridge
    held = threading.Event()
    with qtbot.waitSignal(bridge.lost, timeout=3_000):
        bridge.ask(lambda: held.wait(5))
    assert not session.window.frames["positions"].isEnabled()
    assert session.window.strip.engine.text() == "ENGINE LOST"
    with qtbot.waitSignal(bridge.found, timeout=3_000):
        held.set()
    assert session.window.frames["positions"].isEnabled()


def test_what_ended_the_engine_is_said(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    engine = session.context.bridge.engine
    assert engine is not None
    desk = engine._desk
    assert desk is not None
    desk.journal.close()
    with qtbot.waitSignal(session.context.bridge.lost, timeout=WAIT) as told:
        session.context.bridge.admit(OperatorInstructed(Instruction.PAUSE, "tester", "a test"))
    assert "engine stopped" in told.args[0]
    assert "start the desk again" in told.args[0]


def test_keys_reach_a_command(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    window = session.window
    qtbot.waitExposed(window)
    with qtbot.waitSignal(window.closing, timeout=WAIT):
        qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
