"""Two signatures, a pre-tick and a veto, as a person meets them in the dialog and the panel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.approve import ApprovalDialog
from allusedesk.desk.docks.approvals import ApprovalsDock
from allusedesk.desk.hold_button import HOLD_MILLISECONDS, HoldButton
from allusedesk.desk.session import DeskSession
from allusedesk.domain.money import Money
from allusedesk.domain.trust import ApprovalAnnounced, SecondSignatureSet, TrustLevel
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.engine.card_people import CardPeople
from allusedesk.engine.question_log import QuestionEnd
from allusedesk.engine.snapshot import DeskSnapshot
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked, dock, heard, opened, outcomes


def two_needed(open_desk: OpenDesk, qtbot: QtBot) -> tuple[DeskSession, ApprovalDialog]:
    """A question of which two persons have to sign, on the screen."""
    session = asked(open_desk, qtbot)
    limit = SecondSignatureSet(Money(Decimal(100)), session.context.operator)
    session.context.bridge.admit(limit)
    qtbot.waitUntil(lambda: latest(session).cards[0].people.needs_second, timeout=WAIT)
    return session, opened(session, qtbot)


def held(button: HoldButton, qtbot: QtBot) -> None:
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.wait(HOLD_MILLISECONDS + 200)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)


def typed(dialog: ApprovalDialog, qtbot: QtBot) -> None:
    """The quantity in writing, which each of two persons gives."""
    assert not dialog.typed.text()
    qtbot.keyClicks(dialog.typed, str(dialog.quantity.value()))


def signed_once(session: DeskSession, dialog: ApprovalDialog, qtbot: QtBot) -> None:
    held(dialog.approve, qtbot)
    assert not outcomes(session, dialog.card)
    typed(dialog, qtbot)
    held(dialog.approve, qtbot)
    heard(session, dialog.card, "ProposalSigned", qtbot)
    qtbot.waitUntil(lambda: dialog.signing.is_second, timeout=WAIT)


def shown(picture: DeskSnapshot, card: ApprovalCard, people: CardPeople) -> DeskSnapshot:
    """The picture with other people on one card."""
    other = replace(card, people=people)
    cards = tuple(other if one.proposal.id == card.proposal.id else one for one in picture.cards)
    return replace(picture, cards=cards)


def announced(card: ApprovalCard, picture: DeskSnapshot, seconds: int = 252) -> CardPeople:
    at = picture.at + timedelta(seconds=seconds)
    told = ApprovalAnnounced(card.proposal.id, TrustLevel.MATURE, Decimal("0.84"), at, card.terms)
    return CardPeople(
        level=TrustLevel.MATURE, score=Decimal("0.84"), is_pre_ticked=True, announced=told
    )


PRE_TICKED = CardPeople(level=TrustLevel.LEARNING, score=Decimal("0.74"), is_pre_ticked=True)


def test_two_persons_sign_at_one_desk_by_mouse_and_keyboard(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session, dialog = two_needed(open_desk, qtbot)
    card, answered = dialog.card, dialog.answered
    assert "NEEDS A SECOND SIGNATURE" in dialog.signing.told.text()
    assert not dialog.signing.name.isVisible()
    signed_once(session, dialog, qtbot)
    first = session.context.operator
    assert f"{first} signed at" in dialog.signing.told.text()
    assert outcomes(session, card) == ["ProposalSigned"]
    assert dialog.isVisible()
    # Nobody, and the same person again, cannot hold the button.
    assert not dialog.approve.isEnabled()
    assert not dialog.quantity.isEnabled()
    qtbot.keyClicks(dialog.signing.name, first.upper())
    assert not dialog.approve.isEnabled()
    assert "a different person" in dialog.verdict.text()
    dialog.signing.name.clear()
    qtbot.keyClicks(dialog.signing.name, "Ben")
    assert not dialog.approve.isEnabled()
    typed(dialog, qtbot)
    assert dialog.approve.isEnabled()
    assert "second" in dialog.approve.text()
    dialog.later.setFocus()
    qtbot.keyPress(dialog.later, Qt.Key.Key_A)
    heard(session, card, "ProposalApproved", qtbot)
    qtbot.waitUntil(answered.done, timeout=WAIT)
    assert f"approved by {first} and Ben" in answered.result(0)


def test_the_second_person_types_the_passphrase_of_the_desk(
    open_desk: OpenDesk, qtbot: QtBot, monkeypatch: Any
) -> None:
    session, dialog = two_needed(open_desk, qtbot)
    lock = session.context.lock
    lock.passphrase.change("open sesame now", "")
    signed_once(session, dialog, qtbot)
    qtbot.waitUntil(dialog.signing.passphrase.isVisible, timeout=WAIT)
    assert dialog.signing.passphrase.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClicks(dialog.signing.name, "Ben")
    assert "passphrase" in dialog.verdict.text()
    typed(dialog, qtbot)
    qtbot.keyClicks(dialog.signing.passphrase, "a wrong guess")
    monkeypatch.setattr(lock, "verify", lambda typed: typed == "open sesame now")
    held(dialog.approve, qtbot)
    assert "not the desk's passphrase" in dialog.verdict.text()
    assert not dialog.signing.passphrase.text()
    assert outcomes(session, dialog.card) == ["ProposalSigned"]
    card = dialog.card
    qtbot.keyClicks(dialog.signing.passphrase, "open sesame now")
    # It closes once it is held for long enough, so nothing is let go.
    qtbot.mousePress(dialog.approve, Qt.MouseButton.LeftButton)
    heard(session, card, "ProposalApproved", qtbot)


def test_a_no_of_the_second_person_carries_that_name(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session, dialog = two_needed(open_desk, qtbot)
    card = dialog.card
    signed_once(session, dialog, qtbot)
    qtbot.keyClicks(dialog.signing.name, "Ben")
    dialog.decline("I see the market differently")
    heard(session, card, "ProposalDeclined", qtbot)
    [end] = [one for one in latest(session).outcomes if one.kind == "ProposalDeclined"]
    assert "declined by Ben" in end.sentence


def test_what_has_one_signature_is_taken_out_of_a_batch(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session, dialog = two_needed(open_desk, qtbot)
    signed_once(session, dialog, qtbot)
    dialog.leave()
    panel = dock(session)
    panel.table.table.selectAll()
    qtbot.waitUntil(lambda: "A second person signs" in panel.batch.verdict.text(), timeout=WAIT)
    assert not panel.batch.approve.isEnabled()
    row = next(row for row in panel.model.rows_shown() if row.card.people.signed)
    assert row.people.startswith(f"signed by {session.context.operator}")


def test_the_veto_counts_down_and_the_button_is_no_default(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    picture = latest(session)
    dialog.take(shown(picture, dialog.card, announced(dialog.card, picture)))
    told = dialog.signing.told.text()
    assert "WILL BE APPROVED at" in told
    assert "unless you say no (4:12 left)" in told
    later = replace(picture, at=picture.at + timedelta(seconds=60))
    dialog.take(shown(later, dialog.card, announced(dialog.card, picture)))
    assert "(3:12 left)" in dialog.signing.told.text()


def test_a_pre_tick_never_means_that_enter_approves(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dialog = opened(session, qtbot)
    card = dialog.card
    dialog.take(shown(latest(session), card, PRE_TICKED))
    assert "PRE-TICKED" in dialog.signing.told.text()
    for widget in (dialog, dialog.approve, dialog.later, dialog.reason):
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    qtbot.keyClick(dialog.approve, Qt.Key.Key_Space)
    qtbot.wait(HOLD_MILLISECONDS + 100)
    assert not outcomes(session, card)
    assert not dialog.approve.isDefault()
    assert not dialog.approve.autoDefault()


def test_what_is_ticked_is_selected_by_one_key_and_approved_by_none(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    # A panel of its own, which the desk's pictures do not reach.
    panel = ApprovalsDock(session.context)
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow, timeout=WAIT)
    picture = latest(session)
    assert not panel.tick_button.isEnabled()
    first, second = picture.cards[0], picture.cards[1]
    ticked = shown(shown(picture, first, PRE_TICKED), second, announced(second, picture))
    panel.show_picture(ticked)
    assert panel.tick_button.isEnabled()
    words = {row.card.proposal.id: row.people for row in panel.model.rows_shown()}
    assert words[first.proposal.id] == "☑ pre-ticked"
    assert words[second.proposal.id].endswith("4:12 left")
    panel.table.table.setFocus()
    qtbot.keyClick(panel.table.table, Qt.Key.Key_T)
    chosen = {row.card.proposal.id for row in panel.table.rows_chosen()}
    assert chosen == {first.proposal.id, second.proposal.id}
    panel.table.table.clearSelection()
    qtbot.mouseClick(panel.tick_button, Qt.MouseButton.LeftButton)
    assert len(panel.table.rows_chosen()) == 2
    qtbot.wait(200)
    assert not outcomes(session, first)


def test_what_trust_is_about_to_do_is_told_above_the_panels(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    panel, picture = dock(session), latest(session)
    told: list[str] = []
    session.context.notices.told.connect(lambda text, _bad: told.append(text))
    name = picture.cards[0].proposal.id
    ends = tuple(
        QuestionEnd(10_000_000 + number, name, kind, f"about {kind}", is_over=False)
        for number, kind in enumerate(("ProposalSigned", "ApprovalAnnounced"))
    )
    panel.approving.take(replace(picture, outcomes=ends))
    assert told == ["about ApprovalAnnounced"]
