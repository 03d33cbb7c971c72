from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.identifiers import OrderId
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
from allusedesk.execution.lifecycle import (
    AcknowledgementOverdue,
    CancellationWished,
    Happening,
    ReportConflict,
    advance,
    moved,
    repriced,
    resent,
)
from tests.trading import NOON, buy, classic, fill, order, price, put, sell

S = OrderStatus
SALE = order(sell(put()), quantity=4)
ID = SALE.id
PART = OrderFilled(ID, (fill(SALE, 1, id="p"),))
WHOLE = OrderFilled(ID, (fill(SALE, 4, id="w"),))
REST = OrderFilled(ID, (fill(SALE, 3, id="r"),))
ACKNOWLEDGED = OrderAcknowledged(ID, 1)
OVERDUE = AcknowledgementOverdue(ID, 1)


def looked(standing: OrderStanding, *fills: Fill) -> OrderLookedUp:
    return OrderLookedUp(ID, standing, fills)


# Every legal step: status before, what happens, status after.
LEGAL: list[tuple[OrderStatus, Happening, OrderStatus]] = [
    (S.SENT, ACKNOWLEDGED, S.WORKING),
    (S.SENT, PART, S.PARTLY_FILLED),
    (S.SENT, WHOLE, S.FILLED),
    (S.SENT, OrderCancelled(ID), S.CANCELLED),
    (S.SENT, OrderRejected(ID, "no"), S.REJECTED),
    (S.SENT, OrderRunOut(ID), S.EXPIRED),
    (S.SENT, OVERDUE, S.UNKNOWN),
    (S.SENT, CancellationWished(ID), S.CANCELLING),
    (S.SENT, looked(OrderStanding.WORKING), S.WORKING),
    (S.WORKING, PART, S.PARTLY_FILLED),
    (S.WORKING, WHOLE, S.FILLED),
    (S.WORKING, OrderCancelled(ID), S.CANCELLED),
    (S.WORKING, OrderRejected(ID, "no"), S.REJECTED),
    (S.WORKING, OrderRunOut(ID), S.EXPIRED),
    (S.WORKING, CancellationWished(ID), S.CANCELLING),
    (S.WORKING, looked(OrderStanding.NEVER_RECEIVED), S.UNKNOWN),
    (S.PARTLY_FILLED, PART, S.PARTLY_FILLED),
    (S.PARTLY_FILLED, OrderCancelled(ID), S.CANCELLED),
    (S.PARTLY_FILLED, OrderRejected(ID, "no"), S.REJECTED),
    (S.PARTLY_FILLED, OrderRunOut(ID), S.EXPIRED),
    (S.PARTLY_FILLED, CancellationWished(ID), S.CANCELLING),
    (S.PARTLY_FILLED, looked(OrderStanding.NEVER_RECEIVED), S.UNKNOWN),
    (S.CANCELLING, PART, S.CANCELLING),
    (S.CANCELLING, WHOLE, S.FILLED),
    (S.CANCELLING, OrderCancelled(ID), S.CANCELLED),
    (S.CANCELLING, OrderRejected(ID, "no"), S.REJECTED),
    (S.CANCELLING, OrderRunOut(ID), S.EXPIRED),
    (S.CANCELLING, OVERDUE, S.UNKNOWN),
    (S.CANCELLING, looked(OrderStanding.WORKING), S.WORKING),
    (S.CANCELLING, looked(OrderStanding.NEVER_RECEIVED), S.CANCELLED),
    (S.UNKNOWN, ACKNOWLEDGED, S.WORKING),
    (S.UNKNOWN, PART, S.PARTLY_FILLED),
    (S.UNKNOWN, WHOLE, S.FILLED),
    (S.UNKNOWN, OrderCancelled(ID), S.CANCELLED),
    (S.UNKNOWN, OrderRejected(ID, "no"), S.REJECTED),
    (S.UNKNOWN, OrderRunOut(ID), S.EXPIRED),
    (S.UNKNOWN, looked(OrderStanding.WORKING), S.WORKING),
    (S.UNKNOWN, looked(OrderStanding.NEVER_RECEIVED), S.CANCELLED),
    (S.UNKNOWN, looked(OrderStanding.CANCELLED), S.CANCELLED),
    (S.UNKNOWN, looked(OrderStanding.REJECTED), S.REJECTED),
    (S.UNKNOWN, looked(OrderStanding.FILLED, fill(SALE, 4)), S.FILLED),
    (S.CANCELLED, PART, S.CANCELLED),
    (S.CANCELLED, WHOLE, S.FILLED),
    (S.EXPIRED, PART, S.EXPIRED),
    (S.EXPIRED, WHOLE, S.FILLED),
    (S.REJECTED, PART, S.REJECTED),
    (S.REJECTED, WHOLE, S.FILLED),
]


@pytest.mark.parametrize(("before", "happening", "after"), LEGAL)
def test_each_row_of_the_table(
    before: OrderStatus, happening: Happening, after: OrderStatus
) -> None:
    progress = advance(replace(SALE, status=before), happening)
    assert progress.order.status is after
    assert progress.is_news


ENDED: dict[OrderStanding, Happening] = {
    OrderStanding.CANCELLED: OrderCancelled(ID),
    OrderStanding.REJECTED: OrderRejected(ID, "no"),
}


@pytest.mark.parametrize("before", list(OrderStatus))
@pytest.mark.parametrize("happening", [h for _, h, _ in LEGAL])
def test_what_is_no_row_changes_nothing(before: OrderStatus, happening: Happening) -> None:
    told = happening
    if isinstance(happening, OrderLookedUp) and happening.standing in ENDED:
        # An answer about an order that is over says what its report would have said.
        told = ENDED[happening.standing]
    if any(row[:2] in {(before, happening), (before, told)} for row in LEGAL):
        return
    given = replace(SALE, status=before)
    progress = advance(given, happening)
    assert progress.order.status is before or progress.executions
    if not progress.executions:
        assert progress == replace(progress, order=given, is_news=False)
        assert progress.remark


def test_odd_rows_carry_a_remark() -> None:
    cancelled = replace(SALE, status=S.CANCELLED)
    assert advance(cancelled, WHOLE).remark == "filled after its cancellation"
    filled = advance(SALE, WHOLE).order
    late = advance(filled, ACKNOWLEDGED)
    assert (late.order, late.is_news) == (filled, False)
    working = advance(SALE, ACKNOWLEDGED).order
    again = advance(working, ACKNOWLEDGED)
    assert (again.order, again.is_news) == (working, False)


def test_an_acknowledgement_of_another_version_is_no_news() -> None:
    progress = advance(replace(SALE, version=2), ACKNOWLEDGED)
    assert (progress.order.status, progress.is_news) == (S.SENT, False)
    assert "version 1" in progress.remark


def test_a6b_no_acknowledgement_makes_an_order_unknown_and_asked_and_never_doubled() -> None:
    assert classic().orders.acknowledgement_seconds == 3
    unknown = advance(SALE, OVERDUE).order
    assert unknown.status is S.UNKNOWN
    assert not unknown.status.is_over
    # Silence does not end it, and neither a move nor a second sending is possible.
    assert advance(unknown, OVERDUE).order == unknown
    with pytest.raises(ValueError, match="only a working order"):
        moved(unknown, price("1.95"))
    with pytest.raises(ValueError, match="nothing of it can be sent again"):
        resent(unknown, NOON)
    # The broker had it and filled a part: the rest goes out under the same id, next version.
    told = advance(unknown, looked(OrderStanding.CANCELLED, fill(SALE, 1, id="p"))).order
    assert (told.status, told.quantity_filled) == (S.CANCELLED, 1)
    again = resent(told, NOON + timedelta(seconds=4))
    assert (again.id, again.version, again.quantity, again.quantity_open) == (ID, 2, 4, 3)
    assert advance(again, OVERDUE).is_news is False


def test_a_working_order_with_fills_is_partly_filled_again_after_a_move() -> None:
    partly = advance(SALE, PART).order
    out = moved(partly, price("1.95"))
    assert (out.status, out.version, out.limit) == (S.SENT, 2, price("1.95"))
    back = advance(out, OrderAcknowledged(ID, 2)).order
    assert back.status is S.PARTLY_FILLED


def test_an_order_moves_once_from_mid_to_the_worst_price_and_never_beyond() -> None:
    working = replace(SALE, status=S.WORKING)
    out = repriced(working, price("1.80"), price("1.80"))
    assert out is not None
    assert out.limit == SALE.limit_worst
    assert repriced(replace(out, status=S.WORKING), price("1.80"), price("1.80")) is None
    better = repriced(working, price("1.95"), price("1.80"))
    assert better is not None
    assert better.limit == price("1.95")
    assert repriced(replace(working, limit=None), price("1.80"), price("1.80")) is None
    assert repriced(replace(working, limit_worst=None), price("1.80"), price("1.80")) is None
    with pytest.raises(ValueError, match="beyond"):
        moved(working, price("1.89"))


def test_a_fill_told_twice_is_booked_once() -> None:
    partly = advance(SALE, PART).order
    again = advance(partly, PART)
    assert (again.order, again.executions, again.is_news) == (partly, (), False)
    doubled = advance(SALE, OrderFilled(ID, (*PART.executions, *PART.executions)))
    assert doubled.executions == PART.executions


@pytest.mark.parametrize(
    "fills",
    [
        (fill(SALE, 5),),
        (fill(SALE, 4), fill(SALE, 1, id="more")),
        (fill(SALE, 1, leg=1),),
        (fill(SALE, 0),),
        (fill(SALE, 1, order=OrderId("another")),),
    ],
)
def test_executions_that_cannot_be_true_raise(fills: tuple[Fill, ...]) -> None:
    with pytest.raises(ReportConflict):
        advance(SALE, OrderFilled(ID, fills))


def test_legs_filled_unlike_and_a_fill_without_executions_raise() -> None:
    roll = order(buy(put()), sell(put(99)), quantity=2)
    with pytest.raises(ReportConflict, match="not filled alike"):
        advance(roll, OrderFilled(roll.id, (fill(roll, 1),)))
    with pytest.raises(ReportConflict, match="names executions for 0 of 4"):
        advance(replace(SALE, status=S.UNKNOWN), looked(OrderStanding.FILLED))


reports = st.lists(st.sampled_from([happening for _, happening, _ in LEGAL] + [REST]), max_size=12)


@given(reports)
def test_whatever_is_reported_no_more_is_filled_than_was_ordered(told: list[Happening]) -> None:
    standing: Order = SALE
    for happening in told:
        try:
            standing = advance(standing, happening).order
        except ReportConflict:
            continue
        assert standing.quantity_filled <= standing.quantity
        ids = [each.id for each in standing.fills]
        assert len(ids) == len(set(ids))
        assert (standing.status is S.FILLED) == (standing.quantity_filled == standing.quantity)


@given(reports)
def test_a_report_applied_twice_changes_nothing(told: list[Happening]) -> None:
    standing: Order = SALE
    for happening in told:
        try:
            once = advance(standing, happening).order
        except ReportConflict:
            continue
        twice = advance(once, happening)
        assert twice.order == once or isinstance(happening, OrderLookedUp)
        assert twice.executions == ()
        standing = once
