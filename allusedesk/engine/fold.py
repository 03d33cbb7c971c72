"""How each recorded fact changes what the engine knows; nothing else changes it."""

from __future__ import annotations

from allusedesk.domain.changing import replace
from allusedesk.domain.events import Entry
from allusedesk.engine.folds import (
    advice,
    alerts,
    arming,
    hedging,
    orders,
    sleeves,
    strategies,
    trust,
    week,
)
from allusedesk.engine.implied_alarms import IMPLIED
from allusedesk.engine.state import NEW_YORK, DeskState

_DAYS_ORDERS_ARE_REMEMBERED = 14
_FOLDS = {
    **week.FOLDS,
    **orders.FOLDS,
    **sleeves.FOLDS,
    **hedging.FOLDS,
    **arming.FOLDS,
    **alerts.FOLDS,
    **advice.FOLDS,
    **trust.FOLDS,
    **strategies.FOLDS,
}


def fold(state: DeskState, entry: Entry) -> DeskState:
    """The state after one entry; pure, and the same on every machine."""
    now = entry.recorded_at
    if state.now is None or now != state.now:
        today = now.astimezone(NEW_YORK).date()
        if today != state.today:
            state = _begin_day(replace(state, today=today))
        state = replace(state, sequence=entry.sequence, now=now)
    else:
        state = replace(state, sequence=entry.sequence)
    event = entry.event
    # Trust looks at a question before the other folds have put it away.
    for folds in (trust.EARNED, _FOLDS, IMPLIED):
        change = folds.get(type(event))
        if change is not None:
            state = change(state, event)
    return state


def _begin_day(state: DeskState) -> DeskState:
    """Cash settles, and what can matter no longer is forgotten."""
    over, notices, marks = state.orders_over, state.booked_notices, state.marks
    heard_of = state.heard_of
    for name in state.heard_of:
        if name not in state.orders:
            heard_of = heard_of.delete(name)
    for order in state.orders_over.values():
        if (state.day - order.written_at.date()).days > _DAYS_ORDERS_ARE_REMEMBERED:
            over = over.delete(order.id)
    for notice, day in state.booked_notices.items():
        if (state.day - day).days > _DAYS_ORDERS_ARE_REMEMBERED:
            notices = notices.delete(notice)
    state = strategies.without_owners_gone(state)
    held = {lot.instrument for lot in state.book.positions.values()}
    for instrument in state.marks:
        if instrument.multiplier != 1 and instrument not in held:
            marks = marks.delete(instrument)
    return replace(
        state,
        book=state.book.settled_through(state.day),
        orders_over=over,
        booked_notices=notices,
        heard_of=heard_of,
        marks=marks,
        denied=(),
        unwanted=type(state.unwanted)(),
        notices=type(state.notices)(),
        rung=type(state.rung)(),
    )
