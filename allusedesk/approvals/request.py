"""`ApprovalRequest`: a proposal, the verdict it rests on, and whether its question is open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.trust import ProposalSigned


class RequestStanding(Enum):
    """Where a question to the operator stands; only an open one can be answered."""

    OPEN = "open"
    APPROVED = "approved already"
    REJECTED = "rejected already"
    LAPSED = "lapsed"
    VOIDED = "void"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A proposal that passed our own checks and waits for a person, or waited for one.

    Beyond a worst case of `second_above` two persons have to sign; `signed` is the first's
    signature. `must_show` asks each answer what it was given on, as live trading does.
    """

    proposal: Proposal
    standing: RequestStanding = RequestStanding.OPEN
    second_above: Money | None = None
    signed: ProposalSigned | None = None
    must_show: bool = False
