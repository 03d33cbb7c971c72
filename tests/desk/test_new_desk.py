"""Another paper desk: tried before it is opened, opened in place of this one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.import_history import ImportDialog
from allusedesk.desk.dialogs.new_desk import NewDeskDialog
from allusedesk.desk.session import DeskSession
from allusedesk.domain.inputs import Mode
from allusedesk.resource_files import resource_path
from allusedesk.settings import BrokerChoice, FeedChoice
from allusedesk.wiring.requests import ASK, DeskRequest
from tests.desk.conftest import WAIT, OpenDesk
from tests.doors.servers.tws import TwsServer


@pytest.fixture
def opened(open_desk: OpenDesk) -> tuple[DeskSession, NewDeskDialog]:
    session = open_desk("--speed", "60")
    session.context.commands.give("desk.open")
    dialog = session.window.findChild(NewDeskDialog)
    assert dialog is not None
    return session, dialog


def test_a_market_is_tried_and_the_desk_opened(
    opened: tuple[DeskSession, NewDeskDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    session, dialog = opened
    dialog.folder.setText(str(tmp_path / "another"))
    assert not dialog.open_button.isEnabled()
    qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.open_button.isEnabled, timeout=WAIT)
    told = [dialog.found.item(row).text() for row in range(dialog.found.count())]
    assert told[0].startswith("classic@1.0 over ")
    assert any("AAPL" in sentence for sentence in told)
    with qtbot.waitSignal(session.window.closing):
        qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    wanted = session.next_request
    assert isinstance(wanted, DeskRequest)
    assert wanted.desk.out == tmp_path / "another"
    assert wanted.desk.approve == ASK
    assert not wanted.journal.exists()


def test_what_was_changed_after_the_trial_is_not_opened(
    opened: tuple[DeskSession, NewDeskDialog], qtbot: QtBot
) -> None:
    _, dialog = opened
    qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.open_button.isEnabled, timeout=WAIT)
    dialog.capital.setText("400000")
    assert not dialog.open_button.isEnabled()


def test_what_the_broker_holds_the_account_to_is_chosen_with_the_rules(
    opened: tuple[DeskSession, NewDeskDialog], qtbot: QtBot
) -> None:
    _, dialog = opened
    assert dialog.request().desk.rulebook == "classic"
    profiles = [dialog.profile.itemText(row) for row in range(dialog.profile.count())]
    dialog.profile.setCurrentText(next(one for one in profiles if "cash account" in one))
    assert dialog.request().desk.rulebook == "classic+cash"
    qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.open_button.isEnabled, timeout=WAIT)
    dialog.profile.setCurrentIndex(0)
    assert not dialog.open_button.isEnabled()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.capital.setText("much"), "no amount of dollars"),
        (lambda d: d.capital.setText("12"), "smallest start capital"),
        (lambda d: d.seed.setText("x"), "no whole number"),
        (lambda d: d.feeds.clear(), "No recorded market"),
        (lambda d: d.rulebook.setCurrentText("nonsense"), "no rulebook"),
        (lambda d: d.last.setDate(QDate(2011, 1, 1)), "ends on"),
        (lambda d: next(iter(d.symbols.values())).setText("QQQQ"), "QQQQ"),
    ],
)
def test_what_cannot_be_opened_is_said_in_a_sentence(
    opened: tuple[DeskSession, NewDeskDialog], qtbot: QtBot, change: object, said: str
) -> None:
    _, dialog = opened
    change(dialog)
    qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: said in dialog.said.text(), timeout=WAIT)
    assert not dialog.open_button.isEnabled()


def test_history_is_read_then_kept(open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path) -> None:
    session = open_desk("--speed", "60")
    session.context.commands.give("import")
    dialog = session.window.findChild(ImportDialog)
    assert dialog is not None
    dialog.read([str(resource_path("sample_market", "volatility"))])
    qtbot.waitUntil(lambda: dialog.files.rowCount() > 0, timeout=WAIT)
    assert "Nothing is kept yet" in dialog.said.text()
    assert dialog.keep.isEnabled()
    archive = tmp_path / "archive"
    dialog.keep_in(str(archive))
    qtbot.waitUntil(lambda: "now holds" in dialog.said.text(), timeout=WAIT)
    assert any(archive.iterdir())


def test_files_that_are_none_are_said(open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path) -> None:
    session = open_desk("--speed", "60")
    session.context.commands.give("import")
    dialog = session.window.findChild(ImportDialog)
    assert dialog is not None
    dialog.read([str(tmp_path / "nowhere")])
    qtbot.waitUntil(lambda: "nowhere" in dialog.said.text(), timeout=WAIT)
    assert not dialog.keep.isEnabled()


def reopened(session: DeskSession) -> NewDeskDialog:
    session.context.commands.give("desk.open")
    found = session.window.findChildren(NewDeskDialog)
    return next(dialog for dialog in found if dialog.isVisible())


def test_what_was_connected_is_offered_and_tried_before_a_live_desk_is_opened(
    opened: tuple[DeskSession, NewDeskDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    session, first = opened
    assert first.market.count() == 1
    first.reject()
    with TwsServer() as server, TwsServer() as quotes:
        session.preferences.change(
            broker=BrokerChoice("interactive_brokers", host="127.0.0.1", port=server.port),
            feed=FeedChoice("interactive_brokers", "127.0.0.1", quotes.port),
        )
        dialog = reopened(session)
        dialog.feeds.clear()
        dialog.folder.setText(str(tmp_path / "live"))
        dialog.approver.setCurrentIndex(1)
        dialog.market.setCurrentIndex(2)
        assert "LIVE at Interactive Brokers (practice account)" in dialog.market.currentText()
        assert not dialog.first.isVisible()
        assert dialog.approver.currentText() == "I do, at this screen"
        qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(dialog.open_button.isEnabled, timeout=WAIT)
        told = [dialog.found.item(row).text() for row in range(dialog.found.count())]
        assert told[0] == "classic@1.0 in real time, LIVE."
        assert any("a practice account" in sentence for sentence in told)
        with qtbot.waitSignal(session.window.closing):
            qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    wanted = session.next_request
    assert wanted is not None
    assert wanted.journal == tmp_path / "live" / "live.journal"
    assert wanted.desk.connections is not None
    assert wanted.desk.connections.mode is Mode.LIVE


def test_a_connected_market_that_does_not_answer_is_said(
    opened: tuple[DeskSession, NewDeskDialog], qtbot: QtBot
) -> None:
    session, first = opened
    first.reject()
    with TwsServer() as server:
        port = server.port
    session.preferences.change(feed=FeedChoice("interactive_brokers", "127.0.0.1", port))
    dialog = reopened(session)
    dialog.market.setCurrentIndex(1)
    qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.trial.isEnabled, timeout=WAIT)
    assert "listens at 127.0.0.1" in dialog.said.text()
    assert not dialog.open_button.isEnabled()
