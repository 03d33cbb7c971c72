"""The approval dialog over a live desk: no answer by accident, and each ends in one outcome."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs import approve
from allusedesk.desk.dialogs.approve import REASONS, ApprovalDialog
from allusedesk.desk.docks.approvals import ApprovalsDock
from allusedesk.desk.hold_button import HOLD_MILLISECONDS
from allusedesk.desk.session import DeskSession
from allusedesk.domain.inputs import Answer, BrokerReported, Mode, OperatorDecided
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import LinkChanged
from allusedesk.engine.approval_card import ApprovalCard
from tests.desk.conftest import WAIT, OpenDesk, latest


def asked(open_desk: OpenDesk, qtbot: QtBot) -> DeskSession:
    """A desk whose recorded time stands still at its first questions."""
    session = open_desk("--speed", "max")
    qtbot.waitUntil(lambda: bool(latest(session).cards), timeout=WAIT)
    return session


def dock(session: DeskSession) -> ApprovalsDock:
    session.window.open_dock("approvals")
    found = session.window.dock("approvals")
    assert isinstance(found, ApprovalsDock)
    return found


def opened(session: DeskSession, qtbot: QtBot) -> ApprovalDialog:
    """The dialog of the question with the least time left."""
    panel = dock(session)
    panel.open_next()
    dialog = panel.approving.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT)
    qtbot.waitUntil(dialog.later.hasFocus, timeout=WAIT)
    return dialog


def outcomes(session: DeskSession, card: ApprovalCard) -> list[str]:
    found = latest(session).outcomes
    return [end.kind for end in found if end.proposal == card.proposal.id]


def heard(session: DeskSession, card: ApprovalCard, kind: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: kind in outcomes(session, card), timeout=WAIT)


def test_holding_the_key_approves_and_the_order_goes_out(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    card, answered = dialog.card, dialog.answered
    qtbot.keyPress(dialog.later, Qt.Key.Key_A)
    qtbot.wait(HOLD_MILLISECONDS // 4)
    assert not outcomes(session, card)
    heard(session, card, "ProposalApproved", qtbot)
    assert outcomes(session, card)[0] == "ProposalApproved"
    qtbot.waitUntil(answered.done, timeout=WAIT)
    assert "was approved by" in answered.result(0)
    qtbot.waitUntil(lambda: dock(session).approving.dialog is None, timeout=WAIT)
    qtbot.waitUntil(lambda: bool(latest(session).orders), timeout=WAIT)


def test_enter_space_on_later_and_closing_answer_nothing(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    card, answered = dialog.card, dialog.answered
    buttons = dialog.findChildren(QPushButton)
    assert not any(button.isDefault() or button.autoDefault() for button in buttons)
    for widget in (dialog, dialog.approve, dialog.reason):
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    qtbot.wait(HOLD_MILLISECONDS + 100)
    assert dialog.isVisible()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(answered.done, timeout=WAIT)
    assert answered.result(0) == "It stays open."
    qtbot.wait(200)
    assert not outcomes(session, card)
    assert card.proposal.id in [one.proposal.id for one in latest(session).cards]


def test_a_no_is_one_key_and_a_reason(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    card = dialog.card
    qtbot.keyClick(dialog.later, Qt.Key.Key_R)
    qtbot.waitUntil(dialog.reasons.isVisible, timeout=WAIT)
    qtbot.keyClick(dialog.reasons, Qt.Key.Key_4)
    heard(session, card, "ProposalDeclined", qtbot)
    [end] = [one for one in latest(session).outcomes if one.proposal == card.proposal.id]
    assert REASONS[3] in end.sentence


def test_a_question_answered_elsewhere_closes_with_a_sentence(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    card = dialog.card
    session.context.bridge.admit(
        OperatorDecided(card.proposal.id, Answer.REJECT, "another window", "no")
    )
    qtbot.waitUntil(lambda: dialog.is_over, timeout=WAIT)
    assert "another window" in dialog.verdict.text()
    assert not dialog.approve.isEnabled()
    assert dialog.isVisible()
    dialog.approve.fired.emit()
    qtbot.wait(200)
    assert outcomes(session, card) == ["ProposalDeclined"]


def test_two_windows_answer_and_the_first_one_counts(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    first = opened(session, qtbot)
    card = first.card
    second = ApprovalDialog(session.context, card, session.window)
    second.show()
    first.approve.fired.emit()
    second.decline("no")
    heard(session, card, "AnswerIgnored", qtbot)
    assert outcomes(session, card)[:2] == ["ProposalApproved", "AnswerIgnored"]


def test_a_stale_card_is_marked_and_cannot_be_approved(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    old = replace(dialog.card, is_stale=True, blocked="The quote of AAPL is old.")
    picture = latest(session)
    cards = tuple(old if one is dialog.card else one for one in picture.cards)
    dialog.take(replace(picture, cards=cards))
    assert "STALE" in dialog.badges.text()
    assert "once it is fresh" in dialog.verdict.text()
    assert not dialog.approve.isEnabled()


def test_a_live_desk_that_is_not_armed_says_so_before_anyone_holds_the_button(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    live = replace(latest(session), mode=Mode.LIVE)
    session.context.bridge.latest = live
    dialog.take(live)
    assert "not armed" in dialog.verdict.text()
    assert not dialog.approve.isEnabled()


def test_a_refused_answer_says_why_and_the_question_stays(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    dialog.limit.setValue(dialog.limit.value() * 3)
    dialog.approve.fired.emit()
    heard(session, dialog.card, "AnswerIgnored", qtbot)
    qtbot.waitUntil(lambda: "is outside" in dialog.verdict.text(), timeout=WAIT)
    assert dialog.approve.isEnabled()
    assert not dialog.is_over


def test_a_large_loss_asks_for_the_quantity_in_writing(
    open_desk: OpenDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approve, "TYPED_FROM", Money(Decimal(1_000)))
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    assert dialog.typed.isVisible()
    assert not dialog.approve.isEnabled()
    qtbot.keyClicks(dialog.typed, str(dialog.quantity.value()))
    assert dialog.approve.isEnabled()


def test_more_contracts_than_was_set_are_approved_in_writing(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    session.preferences.change(typed_above=4)
    card = next(
        card
        for card in latest(session).cards
        if card.assignments and card.proposal.quantity > 4 and -card.worst_case < approve.TYPED_FROM
    )
    dock(session).approving.open(card)
    dialog = dock(session).approving.dialog
    assert dialog is not None
    assert dialog.typed.isVisible()
    assert "more than 4 contracts" in dialog.verdict.text()
    assert not dialog.approve.isEnabled()
    dialog.quantity.setValue(4)
    assert not dialog.typed.isVisible()
    assert dialog.approve.isEnabled()


def test_one_question_has_the_focus_and_a_new_one_never_takes_it(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    assert len(latest(session).cards) > 1
    dialog = opened(session, qtbot)
    other = next(
        card for card in latest(session).cards if card.proposal.id != dialog.card.proposal.id
    )
    dock(session).approving.open(other)
    assert dock(session).approving.dialog is dialog
    assert any("One question is open" in text for text in session.window.notices.sentences())


def test_everything_in_it_has_a_name_and_is_reached_by_tab(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    for widget in dialog.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(dialog):
            assert _name(widget), widget
    reached: set[str] = set()
    for _ in range(40):
        dialog.focusNextChild()
        focused = dialog.focusWidget()
        reached.add(focused.accessibleName() if focused is not None else "")
    assert {"Hold to approve", "Reject with a reason", "Quantity to approve"} <= reached


def _name(widget: Any) -> str:
    return (
        widget.accessibleName()
        or (widget.text() if isinstance(widget, QLabel) else "")
        or (_name(widget.parentWidget()) if widget.parentWidget() is not None else "")
    )


def test_the_keys_work_from_the_tables_too(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    table = dialog.view.tables[0]
    table.setFocus()
    qtbot.keyPress(table, Qt.Key.Key_A)
    assert dialog.approve.is_held
    qtbot.keyRelease(table, Qt.Key.Key_A)
    assert not dialog.approve.is_held


def test_a_lost_engine_takes_no_answer(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    assert dialog.approve.isEnabled()
    session.context.bridge.is_lost = True
    session.context.bridge.lost.emit("It has not stirred for a second.")
    assert not dialog.approve.isEnabled()
    assert "wait until it goes on" in dialog.verdict.text()


def test_a_question_survives_a_restart_of_the_desk(
    open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    session = open_desk("--speed", "max", out=out)
    qtbot.waitUntil(lambda: bool(latest(session).cards), timeout=WAIT)
    before = [card.proposal for card in latest(session).cards]
    session.window.close()
    session.close()
    qtbot.waitUntil(lambda: session.is_over, timeout=WAIT)

    again = open_desk("--speed", "max", out=out)
    qtbot.waitUntil(lambda: bool(latest(again).cards), timeout=WAIT)
    assert [card.proposal for card in latest(again).cards] == before
    dialog = opened(again, qtbot)
    card = dialog.card
    dialog.approve.fired.emit()
    heard(again, card, "ProposalApproved", qtbot)
    assert outcomes(again, card)[0] == "ProposalApproved"


def test_quotes_that_moved_void_the_approval_say_why_and_ask_again(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    panel = dock(session)
    entry = next(card for card in latest(session).cards if card.assignments)
    price = entry.terms.price
    assert price is not None
    terms = replace(entry.terms, price=Price(price.per_unit * 2))
    panel.approving.open(replace(entry, terms=terms))
    dialog = panel.approving.dialog
    assert dialog is not None
    dialog.card = replace(entry, terms=terms)
    dialog.approve.fired.emit()
    heard(session, entry, "ProposalVoided", qtbot)
    assert outcomes(session, entry) == ["ProposalApproved", "ProposalVoided"]
    qtbot.waitUntil(
        lambda: any("you saw" in text for text in session.window.notices.sentences()), timeout=WAIT
    )
    asks = (entry.proposal.account, entry.proposal.legs)
    qtbot.waitUntil(
        lambda: (
            asks in [(card.proposal.account, card.proposal.legs) for card in latest(session).cards]
        ),
        timeout=WAIT,
    )
    assert not [order for order in latest(session).orders if order.proposal == entry.proposal.id]


def test_an_answer_while_the_broker_is_lost_ends_void_and_once(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    card = dialog.card
    session.context.bridge.admit(BrokerReported(LinkChanged(is_up=False)))
    qtbot.waitUntil(lambda: not latest(session).is_link_up, timeout=WAIT)
    dialog.approve.fired.emit()
    heard(session, card, "ProposalVoided", qtbot)
    qtbot.wait(300)
    assert outcomes(session, card) == ["ProposalApproved", "ProposalVoided"]
    assert not latest(session).orders
