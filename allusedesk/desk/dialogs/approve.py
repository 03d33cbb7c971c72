"""The approval dialog: one card, one deliberate gesture, and no answer by accident."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import card_words, formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.card_view import CardView
from allusedesk.desk.dialogs.limit_field import LimitField
from allusedesk.desk.dialogs.signing import SigningPanel
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.mode_words import needs_arming
from allusedesk.desk.room import Roomy
from allusedesk.desk.theme import Theme
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money

if TYPE_CHECKING:
    from allusedesk.engine.approval_card import ApprovalCard
    from allusedesk.engine.question_log import QuestionEnd
    from allusedesk.engine.snapshot import DeskSnapshot

# A loss that large is answered by typing the quantity, not by a hold alone.
TYPED_FROM = Money(Decimal(250_000))
# A window's frame takes the rest.
_SCREEN_SHARE = 0.94
REASONS = (
    "The price is not good enough",
    "Too much in this symbol or issuer",
    "Earnings or an event are too near",
    "I want to keep the cash",
    "I do not trust the quotes",
    "I see the market differently",
)


class ApprovalDialog(QDialog):
    """Asks one question; `answered` is done once it is over here, with a sentence.

    It is shown by `open` or `show` and never waited for. Nothing but holding the button, or the
    key A, approves; R opens the reasons for a no; Escape leaves the question open.
    """

    def __init__(
        self, context: DeskContext, card: ApprovalCard, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.card = card
        self.answered: Future[str] = Future()
        self.is_over = False
        self._was_sent = False
        self._is_closed = False
        self._is_debit = card_words.is_paid(card)
        self._heard = _newest(context.bridge.latest)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Approval: {card.proposal.id}")
        self.setAccessibleName("Approval")
        theme = context.theme
        self.view = CardView(theme)
        self.signing = SigningPanel(context.lock, theme)
        self.left = _plain("Time left")
        self.badges = _plain("Marks")
        self.verdict = _plain("What stands in the way, or what became of it")
        self.verdict.setWordWrap(True)
        self.quantity = QSpinBox()
        self.limit = LimitField(is_debit=self._is_debit)
        self.typed = QLineEdit()
        self.reason = QLineEdit()
        self.approve = HoldButton("Hold to approve  (A)", theme)
        self.refuse = QPushButton("Reject…  (R)")
        self.later = QPushButton("Answer later  (Esc)")
        self.reasons = QMenu(self)
        self._prepare_answers()
        self._lay_out()
        self.wear(theme)
        context.bridge.published.connect(self.take)
        context.bridge.lost.connect(self._enable)
        context.bridge.found.connect(self._enable)
        self._show(card, self._now())
        for table in self.view.tables:
            table.installEventFilter(self)
        self.later.setFocus()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.view.wear(theme)
        self.signing.wear(theme)
        self.approve.wear(theme)
        palette = self.verdict.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.alarm)
        self.verdict.setPalette(palette)
        palette = self.badges.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.caution)
        self.badges.setPalette(palette)

    def take(self, picture: DeskSnapshot) -> None:
        """Follow the desk: newer quotes, time going by, and the question ending elsewhere."""
        if self.is_over:
            return
        for end in picture.outcomes:
            is_news = end.sequence > self._heard and end.proposal == self.card.proposal.id
            if is_news and not self.is_over:
                self._hear(end)
        self._heard = max(self._heard, _newest(picture))
        if self.is_over:
            return
        card = next(
            (one for one in picture.cards if one.proposal.id == self.card.proposal.id), None
        )
        if card is None:
            self._end("This question is not open any more.")
        else:
            self._show(card, picture.at)

    def keyPressEvent(self, event: Any) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        if key == Qt.Key.Key_A and not event.isAutoRepeat():
            self.approve.begin()
            event.accept()
            return
        if key == Qt.Key.Key_R and self.refuse.isEnabled():
            self.offer_reasons()
            event.accept()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_A and not event.isAutoRepeat():
            self.approve.let_go()
        super().keyReleaseEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A table would take these keys as the beginning of a search.
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = getattr(event, "key", lambda: None)()
            if key in (Qt.Key.Key_A, Qt.Key.Key_R):
                is_press = kind is QEvent.Type.KeyPress
                (self.keyPressEvent if is_press else self.keyReleaseEvent)(event)
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: Any) -> None:
        """Whoever turns to another window has let go, for the key's end is told there."""
        if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.approve.let_go()
        super().changeEvent(event)

    def done(self, result: int) -> None:
        """Close; a question that was not answered stays open and waits in its panel."""
        if not self.answered.done():
            self.answered.set_result("It stays open.")
        if not self._is_closed:
            self._is_closed = True
            bridge = self.context.bridge
            bridge.published.disconnect(self.take)
            bridge.lost.disconnect(self._enable)
            bridge.found.disconnect(self._enable)
        super().done(result)

    def decline(self, reason: str) -> None:
        """Say no, for a reason."""
        written = self.reason.text().strip()
        text = f"{reason}: {written}" if reason and written else reason or written
        self._admit(
            OperatorDecided(
                self.card.proposal.id,
                Answer.REJECT,
                self.signing.signer(self.context.operator) or self.context.operator,
                text,
                self.card.terms,
            )
        )

    def offer_reasons(self) -> None:
        """Show the list of reasons for a no."""
        self.reasons.popup(self.refuse.mapToGlobal(self.refuse.rect().topLeft()))

    def _approve(self) -> None:
        if self._obstacle():
            return
        if not self.signing.is_proven():
            self.verdict.setText("This is not the desk's passphrase: nothing was signed.")
            return
        proposal, quantity = self.card.proposal, self.quantity.value()
        limit = self.limit.chosen()
        signed = self.card.people.signed
        is_less = bool(proposal.legs) and quantity != proposal.quantity
        self._admit(
            OperatorDecided(
                proposal.id,
                Answer.APPROVE,
                self.signing.signer(self.context.operator),
                self.reason.text().strip(),
                self.card.terms,
                (quantity if is_less else None) if signed is None else signed.quantity,
                limit if signed is None else signed.limit,
                self.signing.countersigns,
            )
        )

    def _admit(self, decided: OperatorDecided) -> None:
        if self.is_over or self._was_sent:
            return
        try:
            self.context.bridge.admit(decided)
        except RuntimeError as fault:
            self.verdict.setText(str(fault))
            return
        self._was_sent = True
        self._enable()
        self.verdict.setText("Your answer is with the engine.")

    def _hear(self, end: QuestionEnd) -> None:
        if end.is_over:
            self._end(end.sentence)
            return
        # A first signature, or an answer that was refused, leaves the question open and says why.
        self._was_sent = False
        self.verdict.setText(end.sentence)
        self._enable()

    def _end(self, sentence: str) -> None:
        self.is_over = True
        if not self.answered.done():
            self.answered.set_result(sentence)
        self.verdict.setText(sentence)
        self.left.setText("closed")
        self._enable()
        self.later.setText("Close  (Esc)")
        if self._was_sent:
            self.accept()

    def _show(self, card: ApprovalCard, now: datetime | None) -> None:
        is_news = card is not self.card or not self.view.headline.text()
        self.card = card
        if is_news:
            self.view.show_card(card)
            self.limit.follow(card.limit_worst)
        self._show_people(card, now)
        left = None if now is None else card.proposal.expires_at - now
        self.left.setText("" if left is None else f"{formatting.span(left)} left")
        marks = [
            word
            for word, holds in (("MODELLED", card.is_modelled), ("STALE", card.is_stale))
            if holds
        ]
        self.badges.setText("  ".join(marks))
        if not self._was_sent:
            self._enable()

    def _show_people(self, card: ApprovalCard, now: datetime | None) -> None:
        signed = self.signing.show_people(card.people, now)
        if signed is not None:
            self.quantity.setValue(signed.quantity or card.proposal.quantity)
            self.limit.show_signed(signed.limit)
            self.typed.clear()
            self.approve.setText("Hold to sign second  (A)")

    def _enable(self) -> None:
        is_open = not self.is_over and not self._was_sent
        obstacle = self._obstacle()
        self.approve.setEnabled(is_open and not obstacle)
        self.refuse.setEnabled(is_open)
        is_own = is_open and not self.signing.is_second
        self.quantity.setEnabled(is_own and bool(self.card.proposal.legs))
        self.limit.setEnabled(is_own and self.card.limit is not None)
        self.typed.setVisible(bool(self._largeness()))
        self.approve.setToolTip(obstacle)
        if is_open and obstacle:
            self.verdict.setText(obstacle)
        elif is_open and self.verdict.property("is_obstacle"):
            self.verdict.setText("")
        self.verdict.setProperty("is_obstacle", bool(is_open and obstacle))

    def _obstacle(self) -> str:
        """Why it cannot be approved at this moment; empty where it can."""
        if self.context.bridge.is_lost:
            return "The engine is lost, so nothing would be heard: wait until it goes on."
        if needs_arming(self.context.bridge.latest, self.card.proposal):
            return "The live desk is not armed, so nothing is sent: arm it first (Ctrl+Alt+A)."
        if self.card.blocked:
            return f"{self.card.blocked} It can be approved once it is fresh."
        obstacle = self.signing.obstacle()
        if obstacle:
            return obstacle
        quantity = self.quantity.value()
        why = self._largeness()
        is_typed = self.typed.text().strip() == str(quantity)
        return f"Type {quantity} to approve: {why}." if why and not is_typed else ""

    def _largeness(self) -> str:
        """What makes it too large for a hold alone; nothing where it is not."""
        held = self.context.preferences.settings.typed_above
        return card_words.largeness(self.card, self.quantity.value(), held, TYPED_FROM)

    def _now(self) -> datetime | None:
        latest = self.context.bridge.latest
        return None if latest is None else latest.at

    def _prepare_answers(self) -> None:
        proposal = self.card.proposal
        self.quantity.setRange(1, max(proposal.quantity, 1))
        self.quantity.setValue(proposal.quantity)
        self.quantity.setAccessibleName("Quantity to approve")
        self.quantity.valueChanged.connect(self._enable)
        self.typed.setAccessibleName("Type the quantity")
        self.typed.setPlaceholderText("type the quantity")
        self.typed.textChanged.connect(self._enable)
        self.signing.changed.connect(self._enable)
        self.reason.setAccessibleName("Reason in your own words")
        self.reason.setPlaceholderText("why, in your own words")
        self.approve.setAccessibleName("Hold to approve")
        self.approve.fired.connect(self._approve)
        for number, text in enumerate(REASONS, start=1):
            self.reasons.addAction(f"&{number}  {text}", partial(self.decline, text))
        self.reasons.addSeparator()
        self.reasons.addAction("&0  As written beside", partial(self.decline, ""))
        self.refuse.setAccessibleName("Reject with a reason")
        self.later.setAccessibleName("Answer later")
        for button in (self.refuse, self.later):
            button.setAutoDefault(False)
        self.refuse.clicked.connect(self.offer_reasons)
        self.later.clicked.connect(self.leave)

    def leave(self) -> None:
        """Close without an answer."""
        self.done(QDialog.DialogCode.Rejected)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        head = QHBoxLayout()
        head.addWidget(self.badges)
        head.addStretch(1)
        head.addWidget(self.left)
        font = self.left.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self.left.setFont(font)
        self.badges.setFont(font)
        rows.addLayout(head)
        rows.addWidget(Roomy(self.view), 1)
        rows.addWidget(self.signing)
        rows.addWidget(self.verdict)
        edits = QHBoxLayout()
        first = QFormLayout()
        first.addRow("Quantity", self.quantity)
        second = QFormLayout()
        second.addRow("Pay at most" if self._is_debit else "Accept at least", self.limit)
        for form in (first, second):
            edits.addLayout(form)
        edits.addWidget(self.typed)
        edits.addWidget(self.reason, 1)
        rows.addLayout(edits)
        buttons = QHBoxLayout()
        buttons.addWidget(self.later)
        buttons.addStretch(1)
        buttons.addWidget(self.refuse)
        buttons.addWidget(self.approve)
        rows.addLayout(buttons)
        letters = self.fontMetrics()
        self.approve.setMinimumWidth(letters.horizontalAdvance("M") * 20)
        wanted = QSize(letters.horizontalAdvance("M") * 94, letters.height() * 50)
        self.resize(wanted.boundedTo(self.screen().availableSize() * _SCREEN_SHARE))


def _newest(picture: DeskSnapshot | None) -> int:
    """The newest outcome that was told before; later ones are news."""
    return 0 if picture is None or not picture.outcomes else picture.outcomes[-1].sequence


def _plain(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
