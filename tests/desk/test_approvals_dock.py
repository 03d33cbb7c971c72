"""The approvals panel: the soonest first, counted down, answered by keyboard, one or many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.hold_button import HOLD_MILLISECONDS
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked, dock, outcomes


def test_what_waits_is_shown_and_enter_opens_it(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    panel = dock(session)
    cards = latest(session).cards
    qtbot.waitUntil(lambda: panel.model.rowCount() == len(cards), timeout=WAIT)
    assert panel.model.texts_at(0)[0] == "2:00:00"
    panel.table.table.selectRow(0)
    qtbot.keyClick(panel.table.table, Qt.Key.Key_Return)
    dialog = panel.approving.dialog
    assert dialog is not None
    assert dialog.card.proposal.id == cards[0].proposal.id


def test_time_left_is_counted_down(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    panel = dock(session)
    picture = latest(session)
    panel.show_picture(replace(picture, at=picture.at + timedelta(minutes=119, seconds=1)))
    assert panel.model.texts_at(0)[0] == "0:59"


def test_a_no_from_the_panel_is_recorded(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    panel = dock(session)
    card = latest(session).cards[0]
    panel.table.table.selectRow(0)
    panel.table.table.setFocus()
    qtbot.keyClick(panel.table.table, Qt.Key.Key_R)
    qtbot.waitUntil(panel.reasons.isVisible, timeout=WAIT)
    qtbot.keyClick(panel.reasons, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: outcomes(session, card) == ["ProposalDeclined"], timeout=WAIT)
    qtbot.waitUntil(lambda: "declined" in panel.ended.text(), timeout=WAIT)


def test_a_batch_is_priced_together_and_again_without_a_line(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    panel = dock(session)
    panel.table.table.selectAll()
    qtbot.waitUntil(lambda: panel.batch.batch is not None, timeout=WAIT)
    whole = panel.batch.batch
    assert whole is not None
    assert panel.batch.isVisible()
    assert len(whole.lines) == len(latest(session).cards)
    assert "Together" in panel.batch.sums.text()

    panel.batch.lines.table.selectRow(0)
    gone = panel.batch.lines.rows_chosen()[0].proposal
    qtbot.mouseClick(panel.batch.out, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: (
            panel.batch.batch is not None
            and gone not in [line.proposal for line in panel.batch.batch.lines]
        ),
        timeout=WAIT,
    )


def test_one_hold_approves_the_batch_and_each_is_recorded_for_itself(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    panel = dock(session)
    cards = latest(session).cards
    panel.table.table.selectAll()
    qtbot.waitUntil(lambda: panel.batch.batch is not None, timeout=WAIT)
    if panel.batch.typed.isVisible():
        qtbot.keyClicks(panel.batch.typed, str(len(cards)))
    assert panel.batch.approve.isEnabled()
    qtbot.mousePress(panel.batch.approve, Qt.MouseButton.LeftButton)
    qtbot.wait(HOLD_MILLISECONDS + 200)
    qtbot.mouseRelease(panel.batch.approve, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: all("ProposalApproved" in outcomes(session, card) for card in cards), timeout=WAIT
    )
    # Time stood still for them, and goes on by itself after the last answer.
    clock = session.context.bridge.engine.clock  # type: ignore[union-attr]
    assert clock is not None
    qtbot.waitUntil(lambda: not latest(session).cards or clock.waits_for_answer, timeout=WAIT)


def test_the_next_question_is_one_key_away_and_counted_in_the_title(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    session.window.open_dock("positions")
    frame = session.window.frames["approvals"]
    qtbot.waitUntil(lambda: frame.windowTitle() == "Approvals (4)", timeout=WAIT)
    session.context.commands.give("approvals.next")
    dialog = dock(session).approving.dialog
    assert dialog is not None
    assert dialog.card.proposal.id == latest(session).cards[0].proposal.id
    assert session.context.commands.with_keys("F8") == "approvals.next"
