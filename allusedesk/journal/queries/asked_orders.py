"""Questions about proposals, orders and fills of any part of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from allusedesk.domain.money import Money, Price
from allusedesk.journal.queries.asked import Scope, scope_where
from allusedesk.journal.queries.blotters import FillLine
from allusedesk.journal.read_side import ReadSide

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class ProposalAsked:
    """A proposal, what became of it, and the entries that made and decided it."""

    sequence: int
    id: str
    week: str
    account: str
    kind: str
    legs: str
    quantity: int
    credit_net: Price | None
    rule: str
    reason: str
    spot: Price | None
    is_modelled: bool
    made_at: datetime
    expires_at: datetime
    verdict: str
    decided_by: str
    verdict_reason: str
    worst_case: Money | None
    quantity_done: int
    decided_in: int | None

    @property
    def entries(self) -> tuple[int, ...]:
        """The entry that made it, and the one that decided it."""
        return (self.sequence,) if self.decided_in is None else (self.sequence, self.decided_in)


@dataclass(frozen=True, slots=True)
class OrderAsked:
    """An order with the rule and the person behind it, and how many fills it had.

    What its proposal says is empty where none is known.
    """

    sequence: int
    id: str
    week: str
    account: str
    kind: str
    legs: str
    quantity: int
    status: str
    status_reason: str
    status_in: int | None
    written_at: datetime
    rule: str | None
    reason: str | None
    decided_by: str | None
    credit_net: Price | None
    proposed_in: int | None
    fills: int
    filled_in: int | None


def proposals_asked(side: ReadSide, scope: Scope, also: str = "") -> tuple[ProposalAsked, ...]:
    """Proposals of a scope in order; `also` narrows them further."""
    where, values = scope_where("proposals", scope)
    narrowed = f"{where} AND ({also})" if also else where
    return _newest(side, ProposalAsked, f"FROM proposals WHERE {narrowed}", values, 0)


def proposals_named(side: ReadSide, names: Sequence[str]) -> dict[str, ProposalAsked]:
    """The proposals with these ids, by id."""
    marks = ", ".join("?" * len(names))
    rest = f"FROM proposals WHERE id IN ({marks})"
    return {one.id: one for one in side.figures(ProposalAsked, rest, tuple(names))}


def orders_asked(
    side: ReadSide, scope: Scope, also: str = "", newest: int = 0
) -> tuple[OrderAsked, ...]:
    """Orders of a scope in order; only so many of the newest where `newest` is not 0."""
    where, values = scope_where("orders", scope)
    return _orders(side, f"{where} AND ({also})" if also else where, values, newest)


def order_numbered(side: ReadSide, number: int) -> OrderAsked | None:
    """The order that was written as so many-th of the record, from 1; None where none was."""
    found = side.column(
        "SELECT id FROM orders ORDER BY sequence, id LIMIT 1 OFFSET ?", (max(number, 1) - 1,)
    )
    return order_named(side, str(found[0])) if found and number > 0 else None


def order_named(side: ReadSide, name: str) -> OrderAsked | None:
    """The order of an id, or the last of a proposal's id, however their letters are written."""
    found = _orders(side, "lower(id) = ? OR lower(proposal) = ?", [name.lower()] * 2, 0)
    return found[-1] if found else None


def proposal_of_order(side: ReadSide, name: str) -> ProposalAsked | None:
    """The proposal behind the order of an id; None where none is on record."""
    found = side.column("SELECT proposal FROM orders WHERE id = ?", (name,))
    return proposals_named(side, [str(one) for one in found]).get(str(found[0])) if found else None


def orders_counted(side: ReadSide) -> int:
    """How many orders the record has."""
    return int(side.column("SELECT count(*) FROM orders")[0])


def _orders(
    side: ReadSide, narrowed: str, values: list[object], newest: int
) -> tuple[OrderAsked, ...]:
    rest = (
        "FROM (SELECT o.*, p.rule AS rule, p.reason AS reason, "  # noqa: S608
        "p.decided_by AS decided_by, "
        "p.credit_net AS credit_net, p.sequence AS proposed_in, "
        "(SELECT count(*) FROM fills WHERE order_id = o.id) AS fills, "
        "(SELECT max(sequence) FROM fills WHERE order_id = o.id) AS filled_in "
        f"FROM (SELECT * FROM orders WHERE {narrowed}) AS o "
        "LEFT JOIN proposals AS p ON p.id = o.proposal)"
    )
    return _newest(side, OrderAsked, rest, values, newest)


def fills_asked(
    side: ReadSide, scope: Scope, also: str = "", newest: int = 0
) -> tuple[FillLine, ...]:
    """Fills of a scope in order; only so many of the newest where `newest` is not 0."""
    where, values = scope_where("fills", scope)
    narrowed = f"{where} AND ({also})" if also else where
    rest = (
        "FROM (SELECT f.*, orders.legs AS legs, orders.kind AS kind, mid_at_send "  # noqa: S608
        f"FROM (SELECT * FROM fills WHERE {narrowed}) AS f "
        "JOIN orders ON orders.id = f.order_id)"
    )
    return _newest(side, FillLine, rest, values, newest)


def _newest(
    side: ReadSide, kind: type[_Row], rest: str, values: list[object], newest: int
) -> tuple[_Row, ...]:
    if not newest:
        return tuple(side.figures(kind, f"{rest} ORDER BY sequence", values))
    found = side.figures(kind, f"{rest} ORDER BY sequence DESC LIMIT ?", (*values, newest))
    return tuple(reversed(found))
