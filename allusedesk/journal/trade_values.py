"""Proposals, orders and fills as the read side answers with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.money import Money, Price


@dataclass(frozen=True, slots=True)
class ProposalSeen:
    """A proposal with what became of it; `verdict_reason` names the rule where one refused it.

    `worst_case` is a profit, so a loss is negative; it, the scenarios and the prices at which it
    breaks even are in words and come from the risk checks.
    """

    sequence: int
    id: str
    account: str
    kind: str
    legs: str
    quantity: int
    credit_net: Price | None
    rule: str
    reason: str
    note: str
    spot: Price | None
    most_earnable: Decimal | None
    target: Decimal | None
    is_modelled: bool
    made_at: datetime
    expires_at: datetime
    verdict: str
    decided_by: str
    decided_at: datetime | None
    verdict_reason: str
    worst_case: Money | None
    scenarios: str
    break_evens: str
    quantity_done: int


@dataclass(frozen=True, slots=True)
class FillSeen:
    """One execution of one leg; `price` is per share."""

    sequence: int
    id: str
    order_id: str
    leg: int
    instrument: str
    quantity: int
    price: Price
    commission: Money
    filled_at: datetime


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order with its first, last and worst limit and the net mid when it was sent."""

    sequence: int
    id: str
    proposal: str
    account: str
    kind: str
    legs: str
    quantity: int
    limit_first: Price | None
    limit_last: Price | None
    limit_worst: Price | None
    mid_at_send: Price | None
    written_at: datetime
    status: str
    status_reason: str
    moves: int
