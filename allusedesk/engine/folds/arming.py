"""How arming, and what it rests on, changes what the engine knows."""

from __future__ import annotations

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.arming import ArmedBy, LiveArmed, LiveDisarmed
from allusedesk.domain.changing import replace
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState


def with_line_changed(state: DeskState) -> DeskState:
    """The line came or went: what was compared over the old one counts no longer."""
    return replace(state, compared_at=None)


def with_restart(state: DeskState) -> DeskState:
    """A desk that starts again is never armed, whatever its record says."""
    return replace(state, compared_at=None, armed=None)


def with_comparison(state: DeskState) -> DeskState:
    """Book and broker were compared; they agree unless that stopped the desk."""
    return replace(state, compared_at=None if state.halted_by else state.instant)


def _instructed(state: DeskState, event: inp.OperatorInstructed) -> DeskState:
    if event.instruction is inp.Instruction.KILL and event.account is None:
        return replace(state, killed_at=state.instant)
    return state


def _difference_found(state: DeskState, event: ev.DifferenceFound) -> DeskState:
    return replace(state, compared_at=None) if event.stops else state


def _armed(state: DeskState, event: LiveArmed) -> DeskState:
    armed = ArmedBy(event.operator, event.account, event.is_paper, state.instant)
    return replace(state, armed=armed)


def _disarmed(state: DeskState, _event: LiveDisarmed) -> DeskState:
    return replace(state, armed=None)


FOLDS: Folds = {
    inp.OperatorInstructed: _instructed,
    ev.DifferenceFound: _difference_found,
    LiveArmed: _armed,
    LiveDisarmed: _disarmed,
}
