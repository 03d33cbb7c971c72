"""An approved proposal on its way: priced afresh, sent clip by clip, moved, given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from allusedesk.approvals.as_seen import ASKED_AGAIN, departure_from
from allusedesk.approvals.gate import approval_on_record
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.changing import replace
from allusedesk.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from allusedesk.domain.events import (
    OrderMoved,
    OrderStatusChanged,
    OrderWritten,
    ProposalApproved,
    ProposalCompleted,
    ProposalVoided,
    SleeveState,
)
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.proposals import Proposal, ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.approval_terms import terms_of
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.orders import known_order
from allusedesk.engine.order_alarms import (
    acknowledgement_alarm,
    patience_alarm,
    send_alarm,
    send_alarm_at,
)
from allusedesk.engine.sleeve_views import (
    account_around,
    clip_that_fits,
    freezes_of,
    ladder_cash,
    reserved_for,
    view_of,
)
from allusedesk.engine.state import DeskState, Ticket
from allusedesk.execution.lifecycle import CancellationWished, advance, moved, repriced, resent
from allusedesk.execution.pretrade import Objection, last_look
from allusedesk.execution.slicing import Clip, next_clip
from allusedesk.execution.ticket import (
    Unpriceable,
    marketable_credit,
    net_mid,
    worst_credit,
    worst_exit,
    write_exit,
    write_order,
)
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.strike_management import exits_from
from allusedesk.risk.limits import Standing

UNKNOWN_FATE = "order.unknown"
UNARMED = "live.unarmed"
_MOVABLE = frozenset({OrderStatus.SENT, OrderStatus.WORKING, OrderStatus.PARTLY_FILLED})
_ENTRY_STATES = frozenset(
    {SleeveState.SCANNING, SleeveState.ANALYZING, SleeveState.MONITORING, SleeveState.SAFE}
)


def on_send(draft: Draft, proposal_id: ProposalId, snapshot: MarketSnapshot) -> None:
    """Write and send the next clip of an approved proposal, if it may still be sent."""
    ticket = draft.state.tickets.get(proposal_id)
    if ticket is None or ticket.approval is None or ticket.live is not None:
        return
    clip = next_clip(ticket.proposal, _orders_of(draft, ticket), draft.state.rules.orders)
    if clip is None:
        _complete(draft, ticket)
        return
    clip = clip_that_fits(draft.state, ticket, clip, snapshot, draft.values)
    wait = queued_until(draft.state, ticket.proposal, snapshot)
    if wait is not None:
        draft.set_alarms(send_alarm_at(wait, proposal_id))
        return
    if _waits_for_arming(draft, ticket.proposal):
        return
    if _waits_for_the_other_side(draft, ticket.proposal):
        return
    objection = _objection(draft, ticket, ticket.approval, clip, snapshot)
    if objection is not None and objection.rule == UNKNOWN_FATE:
        return
    if objection is not None:
        draft.record(ProposalVoided(proposal_id, objection.rule, objection.reason))
        draft.rest_sleeve(ticket.proposal.account)
        if objection.rule in ASKED_AGAIN:
            _ask_again(draft, ticket)
        return
    proposal, rules = ticket.proposal, draft.state.rules
    good_until = ticket.approval.expires_at
    write = write_exit if proposal.kind is ProposalKind.EMERGENCY_EXIT else write_order
    order = write(approval_on_record(ticket.approval), proposal, clip, snapshot, good_until, rules)
    draft.record(OrderWritten(order, net_mid(proposal.legs, snapshot, rules)))
    if draft.state.sleeves[order.account].state in _ENTRY_STATES and order.is_opening:
        draft.move_sleeve(order.account, SleeveState.ORDERING, f"order {order.id}")
    draft.wish(SubmitOrder(order))


def _waits_for_arming(draft: Draft, proposal: Proposal) -> bool:
    """True for an exit of a desk nobody has armed: it calls a person, and tries again soon."""
    state, levels = draft.state, draft.state.rules.levels
    if state.may_send or proposal.kind is not ProposalKind.EMERGENCY_EXIT or levels is None:
        return False
    instrument = proposal.legs[0].instrument
    draft.notice(
        "alarm",
        f"unarmed/{proposal.account}/{instrument}",
        f"{instrument} is to be left and the live desk is not armed: arm it, or close at the "
        "broker by hand.",
    )
    again = state.instant + timedelta(seconds=levels.exit_seconds)
    draft.set_alarms(send_alarm_at(again, proposal.id))
    return True


def _waits_for_the_other_side(draft: Draft, proposal: Proposal) -> bool:
    """True while an order lives on the other side of one of its contracts (section 2).

    Both may have been judged before either was sent, as what waits for the open is. The later one
    looks again when the earlier one had its time; an exit takes an opening out of its way.
    """
    state = draft.state
    sides = {(leg.instrument, leg.side) for leg in proposal.legs}
    against = [
        state.orders[name]
        for name in sorted(state.orders)
        if any((leg.instrument, Side(-leg.side.value)) in sides for leg in state.orders[name].legs)
    ]
    if not against:
        return False
    is_exit = proposal.kind is ProposalKind.EMERGENCY_EXIT
    levels = state.rules.levels
    for order in against:
        if is_exit and order.is_opening and order.id not in state.taken_back:
            take_back(draft, order, f"{proposal.id} leaves this contract")
    seconds = state.rules.orders.patience_seconds
    if is_exit and levels is not None:
        seconds = levels.exit_seconds
    again = state.instant + timedelta(seconds=seconds)
    draft.set_alarms(send_alarm_at(again, proposal.id))
    return True


def _objection(
    draft: Draft, ticket: Ticket, approval: ProposalApproved, clip: Clip, snapshot: MarketSnapshot
) -> Objection | None:
    state, proposal = draft.state, ticket.proposal
    if not state.may_send:
        return Objection(UNARMED, "The live desk is not armed: no order leaves it.")
    if state.instant > approval.expires_at:
        return Objection("approval.expired", f"The approval ended at {approval.expires_at}.")
    departed = _departed(state, ticket, approval, snapshot)
    if departed is not None:
        return departed
    is_entry = proposal.is_opening and not proposal.is_hedge
    stop = _stop_on(state, proposal) if is_entry else None
    if stop is not None:
        return stop
    unknown = sorted(
        order.id
        for order in state.orders.values()
        if order.status is OrderStatus.UNKNOWN
        and order.legs[0].instrument.underlying == proposal.legs[0].instrument.underlying
    )
    if unknown:
        return Objection(UNKNOWN_FATE, f"The fate of {unknown[0]} is unknown.")
    session = state.week.session_on(state.day) if state.week is not None else None
    view = view_of(state, proposal.account, snapshot, draft.values)
    view = replace(view, lots=state.book.positions_of(proposal.account))
    own = reserved_for(state, ticket)
    if proposal.is_rung:
        own = own + ladder_cash(state, proposal.account)
    view = replace(view, cash_free=view.cash_free + own)
    around = account_around(state, draft.values)
    standing = Standing(view, tuple(state.orders.values()), around)
    return last_look(proposal, clip, state.book, standing, snapshot, session, state.rules)


def _departed(
    state: DeskState, ticket: Ticket, approval: ProposalApproved, snapshot: MarketSnapshot
) -> Objection | None:
    """What has moved since a person saw it; once its first order went out, the rules judge."""
    if approval.seen is None or ticket.orders:
        return None
    # The card showed the proposal as it was made, before an edit made it smaller.
    asked = replace(ticket.proposal, quantity=approval.seen.quantity)
    now = terms_of(state, asked, snapshot)
    # What the first of two persons signed has to hold as well as what the second one saw.
    both = (approval.seen,) if ticket.signed is None else (ticket.signed.seen, approval.seen)
    for seen in both:
        departed = departure_from(seen, now, asked, state.rules)
        if departed is not None:
            return Objection(departed.rule, departed.reason)
    return None


def _ask_again(draft: Draft, ticket: Ticket) -> None:
    """Take the look again that the proposal rests on, so that its rule finds out what holds now."""
    look = ticket.judged.look if ticket.judged is not None else None
    kind, subject = AlarmKind.MANAGE, ""
    if isinstance(look, Alarm):
        kind, subject = look.kind, look.subject
    again = Alarm(f"again/{ticket.proposal.id}", kind, draft.state.instant, subject)
    draft.set_alarms(again)


def _stop_on(state: DeskState, proposal: Proposal) -> Objection | None:
    """What has come between the approval of an opening and its sending."""
    if state.halted_by:
        return Objection("desk.halted", f"The desk is halted: {state.halted_by}.")
    is_call = all(leg.linked_to is not None for leg in proposal.legs)
    for freeze in freezes_of(state, state.sleeves[proposal.account]):
        if freeze.symbol not in ("", proposal.legs[0].instrument.underlying):
            continue
        if is_call and (freeze.symbol or freeze.reason == FREEZE_RECOVERY):
            continue
        if proposal.is_rung and freeze.symbol:
            continue
        return Objection("entry.frozen", f"{proposal.account} may not enter: {freeze.reason}.")
    return None


def on_patience(draft: Draft, order_id: OrderId, snapshot: MarketSnapshot) -> None:
    """Move a resting order to the market, within the rulebook's worst; there already: give up."""
    order = draft.state.orders.get(order_id)
    if order is None or order.status not in _MOVABLE:
        return
    if not draft.state.may_send:
        _rest_unarmed(draft, order)
        return
    if order.kind is ProposalKind.EMERGENCY_EXIT:
        _press(draft, order, snapshot)
        return
    try:
        worst = worst_credit(order.legs, snapshot, draft.state.rules)
        market = marketable_credit(order.legs, snapshot)
        after = repriced(order, worst, market)
    except Unpriceable:
        after = None
    if after is None or after.limit is None:
        take_back(draft, order, "not filled in time")
        return
    _move(draft, after, after.limit)


def _rest_unarmed(draft: Draft, order: Order) -> None:
    """Nothing is moved while the desk is not armed: an opening goes, what protects stays."""
    if order.is_opening:
        take_back(draft, order, "the live desk is not armed")
    else:
        draft.set_alarms(patience_alarm(draft.state, order))


def queued_until(state: DeskState, proposal: Proposal, snapshot: MarketSnapshot) -> datetime | None:
    """When an exit may be tried: not in the first minutes, not during a halt; None for now.

    A rung that was approved after hours waits for the next session's first minutes to be over.
    """
    if proposal.is_rung:
        return _next_open(state)
    levels, session = state.rules.levels, None
    if state.week is not None:
        session = state.week.session_on(state.day)
    if proposal.kind is not ProposalKind.EMERGENCY_EXIT or levels is None or session is None:
        return None
    opens = exits_from(session, state.rules)
    if state.instant < opens:
        return opens
    seen = snapshot.underlying(proposal.legs[0].instrument.underlying)
    if seen is not None and seen.is_halted:
        return state.instant + timedelta(seconds=levels.seconds_one)
    return None


def _next_open(state: DeskState) -> datetime | None:
    sessions = state.week.sessions if state.week is not None else ()
    session = next((one for one in sessions if one.closes_at > state.instant), None)
    if session is None:
        return None
    minutes = state.rules.calendar.entry_minutes_after_open_min
    opens = session.opens_at + timedelta(minutes=minutes)
    return opens if state.instant < opens else None


def _press(draft: Draft, order: Order, snapshot: MarketSnapshot) -> None:
    """Follow the ask with an exit that did not fill, then go to its worst price, then call."""
    try:
        worst = worst_exit(order.legs, snapshot, draft.state.rules)
        limit = max(marketable_credit(order.legs, snapshot), worst)
    except Unpriceable:
        draft.set_alarms(patience_alarm(draft.state, order))
        return
    if order.limit is not None and limit >= order.limit:
        limit = worst
    if order.limit is None or limit < order.limit:
        _move(draft, moved(order, limit), limit)
        return
    draft.notice(
        "alarm",
        f"exit/{order.id}",
        f"{order.legs[0].instrument} could not be left at {order.limit}, the exit's worst price: "
        "close it by hand, or let the shares be put to you.",
    )
    take_back(draft, order, "not filled at the exit's worst price")


def _move(draft: Draft, after: Order, limit: Price) -> None:
    draft.record(OrderMoved(after.id, after.version, limit, after.quantity))
    draft.wish(ReplaceOrder(after.id, after.version, after.quantity, limit))


def take_back(draft: Draft, order: Order, reason: str) -> None:
    """Cancel an order; it is over only once the broker says so."""
    draft.set_alarms(cancel(draft, order, reason))


def cancel(draft: Draft, order: Order, reason: str) -> Alarm:
    """Cancel an order, and return the alarm that waits for the broker's word on it."""
    progress = advance(order, CancellationWished(order.id))
    if progress.is_news:
        after = progress.order.status
        draft.record(OrderStatusChanged(order.id, order.status, after, reason))
    draft.wish(CancelOrder(order.id))
    return acknowledgement_alarm(draft.state, order)


def send_again(draft: Draft, order: Order) -> None:
    """Send what a broker never received, under the same id and the next version."""
    ticket = draft.state.tickets.get(order.proposal)
    is_stopped = order.is_opening and ticket is not None and _stop_on(draft.state, ticket.proposal)
    is_late = draft.state.instant > order.good_until
    if ticket is None or is_stopped or is_late or not draft.state.may_send:
        go_on(draft, order.proposal)
        return
    again = resent(order, draft.state.instant)
    if again.limit is None:
        return
    draft.record(OrderMoved(order.id, again.version, again.limit, again.quantity))
    draft.wish(SubmitOrder(again))


def send_what_waited(draft: Draft, symbol: str) -> None:
    """The fate of an order is known: what its symbol held up is looked at again."""
    for name in sorted(draft.state.tickets):
        ticket = draft.state.tickets[name]
        legs = ticket.proposal.legs
        waits = ticket.is_approved and ticket.live is None
        if waits and legs and legs[0].instrument.underlying == symbol:
            draft.set_alarms(send_alarm(draft.state, name))


def void_expired(draft: Draft) -> None:
    """What was approved for a session and not sent in it is not sent at all."""
    for name in sorted(draft.state.tickets):
        ticket = draft.state.tickets[name]
        approval = ticket.approval
        if approval is None or ticket.live is not None or draft.state.instant < approval.expires_at:
            continue
        reason = f"The approval ended at {approval.expires_at}."
        draft.record(ProposalVoided(name, "approval.expired", reason))
        draft.rest_sleeve(ticket.proposal.account)


def go_on(draft: Draft, proposal: ProposalId) -> None:
    """An order ended: send the next clip, or close the proposal."""
    ticket = draft.state.tickets.get(proposal)
    if ticket is None or ticket.live is not None:
        return
    orders = _orders_of(draft, ticket)
    if next_clip(ticket.proposal, orders, draft.state.rules.orders) is None:
        _complete(draft, ticket)
    else:
        draft.set_alarms(send_alarm(draft.state, proposal))


def _complete(draft: Draft, ticket: Ticket) -> None:
    orders = _orders_of(draft, ticket)
    done = sum(order.quantity_filled for order in orders)
    proposal = ticket.proposal
    reason = "done" if done == proposal.quantity else _shortfall(orders)
    draft.record(ProposalCompleted(proposal.id, done, reason))
    draft.rest_sleeve(proposal.account)


def _shortfall(orders: list[Order]) -> str:
    last = orders[-1] if orders else None
    if last is None:
        return "nothing was sent"
    return f"the rest was not filled; its last order was {last.status.value}"


def _orders_of(draft: Draft, ticket: Ticket) -> list[Order]:
    found = [known_order(draft.state, order) for order in ticket.orders]
    return [order for order in found if order is not None]
