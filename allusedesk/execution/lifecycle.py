"""The life of an order: one table of legal steps, and what moves, ends or retries an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import (
    Fill,
    Order,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
    OrderStatus,
)


@dataclass(frozen=True, slots=True)
class AcknowledgementOverdue:
    """No word of an order's version within the time the rulebook allows."""

    order: OrderId
    version: int


@dataclass(frozen=True, slots=True)
class CancellationWished:
    """We are about to take the order back."""

    order: OrderId


Happening = (
    OrderAcknowledged
    | OrderFilled
    | OrderCancelled
    | OrderRejected
    | OrderRunOut
    | OrderLookedUp
    | AcknowledgementOverdue
    | CancellationWished
)


class ReportConflict(ValueError):
    """A report that cannot be true of the order as we wrote it; the text says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An order after one happening; `executions` are the new ones, `remark` names odd rows.

    `is_news` is False where nothing changed: the report was heard before.
    """

    order: Order
    executions: tuple[Fill, ...]
    remark: str
    is_news: bool


_SENT = OrderStatus.SENT
_WORKING = OrderStatus.WORKING
_PARTLY = OrderStatus.PARTLY_FILLED
_CANCELLING = OrderStatus.CANCELLING
_UNKNOWN = OrderStatus.UNKNOWN
_FILLED = OrderStatus.FILLED
_CANCELLED = OrderStatus.CANCELLED
_REJECTED = OrderStatus.REJECTED
_EXPIRED = OrderStatus.EXPIRED

_ACKNOWLEDGED = "acknowledged"
_PART = "filled in part"
_WHOLE = "filled"
_GONE = "cancelled"
_REFUSED = "rejected"
_RUN_OUT = "run out"
_OVERDUE = "overdue"
_WISHED = "cancellation wished"
_STANDS = "looked up: working"
_NOT_THERE = "looked up: never received"

# (status, happening): (status after, remark). A pair that is not here is no step: the order stays
# as it is and the report is remarked upon. Executions are taken in whatever row they come.
_STEPS: dict[tuple[OrderStatus, str], tuple[OrderStatus, str]] = {
    (_SENT, _ACKNOWLEDGED): (_WORKING, ""),
    (_SENT, _PART): (_PARTLY, ""),
    (_SENT, _WHOLE): (_FILLED, ""),
    (_SENT, _GONE): (_CANCELLED, ""),
    (_SENT, _REFUSED): (_REJECTED, ""),
    (_SENT, _RUN_OUT): (_EXPIRED, ""),
    (_SENT, _OVERDUE): (_UNKNOWN, "no acknowledgement in time; the broker is asked"),
    (_SENT, _WISHED): (_CANCELLING, ""),
    (_SENT, _STANDS): (_WORKING, "its acknowledgement was lost"),
    # SENT and never received is no row: the broker may have been asked before the order came.
    (_WORKING, _PART): (_PARTLY, ""),
    (_WORKING, _WHOLE): (_FILLED, ""),
    (_WORKING, _GONE): (_CANCELLED, ""),
    (_WORKING, _REFUSED): (_REJECTED, "rejected after it was acknowledged"),
    (_WORKING, _RUN_OUT): (_EXPIRED, ""),
    (_WORKING, _WISHED): (_CANCELLING, ""),
    (_WORKING, _NOT_THERE): (_UNKNOWN, "acknowledged, yet the broker denies it; ask again"),
    (_PARTLY, _PART): (_PARTLY, ""),
    (_PARTLY, _WHOLE): (_FILLED, ""),
    (_PARTLY, _GONE): (_CANCELLED, ""),
    (_PARTLY, _REFUSED): (_REJECTED, "rejected after a part was filled"),
    (_PARTLY, _RUN_OUT): (_EXPIRED, ""),
    (_PARTLY, _WISHED): (_CANCELLING, ""),
    (_PARTLY, _NOT_THERE): (_UNKNOWN, "filled in part, yet the broker denies it; ask again"),
    (_CANCELLING, _PART): (_CANCELLING, "filled in part before the cancellation arrived"),
    (_CANCELLING, _WHOLE): (_FILLED, "filled before the cancellation arrived"),
    (_CANCELLING, _GONE): (_CANCELLED, ""),
    (_CANCELLING, _REFUSED): (_REJECTED, ""),
    (_CANCELLING, _RUN_OUT): (_EXPIRED, "it ran out before the cancellation arrived"),
    (_CANCELLING, _OVERDUE): (_UNKNOWN, "no word of the cancellation; the broker is asked"),
    (_CANCELLING, _STANDS): (_WORKING, "the cancellation never arrived"),
    (_CANCELLING, _NOT_THERE): (_CANCELLED, "the order never arrived"),
    # UNKNOWN ends only by the broker's word, and its silence is never taken for a rejection.
    (_UNKNOWN, _ACKNOWLEDGED): (_WORKING, "acknowledged late"),
    (_UNKNOWN, _PART): (_PARTLY, "its acknowledgement was lost"),
    (_UNKNOWN, _WHOLE): (_FILLED, "its acknowledgement was lost"),
    (_UNKNOWN, _GONE): (_CANCELLED, "confirmed cancelled"),
    (_UNKNOWN, _REFUSED): (_REJECTED, "the broker confirms the rejection"),
    (_UNKNOWN, _RUN_OUT): (_EXPIRED, "the broker confirms that its time was over"),
    (_UNKNOWN, _STANDS): (_WORKING, "the broker has it"),
    (_UNKNOWN, _NOT_THERE): (_CANCELLED, "the broker never received it"),
    # Executions after the end are real money: they are booked, and a whole fill corrects the end.
    (_CANCELLED, _PART): (_CANCELLED, "filled in part after its cancellation"),
    (_CANCELLED, _WHOLE): (_FILLED, "filled after its cancellation"),
    (_EXPIRED, _PART): (_EXPIRED, "filled in part after it ran out"),
    (_EXPIRED, _WHOLE): (_FILLED, "filled after it ran out"),
    (_REJECTED, _PART): (_REJECTED, "filled in part after its rejection"),
    (_REJECTED, _WHOLE): (_FILLED, "filled after its rejection"),
}


def advance(order: Order, happening: Happening) -> Progress:
    """The order after one happening, by the table above; a repeated report changes nothing.

    New executions are those whose broker's id the order does not have yet. Raises ReportConflict
    where executions belong to no leg or exceed the order: then book and broker disagree.
    """
    executions = _new_executions(order, happening)
    filled = replace(order, fills=(*order.fills, *executions)) if executions else order
    kind = _kind_of(filled, happening, has_new=bool(executions))
    step = _STEPS.get((order.status, kind))
    version = _version_of(happening)
    if version is not None and version != order.version:
        remark = f"about version {version}, while {order.version} is out"
        return Progress(order, (), remark, is_news=False)
    if step is None:
        remark = f"{kind} while {order.status.value}: heard before or too late, nothing changes"
        return Progress(filled, executions, remark, is_news=bool(executions))
    status, remark = step
    if status is _WORKING and filled.quantity_filled:
        status = _PARTLY
    after = replace(filled, status=status)
    return Progress(after, executions, remark, is_news=after != order)


def _version_of(happening: Happening) -> int | None:
    if isinstance(happening, OrderAcknowledged | AcknowledgementOverdue):
        return happening.version
    return None


_KINDS: dict[type, str] = {
    OrderAcknowledged: _ACKNOWLEDGED,
    OrderCancelled: _GONE,
    OrderRejected: _REFUSED,
    OrderRunOut: _RUN_OUT,
    AcknowledgementOverdue: _OVERDUE,
    CancellationWished: _WISHED,
}
_ANSWERS: dict[OrderStanding, str] = {
    OrderStanding.WORKING: _STANDS,
    OrderStanding.CANCELLED: _GONE,
    OrderStanding.REJECTED: _REFUSED,
    OrderStanding.NEVER_RECEIVED: _NOT_THERE,
}


def _kind_of(order: Order, happening: Happening, *, has_new: bool) -> str:
    """What a happening says of an order to which every execution it brings was added."""
    if isinstance(happening, OrderFilled):
        if not has_new:
            return "a fill told twice"
        return _WHOLE if order.quantity_filled == order.quantity else _PART
    if not isinstance(happening, OrderLookedUp):
        return _KINDS[type(happening)]
    if order.quantity_filled == order.quantity:
        return _WHOLE
    if happening.standing is OrderStanding.FILLED:
        message = (
            f"The broker says that {order.id} is filled, but names executions for "
            f"{order.quantity_filled} of {order.quantity}: ask for its record of the day."
        )
        raise ReportConflict(message)
    return _ANSWERS[happening.standing]


def _new_executions(order: Order, happening: Happening) -> tuple[Fill, ...]:
    if not isinstance(happening, OrderFilled | OrderLookedUp):
        return ()
    seen = {fill.id for fill in order.fills}
    found: list[Fill] = []
    by_leg = [0] * len(order.legs)
    for fill in order.fills:
        by_leg[fill.leg] += fill.quantity
    for fill in happening.executions:
        if fill.id in seen:
            continue
        seen.add(fill.id)
        if fill.order != order.id or not 0 <= fill.leg < len(by_leg) or fill.quantity <= 0:
            message = f"Execution {fill.id} names {fill.order}, leg {fill.leg}: no such leg."
            raise ReportConflict(message)
        by_leg[fill.leg] += fill.quantity
        found.append(fill)
    if max(by_leg) > order.quantity:
        message = (
            f"The broker filled {max(by_leg)} of {order.id}, which asked for {order.quantity}: "
            "the desk stops until a person has compared both records."
        )
        raise ReportConflict(message)
    if min(by_leg) != max(by_leg):
        message = f"The legs of {order.id} were not filled alike: {by_leg}."
        raise ReportConflict(message)
    return tuple(found)


def moved(order: Order, limit: Price) -> Order:
    """The order at another limit, next version, waiting for its acknowledgement again.

    Raises ValueError for an order that is over or unknown, and for a limit beyond its worst.
    """
    if order.status not in {_SENT, _WORKING, _PARTLY}:
        message = f"{order.id} is {order.status.value}: only a working order can be moved."
        raise ValueError(message)
    if order.limit_worst is not None and limit < order.limit_worst:
        message = f"{order.id} may not be moved to {limit}, beyond {order.limit_worst}."
        raise ValueError(message)
    return replace(order, limit=limit, version=order.version + 1, status=_SENT)


def repriced(order: Order, worst_now: Price, marketable: Price) -> Order | None:
    """The order moved to what the market pays now; None where it cannot be moved any further.

    `worst_now` is the rulebook's worst net price from the present mid; it binds, and so does the
    worst price of the order as it was written. Nothing is offered beyond the `marketable` price,
    which is what the other side asks. None means: cancel, and retry with half the size.
    """
    if order.limit is None or order.limit_worst is None:
        return None
    limit = max(order.limit_worst, worst_now, marketable)
    return moved(order, limit) if limit < order.limit else None


def resent(order: Order, now: datetime) -> Order:
    """An order the broker confirmed cancelled or never received, once more under its own id.

    The next version keeps the order's whole quantity, of which the broker fills only what it has
    not filled under this id: so the part that is missing is sent, and none of it twice.
    Raises ValueError unless the order is cancelled with a part not filled.
    """
    if order.status is not _CANCELLED or order.quantity_filled >= order.quantity:
        message = f"{order.id} is {order.status.value}: nothing of it can be sent again."
        raise ValueError(message)
    return replace(order, status=_SENT, version=order.version + 1, written_at=now)
