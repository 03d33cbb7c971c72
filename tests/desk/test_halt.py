"""The kill switch at the desk: listed first, held to fire, counted after, released by a person."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.halt import HaltDialog
from allusedesk.desk.hold_button import HOLD_MILLISECONDS
from allusedesk.desk.session import DeskSession
from allusedesk.domain.inputs import Answer, OperatorDecided
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked, opened


def by_key(session: DeskSession, qtbot: QtBot) -> HaltDialog:
    qtbot.waitExposed(session.window)
    qtbot.keyPress(session.window, Qt.Key.Key_F12)
    dialog = session.halting.dialog
    assert dialog is not None
    return dialog


def test_the_key_lists_first_and_holding_it_stops_everything(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = by_key(session, qtbot)
    assert "4 open questions" in dialog.what.text()
    assert not latest(session).halted_by
    qtbot.waitUntil(lambda: bool(latest(session).halted_by), timeout=WAIT)
    assert dialog.was_fired
    assert not latest(session).cards
    qtbot.waitUntil(lambda: "confirmed by the broker" in dialog.what.text(), timeout=WAIT)


def test_letting_the_key_go_early_stops_nothing(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = by_key(session, qtbot)
    qtbot.keyRelease(dialog, Qt.Key.Key_F12)
    qtbot.wait(HOLD_MILLISECONDS + 200)
    assert not dialog.was_fired
    assert not latest(session).halted_by
    assert latest(session).cards


def test_a_tap_that_ends_before_the_dialog_has_the_keyboard_stops_nothing(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = by_key(session, qtbot)
    qtbot.keyRelease(session.window, Qt.Key.Key_F12)
    qtbot.wait(HOLD_MILLISECONDS + 200)
    assert not dialog.was_fired
    assert not latest(session).halted_by


def test_chosen_in_a_menu_it_lists_only(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    session.context.commands.actions["halt"].trigger()
    dialog = session.halting.dialog
    assert dialog is not None
    qtbot.wait(HOLD_MILLISECONDS + 200)
    assert not dialog.was_fired
    assert not latest(session).halted_by


def test_it_is_within_reach_over_an_open_question(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    question = opened(session, qtbot)
    qtbot.keyPress(question.later, Qt.Key.Key_F12)
    dialog = session.halting.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.was_fired, timeout=WAIT)
    qtbot.waitUntil(lambda: question.is_over, timeout=WAIT)
    assert "kill.switch" in question.verdict.text()


def test_one_account_is_stopped_and_the_others_go_on(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = session.halting.open()
    account = latest(session).cards[0].proposal.account
    dialog.account.setCurrentText(account)
    assert account in dialog.what.text()
    qtbot.keyPress(dialog.fire, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dialog.was_fired, timeout=WAIT)
    qtbot.waitUntil(
        lambda: account not in [card.proposal.account for card in latest(session).cards],
        timeout=WAIT,
    )
    assert latest(session).cards
    assert not latest(session).halted_by


def test_only_a_person_releases_it(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = session.halting.open()
    assert not dialog.release.isEnabled()
    dialog.strike()
    qtbot.waitUntil(lambda: bool(latest(session).halted_by), timeout=WAIT)
    qtbot.waitUntil(dialog.release.isEnabled, timeout=WAIT)
    qtbot.mousePress(dialog.release, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not latest(session).halted_by, timeout=WAIT)


def test_the_button_in_the_strip_lists_at_a_click_and_fires_when_held(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    button = session.halting.button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = session.halting.dialog
    assert dialog is not None
    assert not dialog.was_fired
    dialog.close()
    qtbot.waitUntil(lambda: session.halting.dialog is None, timeout=WAIT)
    qtbot.waitUntil(session.window.isActiveWindow, timeout=WAIT)
    qtbot.wait(100)
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(latest(session).halted_by), timeout=WAIT)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)


def test_what_it_cancels_is_listed_and_counted_as_the_broker_confirms(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    card = next(card for card in latest(session).cards if card.assignments)
    session.context.bridge.admit(
        OperatorDecided(card.proposal.id, Answer.APPROVE, "anna", seen=card.terms)
    )
    qtbot.waitUntil(lambda: bool(latest(session).orders), timeout=WAIT)
    dialog = session.halting.open()
    assert "1 working order will be cancelled" in dialog.what.text()
    assert dialog.model.rowCount() == 1
    dialog.strike()
    assert "1 cancel under way" in dialog.what.text()
    qtbot.waitUntil(lambda: "1 of 1 confirmed" in dialog.what.text(), timeout=WAIT)
