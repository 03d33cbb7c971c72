"""What the Alpaca server's ledger is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

_OPTION = re.compile(r"^([A-Z]+)\d{6}([CP])(\d{8})$")
OPEN = ("accepted", "pending_new", "new", "partially_filled", "pending_cancel", "pending_replace")


class Refused(Exception):
    """The ledger's no: an HTTP status, Alpaca's code and its message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Shown:
    """What a symbol's quote shows: both sides, and how many units are to be had at it."""

    bid: Decimal
    ask: Decimal
    size: int | None = None

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2


@dataclass
class WireOrder:
    """One order as the vendor keeps it; a multi-leg one has legs with ids of their own."""

    id: str
    client_order_id: str
    symbol: str
    side: str
    qty: int
    type: str
    limit: Decimal | None
    time_in_force: str
    order_class: str
    created_at: datetime
    status: str = "pending_new"
    filled: int = 0
    cost: Decimal = Decimal(0)
    legs: list[WireOrder] = field(default_factory=list)
    replaces: str | None = None
    replaced_by: str | None = None
    intent: str = ""
    moments: dict[str, datetime] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def parts(self) -> list[WireOrder]:
        """What trades: its legs, or itself."""
        return self.legs or [self]


def option_parts(symbol: str) -> tuple[str, str, Decimal]:
    """Root, right and strike of an option symbol."""
    found = _OPTION.match(symbol)
    assert found is not None, symbol
    return found[1], found[2], Decimal(found[3]) / 1000


def multiplier(symbol: str) -> int:
    """How many shares one unit stands for."""
    return 100 if _OPTION.match(symbol) else 1
