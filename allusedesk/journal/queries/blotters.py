"""Questions of the blotters: fills page by page, and what an order's rule and mid were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.instruments import STANDARD_MULTIPLIER
from allusedesk.domain.money import Money, Price
from allusedesk.journal.read_side import ReadSide

_FILLS = (
    "FROM (SELECT fills.sequence AS sequence, fills.id AS id, order_id, fills.account AS account, "
    "leg, instrument, fills.quantity AS quantity, price, commission, filled_at, orders.legs AS "
    "legs, orders.kind AS kind, mid_at_send FROM fills JOIN orders ON orders.id = order_id) "
)
_DETAILS = (
    "FROM (SELECT orders.id AS id, mid_at_send, status_reason, rule, reason FROM orders "
    "JOIN proposals ON proposals.id = orders.proposal"
)


@dataclass(frozen=True, slots=True)
class FillLine:
    """One execution with its order; `mid_at_send` is the net mid of all legs when it was sent.

    `legs` are the order's legs in words, in the order their numbers count.
    """

    sequence: int
    id: str
    order_id: str
    account: str
    leg: int
    instrument: str
    quantity: int
    price: Price
    commission: Money
    filled_at: datetime
    legs: str
    kind: str
    mid_at_send: Price | None

    @property
    def side(self) -> str:
        """`buy` or `sell`, as its leg had it."""
        return self._words[self.leg].partition(" ")[0] if self.leg < len(self._words) else ""

    @property
    def slippage(self) -> Price | None:
        """What a share of a single leg traded better than mid (worse: negative).

        None for a leg of several, whose mid is that of all of them together.
        """
        if self.mid_at_send is None or len(self._words) != 1:
            return None
        mid = abs(self.mid_at_send.per_unit)
        better = self.price.per_unit - mid if self.side == "sell" else mid - self.price.per_unit
        return Price(better, self.price.currency)

    @property
    def multiplier(self) -> int:
        """Shares a unit stands for."""
        is_option = self.instrument.endswith((" put", " call"))
        return STANDARD_MULTIPLIER if is_option else 1

    @property
    def amount(self) -> Decimal:
        """Dollars received, before commission; negative where it was paid."""
        value = self.price.per_unit * self.quantity * self.multiplier
        return value if self.side == "sell" else -value

    @property
    def slippage_whole(self) -> Decimal | None:
        """Dollars that all of a single leg traded better than mid; None as for `slippage`."""
        better = self.slippage
        return None if better is None else better.per_unit * self.quantity * self.multiplier

    @property
    def _words(self) -> list[str]:
        return self.legs.split(", ")


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """What the record knows of an order beyond the order itself."""

    id: str
    mid_at_send: Price | None
    status_reason: str
    rule: str
    reason: str


def newest_fills(side: ReadSide, limit: int, before: int | None = None) -> tuple[FillLine, ...]:
    """So many fills, newest first; with `before` those of earlier entries than that."""
    rest = _FILLS + ("" if before is None else "WHERE sequence < ? ")
    values = (limit,) if before is None else (before, limit)
    return tuple(side.figures(FillLine, rest + "ORDER BY sequence DESC, id DESC LIMIT ?", values))


def fills_since(side: ReadSide, after: int) -> tuple[FillLine, ...]:
    """Every fill of later entries than `after`, newest first."""
    rest = _FILLS + "WHERE sequence > ? ORDER BY sequence DESC, id DESC"
    return tuple(side.figures(FillLine, rest, (after,)))


def order_details(side: ReadSide, orders: Sequence[str]) -> tuple[OrderDetail, ...]:
    """Mid, rule and reason of these orders, as far as the record has them."""
    marks = ", ".join("?" * len(orders))
    rest = f"{_DETAILS} WHERE orders.id IN ({marks}))"
    return tuple(side.figures(OrderDetail, rest, tuple(orders)))
