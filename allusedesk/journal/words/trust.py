"""One plain sentence for each entry about signatures and trust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from allusedesk.domain import events as told
from allusedesk.domain import trust
from allusedesk.domain.money import Money
from allusedesk.journal.words.phrases import because, decided_by, edited

_NEW_YORK = ZoneInfo("America/New_York")


def _approved(event: told.ProposalApproved) -> str:
    changed = edited(event.quantity, event.limit)
    return f"{event.proposal} was approved by {decided_by(event)}{changed}."


def _announced(event: told.ApprovalAnnounced) -> str:
    at = f"{event.acts_at.astimezone(_NEW_YORK):%H:%M:%S} New York"
    return (
        f"{event.proposal} will be approved at {at} unless you say no: trust at level "
        f"{event.level.value}, score {event.score:.2f}."
    )


def _when(above: Money | None) -> str:
    return "for nothing" if above is None else f"above a worst case of {above}"


SENTENCES_OF_TRUST: dict[type, Callable[[Any], str]] = {
    trust.TrustSwitched: lambda e: (
        f"{e.operator} sets trust for {e.kind.value} to {e.level.value}{because(e.reason)}."
    ),
    trust.SecondSignatureSet: lambda e: (
        f"{e.operator} wants two signatures {_when(e.above)}{because(e.reason)}."
    ),
    told.ProposalApproved: _approved,
    told.ProposalSigned: lambda e: (
        f"{e.proposal} was signed by {e.operator}{edited(e.quantity, e.limit)}; a second, "
        "different person has to sign before anything is sent."
    ),
    told.ApprovalAnnounced: _announced,
    told.AnnouncementWithdrawn: lambda e: (
        f"{e.proposal} is not approved by trust and waits for an answer: {e.reason}."
    ),
    told.TrustAllowed: lambda e: (
        f"Trust may act for {e.kind.value} up to {e.level.value}, by {e.operator}."
    ),
    told.FourEyesAwaited: lambda e: (
        f"{e.operator} wants two signatures {_when(e.above)}: nothing changes until a second, "
        "different person wants the same."
    ),
    told.FourEyesChanged: lambda e: (
        f"Two signatures are needed {_when(e.above)}, by {e.operator}"
        f"{f' and {e.second}' if e.second else ''}."
    ),
}
