"""Answers: questions in plain English, answered from the record with the entries named."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from allusedesk.desk.answer_page import AnswerPage, words_of
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.flow_layout import FlowLayout
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.answers.answer import Answer, Conversation
    from allusedesk.desk.operations import Operation
    from allusedesk.engine.snapshot import DeskSnapshot

_KEPT_MAX = 50
_OFFERED_MAX = 6
_GAP = 4
_EMPTY = (
    "Ask the record anything, in your own words: why something was done, what it brought, how far "
    "it is to a fork, what would happen if. Every figure names the entries it rests on; what is "
    "not on record is said to be so, and nothing asked here can trade."
)
# What a newcomer sees first; each is among the questions that are understood.
_FIRST = (
    "What needs me now?",
    "How far is Gen from a fork?",
    "What did we trade last week?",
    "Which positions lose most if VIX rises 20%?",
    "Why did Gen sell no puts last week?",
    "What can I ask?",
)


class QuestionLine(QLineEdit):
    """Where a question is typed; Up and Down go through those asked before, Escape gives up."""

    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._place = 0
        self._draft = ""
        self.setAccessibleName("Your question")
        self.setPlaceholderText("Ask the record, then Enter")
        self.setToolTip("Enter asks; Up and Down bring back earlier questions; Escape cancels")
        self.setClearButtonEnabled(True)
        self.setMaxLength(500)

    def remember(self, question: str) -> None:
        """Keep a question to be brought back."""
        if not self.asked or self.asked[-1] != question:
            self.asked = [*self.asked[1 - _KEPT_MAX :], question]
        self._place, self._draft = len(self.asked), ""

    def keyPressEvent(self, event: Any) -> None:
        match event.key():
            case Qt.Key.Key_Up:
                self._bring(-1)
            case Qt.Key.Key_Down:
                self._bring(1)
            case Qt.Key.Key_Escape:
                self.given_up.emit()
            case _:
                super().keyPressEvent(event)

    def _bring(self, by: int) -> None:
        place = min(max(self._place + by, 0), len(self.asked))
        if place == self._place:
            return
        if self._place == len(self.asked):
            self._draft = self.text()
        self._place = place
        self.setText(self.asked[place] if place < len(self.asked) else self._draft)


class AnswersDock(Dock):
    """The conversation, what can be asked next, and the line to ask in."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self._conversation: Conversation | None = None
        self._asking: Operation | None = None
        self.page = AnswerPage(context.theme)
        self.page.empty = _EMPTY
        self.page.clear_all()
        self.page.entry_wanted.connect(context.jumps.to_entry)
        self.page.question_wanted.connect(self.ask)
        self.page.report_wanted.connect(context.jumps.to_report)
        self._lay_out()
        self._offer("For example", _FIRST)

    def show_picture(self, picture: DeskSnapshot) -> None:
        """The record is asked when a person asks, never by itself."""

    def wear(self, theme: Theme) -> None:
        self.page.wear(theme)

    def prepare_picture(self) -> None:
        if not self.page.answers:
            self.ask(_FIRST[1])

    def kept(self) -> dict[str, Any]:
        return {"asked": list(self.line.asked)}

    def restore(self, kept: dict[str, Any]) -> None:
        asked = kept.get("asked", ())
        if isinstance(asked, list):
            for question in asked:
                self.line.remember(str(question))

    def ask(self, question: str) -> None:
        """Put a question; one that is still being answered is given up."""
        question = question.strip()
        if not question:
            return
        if self._asking is not None:
            self._asking.stop()
        self.line.remember(question)
        self.line.clear()
        self._show_busy(f"Looking it up: {question}")
        self._asking = self.context.operations.begin(
            "Answering",
            partial(_answered, self.context.records.journal, question, self._conversation),
            self._take,
            self._fail,
        )

    def give_up(self) -> None:
        """Want no answer any more."""
        if self._asking is not None:
            self._asking.stop()
            self._asking = None
            self._show_busy("")
            self._say("Given up; ask again or something else.")
        else:
            self.line.clear()

    def begin_anew(self) -> None:
        """Forget what was asked: the next question stands for itself."""
        self.give_up()
        self._conversation = None
        self.page.clear_all()
        self._say("")
        self.copy.setEnabled(False)
        self._offer("For example", _FIRST)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy_last(self) -> None:
        """Put the newest card on the clipboard, as text with its entries."""
        if self.page.answers:
            QGuiApplication.clipboard().setText(words_of(self.page.answers[-1]))
            self._say("Copied, with its entries.")

    def _lay_out(self) -> None:
        self.line = QuestionLine()
        self.line.returnPressed.connect(lambda: self.ask(self.line.text()))
        self.line.given_up.connect(self.give_up)
        self.offered = QLabel()
        self.offered.setTextFormat(Qt.TextFormat.PlainText)
        self.offered.setAccessibleName("What the questions below are")
        self.offers = QWidget()
        FlowLayout(_GAP, self.offers)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName("What goes on")
        self.said.setWordWrap(True)
        self.stop = self._button("Cancel", "Want no answer any more (Escape)", self.give_up)
        self.copy = self._button("Copy", "Copy the newest answer with its entries", self.copy_last)
        self.anew = self._button(
            "New conversation", "Forget what was asked; nothing is remembered", self.begin_anew
        )
        self.stop.setEnabled(False)
        self.copy.setEnabled(False)
        foot = QHBoxLayout()
        foot.addStretch(1)
        for button in (self.stop, self.copy, self.anew):
            foot.addWidget(button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 4, 4, 2)
        rows.setSpacing(_GAP)
        rows.addWidget(self.page, 1)
        rows.addWidget(self.said)
        self.said.hide()
        rows.addWidget(self.offered)
        rows.addWidget(self.offers)
        rows.addWidget(self.line)
        rows.addLayout(foot)
        self.put_keyboard_on(self.line)

    def _button(self, text: str, tip: str, act: Any) -> QPushButton:
        made = QPushButton(text)
        made.setAutoDefault(False)
        made.setAccessibleName(text)
        made.setToolTip(tip)
        made.clicked.connect(act)
        return made

    def _offer(self, title: str, questions: tuple[str, ...]) -> None:
        """Questions to press below the conversation, in place of those before."""
        flow = self.offers.layout()
        if flow is None:
            return
        while (item := flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.offered.setText(title)
        self.offered.setVisible(bool(questions))
        for question in questions[:_OFFERED_MAX]:
            # An ampersand would underline what follows it.
            made = self._button(question.replace("&", "&&"), "", partial(self.ask, question))
            made.setAccessibleName(f"Ask: {question}")
            made.setToolTip("Ask this")
            flow.addWidget(made)
        self.offers.updateGeometry()

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))

    def _show_busy(self, sentence: str) -> None:
        self._say(sentence)
        self.stop.setEnabled(bool(sentence))

    def _take(self, found: tuple[Answer, Conversation]) -> None:
        answer, self._conversation = found
        self._asking = None
        self._show_busy("")
        is_known = bool(answer.intent)
        self._offer("Ask next" if is_known else "I can answer, for example", answer.follow_ups)
        self.page.add(answer)
        self.copy.setEnabled(True)
        # Read aloud without the keyboard leaving the line: the next question is asked there.
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.page, answer.text))

    def _fail(self, sentence: str) -> None:
        self._asking = None
        self._show_busy("")
        self._say(sentence)


def _answered(
    journal: Path, question: str, conversation: Conversation | None, _operation: Operation
) -> tuple[Answer, Conversation]:
    from allusedesk.wiring.answering import Answerer

    return Answerer(journal).answer(question, conversation)
