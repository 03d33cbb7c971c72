"""`route` and `grant`: refused, a question to the operator, or the only `Approval` values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allusedesk.approvals.as_seen import unanswerable
from allusedesk.approvals.request import ApprovalRequest, RequestStanding
from allusedesk.domain.commands import AskOperator
from allusedesk.domain.events import (
    AnswerIgnored,
    ProposalApproved,
    ProposalDeclined,
    ProposalRefused,
)
from allusedesk.domain.identifiers import ApprovalId, ProposalId, approval_id
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.risk.limits import RiskVerdict

# Who grants what a rulebook lets go without asking; the clause that lets it follows.
STANDING_AUTHORITY = "standing authority of"


@dataclass(frozen=True, slots=True)
class Approval:
    """A permission to carry out one proposal as it was judged; made in this module alone."""

    id: ApprovalId
    proposal: ProposalId
    granted_by: str
    granted_at: datetime
    expires_at: datetime


def route(proposal: Proposal, verdict: RiskVerdict) -> ProposalRefused | AskOperator:
    """Refused by our own checks, or a question to the operator; nothing passes unasked."""
    if not verdict.passed:
        return ProposalRefused(proposal.id, proposal.account, verdict.rule, verdict.comparisons)
    return AskOperator(proposal)


def grant(
    request: ApprovalRequest,
    decided: OperatorDecided,
    now: datetime,
    valid_until: datetime,
    rulebook: Rulebook,
) -> ProposalApproved | ProposalDeclined | AnswerIgnored:
    """What an answer amounts to; one that is late, doubled or void changes nothing and says why.

    An answer at the very instant of the deadline is in time. An approval given on stale quotes,
    or edited beyond the rules, leaves the question open. The approval holds until `valid_until`,
    the end of the session or window it is to be used in.
    """
    proposal = request.proposal
    if decided.proposal != proposal.id:
        return AnswerIgnored(decided.proposal, f"it answers another question than {proposal.id}")
    if request.standing is not RequestStanding.OPEN:
        reason = f"the proposal is {request.standing.value}"
        return AnswerIgnored(proposal.id, reason)
    if now > proposal.expires_at:
        reason = f"it came at {now}, after the deadline of {proposal.expires_at}"
        return AnswerIgnored(proposal.id, reason)
    if decided.answer is Answer.REJECT:
        return ProposalDeclined(proposal.id, decided.operator, decided.reason)
    reason = unanswerable(decided, proposal, now, rulebook)
    if reason:
        return AnswerIgnored(proposal.id, reason)
    return ProposalApproved(
        proposal.id,
        approval_id(proposal.id),
        decided.operator,
        now,
        valid_until,
        decided.quantity,
        decided.limit,
        decided.seen,
    )


def grant_standing(proposal: Proposal, now: datetime, valid_until: datetime) -> ProposalApproved:
    """The standing authority for an exit, which waits for nobody: the clause it is made under.

    Raises ValueError for any other kind: nothing else passes unasked.
    """
    if proposal.kind is not ProposalKind.EMERGENCY_EXIT:
        message = f"{proposal.id} is no emergency exit: a person has to allow it."
        raise ValueError(message)
    granted_by = f"{STANDING_AUTHORITY} {proposal.rule}"
    return ProposalApproved(proposal.id, approval_id(proposal.id), granted_by, now, valid_until)


def approval_on_record(event: ProposalApproved) -> Approval:
    """The approval a recorded grant stands for; an approval exists only once it is recorded."""
    return Approval(
        event.approval, event.proposal, event.granted_by, event.granted_at, event.expires_at
    )
