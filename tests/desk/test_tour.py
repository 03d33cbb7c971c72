"""The first-run tour: taken to its end, declined, taken again, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks.approvals import ApprovalsDock
from allusedesk.desk.session import DeskSession
from allusedesk.desk.tour import STEPS, Tour, TourCard
from allusedesk.domain.inputs import OperatorDecided
from allusedesk.journal.store import JournalReader
from allusedesk.settings import Settings, read_settings, write_settings
from tests.desk import reach
from tests.desk.conftest import WAIT, OpenDesk

_CTRL, _ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def new_home(home: Path) -> Path:
    write_settings(home, Settings())
    return home


def card_of(tour: Tour) -> TourCard:
    assert tour.card is not None
    return tour.card


def stepped_to(session: DeskSession, qtbot: QtBot, title: str) -> None:
    tour = session.tour
    wanted = next(place for place, step in enumerate(STEPS) if step.title == title)
    while tour.place < wanted:
        qtbot.keyClick(session.window, Qt.Key.Key_F2)
    assert tour.step.title == title


def test_it_ends_with_a_trade_that_the_person_approved(
    new_home: Path, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    qtbot.waitExposed(session.window)
    tour = session.tour
    assert tour.is_running
    assert card_of(tour).isVisible()
    assert QApplication.activeModalWidget() is None
    stepped_to(session, qtbot, "Let time go")
    qtbot.keyClick(session.window, Qt.Key.Key_4, _CTRL)
    qtbot.waitUntil(lambda: tour.step.title == "A question", timeout=WAIT)
    qtbot.keyClick(session.window, Qt.Key.Key_2, _ALT)
    dock = session.window.dock("approvals")
    assert isinstance(dock, ApprovalsDock)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 0, timeout=WAIT)
    qtbot.keyClick(dock.table.table, Qt.Key.Key_Home, _CTRL)
    qtbot.keyClick(dock.table.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tour.step.title == "Answer it", timeout=WAIT)
    dialog = tour.question
    assert dialog is not None
    qtbot.waitUntil(lambda: card_of(tour).window() is dialog, timeout=WAIT)
    assert reach.out_of_reach(dialog) == []
    assert reach.pressed_by_enter(dialog) == []
    assert tour.pointer is not None
    assert tour.pointer.size() == dialog.approve.size()
    qtbot.keyPress(dialog.later, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: tour.step.title == "Your first trade", timeout=WAIT)
    assert card_of(tour).window() is session.window
    assert not read_settings(new_home).tour_done
    qtbot.mouseClick(card_of(tour).next, Qt.MouseButton.LeftButton)
    assert not tour.is_running
    assert read_settings(new_home).tour_done
    with JournalReader.open(session.request.journal) as journal:
        decided = [one.event for one in journal.read(1) if isinstance(one.event, OperatorDecided)]
    assert [one.operator for one in decided] == [session.context.operator]


def test_it_is_declined_once_and_taken_again_from_help(
    new_home: Path, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    qtbot.waitExposed(session.window)
    qtbot.mouseClick(card_of(session.tour).leave, Qt.MouseButton.LeftButton)
    assert not session.tour.is_running
    assert read_settings(new_home).tour_done
    session.context.commands.actions["tour"].trigger()
    assert session.tour.is_running
    assert session.tour.place == 0


def test_whoever_took_it_is_left_alone(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    assert not session.tour.is_running
    assert session.window.findChild(TourCard) is None
    qtbot.keyClick(session.window, Qt.Key.Key_F2)
    assert not session.tour.is_running


def test_each_step_points_at_something_that_is_there(
    new_home: Path, open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "60")
    qtbot.waitExposed(session.window)
    tour = session.tour
    lost = [step.title for step in STEPS if step.title != "Answer it" and step.target(tour) is None]
    assert lost == []
    assert len(STEPS) == 8
    words = sum(len(step.text.split()) for step in STEPS)
    assert words < 2 * 200, "Read at 200 words a minute it takes more than two minutes."
    card = card_of(tour)
    for width in (1440, 960):
        session.window.resize(width, 510)
        for _ in STEPS:
            qtbot.waitUntil(lambda: reach.cut_short(card) == [])
            assert reach.too_faint(card) == []
            if tour.place + 1 < len(STEPS):
                tour.go_on()
        tour.start()
    qtbot.mouseClick(card.next, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.back, Qt.MouseButton.LeftButton)
    assert tour.place == 0
