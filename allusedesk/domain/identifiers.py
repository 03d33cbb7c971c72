"""Identifiers made from week, account and counter, so that a replay makes the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from allusedesk.domain.accounts import AccountId
    from allusedesk.domain.weeks import WeekId

ProposalId = NewType("ProposalId", str)
ApprovalId = NewType("ApprovalId", str)
OrderId = NewType("OrderId", str)
PositionId = NewType("PositionId", str)


def proposal_id(week: WeekId, account: AccountId, number: int) -> ProposalId:
    """The `number`-th proposal of the desk, such as `2013-W07/F1.gen/P12`."""
    return ProposalId(f"{week}/{account}/P{number}")


def approval_id(proposal: ProposalId) -> ApprovalId:
    """The approval of a proposal; there is at most one."""
    return ApprovalId(f"{proposal}/A")


def order_id(proposal: ProposalId, clip: int) -> OrderId:
    """The `clip`-th order of a proposal; also the broker's idempotency key."""
    return OrderId(f"{proposal}/O{clip}")


def version_of_order(order: OrderId, version: int) -> str:
    """The client order id on the wire: the order's id with a version after each replacement."""
    return f"{order}/v{version}"


def position_id(order: OrderId, leg: int) -> PositionId:
    """The lot that a leg of an order opened."""
    return PositionId(f"{order}/L{leg}")
