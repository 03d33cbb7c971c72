"""What follows from a person's answers and instructions."""

from __future__ import annotations

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.events import (
    DeskHalted,
    DeskReleased,
    ProposalVoided,
    SleeveFrozen,
    SleeveState,
    SleeveThawed,
)
from allusedesk.domain.inputs import Instruction, Mode, OperatorInstructed
from allusedesk.engine.arming import disarm
from allusedesk.engine.draft import Draft
from allusedesk.engine.reconciling import ask_statement
from allusedesk.engine.sending import cancel
from allusedesk.protocol.levels import FREEZE_EXIT

KILLED = "kill switch"
PAUSED = "paused"


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
        ask_statement(draft)


def _reset(draft: Draft, event: OperatorInstructed) -> None:
    if event.account is None and draft.state.halted_by:
        draft.record(DeskReleased(event.operator))
        _compare_again(draft)
    for account in _accounts(draft, event):
        draft.record(SleeveThawed(account, KILLED))
        if any(item.reason == FREEZE_EXIT for item in draft.state.sleeves[account].freezes):
            draft.record(SleeveThawed(account, FREEZE_EXIT))
        draft.move_sleeve(account, SleeveState.SAFE, f"reset by {event.operator}")
