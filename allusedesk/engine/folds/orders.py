"""How proposals, orders and bookings change what the engine knows."""

from __future__ import annotations

from allusedesk.approvals.as_seen import ASKED_AGAIN
from allusedesk.domain import events as ev
from allusedesk.domain.accounts import family_of
from allusedesk.domain.book import LotChange
from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.engine.folds.hedging import with_hedge_bought, with_rungs_booked
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.folds.strategies import strategy_of, with_owner
from allusedesk.engine.state import DeskState, Ticket
from allusedesk.protocol.rulebook import WeekFact
from allusedesk.protocol.views import Wish

_Unwanted = ev.ProposalRefused | ev.ProposalDeclined | ev.ProposalLapsed | ev.ProposalVoided
_Over = _Unwanted | ev.ProposalCompleted
_Notice = (
    ev.AssignmentBooked
    | ev.SettlementBooked
    | ev.ExpiryBooked
    | ev.DividendBooked
    | ev.ChargeBooked
    | ev.SplitBooked
)
_Booked = ev.FillBooked | _Notice


def _proposal_made(state: DeskState, event: ev.ProposalMade) -> DeskState:
    proposal = event.proposal
    ticket = Ticket(proposal, quantity_left=proposal.quantity)
    return replace(
        state,
        tickets=state.tickets.set(proposal.id, ticket),
        proposals_made=state.proposals_made + 1,
    )


def _risk_judged(state: DeskState, event: ev.RiskJudged) -> DeskState:
    ticket = state.tickets.get(event.proposal)
    if ticket is None:
        return state
    return replace(state, tickets=state.tickets.set(event.proposal, replace(ticket, judged=event)))


def _proposal_over(state: DeskState, event: _Over) -> DeskState:
    if event.proposal not in state.tickets:
        return state
    return replace(state, tickets=state.tickets.delete(event.proposal))


def _proposal_unwanted(state: DeskState, event: _Unwanted) -> DeskState:
    """What was not wanted, answered or possible is not asked again the same day.

    A close that the market alone stood against is: it protects, and quotes come back. So is an
    exit, whatever stood against it, and what moved between a person's look and the sending.
    """
    ticket = state.tickets.get(event.proposal)
    if ticket is None:
        return state
    is_void = isinstance(event, ev.ProposalVoided) and not ticket.proposal.is_opening
    if is_void or ticket.proposal.kind is ProposalKind.EMERGENCY_EXIT:
        return _proposal_over(state, event)
    if isinstance(event, ev.ProposalVoided) and event.rule in ASKED_AGAIN:
        return _proposal_over(_not_entered(state, ticket.proposal), event)
    unwanted = state.unwanted.set(question_of(ticket.proposal), state.day)
    return _proposal_over(replace(state, unwanted=unwanted), event)


def _not_entered(state: DeskState, proposal: Proposal) -> DeskState:
    """The state as if the proposal had never been approved; nothing of it was sent."""
    sleeve, leg = state.sleeves[proposal.account], proposal.legs[0]
    symbol = leg.instrument.underlying
    return state.with_sleeve(
        replace(
            sleeve,
            entered=tuple(name for name in sleeve.entered if name != symbol),
            covered=tuple(lot for lot in sleeve.covered if lot != leg.linked_to),
        )
    )


def subject_of(proposal: Proposal | Wish) -> str:
    """What a proposal is about, alike for the same wish at a later look."""
    about = proposal.legs[0].instrument.underlying if proposal.legs else proposal.note
    lots = ",".join(proposal.concerns)
    subject = f"{proposal.account}/{proposal.kind.value}/{about}/{lots}"
    strategy = strategy_of(proposal)
    return f"{subject}/{strategy}" if strategy else subject


def question_of(proposal: Proposal | Wish) -> str:
    """What is asked and by which rule: a no to a profit is no no to a pin risk."""
    rule = proposal.rule if isinstance(proposal, Wish) else proposal.rule.rule
    return f"{subject_of(proposal)}/{rule}"


def _proposal_approved(state: DeskState, event: ev.ProposalApproved) -> DeskState:
    ticket = _as_edited(replace(state.tickets[event.proposal], approval=event), event)
    proposal = ticket.proposal
    state = replace(state, tickets=state.tickets.set(event.proposal, ticket))
    if not proposal.is_opening or proposal.is_hedge or proposal.is_rung:
        return state
    if proposal.is_of_strategy:
        return state
    sleeve = state.sleeves[proposal.account]
    leg = proposal.legs[0]
    if proposal.kind is ProposalKind.COVERED_CALL and leg.linked_to is not None:
        return state.with_sleeve(
            replace(state.sleeves[proposal.account], covered=(*sleeve.covered, leg.linked_to))
        )
    entered = (*sleeve.entered, leg.instrument.underlying)
    return state.with_sleeve(replace(state.sleeves[proposal.account], entered=entered))


def _proposal_signed(state: DeskState, event: ev.ProposalSigned) -> DeskState:
    ticket = replace(state.tickets[event.proposal], signed=event)
    return replace(state, tickets=state.tickets.set(event.proposal, ticket))


def _announced(state: DeskState, event: ev.ApprovalAnnounced) -> DeskState:
    ticket = replace(state.tickets[event.proposal], announced=event)
    return replace(state, tickets=state.tickets.set(event.proposal, ticket))


def _withdrawn(state: DeskState, event: ev.AnnouncementWithdrawn) -> DeskState:
    ticket = replace(state.tickets[event.proposal], announced=None)
    return replace(state, tickets=state.tickets.set(event.proposal, ticket))


def _as_edited(ticket: Ticket, event: ev.ProposalApproved) -> Ticket:
    """The ticket with the smaller quantity and the limit that its approval was given for."""
    proposal = ticket.proposal
    if event.quantity is not None:
        proposal = replace(proposal, quantity=event.quantity)
    if event.limit is not None:
        proposal = replace(proposal, credit_least=event.limit)
    if proposal is ticket.proposal:
        return ticket
    return replace(ticket, proposal=proposal, quantity_left=proposal.quantity)


def _order_written(state: DeskState, event: ev.OrderWritten) -> DeskState:
    order = event.order
    ticket = state.tickets[order.proposal]
    ticket = replace(ticket, orders=(*ticket.orders, order.id), live=order.id)
    if ticket.proposal.is_of_strategy:
        state = with_owner(state, order, ticket.proposal)
    elif order.legs[0].role not in (PositionRole.HEDGE, PositionRole.LEAPS_RUNG):
        state = state.with_sleeve(replace(state.sleeves[order.account], has_traded=True))
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
    back = state.taken_back
    if order.status.is_over and order.id in back:
        back = back.delete(order.id)
    return replace(state, orders=live, orders_over=over, tickets=tickets, taken_back=back)


def known_order(state: DeskState, order: OrderId) -> Order | None:
    """An order that lives or ended lately; None where the desk does not know it."""
    live = state.orders.get(order)
    return live if live is not None else state.orders_over.get(order)


def _order_advanced(state: DeskState, event: ev.OrderStatusChanged) -> DeskState:
    order = known_order(state, event.order)
    if order is None:
        return state
    if event.status in (OrderStatus.WORKING, OrderStatus.PARTLY_FILLED):
        state = replace(state, heard_of=state.heard_of.set(order.id, state.instant))
    if event.status is OrderStatus.CANCELLING:
        state = replace(state, taken_back=state.taken_back.set(order.id, state.instant))
    return _with_order(state, replace(order, status=event.status))


def _order_moved(state: DeskState, event: ev.OrderMoved) -> DeskState:
    order = known_order(state, event.order)
    if order is None:
        return state
    # What had ended is sent again, and is as young as when it was first written.
    moved = replace(
        order,
        version=event.version,
        limit=event.limit,
        quantity=event.quantity,
        status=OrderStatus.SENT,
        written_at=state.instant if order.status.is_over else order.written_at,
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
        state = _with_first_credits(state, event)
        state = state.with_fact(family_of(order.account), WeekFact.ROLL)
    if order.is_opening and order.legs[0].role is PositionRole.HEDGE:
        state = with_hedge_bought(state, order, event.booking)
    if order.kind is ProposalKind.EMERGENCY_EXIT:
        state = state.with_fact(family_of(order.account), WeekFact.EXIT)
    is_own = order.legs[0].role is not PositionRole.STRATEGY
    if is_own and order.kind is ProposalKind.COVERED_CALL and _is_first_call_of_lot(state, order):
        state = state.with_fact(family_of(order.account), WeekFact.CALL_AFTER_ASSIGNMENT)
    return state


def _with_first_credits(state: DeskState, event: ev.FillBooked) -> DeskState:
    """What a chain of rolled puts was first sold at goes on with the put it was rolled into.

    So does what its closed puts have gained or lost, for each share of the put it has become.
    """
    change = next((c for c in event.booking.changes if _closes_put(c)), None)
    closed = change.before if change is not None else None
    if change is None or closed is None:
        return state
    first = state.first_credits.get(closed.id, closed.price_average)
    gained = _gained(change, closed, state.chain_gains.get(closed.id))
    credits_kept, gains = state.first_credits, state.chain_gains
    for change in event.booking.changes:
        opened = change.after
        if opened is not None and opened.is_short_put and opened.id != closed.id:
            credits_kept = credits_kept.set(opened.id, first)
            gains = gains.set(opened.id, _mixed(gained, change, gains.get(opened.id)))
    if closed.id not in state.book.positions and closed.id in credits_kept:
        credits_kept = credits_kept.delete(closed.id)
    if closed.id not in state.book.positions and closed.id in gains:
        gains = gains.delete(closed.id)
    return replace(state, first_credits=credits_kept, chain_gains=gains)


def _gained(change: LotChange, closed: Position, before: Price | None) -> Price:
    """A share's gain by closing a put, and by what it was rolled from."""
    left = change.after.quantity if change.after is not None else 0
    shares = (closed.quantity - left) * closed.instrument.multiplier
    gain = Price(change.realised.amount / shares, closed.price_average.currency)
    return gain if before is None else gain + before


def _mixed(gained: Price, change: LotChange, before: Price | None) -> Price:
    """The gain of a put that grew clip by clip, each clip with its own."""
    held, opened = change.before, change.after
    if before is None or held is None or opened is None:
        return gained
    added = opened.quantity - held.quantity
    whole = before.per_unit * held.quantity + gained.per_unit * added
    return Price(whole / opened.quantity, gained.currency)


def _closes_put(change: LotChange) -> bool:
    before, after = change.before, change.after
    if before is None or not before.is_short_put:
        return False
    return after is None or after.quantity < before.quantity


def _is_first_call_of_lot(state: DeskState, order: Order) -> bool:
    lot = order.legs[0].linked_to
    shares = state.book.positions.get(lot) if lot is not None else None
    if shares is None or shares.linked_to is None or state.week is None:
        return False
    return shares.opened_at >= state.week.sessions[0].opens_at.replace(hour=0, minute=0)


def _booked(state: DeskState, event: _Booked) -> DeskState:
    """Any booking: lots and cash move; what is known of lots that are gone is forgotten."""
    book = state.book.booked(event.booking, state.day)
    state = with_rungs_booked(state, event.booking)
    levels = state.levels
    gone = {c.before.id for c in event.booking.changes if c.after is None and c.before is not None}
    for lot in sorted(gone):
        if lot in levels:
            levels = levels.delete(lot)
    for change in event.booking.changes:
        if change.after is not None and change.after.is_shares:
            state = _with_shares_had(state, change.after)
    state = replace(state, book=book, levels=levels, booked_at=state.instant)
    return _without_alarms(state, gone)


def _without_alarms(state: DeskState, gone: set[PositionId]) -> DeskState:
    """A lot that is gone has no level any more, and nothing is to ring for it."""
    alarms = state.price_alarms
    for name in state.price_alarms:
        if name.rpartition("/")[0] in gone:
            alarms = alarms.delete(name)
    return replace(state, price_alarms=alarms)


def _with_shares_had(state: DeskState, lot: Position) -> DeskState:
    sleeve = state.sleeves[lot.account]
    if lot.underlying in sleeve.shares_had:
        return state
    return state.with_sleeve(replace(sleeve, shares_had=(*sleeve.shares_had, lot.underlying)))


def _notice_booked(state: DeskState, event: _Notice) -> DeskState:
    """A booking that a notice led to; the same notice is never booked again."""
    notices = state.booked_notices.set(event.notice, state.day)
    return _booked(replace(state, booked_notices=notices), event)


FOLDS: Folds = {
    ev.ProposalMade: _proposal_made,
    ev.RiskJudged: _risk_judged,
    ev.ProposalRefused: _proposal_unwanted,
    ev.ProposalDeclined: _proposal_unwanted,
    ev.ProposalLapsed: _proposal_unwanted,
    ev.ProposalVoided: _proposal_unwanted,
    ev.ProposalCompleted: _proposal_over,
    ev.ProposalApproved: _proposal_approved,
    ev.ProposalSigned: _proposal_signed,
    ev.ApprovalAnnounced: _announced,
    ev.AnnouncementWithdrawn: _withdrawn,
    ev.OrderWritten: _order_written,
    ev.OrderStatusChanged: _order_advanced,
    ev.OrderMoved: _order_moved,
    ev.FillBooked: _fill_booked,
    ev.AssignmentBooked: _notice_booked,
    ev.SettlementBooked: _notice_booked,
    ev.ExpiryBooked: _notice_booked,
    ev.DividendBooked: _notice_booked,
    ev.ChargeBooked: _notice_booked,
    ev.SplitBooked: _notice_booked,
}
