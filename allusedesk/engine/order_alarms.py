"""The alarms that accompany an order, and what it means to send or move one."""

from __future__ import annotations

from datetime import datetime, timedelta

from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.trust import ApprovalAnnounced
from allusedesk.engine.state import DeskState

# Until one of these ends the desk does not know what the broker has.
AWAITING_WORD = frozenset({OrderStatus.SENT, OrderStatus.CANCELLING, OrderStatus.UNKNOWN})
_SELDOM = 4
# A statement is several questions, and waits for commissions that are overdue.
_STATEMENT_PATIENCE = 20
STATEMENT_DUE = "statement"


def acknowledgement_alarm(state: DeskState, order: Order) -> Alarm:
    """Rings when silence about an order's latest version becomes a question."""
    due = state.instant + timedelta(seconds=state.rules.orders.acknowledgement_seconds)
    return Alarm(acknowledgement_id(order.id), AlarmKind.ORDER_ACKNOWLEDGEMENT, due, order.id)


def asking_again_alarm(state: DeskState, order: Order) -> Alarm:
    """Rings when the broker is to be asked once more about an order of unknown fate.

    At first as soon as an acknowledgement is due; the longer the order is out the less often, but
    always before four orders could have rested, or a broker that never answers fills the record.
    """
    rules, waited = state.rules.orders, state.instant - order.written_at
    often = timedelta(seconds=rules.acknowledgement_seconds)
    seldom = timedelta(seconds=_SELDOM * rules.patience_seconds)
    due = state.instant + min(max(often, waited / _SELDOM), seldom)
    return Alarm(acknowledgement_id(order.id), AlarmKind.ORDER_ACKNOWLEDGEMENT, due, order.id)


def statement_alarm(state: DeskState, *, is_repeated: bool = False) -> Alarm:
    """Rings when silence about the account becomes a question; later ones are asked less often."""
    patience = _STATEMENT_PATIENCE * (_SELDOM if is_repeated else 1)
    seconds = patience * state.rules.orders.acknowledgement_seconds
    due = state.instant + timedelta(seconds=seconds)
    return Alarm(STATEMENT_DUE, AlarmKind.STATEMENT, due, "broker/statement")


def patience_alarm(state: DeskState, order: Order) -> Alarm:
    """Rings when a resting order is to be moved, or given up."""
    seconds, levels = state.rules.orders.patience_seconds, state.rules.levels
    if order.kind is ProposalKind.EMERGENCY_EXIT and levels is not None:
        seconds = levels.exit_seconds
    due = state.instant + timedelta(seconds=seconds)
    return Alarm(patience_id(order.id), AlarmKind.ORDER_PATIENCE, due, order.id)


def send_alarm(state: DeskState, proposal: ProposalId) -> Alarm:
    """Rings at once: the next clip of an approved proposal is priced afresh and sent."""
    return send_alarm_at(state.instant, proposal)


def send_alarm_at(instant: datetime, proposal: ProposalId) -> Alarm:
    """Rings at an instant: what was queued until then is priced and sent."""
    return Alarm(f"send/{proposal}", AlarmKind.ORDER_SEND, instant, proposal)


def lapse_alarm(proposal: Proposal) -> Alarm:
    """Rings when a question was not answered in time."""
    return Alarm(lapse_id(proposal.id), AlarmKind.APPROVAL_LAPSE, proposal.expires_at, proposal.id)


def lapse_id(proposal: ProposalId) -> str:
    """The alarm that lapses an unanswered proposal."""
    return f"lapse/{proposal}"


def trust_alarm(announced: ApprovalAnnounced) -> Alarm:
    """Rings when trust approves what it had announced, unless a person has said no."""
    name = trust_id(announced.proposal)
    return Alarm(name, AlarmKind.TRUST_ACTS, announced.acts_at, announced.proposal)


def trust_id(proposal: ProposalId) -> str:
    """The alarm at which trust approves a proposal."""
    return f"trust/{proposal}"


def acknowledgement_id(order: OrderId) -> str:
    """The alarm that waits for an acknowledgement."""
    return f"acknowledge/{order}"


def patience_id(order: OrderId) -> str:
    """The alarm that moves a resting order."""
    return f"patience/{order}"
