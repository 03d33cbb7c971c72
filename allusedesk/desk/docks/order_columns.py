"""The columns of Orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from allusedesk.desk import formatting
from allusedesk.desk.formatting import NOTHING_TO_SHOW
from allusedesk.desk.table_model import Column
from allusedesk.desk.theme import Tone
from allusedesk.domain.money import Price
from allusedesk.domain.orders import OrderStatus

if TYPE_CHECKING:
    from allusedesk.desk.docks.orders import OrderRow

_TONES = {
    OrderStatus.UNKNOWN: Tone.ALARM,
    OrderStatus.REJECTED: Tone.ALARM,
    OrderStatus.CANCELLING: Tone.CAUTION,
    OrderStatus.PARTLY_FILLED: Tone.CAUTION,
    OrderStatus.CANCELLED: Tone.MUTED,
    OrderStatus.EXPIRED: Tone.MUTED,
    OrderStatus.FILLED: Tone.MUTED,
}
# Working orders first, finished ones last, when sorted by status.
_PLACES = {status: place for place, status in enumerate(OrderStatus)}


@dataclass(slots=True)
class OrderClock:
    """The instant of the picture shown; ages are read from it."""

    now: datetime | None = None

    def age(self, row: OrderRow) -> float | None:
        """Seconds since a working order was sent; None once it is over."""
        if self.now is None or row.order.status.is_over:
            return None
        return (self.now - row.order.written_at).total_seconds()


def order_columns(clock: OrderClock) -> tuple[Column[OrderRow], ...]:
    """Every column; ages are read by `clock`."""
    return (*_what(), *_amounts(), *_course(clock))


def net(value: Decimal | None) -> str:
    """A net price a share: a debit has its minus sign."""
    if value is None:
        return NOTHING_TO_SHOW
    return formatting.price(Price(value))


def _legs(row: OrderRow) -> str:
    return ", ".join(
        f"{leg.side.name.lower()} {formatting.instrument(leg.instrument)}"
        f"{' to close' if leg.closes else ''}"
        for leg in row.order.legs
    )


def _what() -> tuple[Column[OrderRow], ...]:
    return (
        Column(
            "status",
            "Status",
            lambda row: _PLACES[row.order.status],
            says=lambda row: row.order.status.value,
            tone=lambda row: _TONES.get(row.order.status, Tone.PLAIN),
            is_searched=True,
        ),
        Column("account", "Sleeve", lambda row: str(row.order.account), is_searched=True),
        Column("kind", "Kind", lambda row: row.order.kind.value, is_searched=True),
        Column("legs", "Legs", _legs, is_searched=True),
    )


def _amounts() -> tuple[Column[OrderRow], ...]:
    return (
        Column(
            "quantity",
            "Quantity",
            lambda row: row.order.quantity,
            lambda value: formatting.number(float(value), 0),
            is_number=True,
        ),
        Column(
            "filled",
            "Filled",
            lambda row: row.order.quantity_filled,
            lambda value: formatting.number(float(value), 0),
            is_number=True,
        ),
        Column(
            "limit",
            "Limit",
            lambda row: None if row.order.limit is None else row.order.limit.per_unit,
            net,
            is_number=True,
            tip="Net a share: received is positive, paid has a minus sign",
        ),
        Column(
            "mid",
            "Mid when sent",
            lambda row: row.mid,
            net,
            is_number=True,
            tip="Net mid of all legs at the instant it was sent",
        ),
        Column("net", "Filled at", lambda row: row.filled_at_net, net, is_number=True),
        Column(
            "slippage",
            "Slippage $",
            lambda row: row.slippage,
            lambda value: formatting.number(value, 2, signed=True),
            is_number=True,
            tone=_slippage_tone,
            tip="Filled against the mid when sent: minus is worse than mid",
        ),
        Column(
            "commission",
            "Commission $",
            lambda row: row.commission,
            lambda value: formatting.number(value, 2),
            is_number=True,
            is_hidden_at_first=True,
        ),
    )


def _course(clock: OrderClock) -> tuple[Column[OrderRow], ...]:
    return (
        Column(
            "age",
            "Age",
            clock.age,
            formatting.age,
            is_number=True,
            is_timed=True,
            tip="How long it has been working",
        ),
        Column("version", "Version", lambda row: row.order.version, is_number=True),
        Column("time", "In force", lambda row: row.order.time_in_force.value),
        Column(
            "written",
            "Sent",
            lambda row: row.order.written_at,
            formatting.clock,
            tip="Time of day in New York",
        ),
        Column(
            "rule",
            "Rule",
            lambda row: "" if row.detail is None else row.detail.rule,
            lambda value: value or NOTHING_TO_SHOW,
            is_searched=True,
        ),
        Column("proposal", "Proposal", lambda row: row.order.proposal, is_searched=True),
        Column(
            "order", "Order", lambda row: row.order.id, is_hidden_at_first=True, is_searched=True
        ),
    )


def _slippage_tone(row: OrderRow) -> Tone:
    value = row.slippage
    if not value:
        return Tone.PLAIN
    return Tone.GAIN if value > 0 else Tone.LOSS
