"""The brief of the hour in the week panel: a line that can be dismissed, and a page to read."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from allusedesk.answers.answer import Answer, Standing
from allusedesk.answers.brief import Brief, BriefKind, due_brief, known_at
from allusedesk.desk.answer_page import AnswerPage
from allusedesk.desk.context import DeskContext
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.journal.read_side import ReadSide

_EMPTY = (
    "No brief yet: one comes at 08:30 New York time of each session and one five minutes after its "
    "close. They tell what needs you, what changed, what was done and what is next."
)


class BriefPage(AnswerPage):
    """A whole brief, part by part, each figure with links to its entries."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setAccessibleName("The brief")
        self.empty = _EMPTY
        self._draw()

    def show_brief(self, brief: Brief) -> None:
        """Show one in place of the one before, from its beginning."""
        known = f"{brief.mode}, as known at entry {brief.sequence:,}"
        head = Answer(brief.title, Standing.ANSWERED, (brief.headline,), about=known)
        parts = (Answer(one.title, Standing.ANSWERED, one.sentences) for one in brief.parts)
        self._answers = [head, *parts]
        self._draw()
        self._look_at_last()

    def _scroll_to_last(self) -> None:
        """A conversation is read from its newest card on, a brief from its beginning."""
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)


class BriefStrip(QFrame):
    """A brief in one line; `wanted` when somebody would read it."""

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("The brief in short")
        self.line = QLabel()
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setAccessibleName("The brief in short")
        self.line.setWordWrap(True)
        self.read, self.dismiss = QToolButton(), QToolButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.addWidget(self.line, 1)
        for button, title, tip, press in (
            (self.read, "Read", "Open it, with the entries behind each figure", self.wanted.emit),
            (self.dismiss, "Dismiss", "Take this line away until the next brief", self.hide),
        ):
            button.setText(title)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(f"{title} the brief")
            button.setToolTip(tip)
            button.clicked.connect(press)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.wear(theme)
        self.hide()

    def tell(self, brief: Brief) -> None:
        """Say it in short."""
        self.line.setText(f"{brief.kind.value.title()}: {brief.headline.text}")
        self.show()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.setStyleSheet(f"BriefStrip {{ background: {theme.raised}; }}")


class WeekBrief(QObject):
    """Asks the record for the brief of the hour, once when it is due and once when it is whole."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self._context = context
        self.page = BriefPage(context.theme)
        self.page.entry_wanted.connect(context.jumps.to_entry)
        self.page.report_wanted.connect(context.jumps.to_report)
        self.strip = BriefStrip(context.theme)
        self.brief: Brief | None = None
        self._asked: tuple[BriefKind, date, bool] | None = None
        self._is_reading = False

    def hear(self, picture: DeskSnapshot) -> None:
        """Ask for the brief that is due, unless it was read or is on its way."""
        due = None if picture.week is None else due_brief(picture.week.sessions, picture.at)
        if due is None or self._is_reading:
            return
        wanted = (*due, known_at(*due, picture.at) < picture.at)
        if wanted != self._asked:
            self._ask(wanted, picture.at)

    def read_again(self) -> None:
        """Bring what is shown up to what is known now; without a brief there is nothing to."""
        picture = self._context.bridge.latest
        if picture is not None:
            self._asked = None
            self.hear(picture)

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.page.wear(theme)
        self.strip.wear(theme)

    def _ask(self, wanted: tuple[BriefKind, date, bool], at: datetime) -> None:
        self._asked, self._is_reading = wanted, True
        kind, day, _ = wanted
        self._context.records.ask(
            "Reading the brief", partial(_made, kind=kind, day=day, at=at), self._take, self._fail
        )

    def _take(self, brief: Brief | None) -> None:
        self._is_reading = False
        if brief is None:
            return
        before, self.brief = self.brief, brief
        if brief == before:
            return
        self.page.show_brief(brief)
        is_new = before is None or (before.kind, before.day) != (brief.kind, brief.day)
        # One that was dismissed stays away while it is filled in.
        if is_new or not self.strip.isHidden():
            self.strip.tell(brief)

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self._context.notices.warn(sentence)


def _made(side: ReadSide, kind: BriefKind, day: date, at: datetime) -> Brief | None:
    # The record's modules are heavy and wanted on this thread alone.
    from allusedesk.wiring.briefing import NoBrief, brief_of

    try:
        return brief_of(side, kind, day, at)
    except NoBrief:
        return None
