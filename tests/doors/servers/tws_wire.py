"""The socket protocol of Trader Workstation as a server speaks it: framing, contracts, orders."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

SERVER_VERSION = 178
UNSET_NUMBER = "1.7976931348623157E308"
UNSET_WHOLE = "2147483647"


def text_of(value: object) -> str:
    """One field as the server writes it: flags as 1 and 0, nothing as an empty field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def framed(fields: Sequence[object]) -> bytes:
    """A message: its length in four bytes, then its fields, each ended by a zero byte."""
    body = "".join(f"{text_of(field)}\0" for field in fields).encode()
    return struct.pack(">I", len(body)) + body


def take_frames(waiting: bytearray) -> Iterator[list[str]]:
    """Take every whole message off the front of what has arrived."""
    while len(waiting) >= 4:
        end = 4 + struct.unpack(">I", waiting[:4])[0]
        if len(waiting) < end:
            return
        body = bytes(waiting[4:end]).decode()
        del waiting[:end]
        yield body.split("\0")[:-1]


@dataclass(frozen=True)
class Listing:
    """One instrument the venue lists, by its number."""

    con_id: int
    symbol: str
    kind: str
    expiry: str = ""
    strike: Decimal = Decimal(0)
    right: str = ""
    multiplier: int = 1
    trading_class: str = ""
    currency: str = "USD"
    min_tick: Decimal = Decimal("0.01")

    @property
    def local_symbol(self) -> str:
        if self.kind != "OPT":
            return self.symbol
        thousandths = int(self.strike * 1000)
        root = self.trading_class or self.symbol
        return f"{root:<6}{self.expiry[2:]}{self.right}{thousandths:08d}"

    @property
    def multiplier_text(self) -> str:
        return str(self.multiplier) if self.kind == "OPT" else ""

    def fields(self, exchange: str = "SMART") -> list[object]:
        """The eleven fields that name a contract in most answers."""
        return [
            self.con_id,
            self.symbol,
            self.kind,
            self.expiry,
            self.strike,
            self.right,
            self.multiplier_text,
            exchange,
            self.currency,
            self.local_symbol,
            self.trading_class or self.symbol,
        ]

    def details(self, request: str, under_con_id: int) -> list[object]:
        """The whole answer to a question for contract details."""
        is_option = self.kind == "OPT"
        return [
            10,
            request,
            self.symbol,
            self.kind,
            self.expiry,
            self.strike,
            self.right,
            "SMART",
            self.currency,
            self.local_symbol,
            self.trading_class or self.symbol,
            self.trading_class or self.symbol,
            self.con_id,
            self.min_tick,
            self.multiplier_text,
            "ACTIVETIM,DAY,GTC,LMT,MKT",
            "SMART,CBOE,ISE" if is_option else "SMART,NASDAQ,NYSE",
            1,
            under_con_id if is_option else 0,
            f"{self.symbol} INC",
            "" if is_option else "NASDAQ",
            self.expiry[:6],
            "",
            "",
            "",
            "US/Eastern",
            "",
            "",
            "",
            0,
            0,
            1,
            self.symbol if is_option else "",
            "STK" if is_option else "",
            "26,26",
            self.expiry,
            "" if is_option else "COMMON",
            1,
            1,
            1,
        ]


@dataclass(frozen=True)
class ComboLeg:
    """One leg of a combination, as the client sent it."""

    con_id: int
    ratio: int
    action: str
    exchange: str

    def fields(self) -> list[object]:
        return [self.con_id, self.ratio, self.action, self.exchange, 0, 0, "", -1]


@dataclass
class Wish:
    """An order as a client placed it, before the server knows what it is worth."""

    order_id: int
    contract: list[str]
    action: str
    quantity: Decimal
    type: str
    limit: Decimal | None
    time_in_force: str
    account: str
    order_ref: str
    transmit: bool
    is_what_if: bool = False
    legs: list[ComboLeg] = field(default_factory=list)

    @property
    def con_id(self) -> int:
        return int(self.contract[0] or 0)

    @property
    def is_combo(self) -> bool:
        return self.contract[2] == "BAG"


def number(text: str) -> Decimal | None:
    """A number off the wire; None where the client left it unset."""
    return None if text in {"", UNSET_NUMBER, UNSET_WHOLE} else Decimal(text)


def read_wish(fields: list[str]) -> Wish:
    """A `placeOrder` message of client version 178."""
    take = iter(fields[1:]).__next__
    order_id = int(take())
    contract = [take() for _ in range(12)]
    del contract[8:9]
    take()
    take()
    action, quantity, kind, limit, _aux, tif = (take() for _ in range(6))
    _oca, account, _open_close, _origin, order_ref, transmit = (take() for _ in range(6))
    for _ in range(7):
        take()
    wish = Wish(
        order_id,
        contract,
        action,
        Decimal(quantity or 0),
        kind,
        number(limit),
        tif,
        account,
        order_ref,
        transmit == "1",
    )
    if wish.is_combo:
        for _ in range(int(take())):
            leg = [take() for _ in range(8)]
            wish.legs.append(ComboLeg(int(leg[0]), int(leg[1]), leg[2], leg[3]))
        for _ in range(int(take())):
            take()
        for _ in range(2 * int(take())):
            take()
    return wish


def open_order_fields(wish: Wish, client_id: int, perm_id: int, status: str) -> list[object]:
    """An `openOrder` message of server version 178."""
    return [
        5,
        wish.order_id,
        *wish.contract,
        wish.action,
        wish.quantity,
        wish.type,
        "0.0" if wish.limit is None else wish.limit,
        "0.0",
        wish.time_in_force,
        "",
        wish.account,
        "",
        0,
        wish.order_ref,
        client_id,
        perm_id,
        *[0, 0, 0, "", "", "", "", ""],
        *["", "", "", "", "", 0, "", -1],
        *[0, "", "", "", "", "", ""],
        *[0, 0, 0, "", 3, 0, 0, "", 0, 0],
        *["", 0, "None", ""],
        *[0, "", "", "", "?", 0, 0, ""],
        *[0, 0, "", "", "", ""],
        ",".join(f"{leg.con_id}|{leg.ratio}" for leg in wish.legs),
        *_legs_fields(wish),
        *["", "", ""],
        "",
        *[0, "", "IB", 0, 0],
        "",
        *[0, 0, status],
        *[UNSET_NUMBER] * 9,
        *["", "", "", "", ""],
        *[0, 0],
        0,
        *["None", UNSET_NUMBER, "", UNSET_NUMBER, UNSET_NUMBER, UNSET_NUMBER, UNSET_NUMBER, 0],
        *["", "", "", "", 0, 0, 0, ""],
        UNSET_WHOLE,
        0,
        0,
        *["", "", "", "", ""],
    ]


def completed_order_fields(
    wish: Wish, perm_id: int, status: str, filled: Decimal, ended: tuple[str, str]
) -> list[object]:
    """A `completedOrder` message of server version 178; `ended` is when and how in words."""
    return [
        101,
        *wish.contract,
        wish.action,
        0 if status == "Cancelled" and not filled else wish.quantity,
        wish.type,
        "0.0" if wish.limit is None else wish.limit,
        "0.0",
        wish.time_in_force,
        "",
        wish.account,
        "",
        0,
        wish.order_ref,
        perm_id,
        *[0, 0, 0, "", "", "", ""],
        *["", "", "", "", "", 0, "", -1],
        *["", "", "", "", ""],
        *[0, 0, 0, "", 3, 0, "", 0, "None", ""],
        *[0, 0, 0, ""],
        *[0, 0, "", ""],
        ",".join(f"{leg.con_id}|{leg.ratio}" for leg in wish.legs),
        *_legs_fields(wish),
        *["", "", ""],
        "",
        *["", "IB", 0, 0],
        "",
        *[0, status, 0, 0],
        0,
        *["", "", "", 0, 0, "", filled, 0, 0, "", 0, 0, 0],
        *ended,
        *["", "", "", "", ""],
    ]


def _legs_fields(wish: Wish) -> list[object]:
    flat: list[object] = [len(wish.legs)]
    for leg in wish.legs:
        flat.extend(leg.fields())
    return [*flat, 0, 0]
