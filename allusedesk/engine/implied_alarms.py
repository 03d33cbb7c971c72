"""Alarms that follow from what is recorded of proposals and orders, and need no entry of their own.

A proposal that was put before a person lapses unless it is answered; one that trust announced is
approved by it unless a person says no. An approved one is sent at once. What was sent to the broker
is waited for, and moved when it has rested long enough.
"""

from __future__ import annotations

from immutables import Map

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import Alarm
from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.order_alarms import (
    AWAITING_WORD,
    acknowledgement_alarm,
    acknowledgement_id,
    lapse_alarm,
    lapse_id,
    patience_alarm,
    patience_id,
    send_alarm,
    trust_alarm,
    trust_id,
)
from allusedesk.engine.state import DeskState

_Answered = (
    ev.ProposalRefused
    | ev.ProposalDeclined
    | ev.ProposalLapsed
    | ev.ProposalVoided
    | ev.ProposalCompleted
)


def _proposal_made(state: DeskState, event: ev.ProposalMade) -> DeskState:
    proposal = event.proposal
    if proposal.kind is ProposalKind.EMERGENCY_EXIT:
        return state
    return _with(state, (lapse_alarm(proposal),))


def _proposal_approved(state: DeskState, event: ev.ProposalApproved) -> DeskState:
    state = _without(state, lapse_id(event.proposal), trust_id(event.proposal))
    if not state.tickets[event.proposal].proposal.legs:
        return state
    return _with(state, (send_alarm(state, event.proposal),))


def _proposal_over(state: DeskState, event: _Answered) -> DeskState:
    return _without(state, lapse_id(event.proposal), trust_id(event.proposal))


def _order_sent(state: DeskState, name: OrderId) -> DeskState:
    order = state.orders.get(name)
    if order is None:
        return state
    return _with(state, (acknowledgement_alarm(state, order), patience_alarm(state, order)))


def _order_advanced(state: DeskState, event: ev.OrderStatusChanged) -> DeskState:
    if event.status.is_over:
        return _without(state, acknowledgement_id(event.order), patience_id(event.order))
    if event.status not in AWAITING_WORD:
        return _without(state, acknowledgement_id(event.order))
    return state


def _with(state: DeskState, set_now: tuple[Alarm, ...]) -> DeskState:
    alarms: Map[str, Alarm] = state.alarms
    for alarm in set_now:
        alarms = alarms.set(alarm.id, alarm)
    return replace(state, alarms=alarms)


def _without(state: DeskState, *names: str) -> DeskState:
    alarms: Map[str, Alarm] = state.alarms
    for name in names:
        if name in alarms:
            alarms = alarms.delete(name)
    return state if alarms is state.alarms else replace(state, alarms=alarms)


IMPLIED: Folds = {
    ev.ProposalMade: _proposal_made,
    ev.ProposalApproved: _proposal_approved,
    ev.ProposalRefused: _proposal_over,
    ev.ProposalDeclined: _proposal_over,
    ev.ProposalLapsed: _proposal_over,
    ev.ProposalVoided: _proposal_over,
    ev.ProposalCompleted: _proposal_over,
    ev.ApprovalAnnounced: lambda state, event: _with(state, (trust_alarm(event),)),
    ev.AnnouncementWithdrawn: lambda state, event: _without(state, trust_id(event.proposal)),
    ev.OrderWritten: lambda state, event: _order_sent(state, event.order.id),
    ev.OrderMoved: lambda state, event: _order_sent(state, event.order),
    ev.OrderStatusChanged: _order_advanced,
}
