"""Leaving a put at its stop: on the rulebook's standing authority, before anything else."""

from __future__ import annotations

from datetime import datetime, timedelta

from allusedesk.approvals.gate import grant_standing
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.events import (
    LevelChanged,
    ProposalVoided,
    SleeveFrozen,
    SleeveState,
)
from allusedesk.domain.identifiers import PositionId, ProposalId
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session
from allusedesk.engine.draft import Draft
from allusedesk.engine.order_alarms import send_alarm_at
from allusedesk.engine.proposing import propose_exit
from allusedesk.engine.sending import take_back
from allusedesk.engine.state import DeskState
from allusedesk.protocol.levels import FREEZE_EXIT, LEVEL_THREE, LEVEL_TWO, LevelReading
from allusedesk.protocol.sleeve_states import STOPPED_STATES
from allusedesk.protocol.strike_management import ESCALATES, exits_from
from allusedesk.protocol.views import SleeveView, Wish


def leave(
    draft: Draft,
    wish: Wish,
    reading: LevelReading | None,
    view: SleeveView,
    snapshot: MarketSnapshot,
    session: Session,
) -> ProposalId | None:
    """Stop the sleeve and send an exit: what is open about the put makes way first.

    A live order for the put is taken back, and the exit follows once it is gone. One that our own
    checks refuse calls a person and is tried again.
    """
    position = wish.concerns[0]
    if is_leaving(draft.state, position) or not _cleared(draft, wish, position, session):
        return None
    if wish.rule == ESCALATES and reading is not None:
        _raise_level(draft, reading)
    _stop_sleeve(draft, view)
    proposal = propose_exit(draft, wish, view, snapshot, session.closes_at)
    if proposal is None:
        _call(draft, wish, session)
        return None
    state = draft.state
    draft.record(grant_standing(proposal, state.instant, session.closes_at))
    due = max(state.instant, exits_from(session, state.rules))
    draft.set_alarms(send_alarm_at(due, proposal.id))
    return proposal.id


def _call(draft: Draft, wish: Wish, session: Session) -> None:
    leg = wish.legs[0].instrument
    draft.notice(
        "alarm",
        f"exit.refused/{leg}",
        f"The exit of {leg} was refused by the desk's own checks: close it by hand if they stay "
        "in the way; it is tried again.",
    )
    levels = draft.state.rules.levels
    if levels is not None:
        look_again(draft, levels.seconds_two, session)


def is_leaving(state: DeskState, position: PositionId) -> bool:
    """True while an exit of the put is on its way."""
    return any(
        ticket.proposal.kind is ProposalKind.EMERGENCY_EXIT and position in ticket.proposal.concerns
        for ticket in state.tickets.values()
    )


def look_again(draft: Draft, seconds: int, session: Session) -> None:
    """Look at everything held once more in a while, the session permitting."""
    due: datetime = draft.state.instant + timedelta(seconds=seconds)
    if due < session.closes_at:
        draft.set_alarms(Alarm(f"{draft.state.week_id}/look-again", AlarmKind.MANAGE, due))


def _cleared(draft: Draft, wish: Wish, position: PositionId, session: Session) -> bool:
    """Tell whether nothing of ours trades the same put any more."""
    is_clear = True
    for name in sorted(draft.state.tickets):
        ticket = draft.state.tickets[name]
        if position not in {leg.closes for leg in ticket.proposal.legs}:
            continue
        order = draft.state.orders.get(ticket.live) if ticket.live is not None else None
        if order is not None:
            take_back(draft, order, "its put is left at once")
            is_clear = False
        draft.record(ProposalVoided(name, wish.rule, "the put is left at once"))
    levels = draft.state.rules.levels
    if not is_clear and levels is not None:
        look_again(draft, levels.exit_seconds, session)
    return is_clear


def _raise_level(draft: Draft, reading: LevelReading) -> None:
    """No roll: the put goes from L2 to L3 as if price had done it, and the record says so."""
    if draft.state.levels.get(reading.position) == LEVEL_TWO:
        draft.record(
            LevelChanged(
                reading.position,
                LEVEL_TWO,
                LEVEL_THREE,
                reading.distance,
                reading.atr,
                reading.spot,
            )
        )


def _stop_sleeve(draft: Draft, view: SleeveView) -> None:
    account = view.account
    freezes = draft.state.sleeves[account].freezes
    if not any(freeze.reason == FREEZE_EXIT for freeze in freezes):
        draft.record(SleeveFrozen(account, FREEZE_EXIT))
    for name in sorted(draft.state.orders):
        order = draft.state.orders[name]
        if order.account == account and order.is_opening:
            take_back(draft, order, "its sleeve was stopped")
    if draft.state.sleeves[account].state not in STOPPED_STATES:
        draft.move_sleeve(account, SleeveState.SAFE, FREEZE_EXIT)
