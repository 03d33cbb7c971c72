"""`ApprovalRequest`: a proposal, the verdict it rests on, and whether its question is open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from allusedesk.domain.proposals import Proposal


class RequestStanding(Enum):
    """Where a question to the operator stands; only an open one can be answered."""

    OPEN = "open"
    APPROVED = "approved already"
    REJECTED = "rejected already"
    LAPSED = "lapsed"
    VOIDED = "void"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A proposal that passed our own checks and waits for a person, or waited for one."""

    proposal: Proposal
    standing: RequestStanding = RequestStanding.OPEN
