"""How decisions, results and a person's settings change what trust has earned and who signs."""

from __future__ import annotations

from allusedesk.approvals import trust
from allusedesk.domain import events as ev
from allusedesk.domain.changing import replace
from allusedesk.engine.folds.orders import known_order
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState


def _with(state: DeskState, ledger: trust.TrustLedger) -> DeskState:
    return state if ledger is state.trust else replace(state, trust=ledger)


def _approved(state: DeskState, event: ev.ProposalApproved) -> DeskState:
    proposal = state.tickets[event.proposal].proposal
    return _with(state, trust.with_approval(state.trust, proposal, event, state.rules))


def _declined(state: DeskState, event: ev.ProposalDeclined) -> DeskState:
    ticket = state.tickets.get(event.proposal)
    if ticket is None:
        return state
    proposal = ticket.proposal
    ledger = trust.with_refusal(state.trust, proposal, event.operator, state.day, state.rules)
    return _with(state, ledger)


def _voided(state: DeskState, event: ev.ProposalVoided) -> DeskState:
    return _with(state, trust.without(state.trust, event.proposal))


def _completed(state: DeskState, event: ev.ProposalCompleted) -> DeskState:
    return _with(state, trust.with_end(state.trust, event, state.day, state.rules))


def _filled(state: DeskState, event: ev.FillBooked) -> DeskState:
    order = known_order(state, event.order) if state.trust.underway else None
    if order is None:
        return state
    changes = event.booking.changes
    return _with(state, trust.with_lots(state.trust, order.proposal, changes))


def _measured(state: DeskState, event: ev.OutcomeClassified) -> DeskState:
    return _with(state, trust.with_outcome(state.trust, event, state.day, state.rules))


def _allowed(state: DeskState, event: ev.TrustAllowed) -> DeskState:
    return _with(state, trust.with_switch(state.trust, event))


def _four_eyes_changed(state: DeskState, event: ev.FourEyesChanged) -> DeskState:
    return replace(state, second_above=event.above, second_awaited=None)


def _four_eyes_awaited(state: DeskState, event: ev.FourEyesAwaited) -> DeskState:
    return replace(state, second_awaited=event)


# These look at the question an entry is about, before the other folds have put it away.
EARNED: Folds = {
    ev.ProposalApproved: _approved,
    ev.ProposalDeclined: _declined,
    ev.ProposalVoided: _voided,
    ev.ProposalCompleted: _completed,
    ev.FillBooked: _filled,
    ev.OutcomeClassified: _measured,
    ev.TrustAllowed: _allowed,
}

FOLDS: Folds = {
    ev.FourEyesChanged: _four_eyes_changed,
    ev.FourEyesAwaited: _four_eyes_awaited,
}
