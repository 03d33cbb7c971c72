"""Who opens a question on the screen: one at a time, asked for by a person, never by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from allusedesk.desk.context import DeskContext

if TYPE_CHECKING:
    from allusedesk.desk.dialogs.approve import ApprovalDialog
    from allusedesk.engine.approval_card import ApprovalCard
    from allusedesk.engine.question_log import QuestionEnd
    from allusedesk.engine.snapshot import DeskSnapshot

# What is told above the panels although nobody asked: a question that ended without an answer, and
# what trust is about to do or will not do after all.
_TOLD = frozenset(
    {"ProposalLapsed", "ProposalVoided", "ApprovalAnnounced", "AnnouncementWithdrawn"}
)


class Approving:
    """Opens the dialog of a question, and tells of questions that ended unanswered or void."""

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        self.context = context
        self.window = window
        self.dialog: ApprovalDialog | None = None
        self._heard: int | None = None
        context.bridge.published.connect(self.take)

    def open_next(self) -> None:
        """Open the question with the least time left."""
        latest = self.context.bridge.latest
        if latest is None or not latest.cards:
            self.context.notices.say("No question is open: there is nothing to answer.")
            return
        self.open(latest.cards[0])

    def open(self, card: ApprovalCard) -> None:
        """Open a question; one that is on the screen already has the keyboard until it is over."""
        from allusedesk.desk.dialogs.approve import ApprovalDialog

        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            if self.dialog.card.proposal.id != card.proposal.id:
                self.context.notices.say("One question is open already: answer or close it first.")
            return
        self.dialog = ApprovalDialog(self.context, card, self.window)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def take(self, picture: DeskSnapshot) -> None:
        """Tell what ended since the picture before; what ended before that is old."""
        newest = picture.outcomes[-1].sequence if picture.outcomes else 0
        if self._heard is None:
            self._heard = newest
            return
        for end in picture.outcomes:
            if end.sequence > self._heard and end.kind in _TOLD:
                self._tell(end)
        self._heard = newest

    def _tell(self, end: QuestionEnd) -> None:
        self.context.notices.say(end.sentence)

    def _forget(self) -> None:
        self.dialog = None
