"""A week at each vendor's local servers as a person makes it: connected, armed and asked by hand.

Nothing is told to the desk but by its dialogs: the addresses, the passphrase, the kill switch's
trial, the checklist, and the answers. The plug is pulled on Monday, with an order at the broker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.approve import ApprovalDialog
from allusedesk.desk.dialogs.arm import ArmDialog
from allusedesk.desk.dialogs.connections import ConnectionsDialog
from allusedesk.desk.dialogs.new_desk import NewDeskDialog
from allusedesk.desk.dialogs.passphrase import PassphraseDialog
from allusedesk.desk.docks.approvals import ApprovalsDock
from allusedesk.desk.session import DeskSession
from allusedesk.domain import events as ev
from allusedesk.domain.arming import LiveArmed
from allusedesk.domain.inputs import (
    Instruction,
    OperatorDecided,
    OperatorInstructed,
)
from allusedesk.journal.faults import JournalFault
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify
from allusedesk.wiring import connecting, live_desk, market_trial
from allusedesk.wiring.requests import DeskRequest
from tests.desk.asking import request_of
from tests.desk.conftest import WAIT
from tests.desk.hand import Hand
from tests.doors.feed_rigs import live_history
from tests.doors.servers.alpaca_server import KEY, SECRET
from tests.keyrings import MemoryKeyring
from tests.wiring.walk_rig import Walk, at
from tests.wiring.walk_vendors import CAPITAL, MONDAY, SYMBOL, WalkClock
from tests.wiring.walk_week import (
    VENDORS,
    be_impatient,
    check_replay,
    come_to_monday,
    end_the_week,
    fill_unseen,
    go_on_to_friday,
    links_of,
    resting_at_the_vendor,
)

pytestmark = pytest.mark.long

PHRASE = "correct horse battery"
TITLES = {"alpaca": "Alpaca", "interactive_brokers": "Interactive Brokers"}


class SeatedWalk(Hand, Walk):
    """The walk of `tests/wiring`, with a person before a window in place of calls."""

    def __init__(
        self, out: Path, name: str, application: QApplication, qtbot: QtBot, look: Path
    ) -> None:
        self.name, self.application, self.qtbot, self.look = name, application, qtbot, look
        self.sessions: list[DeskSession] = []
        self.shots = 0
        super().__init__(out, VENDORS[name])

    def start(self) -> None:
        """From the sample market to the vendor's: connect, keep, choose, open."""
        wanted = request_of(["--out", str(self.request.out / "sample"), "--speed", "1"])
        self.sit(wanted)
        self.qtbot.waitUntil(lambda: self.session.context.bridge.latest is not None, timeout=WAIT)
        self.connect()
        self.choose_desk()
        first = self.session
        self.qtbot.waitUntil(lambda: first.next_request is not None, timeout=WAIT)
        asked = first.next_request
        assert asked is not None
        first.close()
        self.qtbot.waitUntil(lambda: first.is_over, timeout=WAIT)
        self.sit(asked)

        def is_built() -> bool:
            engine = self.session.context.bridge.engine
            assert engine is None or engine.fault is None, engine.fault
            return self.session.context.bridge.latest is not None

        self.qtbot.waitUntil(is_built, timeout=WAIT)
        engine = self.session.context.bridge.engine
        assert engine is not None
        assert isinstance(engine._desk, live_desk.LiveDesk)
        self.thread, self.desk = engine, engine._desk  # type: ignore[assignment]

    def sit(self, request: DeskRequest) -> None:
        session = DeskSession(self.application, request, lambda: None)
        self.sessions.append(session)
        self.qtbot.addWidget(session.window)
        session.open()
        self.qtbot.waitExposed(session.window)

    @property
    def session(self) -> DeskSession:
        return self.sessions[-1]

    def connect(self) -> None:
        dialog = self.opened("connections", ConnectionsDialog)
        assert dialog.paper.isChecked()
        for choice in (dialog.broker, dialog.feed):
            self.pick(choice, TITLES[self.name])
        lines = self.vendor.connections
        for host, port, line in (
            (dialog.host, dialog.port, lines.broker),
            (dialog.feed_host, dialog.feed_port, lines.feed),
        ):
            self.write(host, line.host)
            self.count(port, line.port)
        if self.name == "alpaca":
            self.write(dialog.key, KEY)
            self.write(dialog.secret, SECRET)
        assert not dialog.keep.isEnabled()
        self.click(dialog.test)
        self.until(dialog.keep.isEnabled, dialog.said.text())
        self.photograph(dialog)
        with self.qtbot.waitSignal(dialog.accepted, timeout=WAIT):
            self.click(dialog.keep)

    def choose_desk(self) -> None:
        dialog = self.opened("desk.open", NewDeskDialog)
        self.pick(dialog.market, f"{TITLES[self.name]}, quotes of now, LIVE")
        assert "practice account" in dialog.market.currentText()
        # Files of the past are not given: what is known of it is the vendor's.
        while dialog.feeds.count():
            dialog.feeds.setCurrentRow(0)
            self.click(dialog.remove)
        for field, text in zip(dialog.symbols.values(), ("SPY", SYMBOL, "SPY"), strict=True):
            self.write(field, text)
        self.write(dialog.capital, str(CAPITAL))
        self.write(dialog.folder, str(self.request.out / "desk"))
        self.click(dialog.trial)
        self.until(dialog.open_button.isEnabled, dialog.said.text())
        self.photograph(dialog)
        self.click(dialog.open_button)

    def arm(self) -> None:
        """Set a passphrase, try the kill switch and release it, then fill in the checklist."""
        self.until(lambda: self.ask(self.bars), "the past")
        self.until(lambda: self.state.compared_at is not None, "a first comparison")
        phrase = self.opened("lock.passphrase", PassphraseDialog)
        for field in (phrase.new, phrase.again):
            self.write(field, PHRASE)
        with self.qtbot.waitSignal(phrase.accepted, timeout=WAIT):
            self.click(phrase.keep)
        self.qtbot.keyPress(self.session.window, Qt.Key.Key_F12)
        halt = self.session.halting.dialog
        assert halt is not None
        self.until(lambda: self.state.halted_by, "the kill switch")
        self.qtbot.keyRelease(halt, Qt.Key.Key_F12)
        self.until(halt.release.isEnabled, "the release")
        self.qtbot.mousePress(halt.release, Qt.MouseButton.LeftButton)
        self.until(lambda: not self.state.halted_by, "the release")
        self.qtbot.mouseRelease(halt.release, Qt.MouseButton.LeftButton)
        self.click(halt.leave)
        self.ask_to_arm()

    def ask_to_arm(self) -> None:
        self.until(lambda: self.state.compared_at is not None, "a comparison")
        dialog = self.opened("live.arm", ArmDialog)
        self.until(lambda: bool(dialog.lines), "the checklist")
        self.write(dialog.profile, "individual, cash")
        self.write(dialog.disclosure, "2024-05-01")
        if not dialog.own.isChecked():
            dialog.own.setFocus()
            self.qtbot.keyClick(dialog.own, Qt.Key.Key_Space)
        for level in dialog.levels.values():
            self.count(level, 2)
        self.write(dialog.typed, dialog.typed.placeholderText())
        self.write(dialog.passphrase, PHRASE)
        shown = "\n".join(f"{line.passed} {line.name}: {line.evidence}" for line in dialog.lines)
        self.until(dialog.arm.isEnabled, f"a checklist that holds:\n{shown}\n")
        self.photograph(dialog)
        self.qtbot.mousePress(dialog.arm, Qt.MouseButton.LeftButton)
        self.until(lambda: self.state.armed is not None, dialog.said.text())

    def approve_all(self) -> None:
        """Answer each question of the panel by its dialog, holding A."""
        self.qtbot.keyClick(self.session.window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
        dock = self.session.window.dock("approvals")
        assert isinstance(dock, ApprovalsDock)
        self.until(lambda: dock.model.rowCount() > 0, "a question")
        while dock.model.rowCount():
            dock.table.table.setFocus()
            ctrl = Qt.KeyboardModifier.ControlModifier
            self.qtbot.keyClick(dock.table.table, Qt.Key.Key_Home, ctrl)
            self.qtbot.keyClick(dock.table.table, Qt.Key.Key_Return)
            dialog = dock.approving.dialog
            assert isinstance(dialog, ApprovalDialog)
            name = dialog.card.proposal.id
            if not dialog.typed.isHidden():
                self.write(dialog.typed, str(dialog.quantity.value()))
            self.until(dialog.approve.isEnabled, dialog.verdict.text())
            self.photograph(dialog)
            with self.qtbot.waitSignal(dialog.finished, timeout=WAIT):
                self.qtbot.keyPress(dialog.later, Qt.Key.Key_A)

            def is_answered(name: str = name) -> bool:
                return all(row.card.proposal.id != name for row in dock.model.rows_shown())

            self.until(is_answered, "the answer")

    def photograph(self, shown: QDialog | QWidget) -> None:
        self.shots += 1
        file = self.look / f"{self.name}-{self.shots:02}-{type(shown).__name__}.png"
        assert shown.grab().save(str(file))

    def until(self, is_so: Callable[[], object], what: str = "") -> None:
        def holds() -> bool:
            thread = getattr(self, "thread", None)
            assert thread is None or thread.fault is None, thread
            return bool(is_so())

        try:
            self.qtbot.waitUntil(holds, timeout=WAIT)
        except Exception as late:
            raise AssertionError(f"{what} did not come in time:\n{self.told()}") from late

    def events(self, kind: type) -> list[Any]:
        self.entries = self.recorded()
        return super().events(kind)

    def recorded(self) -> list[ev.Entry]:
        try:
            with JournalReader.open(self.session.request.journal) as reader:
                return list(reader.read(1))
        except (JournalFault, OSError):
            return self.entries

    def stop(self) -> None:
        session = self.session
        session.window.close()
        session.close()
        self.qtbot.waitUntil(lambda: session.is_over, timeout=WAIT)

    def close(self) -> None:
        for session in self.sessions:
            if not session.is_over:
                session.close()
                self.qtbot.waitUntil(lambda session=session: session.is_over, timeout=WAIT)
        self._is_over.set()
        self._refreshing.join(5)
        self.vendor.close()


@pytest.fixture(params=sorted(VENDORS))
def walk(
    request: pytest.FixtureRequest,
    qapp: QApplication,
    qtbot: QtBot,
    tmp_path: Path,
    memory_keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SeatedWalk]:
    del memory_keyring
    be_impatient(monkeypatch)
    # It is the walk's Monday everywhere, and the vendor has no index of volatility.
    clocks: list[WalkClock] = []
    monkeypatch.setattr(connecting, "WallClock", lambda: clocks[0])
    monkeypatch.setattr(market_trial, "WallClock", lambda: clocks[0])
    monkeypatch.setattr(connecting, "history_now", lambda *_: live_history(at(MONDAY, "8:00")))
    made: list[SeatedWalk] = []

    class Prepared(SeatedWalk):
        def start(self) -> None:
            clocks.append(self.clock)
            made.append(self)
            super().start()

    try:
        yield Prepared(tmp_path, request.param, qapp, qtbot, tmp_path)
    finally:
        for one in made:
            one.close()


def test_a_week_is_traded_by_hand_with_the_plug_pulled_in_its_middle(walk: SeatedWalk) -> None:
    strip, window = walk.session.window.strip, walk.session.window
    walk.until(lambda: strip.mode.text() == "LIVE, not armed", "the mode")
    walk.arm()
    walk.until(lambda: strip.mode.text().startswith("LIVE, ARMED"), strip.mode.text())

    # A person says yes to each question before anything rests at the vendor.
    come_to_monday(walk)
    walk.approve_all()
    series = resting_at_the_vendor(walk)
    walk.vendor.unplug()
    walk.until(lambda: strip.broker.text() == "BROKER LOST", "the loss of the line")
    walk.photograph(window)
    fill_unseen(walk, series)
    walk.until(lambda: strip.broker.text() != "BROKER LOST", "the strip is told")
    go_on_to_friday(walk)
    end_the_week(walk, series)
    walk.photograph(window)
    assert walk.session.context.notices.faults == 0
    walk.stop()
    _check_record(walk)


def _check_record(walk: SeatedWalk) -> None:
    """Every word of a person in the record came through a dialog, and a replay agrees."""
    path = walk.session.request.journal
    assert verify(path).is_intact
    operator = walk.session.context.operator
    told = [one.instruction for one in walk.events(OperatorInstructed)]
    assert told == [Instruction.KILL, Instruction.RESET]
    assert {one.operator for one in walk.events(OperatorDecided)} == {operator}
    assert walk.events(LiveArmed)[0].is_paper
    assert links_of(walk) == [False, True, False, True]
    check_replay(path)
