"""An approved proposal on its way: priced afresh, sent clip by clip, moved, given up."""

from __future__ import annotations

from allusedesk.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from allusedesk.domain.events import (
    OrderMoved,
    OrderStatusChanged,
    OrderWritten,
    ProposalCompleted,
    ProposalVoided,
    SleeveState,
)
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.draft import Draft
from allusedesk.engine.fold import known_order
from allusedesk.engine.order_alarms import acknowledgement_alarm, patience_alarm, send_alarm
from allusedesk.engine.state import Ticket
from allusedesk.execution.lifecycle import CancellationWished, advance, repriced, resent
from allusedesk.execution.pretrade import last_look
from allusedesk.execution.slicing import next_clip
from allusedesk.execution.ticket import net_worst, write_order


def on_send(draft: Draft, proposal_id: ProposalId, snapshot: MarketSnapshot) -> None:
    """Write and send the next clip of an approved proposal, if it may still be sent."""
    ticket = draft.state.tickets.get(proposal_id)
    if ticket is None or ticket.approval is None or ticket.live is not None:
        return
    clip = next_clip(ticket.proposal, _orders_of(draft, ticket), draft.state.rules.orders)
    if clip is None:
        _complete(draft, ticket)
        return
    written = write_order(ticket.proposal, ticket.approval, clip, snapshot, draft.state.rules)
    draft.record(OrderWritten(written.order, written.mid))
    draft.move_sleeve(written.order.account, SleeveState.ORDERING, f"order {written.order.id}")
    draft.wish(SubmitOrder(written.order))
    draft.set_alarms(
        acknowledgement_alarm(draft.state, written.order),
        patience_alarm(draft.state, written.order),
    )


def on_patience(draft: Draft, order_id: OrderId, snapshot: MarketSnapshot) -> None:
    """Move a resting order to the worst price the rulebook accepts; there already: give it up."""
    order = draft.state.orders.get(order_id)
    if order is None or order.status not in _MOVABLE:
        return
    worst = net_worst(order.legs, snapshot, draft.state.rules)
    moved = repriced(order, worst) if worst is not None else None
    if moved is None or moved.limit is None:
        take_back(draft, order, "not filled in time")
        return
    draft.record(OrderMoved(order.id, moved.version, moved.limit, moved.quantity))
    draft.wish(ReplaceOrder(order.id, moved.version, moved.quantity, moved.limit))
    draft.set_alarms(
        acknowledgement_alarm(draft.state, moved), patience_alarm(draft.state, moved)
    )


def take_back(draft: Draft, order: Order, reason: str) -> None:
    """Cancel an order; it is over only once the broker says so."""
    progress = advance(order, CancellationWished(order.id))
    if progress.is_news:
        after = progress.order.status
        draft.record(OrderStatusChanged(order.id, order.status, after, reason))
    draft.wish(CancelOrder(order.id))
    draft.set_alarms(acknowledgement_alarm(draft.state, order))


def send_again(draft: Draft, order: Order) -> None:
    """Send what a broker never received, under the same id and the next version."""
    ticket = draft.state.tickets.get(order.proposal)
    if ticket is None or draft.state.instant > order.good_until:
        go_on(draft, order.proposal)
        return
    again = resent(order, draft.state.instant)
    if again.limit is None:
        return
    draft.record(OrderMoved(order.id, again.version, again.limit, again.quantity))
    draft.wish(SubmitOrder(again))
    draft.set_alarms(
        acknowledgement_alarm(draft.state, again), patience_alarm(draft.state, again)
    )


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
    busy = any(item.proposal.account == proposal.account for item in draft.state.tickets.values())
    state = draft.state.sleeves[proposal.account].state
    if not busy and state is SleeveState.ORDERING:
        draft.move_sleeve(proposal.account, SleeveState.MONITORING, f"{proposal.id} is done")


def _shortfall(orders: list[Order]) -> str:
    last = orders[-1] if orders else None
    if last is None:
        return "nothing was sent"
    return f"the rest was not filled; its last order was {last.status.value}"


def _orders_of(draft: Draft, ticket: Ticket) -> list[Order]:
    found = [known_order(draft.state, order) for order in ticket.orders]
    return [order for order in found if order is not None]


_MOVABLE = frozenset({OrderStatus.SENT, OrderStatus.WORKING, OrderStatus.PARTLY_FILLED})
__all__ = ["ProposalVoided", "last_look"]
