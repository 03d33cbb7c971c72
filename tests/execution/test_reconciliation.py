from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.book import Book
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import total
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    Fill,
    HeldAtBroker,
    Order,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderStanding,
    OrderStatus,
)
from allusedesk.execution.lifecycle import advance
from allusedesk.execution.reconciliation import Difference, Remedy, compare, is_ours
from allusedesk.portfolio.accounting import book_fill
from tests.trading import (
    DAY,
    NOON,
    REV,
    STOCK,
    classic,
    dollars,
    fill,
    funded_book,
    lot,
    order,
    price,
    put,
    sell,
    with_lots,
)

NEXT = DAY + timedelta(days=1)
WORKING = order(sell(put()), quantity=4, status=OrderStatus.WORKING)


def statement(
    book: Book, *open_orders: OrderAtBroker, executions: tuple[Fill, ...] = (), cash: str = "0"
) -> BrokerStatement:
    """What a broker would say that agrees with the book, apart from what is handed in."""
    held: dict[Instrument, int] = {}
    for each in book.positions.values():
        held[each.instrument] = held.get(each.instrument, 0) + each.quantity_signed
    whole = total([pile.whole for pile in book.cash.values()]) + dollars(cash)
    lines = tuple(HeldAtBroker(key, signed) for key, signed in held.items())
    return BrokerStatement(NOON, whole, lines, open_orders, executions)


def remedies(found: tuple[Difference, ...]) -> list[Remedy]:
    return [each.remedy for each in found]


def test_a_statement_that_agrees_has_no_difference() -> None:
    book = with_lots(funded_book(), lot(put(), -2))
    at_broker = OrderAtBroker(WORKING.id, 1)
    assert compare(book, [WORKING], statement(book, at_broker), classic()) == ()


def test_a_missed_fill_is_found_once_and_explains_cash_and_position() -> None:
    book = funded_book()
    done = fill(WORKING, 4)
    booked = book.booked(book_fill(book, WORKING, [done], DAY, NEXT), DAY)
    told = statement(booked, OrderAtBroker(WORKING.id, 1, (done,)), executions=(done, done))
    (found,) = compare(book, [WORKING], told, classic())
    assert (found.remedy, found.order, found.executions) == (
        Remedy.BOOK_FILLS,
        WORKING.id,
        (done,),
    )
    known = advance(WORKING, OrderFilled(WORKING.id, found.executions)).order
    assert compare(booked, [known], replace(told, open_orders=()), classic()) == ()


def test_orders_we_do_not_know_are_cancelled_and_ours_adopted() -> None:
    ours = OrderId("2013-W07/F1.gen/P9/O1")
    told = statement(funded_book(), OrderAtBroker(OrderId("web-17"), 1), OrderAtBroker(ours, 2))
    found = compare(funded_book(), [], told, classic())
    assert [(each.order, each.remedy) for each in found] == [
        (ours, Remedy.ADOPT),
        (OrderId("web-17"), Remedy.CANCEL),
    ]


def test_an_order_over_with_us_and_open_there_is_cancelled() -> None:
    over = replace(WORKING, status=OrderStatus.CANCELLED)
    told = statement(funded_book(), OrderAtBroker(over.id, 1))
    assert remedies(compare(funded_book(), [over], told, classic())) == [Remedy.CANCEL]
    assert compare(funded_book(), [over], statement(funded_book()), classic()) == ()


@pytest.mark.parametrize(("status", "is_there"), [("working", False), ("unknown", True)])
def test_an_order_that_is_not_there_or_unknown_is_asked_for(status: str, is_there: bool) -> None:
    mine = replace(WORKING, status=OrderStatus(status))
    lines = (OrderAtBroker(mine.id, 1),) if is_there else ()
    found = compare(funded_book(), [mine], statement(funded_book(), *lines), classic())
    assert remedies(found) == [Remedy.LOOK_UP]


def test_fills_of_an_order_nobody_knows_stop_the_desk() -> None:
    done = fill(WORKING, 4, commission=dollars(0))
    found = compare(funded_book(), [], statement(funded_book(), executions=(done,)), classic())
    assert remedies(found) == [Remedy.STOP]
    assert found[0].stops


@pytest.mark.parametrize(
    ("ours", "theirs", "stops"),
    [(1000, 991, False), (1000, 990, True), (1000, 1009, False), (1000, 1010, True), (0, 1, True)],
)
def test_a_position_off_by_one_per_cent_stops_the_desk(ours: int, theirs: int, stops: bool) -> None:
    book = with_lots(funded_book(), lot(STOCK, ours)) if ours else funded_book()
    told = replace(statement(book), held=(HeldAtBroker(STOCK, theirs),))
    (found,) = compare(book, [], told, classic())
    assert found.stops is stops
    assert (found.ours, found.theirs) == (str(ours), str(theirs))


@pytest.mark.parametrize(
    ("off", "stops"), [("99.99", False), ("100", True), ("-99.99", False), ("-100", True)]
)
def test_cash_off_by_a_hundred_dollars_stops_the_desk(off: str, stops: bool) -> None:
    (found,) = compare(funded_book(), [], statement(funded_book(), cash=off), classic())
    assert found.what == "cash"
    assert found.stops is stops


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-W07/F1.rev/P1/O1", True),
        ("2013-W07/F1.2.com/P12/O3", True),
        ("2013-W07/F1.rev/P1", False),
        ("web-17", False),
        ("2013-W07/F1.rev/P1/O1/v2", False),
    ],
)
def test_our_order_ids_are_told_by_their_shape(text: str, expected: bool) -> None:
    assert is_ours(OrderId(text)) is expected


class Desk:
    """The little of an engine that reports pass through: orders, and the book they fill."""

    def __init__(self, orders: list[Order]) -> None:
        self.book = funded_book()
        self.orders = {each.id: each for each in orders}

    def take(self, report: BrokerReport) -> None:
        known = self.orders[report.order]  # type: ignore[union-attr]
        progress = advance(known, report)  # type: ignore[arg-type]
        if progress.executions:
            booking = book_fill(self.book, known, progress.executions, DAY, NEXT)
            self.book = self.book.booked(booking, DAY)
        self.orders[known.id] = progress.order


@given(st.data())
def test_one_pass_settles_any_loss_order_and_repetition_of_reports(data: st.DataObject) -> None:
    """Whatever part of the reports came, in whatever order: one pass, and book equals broker."""
    sent = [
        order(sell(put(90 + number)), quantity=6, id=OrderId(f"2013-W07/{REV}/P{number}/O1"))
        for number in range(4)
    ]
    reports: list[BrokerReport] = []
    executions: list[Fill] = []
    answers: dict[OrderId, OrderLookedUp] = {}
    open_orders: list[OrderAtBroker] = []
    for each in sent:
        parts = data.draw(st.lists(st.integers(1, 3), max_size=2), label="fills")
        fills = tuple(
            fill(each, size, id=f"{each.id}/{number}", price=price("1.5"))
            for number, size in enumerate(parts)
        )
        ending = data.draw(st.sampled_from(["open", "cancelled"]), label="ending")
        is_whole = sum(parts) == each.quantity
        reports.append(OrderAcknowledged(each.id, 1))
        reports.extend(OrderFilled(each.id, (done,)) for done in fills)
        executions.extend(fills)
        if is_whole:
            answers[each.id] = OrderLookedUp(each.id, OrderStanding.FILLED, fills)
        elif ending == "cancelled":
            reports.append(OrderCancelled(each.id))
            answers[each.id] = OrderLookedUp(each.id, OrderStanding.CANCELLED, fills)
        else:
            open_orders.append(OrderAtBroker(each.id, 1, fills))
            answers[each.id] = OrderLookedUp(each.id, OrderStanding.WORKING, fills)
    complete = Desk(sent)
    for report in reports:
        complete.take(report)
    told = statement(complete.book, *open_orders, executions=tuple(executions))

    desk = Desk(sent)
    kept = data.draw(
        st.lists(st.sampled_from(reports), max_size=2 * len(reports)), label="delivered"
    )
    for report in kept:
        desk.take(report)
    for difference in compare(desk.book, desk.orders.values(), told, classic()):
        assert not difference.stops
        assert difference.order is not None
        if difference.remedy is Remedy.BOOK_FILLS:
            desk.take(OrderFilled(difference.order, difference.executions))
        elif difference.remedy is Remedy.LOOK_UP:
            desk.take(answers[difference.order])
    assert compare(desk.book, desk.orders.values(), told, classic()) == ()
    assert cash_of(desk.book) == cash_of(complete.book)
    assert held_in(desk.book) == held_in(complete.book)


def cash_of(book: Book) -> Decimal:
    return total([pile.whole for pile in book.cash.values()]).amount


def held_in(book: Book) -> dict[str, int]:
    return {str(each.instrument): each.quantity_signed for each in book.positions.values()}
