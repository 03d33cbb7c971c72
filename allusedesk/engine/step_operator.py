"""What follows from a person's answers and instructions."""

from __future__ import annotations

from datetime import datetime

from allusedesk.approvals.gate import grant
from allusedesk.approvals.request import ApprovalRequest, RequestStanding
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.commands import AskStatement
from allusedesk.domain.events import (
    AnswerIgnored,
    DeskHalted,
    DeskReleased,
    ProposalApproved,
    ProposalVoided,
    SleeveFrozen,
    SleeveState,
    SleeveThawed,
)
from allusedesk.domain.inputs import Answer, Instruction, Mode, OperatorDecided, OperatorInstructed
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.engine.arming import disarm
from allusedesk.engine.draft import Draft
from allusedesk.engine.family_affairs import begin_recovery, carry_out
from allusedesk.engine.sending import cancel
from allusedesk.protocol.levels import FREEZE_EXIT

KILLED = "kill switch"
PAUSED = "paused"


def on_decision(draft: Draft, event: OperatorDecided) -> None:
    """Take an answer, if its question is still open; an answer too late changes nothing."""
    ticket = draft.state.tickets.get(event.proposal)
    if ticket is None:
        draft.record(AnswerIgnored(event.proposal, "the proposal is not open any more"))
        return
    proposal = ticket.proposal
    if event.answer is Answer.APPROVE and proposal.legs and not draft.state.may_send:
        draft.record(AnswerIgnored(event.proposal, "the live desk is not armed: arm it first"))
        return
    standing = RequestStanding.OPEN if ticket.approval is None else RequestStanding.APPROVED
    request, state = ApprovalRequest(proposal, standing), draft.state
    outcome = grant(request, event, state.instant, _valid_until(draft), state.rules)
    draft.record(outcome)
    if isinstance(outcome, AnswerIgnored):
        return
    if isinstance(outcome, ProposalApproved):
        _carry_out(draft, proposal)
    draft.rest_sleeve(proposal.account)


def _carry_out(draft: Draft, proposal: Proposal) -> None:
    if proposal.kind is ProposalKind.RECOVERY:
        begin_recovery(draft, proposal)
    if not proposal.legs:
        carry_out(draft, proposal)


def _valid_until(draft: Draft) -> datetime:
    """An approval holds to the close of the session, outside of one until the next close."""
    state = draft.state
    if state.week is not None:
        for session in state.week.sessions:
            if session.closes_at >= state.instant:
                return session.closes_at
    return state.session_after.closes_at if state.session_after is not None else state.instant


def on_instruction(draft: Draft, event: OperatorInstructed) -> None:
    """Stop, release, pause or continue, without asking anything twice."""
    match event.instruction:
        case Instruction.KILL:
            _kill(draft, event)
        case Instruction.RESET:
            _reset(draft, event)
        case Instruction.PAUSE:
            for account in _accounts(draft, event):
                draft.record(SleeveFrozen(account, PAUSED))
        case Instruction.CONTINUE:
            for account in _accounts(draft, event):
                draft.record(SleeveThawed(account, PAUSED))


def _accounts(draft: Draft, event: OperatorInstructed) -> tuple[AccountId, ...]:
    if event.account is not None:
        return (event.account,) if event.account in draft.state.sleeves else ()
    return tuple(sorted(draft.state.sleeves))


def _kill(draft: Draft, event: OperatorInstructed) -> None:
    """Cancel working orders and let nothing new begin until a person resets it."""
    accounts = _accounts(draft, event)
    live = [draft.state.orders[name] for name in sorted(draft.state.orders)]
    reason = f"kill switch: {event.reason}"
    awaited = [cancel(draft, order, reason) for order in live if order.account in accounts]
    # One fact for all of them: with hundreds of orders each fact more is time lost.
    draft.set_alarms(*awaited)
    for proposal in sorted(draft.state.tickets):
        ticket = draft.state.tickets[proposal]
        if ticket.proposal.account in accounts:
            draft.record(ProposalVoided(proposal, "kill.switch", event.reason))
    if event.account is None:
        disarm(draft, f"kill switch by {event.operator}")
        draft.record(DeskHalted(f"kill switch by {event.operator}: {event.reason}"))
    for account in accounts:
        draft.record(SleeveFrozen(account, KILLED))
        draft.move_sleeve(account, SleeveState.SAFE, "kill switch")


def _compare_again(draft: Draft) -> None:
    """What was halted over is looked at once more before a live desk can be armed again."""
    if draft.state.mode is Mode.LIVE and draft.state.is_link_up:
        draft.wish(AskStatement())


def _reset(draft: Draft, event: OperatorInstructed) -> None:
    if event.account is None and draft.state.halted_by:
        draft.record(DeskReleased(event.operator))
        _compare_again(draft)
    for account in _accounts(draft, event):
        draft.record(SleeveThawed(account, KILLED))
        if any(item.reason == FREEZE_EXIT for item in draft.state.sleeves[account].freezes):
            draft.record(SleeveThawed(account, FREEZE_EXIT))
        draft.move_sleeve(account, SleeveState.SAFE, f"reset by {event.operator}")
