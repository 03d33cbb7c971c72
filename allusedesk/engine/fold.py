"""How each recorded fact changes what the engine knows; nothing else changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.accounts import AccountId, FamilyId, family_of
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.orders import LinkChanged, Order, OrderStatus
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.state import NEW_YORK, DeskState, Sleeve, Ticket
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.rulebook import WeekFact
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.views import Freeze, Wish

_DAYS_ORDERS_ARE_REMEMBERED = 14


def fold(state: DeskState, entry: ev.Entry) -> DeskState:
    """The state after one entry; pure, and the same on every machine."""
    now = entry.recorded_at
    if state.now is None or now != state.now:
        today = now.astimezone(NEW_YORK).date()
        if today != state.today:
            state = _begin_day(replace(state, today=today))
        state = replace(state, sequence=entry.sequence, now=now)
    else:
        state = replace(state, sequence=entry.sequence)
    change = _FOLDS.get(type(entry.event))
    return state if change is None else change(state, entry.event)


def _begin_day(state: DeskState) -> DeskState:
    over = state.orders_over
    for order in state.orders_over.values():
        if (state.day - order.written_at.date()).days > _DAYS_ORDERS_ARE_REMEMBERED:
            over = over.delete(order.id)
    return replace(state, book=state.book.settled_through(state.day), orders_over=over)


def _with_sleeve(state: DeskState, account: AccountId, **changes: Any) -> DeskState:
    sleeve = replace(state.sleeves[account], **changes)
    return replace(state, sleeves=state.sleeves.set(account, sleeve))


def _desk_opened(state: DeskState, event: inp.DeskOpened) -> DeskState:
    return replace(
        state,
        mode=event.mode,
        rulebook=parse_rulebook(event.rulebook_text),
        rulebook_text=event.rulebook_text,
        symbols=event.symbols,
        trend_symbol=event.trend_symbol,
    )


def _family_opened(state: DeskState, event: ev.FamilyOpened) -> DeskState:
    sleeves = state.sleeves
    for account, base in zip(event.accounts, event.bases, strict=True):
        sleeve = Sleeve(account.id, base, equity=base, high=base, quarter_equity=base)
        sleeves = sleeves.set(account.id, sleeve)
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
        if event.reason != "opening":
            sleeves = sleeves.set(
                account,
                replace(
                    sleeve,
                    high=_not_below_zero(sleeve.high + moved),
                    equity=_not_below_zero(sleeve.equity + moved),
                    quarter_equity=sleeve.quarter_equity + moved,
                ),
            )
    return replace(state, book=state.book.booked(event.booking, state.day), sleeves=sleeves)


def _not_below_zero(amount: Money) -> Money:
    return amount if amount.amount > 0 else NOTHING


def _base_changed(state: DeskState, event: ev.SurplusFloorSet) -> DeskState:
    return _with_sleeve(state, event.account, base=event.base)


def _week_planned(state: DeskState, event: inp.WeekPlanned) -> DeskState:
    sleeves = state.sleeves
    for account, sleeve in state.sleeves.items():
        sleeves = sleeves.set(account, replace(sleeve, entered=(), covered=(), is_measured=False))
    return replace(
        state,
        week_before=state.week.id if state.week is not None else None,
        week=event.week,
        session_after=event.session_after,
        condition=None,
        sleeves=sleeves,
        measured=type(state.measured)(),
    )


def _alarms_set(state: DeskState, event: ev.AlarmsSet) -> DeskState:
    alarms = state.alarms
    for alarm in event.alarms:
        alarms = alarms.set(alarm.id, alarm)
    return replace(state, alarms=alarms)


def _alarms_dropped(state: DeskState, event: ev.AlarmsDropped) -> DeskState:
    alarms = state.alarms
    for alarm in event.alarms:
        if alarm in alarms:
            alarms = alarms.delete(alarm)
    return replace(state, alarms=alarms)


def _alarm_rang(state: DeskState, event: inp.AlarmRang) -> DeskState:
    alarm = event.alarm
    alarms = state.alarms.delete(alarm.id) if alarm.id in state.alarms else state.alarms
    return replace(state, alarms=alarms, looks=state.looks.set(alarm.id, alarm))


def _price_alarms_set(state: DeskState, event: ev.PriceAlarmsSet) -> DeskState:
    alarms = state.price_alarms
    for alarm in state.price_alarms.values():
        if alarm.account == event.account:
            alarms = alarms.delete(alarm.id)
    for alarm in event.alarms:
        alarms = alarms.set(alarm.id, alarm)
    return replace(state, price_alarms=alarms)


def _price_alarm_rang(state: DeskState, event: inp.PriceAlarmRang) -> DeskState:
    alarm = event.alarm
    alarms = state.price_alarms
    if alarm.id in alarms:
        alarms = alarms.delete(alarm.id)
    spots = state.spots.set(alarm.symbol, event.price)
    looks = state.looks.set(alarm.id, alarm)
    return replace(state, price_alarms=alarms, looks=looks, spots=spots)


def _market_sampled(state: DeskState, event: inp.MarketSampled) -> DeskState:
    looks = state.looks.delete(event.alarm) if event.alarm in state.looks else state.looks
    return replace(_remember_marks(state, event.snapshot), looks=looks)


def _remember_marks(state: DeskState, snapshot: MarketSnapshot) -> DeskState:
    """The last mark of everything held: what stands where a later quote is missing."""
    spots, marks, ranges = state.spots, state.marks, state.ranges
    for seen in snapshot.underlyings:
        mark = seen.quote.mark
        if mark is not None:
            spots = spots.set(seen.symbol, mark)
            marks = marks.set(seen.quote.instrument, seen.quote)
        if seen.indicators.atr_14 is not None:
            ranges = ranges.set(seen.symbol, seen.indicators.atr_14)
    for quote in snapshot.held:
        if quote.mark is not None:
            marks = marks.set(quote.instrument, quote)
    return replace(state, spots=spots, marks=marks, ranges=ranges)


def _condition_classified(state: DeskState, event: ev.ConditionClassified) -> DeskState:
    return replace(state, condition=event)


def _entries_weighed(state: DeskState, event: ev.EntriesWeighed) -> DeskState:
    if any(item.rule == "entry.earnings" for item in event.turned_down):
        return with_fact(state, family_of(event.account), WeekFact.EARNINGS_SKIP)
    return state


def with_fact(state: DeskState, family: FamilyId, fact: WeekFact) -> DeskState:
    """The state once a happening that can name a family's week was seen."""
    facts = state.facts.get(family, ())
    if fact in facts:
        return state
    return replace(state, facts=state.facts.set(family, (*facts, fact)))


def _proposal_made(state: DeskState, event: ev.ProposalMade) -> DeskState:
    proposal = event.proposal
    ticket = Ticket(proposal, quantity_left=proposal.quantity)
    return replace(
        state,
        tickets=state.tickets.set(proposal.id, ticket),
        proposals_made=state.proposals_made + 1,
    )


def _proposal_over(state: DeskState, event: Any) -> DeskState:
    if event.proposal not in state.tickets:
        return state
    return replace(state, tickets=state.tickets.delete(event.proposal))


def _proposal_unwanted(state: DeskState, event: Any) -> DeskState:
    """What a person did not want, or did not answer, is not asked again the same day."""
    ticket = state.tickets.get(event.proposal)
    if ticket is None:
        return state
    unwanted = state.unwanted.set(subject_of(ticket.proposal), state.day)
    return _proposal_over(replace(state, unwanted=unwanted), event)


def subject_of(proposal: Proposal | Wish) -> str:
    """What a proposal is about, alike for the same wish at a later look."""
    about = proposal.legs[0].instrument.underlying if proposal.legs else proposal.note
    lots = ",".join(proposal.concerns)
    return f"{proposal.account}/{proposal.kind.value}/{about}/{lots}"


def _proposal_approved(state: DeskState, event: ev.ProposalApproved) -> DeskState:
    ticket = replace(state.tickets[event.proposal], approval=event)
    proposal = ticket.proposal
    state = replace(state, tickets=state.tickets.set(event.proposal, ticket))
    if not proposal.is_opening:
        return state
    sleeve = state.sleeves[proposal.account]
    leg = proposal.legs[0]
    if proposal.kind is ProposalKind.COVERED_CALL and leg.linked_to is not None:
        return _with_sleeve(state, proposal.account, covered=(*sleeve.covered, leg.linked_to))
    entered = (*sleeve.entered, leg.instrument.underlying)
    return _with_sleeve(state, proposal.account, entered=entered)


def _order_written(state: DeskState, event: ev.OrderWritten) -> DeskState:
    order = event.order
    ticket = state.tickets[order.proposal]
    ticket = replace(ticket, orders=(*ticket.orders, order.id), live=order.id)
    state = _with_sleeve(state, order.account, has_traded=True)
    return replace(
        state,
        orders=state.orders.set(order.id, order),
        tickets=state.tickets.set(order.proposal, ticket),
    )


def _with_order(state: DeskState, order: Order) -> DeskState:
    """The state with an order as it stands now; a finished one is remembered for a while."""
    live, over = state.orders, state.orders_over
    if order.status.is_over:
        live = live.delete(order.id) if order.id in live else live
        over = over.set(order.id, order)
    else:
        over = over.delete(order.id) if order.id in over else over
        live = live.set(order.id, order)
    ticket = state.tickets.get(order.proposal)
    tickets = state.tickets
    if ticket is not None:
        name = None if order.status.is_over else order.id
        if ticket.live in (None, order.id) and ticket.live != name:
            tickets = tickets.set(order.proposal, replace(ticket, live=name))
    return replace(state, orders=live, orders_over=over, tickets=tickets)


def known_order(state: DeskState, order: OrderId) -> Order | None:
    """An order that lives or ended lately; None where the desk does not know it."""
    live = state.orders.get(order)
    return live if live is not None else state.orders_over.get(order)


def _order_advanced(state: DeskState, event: ev.OrderStatusChanged) -> DeskState:
    order = known_order(state, event.order)
    if order is None:
        return state
    return _with_order(state, replace(order, status=event.status))


def _order_moved(state: DeskState, event: ev.OrderMoved) -> DeskState:
    order = known_order(state, event.order)
    if order is None:
        return state
    moved = replace(
        order,
        version=event.version,
        limit=event.limit,
        quantity=event.quantity,
        status=OrderStatus.SENT,
    )
    return _with_order(state, moved)


def _fill_booked(state: DeskState, event: ev.FillBooked) -> DeskState:
    """Executions become lots, cash and part of their order; its status is another fact."""
    order = known_order(state, event.order)
    state = _booked(state, event)
    if order is None:
        return state
    filled = replace(order, fills=(*order.fills, *event.fills))
    state = _with_order(state, filled)
    ticket = state.tickets.get(order.proposal)
    if ticket is not None:
        left = ticket.quantity_left - (filled.quantity_filled - order.quantity_filled)
        ticket = replace(ticket, quantity_left=left)
        state = replace(state, tickets=state.tickets.set(order.proposal, ticket))
    if order.kind is ProposalKind.ROLL:
        state = with_fact(state, family_of(order.account), WeekFact.ROLL)
    if order.kind is ProposalKind.COVERED_CALL and _is_first_call_of_lot(state, order):
        state = with_fact(state, family_of(order.account), WeekFact.CALL_AFTER_ASSIGNMENT)
    return state


def _is_first_call_of_lot(state: DeskState, order: Order) -> bool:
    lot = order.legs[0].linked_to
    shares = state.book.positions.get(lot) if lot is not None else None
    if shares is None or shares.linked_to is None or state.week is None:
        return False
    return shares.opened_at >= state.week.sessions[0].opens_at.replace(hour=0, minute=0)


def _booked(state: DeskState, event: Any) -> DeskState:
    """Any booking: lots and cash move; what is known of lots that are gone is forgotten."""
    book = state.book.booked(event.booking, state.day)
    levels = state.levels
    for change in event.booking.changes:
        if change.after is None and change.before is not None and change.before.id in levels:
            levels = levels.delete(change.before.id)
    return replace(state, book=book, levels=levels)


def _level_changed(state: DeskState, event: ev.LevelChanged) -> DeskState:
    return replace(state, levels=state.levels.set(event.position, event.level))


def _outcome_classified(state: DeskState, event: ev.OutcomeClassified) -> DeskState:
    if event.position is not None:
        state = replace(state, measured=state.measured.set(event.position, event.week))
    return _with_sleeve(state, event.account, is_measured=True)


def _week_labelled(state: DeskState, event: ev.WeekLabelled) -> DeskState:
    if event.family not in state.facts:
        return state
    return replace(state, facts=state.facts.delete(event.family))


def _sleeve_state_changed(state: DeskState, event: ev.SleeveStateChanged) -> DeskState:
    sleeve = replace(state.sleeves[event.account], state=event.state)
    return replace(state, sleeves=state.sleeves.set(event.account, sleeve))


def _sleeve_frozen(state: DeskState, event: ev.SleeveFrozen) -> DeskState:
    freeze = Freeze(event.reason, event.symbol)
    freezes = state.sleeves[event.account].freezes
    if freeze in freezes:
        return state
    return _with_sleeve(state, event.account, freezes=(*freezes, freeze))


def _sleeve_thawed(state: DeskState, event: ev.SleeveThawed) -> DeskState:
    gone = Freeze(event.reason, event.symbol)
    freezes = tuple(item for item in state.sleeves[event.account].freezes if item != gone)
    changes: dict[str, Any] = {"freezes": freezes}
    if event.reason == FREEZE_RECOVERY:
        changes["recovering"] = ()
    return _with_sleeve(state, event.account, **changes)


def _recovery_begun(state: DeskState, event: ev.RecoveryBegun) -> DeskState:
    sleeve = state.sleeves[event.account]
    state = _with_sleeve(
        state,
        event.account,
        recovery_until=event.until,
        recovering=(*sleeve.recovering, event.position),
    )
    return with_fact(state, family_of(event.account), WeekFact.RECOVERY)


def _breaker_tripped(state: DeskState, event: ev.BreakerTripped) -> DeskState:
    if event.account is not None:
        return _with_sleeve(state, event.account, is_calls_only=True)
    state = replace(state, breakers=(*state.breakers, event.breaker))
    for family in sorted(state.book.families):
        state = with_fact(state, family, WeekFact.BREAKER_HEDGED)
    return state


def _breaker_lowered(state: DeskState, event: ev.BreakerLowered) -> DeskState:
    if event.account is not None:
        changes: dict[str, Any] = {"is_calls_only": False}
        if event.resets_high:
            changes |= {"high": state.sleeves[event.account].equity, "drawdown": NOTHING.amount}
        return _with_sleeve(state, event.account, **changes)
    rest = tuple(breaker for breaker in state.breakers if breaker != event.breaker)
    return replace(state, breakers=rest)


def _desk_halted(state: DeskState, event: ev.DeskHalted) -> DeskState:
    return replace(state, halted_by=event.reason)


def _desk_released(state: DeskState, _event: ev.DeskReleased) -> DeskState:
    return replace(state, halted_by="")


def _balances_marked(state: DeskState, event: ev.BalancesMarked) -> DeskState:
    for mark in event.marks:
        state = _with_sleeve(
            state, mark.account, equity=mark.equity, high=mark.high, drawdown=mark.drawdown
        )
    return state


def _merge_begun(state: DeskState, event: ev.MergeBegun) -> DeskState:
    return replace(state, merging=state.merging.set(event.family, event.into))


def _family_merged(state: DeskState, event: ev.FamilyMerged) -> DeskState:
    sleeves = state.sleeves
    for account in state.book.accounts_of(event.family):
        sleeves = sleeves.delete(account.id)
    merging = state.merging
    if event.family in merging:
        merging = merging.delete(event.family)
    return replace(
        state, book=state.book.without_family(event.family), sleeves=sleeves, merging=merging
    )


def _quarter_closed(state: DeskState, event: ev.QuarterClosed) -> DeskState:
    return _with_sleeve(state, event.account, quarter_equity=event.equity)


def _gain_reinvested(state: DeskState, event: ev.GainReinvested) -> DeskState:
    sleeve = state.sleeves[event.account]
    return _with_sleeve(
        state,
        event.account,
        base=sleeve.base + event.contracts,
        leaps_budget=sleeve.leaps_budget + event.leaps,
    )


def _notice_raised(state: DeskState, event: ev.NoticeRaised) -> DeskState:
    return replace(state, notices=state.notices.set(event.subject, state.day))


def _week_closed(state: DeskState, event: ev.WeekClosed) -> DeskState:
    if event.is_final:
        return state
    return replace(state, new_families=())


def _broker_reported(state: DeskState, event: inp.BrokerReported) -> DeskState:
    if isinstance(event.report, LinkChanged):
        return replace(state, is_link_up=event.report.is_up)
    return state


def _desk_resumed(state: DeskState, _event: inp.DeskResumed) -> DeskState:
    return replace(state, is_resuming=True, looks=type(state.looks)())


def _desk_reconciled(state: DeskState, _event: ev.DeskReconciled) -> DeskState:
    return replace(state, is_resuming=False)


_FOLDS: dict[type, Callable[[DeskState, Any], DeskState]] = {
    inp.DeskOpened: _desk_opened,
    inp.WeekPlanned: _week_planned,
    inp.AlarmRang: _alarm_rang,
    inp.PriceAlarmRang: _price_alarm_rang,
    inp.MarketSampled: _market_sampled,
    inp.BrokerReported: _broker_reported,
    inp.DeskResumed: _desk_resumed,
    ev.FamilyOpened: _family_opened,
    ev.CashBooked: _cash_booked,
    ev.SurplusFloorSet: _base_changed,
    ev.AlarmsSet: _alarms_set,
    ev.AlarmsDropped: _alarms_dropped,
    ev.PriceAlarmsSet: _price_alarms_set,
    ev.ConditionClassified: _condition_classified,
    ev.EntriesWeighed: _entries_weighed,
    ev.ProposalMade: _proposal_made,
    ev.ProposalRefused: _proposal_unwanted,
    ev.ProposalDeclined: _proposal_unwanted,
    ev.ProposalLapsed: _proposal_unwanted,
    ev.ProposalVoided: _proposal_unwanted,
    ev.ProposalCompleted: _proposal_over,
    ev.ProposalApproved: _proposal_approved,
    ev.OrderWritten: _order_written,
    ev.OrderStatusChanged: _order_advanced,
    ev.OrderMoved: _order_moved,
    ev.FillBooked: _fill_booked,
    ev.AssignmentBooked: _booked,
    ev.ExpiryBooked: _booked,
    ev.DividendBooked: _booked,
    ev.SplitBooked: _booked,
    ev.LevelChanged: _level_changed,
    ev.OutcomeClassified: _outcome_classified,
    ev.WeekLabelled: _week_labelled,
    ev.SleeveStateChanged: _sleeve_state_changed,
    ev.SleeveFrozen: _sleeve_frozen,
    ev.SleeveThawed: _sleeve_thawed,
    ev.RecoveryBegun: _recovery_begun,
    ev.BreakerTripped: _breaker_tripped,
    ev.BreakerLowered: _breaker_lowered,
    ev.DeskHalted: _desk_halted,
    ev.DeskReleased: _desk_released,
    ev.BalancesMarked: _balances_marked,
    ev.MergeBegun: _merge_begun,
    ev.FamilyMerged: _family_merged,
    ev.QuarterClosed: _quarter_closed,
    ev.GainReinvested: _gain_reinvested,
    ev.NoticeRaised: _notice_raised,
    ev.WeekClosed: _week_closed,
    ev.DeskReconciled: _desk_reconciled,
}
