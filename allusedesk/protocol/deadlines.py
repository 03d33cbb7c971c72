"""How long a proposal may wait for an answer (protocol, section 12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from allusedesk.domain.proposals import ProposalKind
from allusedesk.protocol.rulebook import Rulebook


def expires_at(
    kind: ProposalKind,
    made_at: datetime,
    window_end: datetime,
    days_to_expiry: int | None,
    rulebook: Rulebook,
) -> datetime:
    """The instant after which a proposal is not executed; never past the end of its window."""
    deadline = rulebook.approvals.deadline(kind)
    minutes = deadline.minutes
    if (
        deadline.days_short is not None
        and deadline.minutes_short is not None
        and days_to_expiry is not None
        and days_to_expiry <= deadline.days_short
    ):
        minutes = deadline.minutes_short
    return min(made_at + timedelta(minutes=minutes), window_end)
