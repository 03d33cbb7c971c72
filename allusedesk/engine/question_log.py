"""What became of the latest questions, for whoever still has one of them on a screen."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from allusedesk.domain import events as ev
from allusedesk.domain.identifiers import ProposalId
from allusedesk.engine.state import DeskState
from allusedesk.journal.words.sentences import describe

_KEPT = 64

_Ended = (
    ev.ProposalApproved
    | ev.ProposalDeclined
    | ev.ProposalLapsed
    | ev.ProposalVoided
    | ev.AnswerIgnored
    | ev.ProposalSigned
    | ev.ApprovalAnnounced
    | ev.AnnouncementWithdrawn
)
_STILL_OPEN = (
    ev.AnswerIgnored,
    ev.ProposalSigned,
    ev.ApprovalAnnounced,
    ev.AnnouncementWithdrawn,
)


@dataclass(frozen=True, slots=True)
class QuestionEnd:
    """One outcome: the entry that recorded it, as a sentence.

    An answer that was ignored, a first signature and a word of trust end nothing: `is_over` tells
    whether the question is.
    """

    sequence: int
    proposal: ProposalId
    kind: str
    sentence: str
    is_over: bool


class QuestionLog:
    """Follows the record as one of the engine's observers, and keeps the newest outcomes."""

    def __init__(self) -> None:
        self._ends: deque[QuestionEnd] = deque(maxlen=_KEPT)

    @property
    def ends(self) -> tuple[QuestionEnd, ...]:
        """The outcomes kept, oldest first."""
        return tuple(self._ends)

    def observe(self, _state: DeskState, entry: ev.Entry) -> None:
        """Take note of an entry that answers a question or refuses an answer."""
        event = entry.event
        if not isinstance(event, _Ended):
            return
        kind, is_over = type(event).__name__, not isinstance(event, _STILL_OPEN)
        end = QuestionEnd(entry.sequence, event.proposal, kind, describe(event), is_over)
        self._ends.append(end)
