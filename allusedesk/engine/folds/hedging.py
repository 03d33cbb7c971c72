"""How what is spent on cover and on the ladder changes what the engine knows."""

from __future__ import annotations

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import family_of
from allusedesk.domain.book import Booking
from allusedesk.domain.changing import replace
from allusedesk.domain.money import total
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import PositionRole
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState, HedgePurse
from allusedesk.protocol.rulebook import WeekFact


def with_hedge_bought(state: DeskState, order: Order, booking: Booking) -> DeskState:
    """A fill of a hedge: the week is a hedged one, and the family's quarter has spent that."""
    family = family_of(order.account)
    purse = state.purses.get(family, HedgePurse())
    symbol = order.legs[0].instrument.underlying
    paid = total([move.amount for move in booking.cash])
    bought = purse.bought if symbol in purse.bought else (*purse.bought, symbol)
    purse = replace(purse, spent=purse.spent - paid, bought=bought)
    state = replace(state, purses=state.purses.set(family, purse))
    return state.with_fact(family, WeekFact.HEDGE)


def with_rungs_booked(state: DeskState, booking: Booking) -> DeskState:
    """Whatever rungs cost or bring, by a trade or at their end, is the ladder's money."""
    lots = [change.before or change.after for change in booking.changes]
    if not lots or not all(lot and lot.role is PositionRole.LEAPS_RUNG for lot in lots):
        return state
    for move in booking.cash:
        sleeve = state.sleeves[move.account]
        sleeve = replace(sleeve, leaps_budget=sleeve.leaps_budget + move.amount)
        state = state.with_sleeve(sleeve)
    return state


def _hedge_missed(state: DeskState, event: ev.HedgeMissed) -> DeskState:
    purse = replace(state.purses.get(event.family, HedgePurse()), missed_in=event.week)
    return replace(state, purses=state.purses.set(event.family, purse))


def _budget_carried(state: DeskState, event: ev.HedgeBudgetCarried) -> DeskState:
    purse = HedgePurse(carried=event.carried)
    return replace(state, purses=state.purses.set(event.family, purse))


FOLDS: Folds = {
    ev.HedgeMissed: _hedge_missed,
    ev.HedgeBudgetCarried: _budget_carried,
}
