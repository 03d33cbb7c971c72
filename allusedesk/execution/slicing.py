"""How a proposal's quantity is sent: in clips, one after another, smaller after a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR

from allusedesk.domain.instruments import Stock
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.proposals import Proposal
from allusedesk.protocol.rulebook_trading import OrderRules


@dataclass(frozen=True, slots=True)
class Clip:
    """The next order of a proposal: its number, counted from one, and its units."""

    number: int
    quantity: int


def clip_sizes(quantity: int, clip_max: int) -> tuple[int, ...]:
    """A quantity in clips of at most `clip_max`, as even as whole units allow, larger first."""
    count = -(-quantity // clip_max)
    return tuple(
        quantity // count + (1 if number < quantity % count else 0) for number in range(count)
    )


def next_clip(proposal: Proposal, orders: Sequence[Order], rules: OrderRules) -> Clip | None:
    """The next order to send for a proposal; None while one lives, and when none is left.

    `orders` are all orders written for it, in the order written. A clip cancelled short of its
    quantity shrinks what follows to `retry_size` of it: openings give the rest up, closings keep it
    for later clips. Nothing follows a rejection, an order that ran out, or a failed clip of one.
    Shares are not sliced.
    """
    if any(not order.status.is_over for order in orders):
        return None
    left, size_max = proposal.quantity, _size_max(proposal, rules)
    for order in orders:
        left -= order.quantity_filled
        if order.status in {OrderStatus.REJECTED, OrderStatus.EXPIRED}:
            return None
        if order.status is OrderStatus.CANCELLED:
            size = int((order.quantity * rules.retry_size).to_integral_value(ROUND_FLOOR))
            if size == 0:
                return None
            size_max = min(size, size_max)
            if proposal.is_opening:
                left = int((left * rules.retry_size).to_integral_value(ROUND_FLOOR))
    if left <= 0:
        return None
    return Clip(len(orders) + 1, clip_sizes(left, size_max)[0])


def _size_max(proposal: Proposal, rules: OrderRules) -> int:
    if all(isinstance(leg.instrument, Stock) for leg in proposal.legs):
        return proposal.quantity
    return rules.clip_contracts
