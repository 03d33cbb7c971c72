"""Orders and executions as the venue keeps them, and the messages that tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.doors.servers.tws_wire import Wish

OVER = frozenset({"Filled", "Cancelled", "Inactive"})


@dataclass(frozen=True)
class Shown:
    """Both sides of one instrument's market."""

    bid: Decimal
    ask: Decimal

    @property
    def middle(self) -> Decimal:
        return (self.bid + self.ask) / 2


@dataclass
class Ticket:
    """One order at the venue."""

    wish: Wish
    client_id: int
    perm_id: int
    status: str = "Submitted"
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    last_price: Decimal = Decimal(0)
    ended: tuple[str, str] = ("", "")

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def remaining(self) -> Decimal:
        return self.wish.quantity - self.filled

    def status_fields(self) -> list[object]:
        average = self.paid / self.filled if self.filled else Decimal(0)
        return [
            3,
            self.wish.order_id,
            self.status,
            self.filled,
            self.remaining,
            average,
            self.perm_id,
            0,
            self.last_price,
            self.client_id,
            "",
            0.0,
        ]


@dataclass(frozen=True)
class Done:
    """One execution as the venue keeps it; `ticket` is None where no order stood behind it."""

    id: str
    at: datetime
    account: str
    contract: tuple[object, ...]
    side: str
    shares: Decimal
    price: Decimal
    ticket: Ticket | None
    cumulated: Decimal
    fee: Decimal | None

    def fields(self, request: int) -> list[object]:
        wish = self.ticket.wish if self.ticket else None
        return [
            11,
            request,
            wish.order_id if wish else 0,
            *self.contract,
            self.id,
            f"{self.at:%Y%m%d-%H:%M:%S}",
            self.account,
            "CBOE",
            self.side,
            self.shares,
            self.price,
            self.ticket.perm_id if self.ticket else 0,
            self.ticket.client_id if self.ticket else 0,
            0,
            self.cumulated,
            self.price,
            wish.order_ref if wish else "",
            "",
            "",
            "",
            1,
            0,
        ]

    def fee_fields(self) -> list[object]:
        return [59, 1, self.id, self.fee, "USD", "1.7976931348623157E308", "", ""]
