"""The idle lock: nothing of a person's passes it but what stops something."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.context import Notices
from allusedesk.desk.lock import SHUT, DeskLock
from allusedesk.desk.preferences import Preferences
from allusedesk.desk.session import DeskSession
from allusedesk.domain.arming import DisarmingRequested
from allusedesk.domain.events import INPUT_KINDS
from allusedesk.domain.inputs import (
    Answer,
    CapitalDeposited,
    CapitalWithdrawn,
    DeskLockTurned,
    Input,
    Instruction,
    LockTurn,
    OperatorAsked,
    OperatorDecided,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.domain.money import Money
from allusedesk.journal.store import JournalReader
from allusedesk.passphrase import Passphrase
from allusedesk.settings import read_settings
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked, opened, outcomes
from tests.house.sources import PACKAGE, package_modules, parsed, shown
from tests.journal.events_at_random import values

RIGHT = "correct horse battery"
DAY, SOME = date(2012, 1, 9), Money(Decimal(1000))
BEGINNING = [
    OperatorDecided("P1", Answer.APPROVE, "tester"),
    OperatorDecided("P1", Answer.REJECT, "tester", "no"),
    OperatorInstructed(Instruction.RESET, "tester", "go on"),
    OperatorInstructed(Instruction.CONTINUE, "tester", "go on"),
    CapitalDeposited("F1", SOME, DAY),
    CapitalWithdrawn("F1.gen", SOME, DAY),
    *(
        OperatorAsked(request, "x", "tester")
        for request in OperatorRequest
        if request is not OperatorRequest.CANCEL
    ),
]
STOPPING = [
    OperatorInstructed(Instruction.KILL, "tester", "stop"),
    OperatorInstructed(Instruction.PAUSE, "tester", "stop"),
    OperatorAsked(OperatorRequest.CANCEL, "", "tester"),
    DeskLockTurned(LockTurn.REFUSED, "tester"),
    DisarmingRequested("tester", "stop"),
]


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class HeardEngine:
    """Takes facts as an engine would."""

    def __init__(self) -> None:
        self.heard: list[Input] = []

    def admit(self, event: Input) -> None:
        self.heard.append(event)


# A passphrase that nobody set, in a folder that is not there.
NEVER = Passphrase(Path("nowhere"), Seconds())


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def lock(qapp: QApplication, home: Path, seconds: Seconds) -> DeskLock:
    """A lock with a passphrase, open."""
    passphrase = Passphrase(home, seconds)
    passphrase.change(RIGHT)
    made = DeskLock(passphrase, lambda: 5, lambda: "tester", seconds)
    assert made.is_locked
    assert made.open(RIGHT)
    return made


def guarded(lock: DeskLock) -> tuple[Bridge, HeardEngine]:
    bridge, engine = Bridge(), HeardEngine()
    bridge.engine = engine  # type: ignore[assignment]
    bridge.refusal = lock.refusal
    return bridge, engine


@pytest.mark.parametrize("event", BEGINNING, ids=repr)
def test_what_begins_something_needs_the_open_desk(lock: DeskLock, event: Input) -> None:
    bridge, engine = guarded(lock)
    lock.shut("a test")
    with pytest.raises(RuntimeError, match="The desk is locked"):
        bridge.admit(event)
    assert engine.heard == []
    lock.open(RIGHT)
    bridge.admit(event)
    assert engine.heard == [event]


@pytest.mark.parametrize("event", STOPPING, ids=repr)
def test_what_stops_something_is_heard_all_the_same(lock: DeskLock, event: Input) -> None:
    bridge, engine = guarded(lock)
    lock.shut("a test")
    bridge.admit(event)
    assert engine.heard == [event]


@pytest.mark.parametrize("kind", sorted(INPUT_KINDS, key=lambda kind: kind.__name__))
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_fact_there_is_or_comes_to_be_is_refused_unless_it_stops(
    qapp: QApplication, kind: type, data: st.DataObject
) -> None:
    lock = DeskLock(NEVER, lambda: 0, lambda: "tester", Seconds())
    event = data.draw(values(kind))
    stops = (
        isinstance(event, DeskLockTurned | DisarmingRequested)
        or getattr(event, "instruction", None) in (Instruction.KILL, Instruction.PAUSE)
        or getattr(event, "request", None) is OperatorRequest.CANCEL
    )
    lock.is_locked = True
    assert (lock.refusal(event) == "") == stops
    lock.is_locked = False
    assert lock.refusal(event) == ""


def test_no_screen_has_another_way_to_the_engine() -> None:
    """Facts of a person go through the bridge, which asks the lock; none goes round it."""
    found = []
    for path in package_modules().values():
        if not path.is_relative_to(PACKAGE / "desk") or path.name == "bridge.py":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Attribute) and node.attr == "admit":
                whole = ast.unparse(node)
                if not whole.endswith("bridge.admit"):
                    found.append(f"{shown(path)}:{node.lineno}: {whole}")
    assert found == []


def test_settings_stay_while_it_is_locked(lock: DeskLock, home: Path) -> None:
    notices = Notices()
    said: list[str] = []
    notices.told.connect(lambda sentence, _: said.append(sentence))
    preferences = Preferences(home, notices)
    preferences.refusal = lock.refusal_of_change
    lock.shut("a test")
    preferences.change(typed_above=9_999)
    assert said == [SHUT]
    assert preferences.settings.typed_above == read_settings(home).typed_above == 10
    lock.open(RIGHT)
    preferences.change(typed_above=9_999)
    assert read_settings(home).typed_above == 9_999


def test_it_locks_after_the_chosen_minutes(lock: DeskLock, seconds: Seconds) -> None:
    turns: list[DeskLockTurned] = []
    lock.turned.connect(turns.append)
    seconds.now += 5 * 60 - 1
    lock.look()
    assert not lock.is_locked
    seconds.now += 1
    lock.look()
    assert lock.is_locked
    assert turns == [DeskLockTurned(LockTurn.LOCKED, "tester", "nobody at it for 5 minutes")]
    lock.look()
    assert len(turns) == 1


def test_without_a_passphrase_nothing_locks(home: Path, seconds: Seconds) -> None:
    lock = DeskLock(Passphrase(home, seconds), lambda: 1, lambda: "tester", seconds)
    seconds.now += 1_000
    lock.look()
    assert not lock.is_locked
    assert not lock.shut("a test")


def test_a_wrong_passphrase_is_recorded_and_slows_the_next(
    lock: DeskLock, seconds: Seconds
) -> None:
    turns: list[DeskLockTurned] = []
    lock.turned.connect(turns.append)
    lock.shut("a test")
    for _ in range(3):
        assert not lock.open("wrong")
    assert lock.passphrase.seconds_to_wait == 1
    assert not lock.open(RIGHT)
    seconds.now += 1
    assert lock.open(RIGHT)
    assert [turn.turn.value for turn in turns] == ["locked", *["refused"] * 3, "unlocked"]
    assert RIGHT not in repr(turns)
    assert "wrong" not in {turn.reason for turn in turns}


def sat(open_desk: OpenDesk, qtbot: QtBot, home: Path) -> DeskSession:
    """A desk that has asked something, with a passphrase, unlocked."""
    session = asked(open_desk, qtbot)
    session.context.lock.passphrase.change(RIGHT)
    return session


def test_keys_and_mouse_put_it_off(open_desk: OpenDesk, qtbot: QtBot, home: Path) -> None:
    session = sat(open_desk, qtbot, home)
    lock = session.context.lock
    handle = session.window.windowHandle()
    session.window.activateWindow()
    qtbot.waitUntil(lambda: handle in lock._heard, timeout=WAIT)
    for touch in (
        lambda: QTest.keyClick(handle, Qt.Key.Key_Shift),
        lambda: QTest.mouseClick(handle, Qt.MouseButton.LeftButton),
    ):
        lock._touched = -1.0
        touch()
        assert lock._touched >= 0


def test_ctrl_l_covers_the_desk_and_the_passphrase_opens_it(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    session = sat(open_desk, qtbot, home)
    window, curtain = session.window, session.locking.curtain
    question = opened(session, qtbot)
    # The dialog is hidden while the key is down, so its window and not a widget is pressed.
    QTest.keyClick(question.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert session.context.lock.is_locked
    assert curtain.isVisible()
    assert not question.isVisible()
    panels = [frame.widget() for frame in window.frames.values() if frame.widget() is not None]
    assert panels
    assert not any(panel.isEnabled() for panel in panels)
    below = window.rect().adjusted(0, window.menuWidget().height(), 0, 0)
    assert curtain.geometry() == below
    # No key and no command gets round it.
    qtbot.keyClick(window, Qt.Key.Key_F8)
    assert curtain.verdict.text() == SHUT
    for command in ("settings", "palette", "dock.orders", "desk.open", "lock.passphrase"):
        session.context.commands.give(command)
    assert [one for one in QApplication.topLevelWidgets() if one.isVisible()] == [window]
    qtbot.waitUntil(curtain.field.hasFocus, timeout=WAIT)
    for reached in (curtain.unlock, curtain.field, curtain.unlock):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert window.focusWidget() is reached
    question.approve.fired.emit()
    assert SHUT in question.verdict.text()
    qtbot.wait(100)
    assert not outcomes(session, question.card)
    qtbot.keyClicks(curtain.field, "not this one")
    qtbot.keyClick(curtain.field, Qt.Key.Key_Return)
    assert "not the passphrase" in curtain.verdict.text()
    assert curtain.field.text() == ""
    qtbot.keyClicks(curtain.field, RIGHT)
    qtbot.mouseClick(curtain.unlock, Qt.MouseButton.LeftButton)
    assert not session.context.lock.is_locked
    assert not curtain.isVisible()
    assert question.isVisible()
    assert all(panel.isEnabled() for panel in panels)


def test_the_kill_switch_works_behind_the_curtain(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    session = sat(open_desk, qtbot, home)
    session.context.commands.give("lock")
    assert session.context.lock.is_locked
    qtbot.keyPress(session.window, Qt.Key.Key_F12)
    dialog = session.halting.dialog
    assert dialog is not None
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: dialog.was_fired, timeout=WAIT)
    qtbot.keyRelease(dialog, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: bool(latest(session).halted_by), timeout=WAIT)
    # It is stopped by anybody, and released by nobody without the passphrase.
    dialog.release.fired.emit()
    assert SHUT in dialog.what.text()
    qtbot.wait(200)
    assert latest(session).halted_by


def test_the_stop_button_is_held_by_mouse_behind_the_curtain(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    session = sat(open_desk, qtbot, home)
    session.context.lock.shut("a test")
    button = session.halting.button
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(latest(session).halted_by), timeout=WAIT)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)


def test_a_panel_in_its_own_window_hides_its_figures(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    session = sat(open_desk, qtbot, home)
    frame = session.window.frames["positions"]
    session.window.open_dock("positions")
    frame.setFloating(True)
    qtbot.waitUntil(lambda: frame.widget().isVisible(), timeout=WAIT)
    session.context.lock.shut("a test")
    assert not frame.widget().isVisible()
    session.context.lock.open(RIGHT)
    assert frame.widget().isVisible()


def test_notices_are_kept_back_and_not_lost(open_desk: OpenDesk, qtbot: QtBot, home: Path) -> None:
    session = sat(open_desk, qtbot, home)
    session.context.lock.shut("a test")
    session.context.notices.say("1,000.00 USD come into F1.")
    assert not session.window.notices.isVisible()
    session.context.lock.open(RIGHT)
    assert session.window.notices.isVisible()
    assert "1,000.00 USD come into F1." in session.window.notices.sentences()


def test_a_desk_with_a_passphrase_begins_locked_and_records_it(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    Passphrase(home, Seconds()).change(RIGHT)
    session = open_desk("--speed", "1")
    assert session.context.lock.is_locked
    assert session.locking.curtain.isVisible()
    session.locking.curtain.field.setText("wrong one")
    session.locking.try_passphrase()
    session.locking.curtain.field.setText(RIGHT)
    session.locking.try_passphrase()
    assert not session.context.lock.is_locked
    turns: list[str] = []

    def recorded() -> bool:
        with JournalReader.open(session.request.journal) as journal:
            turns[:] = [
                entry.event.turn.value
                for entry in journal.read()
                if isinstance(entry.event, DeskLockTurned)
            ]
        return len(turns) == 3

    qtbot.waitUntil(recorded, timeout=WAIT)
    assert turns == ["locked", "refused", "unlocked"]
    record = session.request.journal.read_bytes()
    assert RIGHT.encode() not in record
    assert b"wrong one" not in record


def test_a_passphrase_is_set_changed_and_removed_by_its_dialog(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    session = asked(open_desk, qtbot)
    session.context.commands.give("lock")
    dialog = session.locking.dialog
    assert dialog is not None
    assert not session.context.lock.is_locked
    qtbot.keyClicks(dialog.new, RIGHT)
    qtbot.keyClicks(dialog.again, RIGHT + "!")
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    assert "differ" in dialog.verdict.text()
    qtbot.keyClicks(dialog.again, "!")
    qtbot.keyClick(dialog.again, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.again.setText(RIGHT)
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    assert session.context.lock.passphrase.is_set
    session.context.commands.give("lock.passphrase")
    dialog = session.locking.dialog
    qtbot.keyClicks(dialog.old, "not this one")
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert "another one" in dialog.verdict.text()
    assert dialog.old.text() == ""
    qtbot.keyClicks(dialog.old, RIGHT)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert not session.context.lock.passphrase.is_set
    labels = [label.text() for label in session.window.findChildren(QLabel)]
    assert not any(RIGHT in text for text in labels)
