"""Alpaca's words for orders, executions and notices, and ours; nothing here calls anybody.

Alpaca writes amounts as decimal text, at times as JSON numbers; `amount_of` is the one way in.
A net price of several legs is a debit where positive with Alpaca, a credit where positive with us.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from allusedesk.domain.identifiers import OrderId, version_of_order
from allusedesk.domain.instruments import (
    Instrument,
    OptionContract,
    Stock,
    read_option_symbol,
    write_option_symbol,
)
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.orders import (
    BrokerNotice,
    CashCharged,
    DividendPaid,
    Fill,
    HeldAtBroker,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    Order,
    OrderType,
)
from allusedesk.domain.proposals import Leg, Side
from allusedesk.domain.toml_text import is_bounded, shortened

LEGS_MAX = 4
# Activities that are no trades and change what is held or owned.
_CHARGES = {
    "FEE": "fee",
    "PTC": "fee passed on by an issuer",
    "PTR": "fee given back",
    "DIVFEE": "fee on a dividend",
    "DIVNRA": "fee: tax withheld from a dividend",
    "DIVTW": "fee: tax withheld from a dividend",
    "INT": "interest",
    "INTNRA": "interest: tax withheld from it",
    "INTTW": "interest: tax withheld from it",
}
NOTICES = ("OPASN", "OPEXC", "OPEXP", "DIV", *_CHARGES)
_OVER = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
_RESTING = frozenset({"new", "partially_filled"})
_NAME = re.compile(r"^(.*)/v(\d+)$")

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """Something of Alpaca's that is not what its documents describe; the text says what."""


@dataclass(frozen=True, slots=True)
class WireLeg:
    """One leg of an order as Alpaca keeps it: its own id there, and what it trades."""

    id: str
    symbol: str
    side: str
    intent: str


@dataclass(frozen=True, slots=True)
class WireOrder:
    """An order as Alpaca tells it; `limit` has Alpaca's sign, `legs` are one for a plain order.

    `is_leg` is true for one leg of several, which Alpaca also tells of by itself. An order of
    several legs told without them has none.
    """

    id: str
    name: str
    status: str
    quantity: int
    filled: int
    type: str
    limit: Decimal | None
    time_in_force: str
    legs: tuple[WireLeg, ...]
    replaces: str
    replaced_by: str
    created_at: datetime
    is_leg: bool

    @property
    def is_over(self) -> bool:
        return self.status in _OVER

    @property
    def is_resting(self) -> bool:
        """True where it can be replaced: at the exchange, with nothing pending."""
        return self.status in _RESTING


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a leg; `filled` is the leg's quantity filled with it, which names it."""

    leg: str
    filled: int
    quantity: int
    price: Price
    at: datetime

    @property
    def id(self) -> str:
        """The same from the stream and from the activities, whose own ids differ."""
        return f"{self.leg}/{self.filled}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an order asks for, ready to be written for Alpaca; `limit` has Alpaca's sign."""

    legs: tuple[WireLeg, ...]
    quantity: int
    type: str
    limit: Decimal | None
    time_in_force: str


def amount_of(value: object) -> Decimal:
    """A number of Alpaca's, by its text; raises Unreadable where it is none."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not is_bounded(amount):
        raise Unreadable(f"Alpaca sent {shortened(repr(value))} where a number belongs.")
    return amount


def name_of(order: OrderId, number: int) -> str:
    """The client order id of the `number`-th submission of an order; the first is the id itself."""
    return str(order) if number == 1 else version_of_order(order, number)


def read_name(name: str) -> tuple[OrderId, int]:
    """The order and the number of the submission that a client order id names."""
    found = _NAME.match(name)
    return (OrderId(name), 1) if found is None else (OrderId(found[1]), int(found[2]))


def ticket_of(order: Order) -> Ticket:
    """An order in Alpaca's words."""
    legs = tuple(_wire_leg(leg) for leg in order.legs)
    limit = None if order.limit is None else limit_for(legs, order.limit)
    return Ticket(legs, order.quantity, order.type.value, limit, order.time_in_force.value.lower())


def _wire_leg(leg: Leg) -> WireLeg:
    side = "buy" if leg.side is Side.BUY else "sell"
    intent = f"{side}_to_{'open' if leg.closes is None else 'close'}"
    return WireLeg("", symbol_of(leg.instrument), side, intent)


def ticket_again(wire: WireOrder) -> Ticket:
    """What an order that Alpaca has asks for, to be sent once more."""
    return Ticket(wire.legs, wire.quantity, wire.type, wire.limit, wire.time_in_force)


def limit_for(legs: Sequence[WireLeg], limit: Price) -> Decimal:
    """Our least net credit as Alpaca's limit: one leg unsigned, several a debit where positive."""
    is_sale = len(legs) == 1 and legs[0].side == "sell"
    return limit.per_unit if is_sale else -limit.per_unit


def objection_to(order: Order) -> str:
    """Why Alpaca has no words for an order; empty where it has."""
    symbols = {leg.instrument for leg in order.legs}
    if order.quantity <= 0 or not order.legs:
        return "nothing of it is left to fill"
    if order.type not in {OrderType.MARKET, OrderType.LIMIT}:
        return f"a {order.type.value} order is not sent to Alpaca"
    if (order.limit is None) is (order.type is OrderType.LIMIT):
        return "a limit order names a limit, and no other does"
    if len(order.legs) == 1:
        return ""
    if len(order.legs) > LEGS_MAX or len(symbols) != len(order.legs):
        return f"Alpaca takes at most {LEGS_MAX} legs, each of another contract"
    if any(isinstance(leg.instrument, Stock) for leg in order.legs):
        return "Alpaca takes no shares in an order of several legs"
    return ""


def symbol_of(instrument: Instrument) -> str:
    """Alpaca's symbol: the stock's own, or the option symbol without its padding."""
    return instrument.symbol if isinstance(instrument, Stock) else write_option_symbol(instrument)


def instrument_of(symbol: str) -> Instrument:
    """What a symbol of Alpaca's names; all that is no option symbol is a stock's."""
    try:
        return read_option_symbol(symbol)
    except ValueError:
        return Stock(symbol)


def read_order(row: Row) -> WireOrder:
    """An order from Alpaca's JSON; raises Unreadable where it is none."""
    try:
        is_several = row.get("order_class") == "mleg"
        is_bare = is_several and not row.get("legs") and not row.get("symbol")
        legs = row.get("legs") or ([] if is_bare else [row])
        limit = row.get("limit_price")
        return WireOrder(
            id=str(row["id"]),
            name=str(row["client_order_id"]),
            status=str(row["status"]),
            quantity=_count(row["qty"]),
            filled=_count(row.get("filled_qty") or 0),
            type=str(row.get("type") or row.get("order_type") or ""),
            limit=None if limit in (None, "") else amount_of(limit),
            time_in_force=str(row["time_in_force"]),
            legs=tuple(
                WireLeg(
                    str(leg["id"]),
                    str(leg["symbol"]),
                    str(leg["side"]),
                    str(leg.get("position_intent") or ""),
                )
                for leg in legs
            ),
            replaces=str(row.get("replaces") or ""),
            replaced_by=str(row.get("replaced_by") or ""),
            created_at=instant_of(row["created_at"]),
            is_leg=is_several and not row.get("legs") and not is_bare,
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise Unreadable(f"Alpaca sent an order that lacks {fault}.") from None


def read_update(told: Row, wire: WireOrder) -> Execution | None:
    """The execution that an update of a plain order tells; None where it tells none.

    Raises Unreadable where its figures are none.
    """
    if told.get("event") not in ("fill", "partial_fill") or len(wire.legs) != 1:
        return None
    if told.get("qty") is None or told.get("price") is None:
        return None
    price = Price(amount_of(told["price"]))
    at = instant_of(told.get("timestamp"))
    return Execution(wire.id, wire.filled, _some(told["qty"]), price, at)


def read_execution(row: Row) -> Execution:
    """An execution from a FILL activity; raises Unreadable where it is none."""
    try:
        return Execution(
            str(row["order_id"]),
            _some(row["cum_qty"]),
            _some(row["qty"]),
            Price(amount_of(row["price"])),
            instant_of(row["transaction_time"]),
        )
    except KeyError as fault:
        raise Unreadable(f"Alpaca sent an execution that lacks {fault}.") from None


def fill_of(execution: Execution, order: OrderId, leg: int) -> Fill:
    """An execution as ours. Alpaca asks no commission; what regulators ask comes as a fee later."""
    return Fill(
        id=execution.id,
        order=order,
        leg=leg,
        quantity=execution.quantity,
        price=execution.price,
        commission=NOTHING,
        filled_at=execution.at,
    )


def read_notice(row: Row) -> BrokerNotice | None:
    """An activity that is no trade as our notice; None where it is none of ours.

    Alpaca's quantity is what the position changed by. It names no ex-date of a dividend: the day
    of its payment stands for it. Raises Unreadable where its figures are none.
    """
    kind, name = str(row.get("activity_type")), str(row.get("id"))
    if kind not in NOTICES or row.get("status") in ("canceled", "correct"):
        return None
    symbol = str(row.get("symbol") or "")
    if kind == "DIV":
        per_share, shares = row.get("per_share_amount"), row.get("qty")
        if per_share is None or shares is None:
            return None
        day = _day_of(row.get("date"))
        return DividendPaid(name, symbol, day, amount_of(per_share), _whole(shares))
    if kind in _CHARGES:
        charged = Money(amount_of(row.get("net_amount")))
        said = shortened(str(row.get("description") or ""))
        reason = f"{_CHARGES[kind]} ({said})" if said else _CHARGES[kind]
        return CashCharged(name, _day_of(row.get("date")), charged, reason) if charged else None
    contract = instrument_of(symbol)
    changed = _whole(row.get("qty"))
    if not isinstance(contract, OptionContract) or not changed:
        return None
    if kind == "OPEXP":
        return OptionsExpired(name, contract, -changed)
    if kind == "OPASN":
        return OptionsAssigned(name, contract, abs(changed))
    return OptionsExercised(name, contract, abs(changed))


def read_position(row: Row) -> HeldAtBroker:
    """A line of Alpaca's positions; raises Unreadable where it is none."""
    quantity = abs(_whole(row.get("qty")))
    is_short = row.get("side") == "short"
    return HeldAtBroker(instrument_of(str(row.get("symbol"))), -quantity if is_short else quantity)


def instant_of(text: object) -> datetime:
    """An instant of Alpaca's, which writes up to nanoseconds; raises Unreadable for no instant."""
    to_micro = re.sub(r"(\.\d{6})\d+", r"\1", str(text))
    try:
        instant = datetime.fromisoformat(to_micro)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable(f"Alpaca sent {shortened(repr(text))} where an instant belongs.")


def _whole(value: object) -> int:
    amount = amount_of(value)
    if amount != amount.to_integral_value():
        raise Unreadable(f"Alpaca sent a quantity of {value}, where whole units are traded.")
    return int(amount)


def _day_of(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Unreadable(f"Alpaca sent {shortened(repr(text))} where a day belongs.") from None


def _some(value: object) -> int:
    count = _whole(value)
    if count <= 0:
        raise Unreadable(f"Alpaca sent an execution of {value}, where some is traded.")
    return count


def _count(value: object) -> int:
    count = _whole(value)
    if count < 0:
        raise Unreadable(f"Alpaca sent a quantity of {value}, where none is below zero.")
    return count
