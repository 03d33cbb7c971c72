"""How facts about families, sleeves and balances change what the engine knows."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import family_of, kind_of
from allusedesk.domain.changing import replace
from allusedesk.domain.money import NOTHING, Money
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState, Sleeve
from allusedesk.protocol.forking import fork_rule
from allusedesk.protocol.hedges import HEDGE_TRIGGER
from allusedesk.protocol.rulebook import WeekFact
from allusedesk.protocol.views import Freeze
from allusedesk.risk.circuit_breakers import VixWatch


def _family_opened(state: DeskState, event: ev.FamilyOpened) -> DeskState:
    sleeves = state.sleeves
    for account, base in zip(event.accounts, event.bases, strict=True):
        # Its equity and its high come with the cash that is booked next.
        sleeves = sleeves.set(account.id, Sleeve(account.id, base))
    return replace(
        state,
        book=state.book.with_family(event.family, event.accounts),
        sleeves=sleeves,
        families_made=state.families_made + 1,
        new_families=(*state.new_families, event.family.id),
    )


def _cash_booked(state: DeskState, event: ev.CashBooked) -> DeskState:
    """Money from outside moves the high and the quarter's start too: it is no gain."""
    sleeves = state.sleeves
    opened = {move.account for move in event.booking.cash}
    for account in sorted(opened):
        moved = NOTHING
        for move in event.booking.cash:
            if move.account == account:
                moved = moved + move.amount
        sleeve = sleeves[account]
        sleeve = replace(
            sleeve,
            high=_not_below_zero(sleeve.high + moved),
            equity=_not_below_zero(sleeve.equity + moved),
            quarter_equity=sleeve.quarter_equity + moved,
        )
        sleeves = sleeves.set(account, sleeve)
    return replace(state, book=state.book.booked(event.booking, state.day), sleeves=sleeves)


def _not_below_zero(amount: Money) -> Money:
    return amount if amount.amount > 0 else NOTHING


def _base_changed(state: DeskState, event: ev.SurplusFloorSet) -> DeskState:
    return state.with_sleeve(replace(state.sleeves[event.account], base=event.base))


def _sleeve_state_changed(state: DeskState, event: ev.SleeveStateChanged) -> DeskState:
    return state.with_sleeve(replace(state.sleeves[event.account], state=event.state))


def _sleeve_frozen(state: DeskState, event: ev.SleeveFrozen) -> DeskState:
    freeze = Freeze(event.reason, event.symbol)
    freezes = state.sleeves[event.account].freezes
    if freeze in freezes:
        return state
    return state.with_sleeve(replace(state.sleeves[event.account], freezes=(*freezes, freeze)))


def _sleeve_thawed(state: DeskState, event: ev.SleeveThawed) -> DeskState:
    sleeve = state.sleeves[event.account]
    gone = Freeze(event.reason, event.symbol)
    rest = tuple(freeze for freeze in sleeve.freezes if freeze != gone)
    return state.with_sleeve(replace(sleeve, freezes=rest))


def _recovery_begun(state: DeskState, event: ev.RecoveryBegun) -> DeskState:
    sleeve = state.sleeves[event.account]
    lots = state.book.positions_of(event.account)
    alive = {lot.id for lot in lots} | {lot.linked_to for lot in lots}
    still = tuple(lot for lot in sleeve.recovering if lot in alive and lot != event.position)
    state = state.with_sleeve(
        replace(sleeve, recovery_until=event.until, recovering=(*still, event.position))
    )
    return state.with_fact(family_of(event.account), WeekFact.RECOVERY)


def _breaker_tripped(state: DeskState, event: ev.BreakerTripped) -> DeskState:
    if event.account is not None:
        return state.with_sleeve(replace(state.sleeves[event.account], is_calls_only=True))
    state = replace(state, breakers=(*state.breakers, event.breaker))
    if event.breaker == HEDGE_TRIGGER:
        return state
    for family in sorted(state.book.families):
        state = state.with_fact(family, WeekFact.BREAKER_HEDGED)
    return state


def _breaker_lowered(state: DeskState, event: ev.BreakerLowered) -> DeskState:
    if event.account is None:
        rest = tuple(breaker for breaker in state.breakers if breaker != event.breaker)
        return replace(state, breakers=rest, vix_watch=VixWatch())
    sleeve = replace(state.sleeves[event.account], is_calls_only=False)
    if event.resets_high:
        sleeve = replace(sleeve, high=sleeve.equity, drawdown=Decimal(0))
    return state.with_sleeve(sleeve)


def _desk_halted(state: DeskState, event: ev.DeskHalted) -> DeskState:
    return replace(state, halted_by=event.reason)


def _desk_released(state: DeskState, _event: ev.DeskReleased) -> DeskState:
    return replace(state, halted_by="")


def _balances_marked(state: DeskState, event: ev.BalancesMarked) -> DeskState:
    for mark in event.marks:
        state = state.with_sleeve(
            replace(
                state.sleeves[mark.account],
                equity=mark.equity,
                high=mark.high,
                drawdown=mark.drawdown,
            )
        )
    return state


def _family_forked(state: DeskState, event: ev.FamilyForked) -> DeskState:
    """A mini remembers what it began with."""
    rule = fork_rule(kind_of(event.parent), state.rules)
    if rule is None or not rule.is_mini:
        return state
    return replace(state, minis=state.minis.set(event.family, event.surplus))


def _merge_begun(state: DeskState, event: ev.MergeBegun) -> DeskState:
    return replace(state, merging=state.merging.set(event.family, event.into))


def _family_merged(state: DeskState, event: ev.FamilyMerged) -> DeskState:
    sleeves = state.sleeves
    for account in state.book.accounts_of(event.family):
        sleeves = sleeves.delete(account.id)
    merging, minis = state.merging, state.minis
    if event.family in merging:
        merging = merging.delete(event.family)
    if event.family in minis:
        minis = minis.delete(event.family)
    book = state.book.without_family(event.family)
    return replace(state, book=book, sleeves=sleeves, merging=merging, minis=minis)


def _quarter_closed(state: DeskState, event: ev.QuarterClosed) -> DeskState:
    return state.with_sleeve(replace(state.sleeves[event.account], quarter_equity=event.equity))


def _gain_reinvested(state: DeskState, event: ev.GainReinvested) -> DeskState:
    sleeve = state.sleeves[event.account]
    return state.with_sleeve(
        replace(
            state.sleeves[event.account],
            base=sleeve.base + event.contracts,
            leaps_budget=sleeve.leaps_budget + event.leaps,
            tax_reserve=sleeve.tax_reserve + event.tax,
        )
    )


FOLDS: Folds = {
    ev.FamilyOpened: _family_opened,
    ev.CashBooked: _cash_booked,
    ev.SurplusFloorSet: _base_changed,
    ev.SleeveStateChanged: _sleeve_state_changed,
    ev.SleeveFrozen: _sleeve_frozen,
    ev.SleeveThawed: _sleeve_thawed,
    ev.RecoveryBegun: _recovery_begun,
    ev.BreakerTripped: _breaker_tripped,
    ev.BreakerLowered: _breaker_lowered,
    ev.DeskHalted: _desk_halted,
    ev.DeskReleased: _desk_released,
    ev.BalancesMarked: _balances_marked,
    ev.FamilyForked: _family_forked,
    ev.MergeBegun: _merge_begun,
    ev.FamilyMerged: _family_merged,
    ev.QuarterClosed: _quarter_closed,
    ev.GainReinvested: _gain_reinvested,
}
