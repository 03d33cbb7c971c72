"""From a key to the journal: what a person wishes on a running paper desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.money_move import MoneyMove
from allusedesk.desk.docks.accounts import AccountsDock
from allusedesk.desk.docks.positions import PositionsDock
from allusedesk.desk.formatting import NEW_YORK
from allusedesk.desk.session import DeskSession
from allusedesk.domain.money import total
from allusedesk.journal.read_side import ReadSide
from tests.desk.conftest import WAIT, OpenDesk, latest


@pytest.fixture
def session(open_desk: OpenDesk, qtbot: QtBot) -> DeskSession:
    """A desk that holds something, stopped in the middle of a session."""
    made = open_desk("--speed", "60", "--approve", "all", "--to", "2012-01-27")
    run_to(made, qtbot, datetime(2012, 1, 10, 11, 0, tzinfo=NEW_YORK))
    assert latest(made).lots
    return made


def run_to(session: DeskSession, qtbot: QtBot, instant: datetime) -> None:
    engine = session.context.bridge.engine
    assert engine is not None
    qtbot.waitUntil(lambda: engine.clock is not None, timeout=WAIT)
    engine.steer(lambda clock: clock.run_to(instant))
    qtbot.waitUntil(lambda: latest(session).at >= instant, timeout=WAIT)


def kinds(session: DeskSession) -> list[str]:
    with ReadSide.open(session.request.journal) as side:
        side.catch_up("lines")
        return side.column("SELECT kind FROM lines ORDER BY sequence")


def rules(session: DeskSession) -> list[str]:
    with ReadSide.open(session.request.journal) as side:
        return [rule.rpartition("/")[2] for rule in side.column("SELECT rule FROM proposals")]


def test_a_close_is_asked_by_key_and_traded(session: DeskSession, qtbot: QtBot) -> None:
    session.context.commands.give("dock.positions")
    dock = session.window.docks["positions"]
    assert isinstance(dock, PositionsDock)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 0, timeout=WAIT)
    held = next(one for one in dock.model.rows_shown() if one.lot.is_short_put)
    dock.blotter.choose(held.lot.id)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(session.window, Qt.Key.Key_C, keys)
    qtbot.waitUntil(lambda: "operator.close" in rules(session), timeout=WAIT)
    run_to(session, qtbot, latest(session).at + timedelta(minutes=20))
    qtbot.waitUntil(
        lambda: held.lot.id not in {one.lot.id for one in latest(session).lots}, timeout=WAIT
    )
    assert "OperatorAsked" in kinds(session)


def test_what_cannot_be_rolled_is_told_with_the_reason(session: DeskSession, qtbot: QtBot) -> None:
    run_to(session, qtbot, datetime(2012, 1, 10, 20, 0, tzinfo=NEW_YORK))
    dock = session.window.dock("positions")
    assert isinstance(dock, PositionsDock)
    dock.show_picture(latest(session))
    dock.blotter.choose(dock.model.key_at(0))
    session.context.commands.give("positions.roll")
    said = session.window.notices.sentences
    qtbot.waitUntil(lambda: any("market is closed" in one for one in said()), timeout=WAIT)
    assert "RequestDenied" in kinds(session)


def test_money_that_came_in_agrees_with_the_broker_s_statement(
    session: DeskSession, qtbot: QtBot
) -> None:
    before = total([one.cash_settled for one in latest(session).sleeves])
    session.context.commands.give("dock.accounts")
    dock = session.window.docks["accounts"]
    assert isinstance(dock, AccountsDock)
    session.context.commands.give("accounts.deposit")
    dialog = dock.wishes.dialog
    assert isinstance(dialog, MoneyMove)
    qtbot.keyClicks(dialog.amount, "30,000")
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: total([one.cash_settled for one in latest(session).sleeves]) > before, timeout=WAIT
    )
    after = total([one.cash_settled for one in latest(session).sleeves])
    assert (after - before).amount == Decimal(30_000)
    run_to(session, qtbot, datetime(2012, 1, 11, 8, 0, tzinfo=NEW_YORK))
    assert latest(session).halted_by == ""
    assert "DifferenceFound" not in kinds(session)


def test_the_condition_is_decided_again_by_key(session: DeskSession, qtbot: QtBot) -> None:
    before = kinds(session).count("ConditionClassified")
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(session.window, Qt.Key.Key_M, keys)
    qtbot.waitUntil(lambda: kinds(session).count("ConditionClassified") == before + 1, timeout=WAIT)
    assert latest(session).condition is not None
    run_to(session, qtbot, datetime(2012, 1, 13, 16, 10, tzinfo=NEW_YORK))
    session.context.commands.give("week.classify")
    said = session.window.notices.sentences
    qtbot.waitUntil(lambda: any("session is over" in one for one in said()), timeout=WAIT)
