"""What a chart of one symbol marks: the trades in it, and the shares that were put to us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allusedesk.domain.money import Price
from allusedesk.journal.read_side import ReadSide

ASSIGNMENT = "assignment"


@dataclass(frozen=True, slots=True)
class TradeMark:
    """One execution, or an assignment; `kind` is the proposal's, `spot` the underlying's price.

    `price` is per share of the instrument. `legs` is the whole order in words.
    """

    sequence: int
    at: datetime
    account: str
    kind: str
    instrument: str
    quantity: int
    price: Price
    spot: Price | None
    legs: str


def trade_marks(side: ReadSide, symbol: str) -> tuple[TradeMark, ...]:
    """Every fill in a symbol or its options, and every assignment of its shares, in order."""
    fills = side.figures(
        TradeMark,
        "FROM (SELECT fills.sequence, filled_at AS at, fills.account, orders.kind, instrument, "
        "fills.quantity, price, spot, orders.legs FROM fills "
        "JOIN orders ON orders.id = order_id LEFT JOIN proposals ON proposals.id = proposal "
        "WHERE instrument = ? OR instrument LIKE ? ORDER BY fills.sequence, leg)",
        (symbol, f"{symbol} %"),
    )
    put_to_us = side.figures(
        TradeMark,
        "FROM (SELECT opened_sequence AS sequence, opened_at AS at, account, "
        "? AS kind, instrument, (SELECT quantity_after FROM lot_changes WHERE lot = lots.id "
        "ORDER BY sequence LIMIT 1) AS quantity, price_average AS price, spot_at_open AS spot, "
        "'' AS legs FROM lots WHERE instrument = ? AND linked_to IS NOT NULL)",
        (ASSIGNMENT, symbol),
    )
    return tuple(sorted((*fills, *put_to_us), key=lambda one: one.sequence))
