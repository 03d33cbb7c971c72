"""Who allows a proposal: a person's answer, two signatures, or trust that was earned."""

from __future__ import annotations

from datetime import datetime

from allusedesk.approvals.four_eyes import settled
from allusedesk.approvals.gate import grant, grant_by_trust
from allusedesk.approvals.request import ApprovalRequest, RequestStanding
from allusedesk.approvals.trust import (
    NEVER_BY_TRUST,
    Leave,
    level_earned,
)
from allusedesk.domain.events import (
    AnnouncementWithdrawn,
    AnswerIgnored,
    ApprovalAnnounced,
    FourEyesAwaited,
    ProposalApproved,
    ProposalSigned,
    RequestDenied,
    TrustAllowed,
)
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import Answer, Mode, OperatorDecided, OperatorRequest
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.trust import POLICY, SecondSignatureSet, TrustSwitched, is_person
from allusedesk.engine.approval_card import card_of, instruments_of
from allusedesk.engine.card_people import leave_of, limit_of
from allusedesk.engine.draft import Draft
from allusedesk.engine.family_affairs import begin_recovery, carry_out
from allusedesk.engine.state import DeskState, Ticket

UNARMED = "the live desk is not armed: arm it first"


def announce(draft: Draft, proposal: Proposal, leave: Leave, snapshot: MarketSnapshot) -> None:
    """Put on record what trust will do and when, bound to what the market shows now."""
    if leave.acts_at is None or (proposal.legs and not draft.state.may_send):
        return
    ticket = draft.state.tickets[proposal.id]
    found = (snapshot.quote_of(instrument) for instrument in instruments_of(proposal))
    quotes = tuple(quote for quote in found if quote is not None)
    card = card_of(draft.state, ticket, quotes, draft.state.instant)
    if card.blocked:
        return
    draft.record(
        ApprovalAnnounced(proposal.id, leave.level, leave.score, leave.acts_at, card.terms)
    )


def on_decision(draft: Draft, event: OperatorDecided) -> None:
    """Take an answer, if its question is still open; an answer too late changes nothing."""
    ticket = draft.state.tickets.get(event.proposal)
    if ticket is None:
        draft.record(AnswerIgnored(event.proposal, "the proposal is not open any more"))
        return
    proposal, state = ticket.proposal, draft.state
    if event.answer is Answer.APPROVE and proposal.legs and not state.may_send:
        draft.record(AnswerIgnored(event.proposal, UNARMED))
        return
    request = _request(state, ticket, event.operator)
    outcome = grant(request, event, state.instant, _valid_until(state), state.rules)
    draft.record(outcome)
    if isinstance(outcome, AnswerIgnored):
        return
    if isinstance(outcome, ProposalSigned):
        withdraw(draft, ticket, f"{outcome.operator} has signed it, so a second person answers")
        return
    if isinstance(outcome, ProposalApproved):
        _carry_out(draft, proposal)
    draft.rest_sleeve(proposal.account)


def on_trust(draft: Draft, name: ProposalId) -> None:
    """Approve what trust had announced, if nothing has come between; else it waits for a person."""
    ticket, state = draft.state.tickets.get(name), draft.state
    if ticket is None or ticket.announced is None or ticket.is_approved:
        return
    proposal, leave = ticket.proposal, leave_of(state, ticket.proposal)
    outcome: ProposalApproved | str
    if state.halted_by:
        outcome = f"the desk is halted: {state.halted_by}"
    elif leave is None:
        outcome = "the sleeve stands at its greatest drawdown"
    elif proposal.legs and not state.may_send:
        outcome = UNARMED
    else:
        request, valid_until = _request(state, ticket, ""), _valid_until(state)
        outcome = grant_by_trust(request, ticket.announced, leave, state.instant, valid_until)
    if isinstance(outcome, str):
        withdraw(draft, ticket, outcome)
        return
    draft.record(outcome)
    _carry_out(draft, proposal)
    draft.rest_sleeve(proposal.account)


def withdraw(draft: Draft, ticket: Ticket, reason: str) -> None:
    """Take back what trust had announced; the question goes on waiting for a person."""
    if ticket.announced is not None and not ticket.is_approved:
        draft.record(AnnouncementWithdrawn(ticket.proposal.id, reason))


def withdraw_all(draft: Draft) -> None:
    """After a stop nobody could have said no, so trust approves nothing it had announced."""
    for name in sorted(draft.state.tickets):
        withdraw(draft, draft.state.tickets[name], "the desk was away while you could say no")


def on_switch(draft: Draft, event: TrustSwitched) -> None:
    """Switch trust for one kind; never above what the kind has earned, and not for every kind."""
    state = draft.state
    rules, kind = state.rules.approvals.trust, event.kind
    refused = ""
    if not is_person(event.operator):
        refused = "only a person switches trust"
    elif rules is None:
        refused = f"the rulebook {state.rules.id} lets trust act for nothing"
    elif kind in NEVER_BY_TRUST:
        refused = f"a {kind.value} is always a person's to allow"
    elif event.level.rank > 0:
        earned = level_earned(state.trust.record(kind), state.day, rules)
        if event.level.rank > earned.rank:
            refused = f"{kind.value} has earned {earned.value} so far, not {event.level.value}"
    if refused:
        draft.record(RequestDenied(OperatorRequest.TRUST, kind.value, "trust.switch", refused))
        return
    draft.record(TrustAllowed(kind, event.level, event.operator))
    for name in sorted(draft.state.tickets):
        ticket = draft.state.tickets[name]
        announced = ticket.announced
        is_of_kind = ticket.proposal.kind is kind and not ticket.is_approved
        if is_of_kind and announced is not None and event.level.rank < announced.level.rank:
            withdraw(draft, ticket, f"{event.operator} switched trust to {event.level.value}")


def on_four_eyes(draft: Draft, event: SecondSignatureSet) -> None:
    """Set the worst case above which two sign; looser only once two persons want it."""
    state = draft.state
    outcome = settled(event, state.second_awaited, limit_of(state))
    if isinstance(outcome, str):
        subject, rule = str(event.above), "approvals.second_signature"
        draft.record(RequestDenied(OperatorRequest.SECOND_SIGNATURE, subject, rule, outcome))
        return
    draft.record(outcome)
    if isinstance(outcome, FourEyesAwaited):
        draft.notice(
            "warning",
            f"four-eyes/{outcome.above}/{outcome.operator}",
            f"{outcome.operator} wants a second signature less often. It changes nothing until a "
            "second, different person sets the same.",
        )


def _request(state: DeskState, ticket: Ticket, operator: str) -> ApprovalRequest:
    standing = RequestStanding.APPROVED if ticket.is_approved else RequestStanding.OPEN
    # A rehearsal's policy stands for all the persons there would be.
    is_practice = state.mode is Mode.REHEARSAL and operator.startswith(POLICY)
    return ApprovalRequest(
        ticket.proposal,
        standing,
        None if is_practice else limit_of(state),
        ticket.signed,
        must_show=state.mode is Mode.LIVE,
    )


def _carry_out(draft: Draft, proposal: Proposal) -> None:
    if proposal.kind is ProposalKind.RECOVERY:
        begin_recovery(draft, proposal)
    if not proposal.legs:
        carry_out(draft, proposal)


def _valid_until(state: DeskState) -> datetime:
    """An approval holds to the close of the session, outside of one until the next close."""
    if state.week is not None:
        for session in state.week.sessions:
            if session.closes_at >= state.instant:
                return session.closes_at
    return state.session_after.closes_at if state.session_after is not None else state.instant
