"""The alarms that accompany an order, and what it means to send or move one."""

from __future__ import annotations

from datetime import timedelta

from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.orders import Order
from allusedesk.engine.state import DeskState


def acknowledgement_alarm(state: DeskState, order: Order) -> Alarm:
    """Rings when silence about an order's latest version becomes a question."""
    due = state.instant + timedelta(seconds=state.rules.orders.acknowledgement_seconds)
    return Alarm(acknowledgement_id(order.id), AlarmKind.ORDER_ACKNOWLEDGEMENT, due, order.id)


def patience_alarm(state: DeskState, order: Order) -> Alarm:
    """Rings when a resting order is to be moved, or given up."""
    due = state.instant + timedelta(seconds=state.rules.orders.patience_seconds)
    return Alarm(patience_id(order.id), AlarmKind.ORDER_PATIENCE, due, order.id)


def send_alarm(state: DeskState, proposal: ProposalId) -> Alarm:
    """Rings at once: the next clip of an approved proposal is priced afresh and sent."""
    return Alarm(f"send/{proposal}", AlarmKind.ORDER_SEND, state.instant, proposal)


def lapse_id(proposal: ProposalId) -> str:
    """The alarm that lapses an unanswered proposal."""
    return f"lapse/{proposal}"


def acknowledgement_id(order: OrderId) -> str:
    """The alarm that waits for an acknowledgement."""
    return f"acknowledge/{order}"


def patience_id(order: OrderId) -> str:
    """The alarm that moves a resting order."""
    return f"patience/{order}"
