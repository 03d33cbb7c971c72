"""Approvals: what waits for an answer, the soonest deadline first, with the time it has left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import card_words, formatting
from allusedesk.desk.approving import Approving
from allusedesk.desk.batch_panel import BatchPanel
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.approve import REASONS
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money

if TYPE_CHECKING:
    from allusedesk.engine.approval_card import ApprovalCard
    from allusedesk.engine.snapshot import DeskSnapshot

_HURRY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One question with whole seconds left, and who answers it where not one person does."""

    card: ApprovalCard
    seconds_left: int
    people: str


class ApprovalsDock(Dock):
    """The questions that are open. Enter opens one, R refuses what is selected.

    With several selected the batch below prices them together.
    """

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.model = TableModel(_COLUMNS, lambda row: row.card.proposal.id, context.theme, _tip)
        self.table = Blotter(
            self.model,
            "Approvals",
            "Nothing waits for you. Questions come at the entry and management looks of the week.",
        )
        self.approving = Approving(context, self)
        self.batch = BatchPanel(context)
        self.ended = QLabel()
        self.ended.setTextFormat(Qt.TextFormat.PlainText)
        self.ended.setAccessibleName("What ended last")
        self.ended.setWordWrap(True)
        self.open_button = QPushButton("Open  (Enter)")
        self.open_button.setAccessibleName("Open the question")
        self.refuse_button = QPushButton("Reject…  (R)")
        self.refuse_button.setAccessibleName("Reject the selected questions")
        self.tick_button = QPushButton("Select ticked  (T)")
        self.tick_button.setAccessibleName("Select what trust has ticked")
        self.tick_button.setToolTip(
            "Select the questions trust would approve, to be answered together by one hold"
        )
        self.reasons = QMenu(self)
        for number, text in enumerate(REASONS, start=1):
            self.reasons.addAction(f"&{number}  {text}", partial(self.refuse, text))
        self.table.activated.connect(self._open)
        self.table.chosen.connect(self._choose)
        self.batch.taken_out.connect(self._take_out)
        self.open_button.clicked.connect(self._open_chosen)
        self.refuse_button.clicked.connect(self.offer_reasons)
        self.tick_button.clicked.connect(self.select_ticked)
        ticks = QShortcut(QKeySequence("T"), self.table.table, self.select_ticked)
        ticks.setContext(Qt.ShortcutContext.WidgetShortcut)
        key = QShortcut(QKeySequence("R"), self.table.table, self.offer_reasons)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._lay_out()
        self._enable()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.model.wear(theme)
        self.batch.wear(theme)

    def take(self, picture: DeskSnapshot) -> None:
        """As every panel; how many wait is said in its title, where it is seen behind others."""
        frame: QWidget | None = self
        while frame is not None and not isinstance(frame, QDockWidget):
            frame = frame.parentWidget()
        title = f"Approvals ({len(picture.cards)})" if picture.cards else "Approvals"
        if frame is not None and frame.windowTitle() != title:
            frame.setWindowTitle(title)
        super().take(picture)

    def show_picture(self, picture: DeskSnapshot) -> None:
        """Show what waits, and go on counting down."""
        self.model.show(
            _Waiting(
                card,
                int((card.proposal.expires_at - picture.at).total_seconds()),
                _people(card, picture.at),
            )
            for card in picture.cards
        )
        self._choose(self.table.rows_chosen())
        last = picture.outcomes[-1].sentence if picture.outcomes else ""
        if self.ended.text() != last:
            self.ended.setText(last)

    def open_next(self) -> None:
        """Open the question with the least time left."""
        self.approving.open_next()

    def refuse(self, reason: str) -> None:
        """Say no to every selected question, for a reason."""
        for row in self.table.rows_chosen():
            card = row.card
            self.context.bridge.admit(
                OperatorDecided(
                    card.proposal.id, Answer.REJECT, self.context.operator, reason, card.terms
                )
            )

    def select_ticked(self) -> None:
        """Select what trust has pre-ticked; a person still approves it, or does not."""
        ticked = [
            place
            for place, row in enumerate(self.model.rows_shown())
            if row.card.people.is_pre_ticked
        ]
        if not ticked:
            self.context.notices.say("Nothing is ticked: trust in these questions is not earned.")
            return
        selection = self.table.table.selectionModel()
        flag = selection.SelectionFlag
        selection.clearSelection()
        for place in ticked:
            selection.select(self.model.index(place, 0), flag.Select | flag.Rows)

    def offer_reasons(self) -> None:
        """Show the reasons for a no to what is selected."""
        if not self.table.rows_chosen():
            self.context.notices.say("No question is selected: choose one to reject it.")
            return
        self.reasons.popup(self.refuse_button.mapToGlobal(self.refuse_button.rect().topLeft()))

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.table.hidden_columns())}

    def restore(self, kept: dict[str, Any]) -> None:
        self.table.hide_columns(tuple(kept.get("hidden", ())))

    def _open(self, row: _Waiting) -> None:
        self.approving.open(row.card)

    def _open_chosen(self) -> None:
        for row in self.table.rows_chosen()[:1]:
            self._open(row)

    def _choose(self, rows: list[_Waiting]) -> None:
        self.batch.show_cards([row.card for row in rows])
        self._enable()

    def _enable(self) -> None:
        chosen = len(self.table.rows_chosen())
        self.open_button.setEnabled(chosen == 1)
        self.refuse_button.setEnabled(chosen > 0)
        ticked = any(row.card.people.is_pre_ticked for row in self.model.rows_shown())
        self.tick_button.setEnabled(ticked)

    def _take_out(self, proposal: str) -> None:
        place = self.model.place_of(proposal)
        if place is None:
            return
        selection = self.table.table.selectionModel()
        flag = selection.SelectionFlag
        selection.select(self.model.index(place, 0), flag.Deselect | flag.Rows)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self.table)
        halves.addWidget(self.batch)
        halves.setChildrenCollapsible(False)
        rows.addWidget(halves, 1)
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 6, 4)
        row.addWidget(self.ended, 1)
        row.addWidget(self.tick_button)
        row.addWidget(self.refuse_button)
        row.addWidget(self.open_button)
        rows.addLayout(row)
        self.put_keyboard_on(self.table)


def _left(seconds: int) -> str:
    return formatting.span(timedelta(seconds=seconds))


def _marks(row: _Waiting) -> str:
    marks = (("STALE", row.card.is_stale), ("MODELLED", row.card.is_modelled))
    return " ".join(word for word, holds in marks if holds)


def _people(card: ApprovalCard, now: datetime) -> str:
    """`☑ pre-ticked`, `approved at 09:50:00, 4:12 left`, or who has signed and who has to."""
    people = card.people
    if people.signed is not None:
        return f"signed by {people.signed.operator}, second to sign"
    if people.needs_second:
        return "two have to sign"
    if people.announced is not None:
        left = formatting.span(people.announced.acts_at - now)
        return f"approved at {formatting.clock(people.announced.acts_at)}, {left} left"
    return "☑ pre-ticked" if people.is_pre_ticked else ""


def _tip(row: _Waiting) -> str:
    return f"{row.card.proposal.reason} (until {formatting.moment(row.card.proposal.expires_at)})"


def _hurry(row: _Waiting) -> Tone:
    return Tone.ALARM if row.seconds_left <= _HURRY_SECONDS else Tone.PLAIN


def _amount(key: str, title: str, read: Callable[[ApprovalCard], Money]) -> Column[_Waiting]:
    return Column(
        key,
        title,
        lambda row: read(row.card).amount,
        is_number=True,
        says=lambda row: formatting.money(read(row.card)),
    )


_COLUMNS: tuple[Column[_Waiting], ...] = (
    Column("left", "Time left", lambda r: r.seconds_left, _left, is_number=True, tone=_hurry),
    Column(
        "people",
        "Trust and signatures",
        lambda r: r.people,
        is_searched=True,
        tone=lambda r: Tone.CAUTION if r.people else Tone.PLAIN,
        tip="What trust would do or will do, and who has to sign",
    ),
    Column("account", "Sleeve", lambda r: r.card.proposal.account, is_searched=True),
    Column("kind", "Kind", lambda r: r.card.proposal.kind.value, is_searched=True),
    Column(
        "what",
        "What",
        lambda r: card_words.headline(r.card.proposal),
        is_searched=True,
        is_roomy=True,
    ),
    Column(
        "limit",
        "Limit",
        lambda r: None if r.card.limit is None else r.card.limit.per_unit,
        is_number=True,
        says=lambda r: formatting.price(r.card.limit),
    ),
    _amount("premium", "Premium, USD", lambda card: card.premium),
    _amount("cash", "Cash after, USD", lambda card: card.cash_after),
    _amount("worst", "Worst case, USD", lambda card: card.worst_case),
    Column(
        "probability",
        "P(profit)",
        lambda r: r.card.probability_of_profit,
        formatting.percent,
        is_number=True,
    ),
    Column("marks", "Quotes", _marks, tone=lambda _row: Tone.CAUTION),
)
