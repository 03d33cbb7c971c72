"""Rows of the read side about persons' answers: each with its reason and what it came to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allusedesk.domain import events as told
from allusedesk.domain.inputs import OperatorDecided
from allusedesk.domain.trust import POLICY
from allusedesk.journal.read_tables import Place

# Effects that a later answer to the same question does not take away.
FINAL = frozenset({"approved", "edited", "rejected", "vetoed"})


def _decided(place: Place, event: OperatorDecided) -> None:
    """Keep the latest answer to a question until one of them counted; a policy's has no reason."""
    if event.operator.startswith(POLICY):
        return
    if place.found("answers", event.proposal, "effect") in FINAL:
        return
    place.put(
        "answers",
        id=event.proposal,
        recorded_at=place.recorded_at,
        week=place.found("proposals", event.proposal, "week") or place.week,
        account=place.found("proposals", event.proposal, "account") or "",
        kind=place.found("proposals", event.proposal, "kind") or "",
        operator=event.operator,
        effect="ignored",
        reason=event.reason,
    )


def _signed(place: Place, event: told.ProposalSigned) -> None:
    place.change("answers", event.proposal, effect="signed")


def _announced(place: Place, event: told.ApprovalAnnounced) -> None:
    place.change("proposals", event.proposal, trust=event.level)


def _withdrawn(place: Place, event: told.AnnouncementWithdrawn) -> None:
    place.change("proposals", event.proposal, trust="")


def answer_approved(place: Place, event: told.ProposalApproved) -> None:
    """Note what a yes came to."""
    is_edited = event.quantity is not None or event.limit is not None
    place.change("answers", event.proposal, effect="edited" if is_edited else "approved")


def answer_declined(place: Place, event: told.ProposalDeclined) -> None:
    """Note what a no came to: against what trust had announced it is a veto."""
    is_veto = bool(place.found("proposals", event.proposal, "trust"))
    place.change("answers", event.proposal, effect="vetoed" if is_veto else "rejected")


ANSWER_PROJECTIONS: dict[type, Callable[[Place, Any], None]] = {
    OperatorDecided: _decided,
    told.ProposalSigned: _signed,
    told.ApprovalAnnounced: _announced,
    told.AnnouncementWithdrawn: _withdrawn,
}
