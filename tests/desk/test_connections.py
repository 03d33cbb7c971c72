"""The connections dialog: tested with the vendor's own client before anything is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.arm import ArmDialog
from allusedesk.desk.dialogs.connections import ConnectionsDialog
from allusedesk.desk.docks.catalogue import DOCKS
from allusedesk.desk.session import DeskSession
from allusedesk.settings import BrokerChoice, FeedChoice, read_settings
from allusedesk.wiring.connecting import Keys, keep_keys, kept_keys
from allusedesk.wiring.requests import Connections, DeskRequest
from allusedesk.wiring.sample_desk import sample_request
from tests.desk.conftest import WAIT
from tests.doors.servers.alpaca_server import KEY, SECRET, AlpacaServer, Answer, Fault
from tests.doors.servers.alpaca_trading import TradingApi
from tests.doors.servers.tws import TwsServer
from tests.keyrings import MemoryKeyring

HERE = "127.0.0.1"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def alpaca() -> Iterator[AlpacaServer]:
    server = AlpacaServer()
    TradingApi(server, now)
    yield server
    server.close()


@pytest.fixture
def workstation() -> Iterator[TwsServer]:
    server = TwsServer(now=now).start()
    yield server
    server.stop()


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def dialog(
    context: DeskContext, parent: QWidget, memory_keyring: MemoryKeyring
) -> ConnectionsDialog:
    del memory_keyring
    made = ConnectionsDialog(context, parent)
    made.open()
    return made


def choose(dialog: ConnectionsDialog, broker: str, feed: str = "recorded") -> None:
    dialog.broker.setCurrentIndex(dialog.broker.findData(broker))
    dialog.feed.setCurrentIndex(dialog.feed.findData(feed))


def reach(dialog: ConnectionsDialog, server: AlpacaServer, *, secret: str = SECRET) -> None:
    choose(dialog, "alpaca", "alpaca")
    for host, port in ((dialog.host, dialog.port), (dialog.feed_host, dialog.feed_port)):
        host.setText(HERE)
        port.setValue(server.port)
    dialog.key.setText(KEY)
    dialog.secret.setText(secret)


def told(dialog: ConnectionsDialog) -> list[str]:
    return [dialog.found.item(row).text() for row in range(dialog.found.count())]


def test_what_answers_well_is_kept_and_its_secret_only_in_the_keyring(
    dialog: ConnectionsDialog,
    alpaca: AlpacaServer,
    memory_keyring: MemoryKeyring,
    context: DeskContext,
    home: Path,
    qtbot: QtBot,
) -> None:
    assert dialog.paper.isChecked()
    reach(dialog, alpaca)
    assert not dialog.keep.isEnabled()
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.keep.isEnabled, timeout=WAIT)
    assert "PA3TESTDESK1, a practice account" in told(dialog)[0]
    assert any("options level is 3" in sentence for sentence in told(dialog))
    assert any("indicative" in sentence for sentence in told(dialog))
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    kept = read_settings(home)
    assert kept.broker == BrokerChoice("alpaca", host=HERE, port=alpaca.port)
    assert kept.feed == FeedChoice("alpaca", HERE, alpaca.port)
    assert set(memory_keyring.kept.values()) == {KEY, SECRET}
    texts = [file.read_text() for file in home.rglob("*") if file.is_file()]
    assert all(SECRET not in text and KEY not in text for text in texts)
    assert context.preferences.settings.broker.name == "alpaca"


def test_kept_keys_are_forgotten_of_one_account_alone(
    dialog: ConnectionsDialog,
    memory_keyring: MemoryKeyring,
    qtbot: QtBot,
) -> None:
    for is_paper in (True, False):
        keep_keys(Keys(KEY, SECRET), is_paper=is_paper)
    assert not dialog.drop.isVisible()
    choose(dialog, "alpaca")
    memory_keyring.is_locked = True
    qtbot.mouseClick(dialog.drop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.drop.isEnabled, timeout=WAIT)
    assert "unlock it and try again" in dialog.said.text()
    memory_keyring.is_locked = False
    qtbot.mouseClick(dialog.drop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "are forgotten" in dialog.said.text(), timeout=WAIT)
    assert kept_keys(is_paper=True) is None
    assert kept_keys(is_paper=False) == Keys(KEY, SECRET)
    assert not dialog.keep.isEnabled()


def test_a_wrong_secret_is_a_sentence_and_nothing_is_kept(
    dialog: ConnectionsDialog, alpaca: AlpacaServer, home: Path, qtbot: QtBot
) -> None:
    reach(dialog, alpaca, secret="another")
    dialog.test.setFocus()
    qtbot.keyClick(dialog.test, Qt.Key.Key_Space)
    qtbot.waitUntil(dialog.test.isEnabled, timeout=WAIT)
    assert "key" in dialog.said.text()
    assert dialog.said.text().endswith(".")
    assert "another" not in dialog.said.text()
    assert not dialog.keep.isEnabled()
    assert read_settings(home).broker == BrokerChoice()


def test_a_change_after_the_test_wants_another_test(
    dialog: ConnectionsDialog, alpaca: AlpacaServer, qtbot: QtBot
) -> None:
    reach(dialog, alpaca)
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.keep.isEnabled, timeout=WAIT)
    dialog.paper.setChecked(False)
    assert not dialog.keep.isEnabled()


def test_a_test_that_takes_long_is_stopped_and_its_answer_dropped(
    dialog: ConnectionsDialog, alpaca: AlpacaServer, qtbot: QtBot
) -> None:
    held = threading.Event()
    alpaca.spoil(Fault("GET", "/v2/account", held=held, is_spoilt=False))
    reach(dialog, alpaca)
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: alpaca.counted("GET", "/v2/account") > 0, timeout=WAIT)
    qtbot.waitUntil(lambda: dialog.progress.value() > 0, timeout=WAIT)
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert "stopped" in dialog.said.text()
    held.set()
    qtbot.waitUntil(lambda: not dialog.context.operations.is_busy, timeout=WAIT)
    assert told(dialog) == []
    assert not dialog.keep.isEnabled()


def test_the_workstation_of_interactive_brokers_answers(
    dialog: ConnectionsDialog, workstation: TwsServer, home: Path, qtbot: QtBot
) -> None:
    choose(dialog, "interactive_brokers", "interactive_brokers")
    for host, port in ((dialog.host, dialog.port), (dialog.feed_host, dialog.feed_port)):
        host.setText(HERE)
        port.setValue(workstation.port)
    assert not dialog.key.isVisible()
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.keep.isEnabled, timeout=WAIT)
    assert "a practice account" in told(dialog)[0]
    dialog.keep.setFocus()
    qtbot.keyClick(dialog.keep, Qt.Key.Key_Space)
    assert read_settings(home).broker.name == "interactive_brokers"
    assert read_settings(home).feed.client_id == 2


def test_an_account_that_may_not_trade_is_refused_in_a_sentence(
    dialog: ConnectionsDialog, alpaca: AlpacaServer, qtbot: QtBot
) -> None:
    broken = Answer(500, {"message": "out of order"})
    alpaca.spoil(Fault("GET", "/v2/account", broken, times=50))
    reach(dialog, alpaca)
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.test.isEnabled, timeout=WAIT)
    assert dialog.said.text().endswith(".")
    assert "Traceback" not in dialog.said.text()
    assert not dialog.keep.isEnabled()


def test_a_live_desk_in_its_window_says_live_and_that_it_is_not_armed(
    qapp: QApplication, workstation: TwsServer, tmp_path: Path, qtbot: QtBot
) -> None:
    with TwsServer(now=now) as quotes:
        lines = Connections(
            BrokerChoice("interactive_brokers", host=HERE, port=workstation.port),
            FeedChoice("interactive_brokers", HERE, quotes.port),
        )
        request = replace(
            sample_request(tmp_path).desk, data=(), capital=Decimal(100_000), connections=lines
        )
        session = DeskSession(qapp, DeskRequest(request, 1.0), lambda: None)
        qtbot.addWidget(session.window)
        session.open()
        strip, context = session.window.strip, session.context

        def is_linked() -> bool:
            latest = context.bridge.latest
            return latest is not None and latest.is_link_up and not latest.is_resuming

        qtbot.waitUntil(is_linked, timeout=WAIT)
        qtbot.waitUntil(lambda: strip.mode.text() == "LIVE, not armed", timeout=WAIT)
        assert session.window.windowTitle() == "LIVE, not armed - ALL-USE Desk"
        assert strip.pace.isHidden() or context.bridge.engine.clock is None
        context.commands.give("live.arm")
        dialog = session.window.findChild(ArmDialog)
        assert dialog is not None
        qtbot.waitUntil(lambda: bool(dialog.lines), timeout=WAIT)
        passed = {line.name: line.passed for line in dialog.lines}
        assert passed["broker reachable"]
        assert passed["book and broker agree"]
        assert passed["journal verified"]
        assert not passed["kill switch tested this week"]
        # Every panel bears a desk without files of the past.
        for spec in DOCKS:
            context.commands.give(f"dock.{spec.id}")
            qtbot.wait(30)
        assert (context.notices.faults, session.window.notices.sentences()) == (0, [])
        workstation.refuse_connections()
        workstation.cut_lines()
        qtbot.waitUntil(lambda: strip.broker.text() == "BROKER LOST", timeout=WAIT)
        dialog.reject()
        session.close()
        qtbot.waitUntil(lambda: session.is_over, timeout=WAIT)
    assert (tmp_path / "live.journal").exists()
