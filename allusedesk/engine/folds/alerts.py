"""How alerts change what the engine knows of its own health; nothing that decides reads it."""

from __future__ import annotations

from allusedesk.domain import inputs as inp
from allusedesk.domain.alerts import StandingAlert
from allusedesk.domain.changing import replace
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState


def _raised(state: DeskState, event: inp.AlertRaised) -> DeskState:
    standing = StandingAlert(event.alert, state.instant)
    return replace(state, alerts=state.alerts.set(event.alert.id, standing))


def _cleared(state: DeskState, event: inp.AlertCleared) -> DeskState:
    if event.alert not in state.alerts:
        return state
    return replace(state, alerts=state.alerts.delete(event.alert))


def _acknowledged(state: DeskState, event: inp.AlertAcknowledged) -> DeskState:
    standing = state.alerts.get(event.alert)
    if standing is None:
        return state
    noted = replace(standing, acknowledged_by=event.operator)
    return replace(state, alerts=state.alerts.set(event.alert, noted))


FOLDS: Folds = {
    inp.AlertRaised: _raised,
    inp.AlertCleared: _cleared,
    inp.AlertAcknowledged: _acknowledged,
}
