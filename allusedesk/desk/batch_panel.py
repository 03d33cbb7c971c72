"""Several questions answered with one gesture, priced together as they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from allusedesk.desk import card_words, formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.approve import TYPED_FROM
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.inquiry import Inquiry
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money

if TYPE_CHECKING:
    from allusedesk.engine.approval_card import ApprovalCard
    from allusedesk.engine.state import DeskState
    from allusedesk.engine.what_if.batch import BatchCard, BatchLine, BatchSums
    from allusedesk.wiring.screen_looks import ScreenLooks

_LINE_ROWS = 5


class BatchPanel(QWidget):
    """Shows what the chosen questions do together and what each adds; one hold approves them.

    `taken_out` gives the question that a person took out of the batch.
    """

    taken_out = Signal(str)

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.cards: tuple[ApprovalCard, ...] = ()
        self.batch: BatchCard | None = None
        self._names: dict[str, str] = {}
        self._inquiry = Inquiry(context.bridge, self)
        self._model = TableModel(self._columns(), lambda line: line.proposal, context.theme)
        self.lines = Blotter(self._model, "Lines of the batch", "Nothing is chosen.")
        self.lines.field.hide()
        self.sums = QLabel()
        self.sums.setTextFormat(Qt.TextFormat.PlainText)
        self.sums.setAccessibleName("The batch as a whole")
        self.sums.setWordWrap(True)
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setAccessibleName("What stands in the way of the batch")
        self.verdict.setWordWrap(True)
        self.typed = QLineEdit()
        self.typed.setAccessibleName("Type the number of questions")
        self.typed.textChanged.connect(self._enable)
        self.out = QPushButton("Take line out")
        self.out.setAccessibleName("Take the chosen line out of the batch")
        self.out.clicked.connect(self.take_out)
        self.approve = HoldButton("Hold to approve all", context.theme)
        self.approve.setAccessibleName("Hold to approve the batch")
        self.approve.fired.connect(self._approve)
        self._lay_out()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._model.wear(theme)
        self.approve.wear(theme)

    def show_cards(self, cards: Sequence[ApprovalCard]) -> None:
        """Price these together, and again whenever one of them has changed."""
        wanted = tuple(cards)
        self.setVisible(len(wanted) > 1)
        if [card.digest for card in wanted] == [card.digest for card in self.cards]:
            return
        self.cards, self.batch = wanted, None
        self._names = {card.proposal.id: card_words.headline(card.proposal) for card in wanted}
        self._enable()
        if len(wanted) > 1:
            self._price(wanted)

    def take_out(self) -> None:
        """Take the selected line out; the rest is priced again."""
        for line in self.lines.rows_chosen():
            self.taken_out.emit(line.proposal)

    def _price(self, cards: tuple[ApprovalCard, ...]) -> None:
        from allusedesk.engine.what_if.batch import price_batch

        def question(state: DeskState, _looks: ScreenLooks, _now: datetime) -> BatchCard:
            return price_batch(state, cards)

        def take(batch: BatchCard) -> None:
            if cards is self.cards:
                self._show(batch)

        self._inquiry.ask(question, take, self._fail)

    def _fail(self, sentence: str) -> None:
        self.batch = None
        self.verdict.setText(sentence)
        self._enable()

    def _show(self, batch: BatchCard) -> None:
        self.batch = batch
        self._model.show(batch.lines)
        sums = batch.sums
        falls = ", ".join(
            f"{named.name} {formatting.whole_money(named.amount, signed=True)}"
            for named in sums.scenarios
            if named.name != "to zero"
        ).replace("-", formatting.MINUS)
        piles = "; ".join(
            f"{pile.account} {formatting.whole_money(pile.before)} → "
            f"{formatting.whole_money(pile.after)}"
            for pile in batch.cash
        )
        self.sums.setText(
            f"Together: premium {formatting.money(sums.premium, signed=True)}, Regulation T "
            f"{formatting.whole_money(sums.margin)}, worst case "
            f"{formatting.whole_money(sums.worst_case, signed=True)} ({falls}) USD. "
            f"Cash free: {piles}."
        )
        self._enable()

    def _enable(self) -> None:
        batch = self.batch
        held = self.context.preferences.settings.typed_above
        needs_typing = batch is not None and (
            -batch.sums.worst_case >= TYPED_FROM
            or any(
                card_words.largeness(card, card.proposal.quantity, held, TYPED_FROM)
                for card in self.cards
            )
        )
        self.typed.setVisible(needs_typing)
        self.typed.setPlaceholderText(f"type {len(self.cards)}")
        text = "Pricing the batch." if batch is None else batch.blocked
        signed = next((card for card in self.cards if card.people.signed is not None), None)
        if not text and signed is not None:
            name = self._names[signed.proposal.id]
            text = f"A second person signs {name} in its own dialog: take it out of the batch."
        if not text and needs_typing and self.typed.text().strip() != str(len(self.cards)):
            text = f"Type {len(self.cards)} to approve so large a batch."
        self.verdict.setText(text)
        self.approve.setText(f"Hold to approve all {len(self.cards)}")
        self.approve.setEnabled(batch is not None and not text)

    def _approve(self) -> None:
        if self.batch is None or self.verdict.text():
            return
        for card in self.cards:
            self.context.bridge.admit(
                OperatorDecided(
                    card.proposal.id,
                    Answer.APPROVE,
                    self.context.operator,
                    f"in a batch of {len(self.cards)}",
                    card.terms,
                )
            )
        self.typed.clear()
        self.batch = None
        self._enable()

    def _columns(self) -> tuple[Column[BatchLine], ...]:
        return (
            Column("account", "Sleeve", lambda line: line.account),
            Column("what", "What", lambda line: self._names.get(line.proposal, line.proposal)),
            _adds("premium", "Adds premium", lambda sums: sums.premium),
            _adds("margin", "Adds margin", lambda sums: sums.margin),
            _adds("cash", "Takes cash", lambda sums: sums.cash_needed),
            _adds("worst", "Adds worst case", lambda sums: sums.worst_case),
            Column("blocked", "In the way", lambda line: line.blocked),
        )

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(6, 4, 6, 4)
        rows.setSpacing(4)
        rows.addWidget(self.sums)
        height = self.fontMetrics().height() + 6
        self.lines.setMinimumHeight(height * _LINE_ROWS)
        rows.addWidget(self.lines, 1)
        rows.addWidget(self.verdict)
        row = QHBoxLayout()
        row.addWidget(self.out)
        row.addStretch(1)
        row.addWidget(self.typed)
        row.addWidget(self.approve)
        rows.addLayout(row)
        self.setVisible(False)


def _adds(key: str, title: str, read: Callable[[BatchSums], Money]) -> Column[BatchLine]:
    return Column(
        key,
        title,
        lambda line: read(line.adds).amount,
        is_number=True,
        says=lambda line: formatting.whole_money(read(line.adds), signed=True),
    )
