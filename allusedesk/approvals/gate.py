"""`route` and `grant`: refused, left to earned trust, or asked; makes the only `Approval`s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allusedesk.approvals.as_seen import unanswerable
from allusedesk.approvals.four_eyes import countersigned, needs_second
from allusedesk.approvals.request import ApprovalRequest, RequestStanding
from allusedesk.approvals.trust import Leave, concerns_trust
from allusedesk.domain.commands import AskOperator
from allusedesk.domain.events import (
    AnswerIgnored,
    ProposalApproved,
    ProposalDeclined,
    ProposalRefused,
)
from allusedesk.domain.identifiers import ApprovalId, ProposalId, approval_id
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.trust import (
    STANDING_AUTHORITY,
    TRUST,
    ApprovalAnnounced,
    ProposalSigned,
    is_person,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.risk.limits import RiskVerdict


@dataclass(frozen=True, slots=True)
class Approval:
    """A permission to carry out one proposal as it was judged; made in this module alone."""

    id: ApprovalId
    proposal: ProposalId
    granted_by: str
    granted_at: datetime
    expires_at: datetime


def route(
    proposal: Proposal,
    verdict: RiskVerdict | None,
    leave: Leave | None = None,
    second_above: Money | None = None,
) -> ProposalRefused | AskOperator | Leave:
    """Refused by our own checks, left to trust as it was earned, or a question to the operator.

    `verdict` is None where there is nothing to check, `leave` where a person has to answer. What
    needs two signatures, and what trust never decides, is asked whatever was earned.
    """
    if verdict is not None and not verdict.passed:
        return ProposalRefused(proposal.id, proposal.account, verdict.rule, verdict.comparisons)
    if leave is None or leave.acts_at is None or not concerns_trust(proposal):
        return AskOperator(proposal)
    if needs_second(proposal, None, second_above):
        return AskOperator(proposal)
    return leave


def grant(
    request: ApprovalRequest,
    decided: OperatorDecided,
    now: datetime,
    valid_until: datetime,
    rulebook: Rulebook,
) -> ProposalApproved | ProposalSigned | ProposalDeclined | AnswerIgnored:
    """What an answer amounts to; one that is late, doubled or void changes nothing and says why.

    An answer at the very instant of the deadline is in time. An approval given on stale quotes,
    or edited beyond the rules, leaves the question open. Where two have to sign, the first yes is
    a signature, and the second, of another person to the same terms, approves; a no of either
    ends it. The approval holds until `valid_until`, the end of the session or window it is to be
    used in.
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
    must_show = request.must_show
    reason = unanswerable(decided, proposal, now, rulebook, must_show=must_show)
    if reason:
        return AnswerIgnored(proposal.id, reason)
    if request.signed is not None:
        reason = countersigned(request.signed, decided)
        if reason:
            return AnswerIgnored(proposal.id, reason)
        first, second = request.signed.operator, decided.operator
        return _granted(proposal, decided, first, second, now, valid_until)
    if needs_second(proposal, decided.quantity, request.second_above):
        return _signed(proposal, decided, now)
    return _granted(proposal, decided, decided.operator, "", now, valid_until)


def _signed(
    proposal: Proposal, decided: OperatorDecided, now: datetime
) -> ProposalSigned | AnswerIgnored:
    if not is_person(decided.operator):
        who = decided.operator or "somebody without a name"
        return AnswerIgnored(proposal.id, f"two persons have to sign, and {who} is none")
    if decided.seen is None:
        return AnswerIgnored(proposal.id, "two have to sign, and it does not say what was seen")
    return ProposalSigned(
        proposal.id, decided.operator, now, decided.quantity, decided.limit, decided.seen
    )


def _granted(
    proposal: Proposal,
    decided: OperatorDecided,
    granted_by: str,
    countersigned_by: str,
    now: datetime,
    valid_until: datetime,
) -> ProposalApproved:
    return ProposalApproved(
        proposal.id,
        approval_id(proposal.id),
        granted_by,
        now,
        valid_until,
        decided.quantity,
        decided.limit,
        decided.seen,
        countersigned_by,
    )


def grant_by_trust(
    request: ApprovalRequest,
    announced: ApprovalAnnounced,
    leave: Leave,
    now: datetime,
    valid_until: datetime,
) -> ProposalApproved | str:
    """The approval that trust had announced, or why it gives none now: a person has to answer.

    Trust must still stand at the level at which it spoke, and nobody may have signed since.
    """
    proposal = request.proposal
    if request.signed is not None:
        return f"{request.signed.operator} has signed it, so a second person answers"
    if needs_second(proposal, None, request.second_above):
        return "it needs the signatures of two persons now"
    if not concerns_trust(proposal) or leave.level.rank < announced.level.rank:
        return f"trust may not act at level {announced.level.value} any more"
    if request.standing is not RequestStanding.OPEN or now >= proposal.expires_at:
        return "its time is over"
    granted_by = f"{TRUST} {announced.level.value}"
    return ProposalApproved(
        proposal.id,
        approval_id(proposal.id),
        granted_by,
        now,
        valid_until,
        seen=announced.seen,
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
