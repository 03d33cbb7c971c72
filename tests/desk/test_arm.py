"""Arming from the window: each line with its evidence, one gesture, and disarming at a word."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.arming import Arming
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.arm import ArmDialog
from allusedesk.domain.arming import (
    STRATEGIES,
    ArmingEvidence,
    ArmingRequested,
    DisarmingRequested,
    LiveArmed,
)
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import Input, Instruction, Mode, OperatorInstructed
from allusedesk.engine.snapshot import DeskSnapshot, picture
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from allusedesk.journal.store import JournalReader
from tests.desk.conftest import WAIT
from tests.wiring.live_rig import DECLARATION, LiveRig
from tests.wiring.test_live_desk import instant

PHRASE = "correct horse battery"


class SteppedDesk:
    """A live desk that has stopped; what a person says is stepped at once, on this thread."""

    is_over = False
    fault = None
    beats = 1
    clock = None

    def __init__(self, rig: LiveRig) -> None:
        self.rig = rig
        self.state: DeskState = rig.desk.engine.state
        self.recorded: list[object] = []
        self.age: float | None = 1.0
        self.latest = self.picture()

    def picture(self) -> DeskSnapshot:
        return picture(self.state, self.state.instant, lambda _: None)

    def admit(self, event: Input) -> None:
        entry = Entry(self.state.sequence + 1, self.state.instant, None, event)
        result = step(self.state, entry)
        self.state = result.state
        self.recorded.extend([event, *(one.event for one in result.entries)])
        self.latest = self.picture()

    def evidence(self, *, is_unlocked: bool) -> ArmingEvidence:
        self.rig.line.is_up = True
        measured = self.rig.desk.evidence(self.age, is_unlocked=is_unlocked)
        return replace(measured, measured_at=self.state.instant)

    def consult(self, question: Callable[[DeskState, Any, datetime], Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        answer.set_result(question(self.state, None, self.state.instant))
        return answer


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> LiveRig:
    made = LiveRig(tmp_path_factory.mktemp("live"))
    inbox = made.desk.engine.inbox
    kill = OperatorInstructed(Instruction.KILL, "Ann", "the week's test")
    made.at(instant("2012-01-09T14:05"), lambda: inbox.admit(kill))
    reset = OperatorInstructed(Instruction.RESET, "Ann", "tested")
    made.at(instant("2012-01-09T14:06"), lambda: inbox.admit(reset))
    made.run(instant("2012-01-09T14:36"))
    return made


@pytest.fixture
def desk(rig: LiveRig, context: DeskContext) -> SteppedDesk:
    made = SteppedDesk(rig)
    context.bridge.engine = made  # type: ignore[assignment]
    context.bridge.look()
    return made


@pytest.fixture
def arming(context: DeskContext, desk: SteppedDesk, qtbot: QtBot) -> Arming:
    del desk
    window = QWidget()
    window.setObjectName("window")
    qtbot.addWidget(window)
    window.show()
    made = Arming(context, window)
    context.commands.add(made.commands())
    # The window lives as long as what is its child.
    made.window = window
    return made


def opened(arming: Arming, qtbot: QtBot) -> ArmDialog:
    arming.context.commands.give("live.arm")
    dialog = arming.window.findChild(ArmDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: bool(dialog.lines), timeout=WAIT)
    return dialog


def fill(dialog: ArmDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.profile, "individual, cash")
    qtbot.keyClicks(dialog.disclosure, "2011-05-01")
    dialog.own.setFocus()
    qtbot.keyClick(dialog.own, Qt.Key.Key_Space)
    for name in STRATEGIES:
        assert dialog.levels[name].value() == 2
    qtbot.keyClicks(dialog.typed, "LIVE PA1")


def shown(dialog: ArmDialog) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def test_each_line_is_shown_with_its_evidence_until_all_hold(
    arming: Arming, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(arming, qtbot)
    assert not dialog.arm.isEnabled()
    texts = shown(dialog)
    assert any(text.startswith("HOLDS  broker reachable: Account PA1") for text in texts)
    assert any(text.startswith("NOT YET  account profile") for text in texts)
    assert any(text.startswith("HOLDS  kill switch tested this week") for text in texts)
    assert "lines do not hold yet" in dialog.said.text()
    fill(dialog, qtbot)
    qtbot.waitUntil(dialog.arm.isEnabled, timeout=WAIT)
    assert not [text for text in shown(dialog) if text.startswith("NOT YET")]
    seen = QPixmap(dialog.size())
    dialog.render(seen)
    assert seen.save(str(tmp_path / "arm.png"))


def test_holding_the_button_with_the_passphrase_arms(
    arming: Arming, desk: SteppedDesk, qtbot: QtBot
) -> None:
    context = arming.context
    context.lock.passphrase.change(PHRASE)
    dialog = opened(arming, qtbot)
    fill(dialog, qtbot)
    qtbot.waitUntil(dialog.arm.isEnabled, timeout=WAIT)

    qtbot.keyClicks(dialog.passphrase, "another phrase")
    dialog.arm.fired.emit()
    assert "not the passphrase" in dialog.said.text()
    assert desk.recorded == []

    qtbot.keyClicks(dialog.passphrase, PHRASE)
    dialog.arm.setFocus()
    with qtbot.waitSignal(dialog.accepted, timeout=WAIT):
        qtbot.keyPress(dialog.arm, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: bool(desk.recorded), timeout=WAIT)
        qtbot.keyRelease(dialog.arm, Qt.Key.Key_Space)
        context.bridge.look()
    request, armed = desk.recorded
    assert isinstance(request, ArmingRequested)
    assert isinstance(armed, LiveArmed)
    assert armed.is_paper
    assert PHRASE not in repr(request)


def test_enter_arms_nothing_and_a_tap_neither(
    arming: Arming, desk: SteppedDesk, qtbot: QtBot
) -> None:
    arming.context.lock.passphrase.change(PHRASE)
    dialog = opened(arming, qtbot)
    fill(dialog, qtbot)
    qtbot.keyClicks(dialog.passphrase, PHRASE)
    qtbot.waitUntil(dialog.arm.isEnabled, timeout=WAIT)
    for field in (dialog.typed, dialog.passphrase, dialog.arm):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.mouseClick(dialog.arm, Qt.MouseButton.LeftButton)
    assert desk.recorded == []
    assert dialog.isVisible()


def test_without_a_passphrase_nobody_can_arm(
    arming: Arming, desk: SteppedDesk, qtbot: QtBot
) -> None:
    dialog = opened(arming, qtbot)
    fill(dialog, qtbot)
    qtbot.waitUntil(dialog.arm.isEnabled, timeout=WAIT)
    dialog.arm.fired.emit()
    assert "no passphrase" in dialog.said.text()
    assert desk.recorded == []


def test_what_no_longer_holds_is_measured_again_and_refused(
    arming: Arming, desk: SteppedDesk, qtbot: QtBot
) -> None:
    arming.context.lock.passphrase.change(PHRASE)
    dialog = opened(arming, qtbot)
    fill(dialog, qtbot)
    qtbot.keyClicks(dialog.passphrase, PHRASE)
    qtbot.waitUntil(dialog.arm.isEnabled, timeout=WAIT)
    desk.age = 90.0
    dialog.arm.fired.emit()
    qtbot.waitUntil(lambda: bool(desk.recorded), timeout=WAIT)
    arming.context.bridge.look()
    assert "was not armed" in dialog.said.text()
    qtbot.waitUntil(lambda: not dialog.arm.isEnabled(), timeout=WAIT)
    assert any(text.startswith("NOT YET  data fresh") for text in shown(dialog))
    assert desk.state.armed is None


def test_one_word_disarms_and_a_paper_desk_has_nothing_to_arm(
    arming: Arming, desk: SteppedDesk
) -> None:
    told: list[str] = []
    arming.context.notices.told.connect(lambda sentence, _: told.append(sentence))
    arming.context.commands.give("live.disarm")
    assert "not armed" in told[-1]
    assert desk.recorded == []

    arming.context.bridge.latest = replace(desk.latest, armed=_armed(desk))
    arming.context.commands.give("live.disarm")
    assert isinstance(desk.recorded[0], DisarmingRequested)

    arming.context.bridge.latest = replace(desk.latest, mode=Mode.PAPER)
    arming.context.commands.give("live.arm")
    assert arming.window.findChild(ArmDialog) is None
    assert "simulated broker" in told[-1]


def test_a_locked_desk_still_hears_that_it_is_to_be_disarmed(
    arming: Arming, desk: SteppedDesk
) -> None:
    lock = arming.context.lock
    lock.passphrase.change(PHRASE)
    assert lock.shut("a test")
    assert lock.refusal(DisarmingRequested("Ann", "by hand")) == ""
    assert lock.refusal_of_command("live.disarm") == ""
    asked = desk.evidence(is_unlocked=True)
    request = ArmingRequested("Ann", "LIVE PA1", DECLARATION, asked)
    assert lock.refusal(request)
    assert lock.refusal_of_command("live.arm")


def _armed(desk: SteppedDesk) -> Any:
    from allusedesk.domain.arming import ArmedBy

    return ArmedBy("Ann", "PA1", is_paper=True, armed_at=desk.state.instant)


def test_the_record_of_the_rig_is_whole(rig: LiveRig) -> None:
    with JournalReader.open(rig.desk.journal.path) as reader:
        assert reader.head()[0] > 0
