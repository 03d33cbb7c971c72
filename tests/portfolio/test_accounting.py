from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.book import Book, Booking, CashMove
from allusedesk.domain.identifiers import PositionId, position_id
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import NOTHING, Money, Price, total
from allusedesk.domain.orders import (
    CashCharged,
    DividendPaid,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
)
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.portfolio.accounting import (
    BookMismatch,
    book_assignment,
    book_charge,
    book_dividend,
    book_exercise,
    book_expiry,
    book_fill,
)
from tests.trading import (
    COM,
    DAY,
    GEN,
    NOON,
    REV,
    STOCK,
    buy,
    call,
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


def cash(book: Book) -> Decimal:
    return total([pile.whole for pile in book.cash.values()]).amount


def cost(book: Book) -> Decimal:
    return total([held.value_at(held.price_average) for held in book.positions.values()]).amount


def realised(booking: Booking) -> Decimal:
    return total([change.realised for change in booking.changes]).amount


def test_a_sold_put_opens_a_short_lot_and_its_premium_settles_the_next_session() -> None:
    book, sale = funded_book(), order(sell(put()), quantity=2)
    booking = book_fill(book, sale, [fill(sale, 2)], DAY, NEXT, price(101))
    after = book.booked(booking, DAY)
    (held,) = after.positions_of(REV)
    assert held.id == position_id(sale.id, 0)
    assert (held.quantity_signed, held.price_average, held.spot_at_open) == (
        -2,
        price(2),
        price(101),
    )
    assert booking.commission == dollars("1.30")
    assert [move.amount for move in booking.cash] == [dollars("398.70")]
    assert after.cash[REV].settled == dollars(100_000)
    assert after.settled_through(NEXT).cash[REV].settled == dollars("100398.70")


def test_partial_fills_of_an_order_make_one_lot_at_the_averaged_price() -> None:
    book, sale = funded_book(), order(sell(put()), quantity=4)
    first = book.booked(book_fill(book, sale, [fill(sale, 1)], DAY, NEXT), DAY)
    second = fill(sale, 3, at="1.96", id="second")
    after = first.booked(book_fill(first, sale, [second], DAY, NEXT), DAY)
    (held,) = after.positions_of(REV)
    assert (held.quantity_signed, held.price_average) == (-4, price("1.97"))


def test_shares_bought_have_their_price_as_basis() -> None:
    book = funded_book()
    purchase = order(buy(STOCK, role=PositionRole.SHARES), quantity=100, limit=price("-101"))
    done = fill(purchase, 100, at="101", commission=dollars(1))
    after = book.booked(book_fill(book, purchase, [done], DAY, NEXT), DAY)
    (held,) = after.positions_of(REV)
    assert held.basis == held.price_average == held.spot_at_open == price(101)
    assert after.cash[REV].settled == dollars(100_000 - 10_101)


def test_closing_reduces_its_lot_and_realises_before_fees() -> None:
    held = lot(put(), -5)
    book = with_lots(funded_book(), held)
    closing = order(buy(put(), closes=held.id), quantity=2, limit=price("-0.50"))
    booking = book_fill(book, closing, [fill(closing, 2, at="0.50")], DAY, NEXT)
    assert realised(booking) == Decimal(300)
    assert book.booked(booking, DAY).positions[held.id].quantity_signed == -3
    assert booking.cash[0].amount == dollars("-101.30")
    assert booking.cash[0].settles_on == DAY


def test_a_roll_is_one_booking_with_one_cash_move() -> None:
    held = lot(put(), -1)
    book = with_lots(funded_book(), held)
    later = put(98, DAY + timedelta(days=10))
    roll = order(buy(put(), closes=held.id), sell(later))
    done = [fill(roll, at="4.00"), fill(roll, at="4.30", leg=1)]
    booking = book_fill(book, roll, done, DAY, NEXT)
    assert len(booking.cash) == 1
    assert booking.cash[0].amount == dollars("28.70")
    after = book.booked(booking, DAY)
    assert [each.instrument for each in after.positions_of(REV)] == [later]


@pytest.mark.parametrize(
    "changes",
    [{"order": "another"}, {"leg": 1}, {"quantity": 0}],
)
def test_an_execution_that_is_not_of_the_order_is_refused(changes: dict[str, object]) -> None:
    sale = order(sell(put()))
    with pytest.raises(BookMismatch, match="does not belong"):
        book_fill(funded_book(), sale, [replace(fill(sale), **changes)], DAY, NEXT)


@pytest.mark.parametrize(
    "held",
    [
        None,
        lot(put(), -1),
        lot(put(), 2),
        lot(put(101), -2),
        lot(put(), -2, account=GEN),
    ],
)
def test_closing_what_the_lot_does_not_hold_is_refused(held: Position | None) -> None:
    book = funded_book() if held is None else with_lots(funded_book(), held)
    closing = order(buy(put(), closes=PositionId("lot")), quantity=2)
    with pytest.raises(BookMismatch, match="lot holds"):
        book_fill(book, closing, [fill(closing, 2)], DAY, NEXT)


def test_an_assigned_put_becomes_shares_at_the_strike_in_one_transaction() -> None:
    held = lot(put(), -2, opened_by="the order")
    book = with_lots(funded_book(), held)
    booking = book_assignment(book, OptionsAssigned("N1", put(), 2), NOON, DAY, NEXT)
    after = book.booked(booking, DAY)
    (shares,) = after.positions_of(REV)
    assert (shares.instrument, shares.quantity_signed, shares.linked_to) == (STOCK, 200, held.id)
    assert (shares.price_average, shares.basis) == (price(100), price(98))
    assert shares.opened_by == "the order"
    assert after.cash[REV].settled == dollars(80_000)
    assert after.collateral_of(REV, dollars(1)) == NOTHING
    assert realised(booking) == Decimal(400)


def test_two_notices_for_one_lot_on_one_day_add_to_one_lot_of_shares() -> None:
    book = with_lots(funded_book(), lot(put(), -3))
    for number in (1, 2):
        notice = OptionsAssigned("N", put(), number)
        book = book.booked(book_assignment(book, notice, NOON, DAY, NEXT), DAY)
    (shares,) = book.positions_of(REV)
    assert shares.quantity_signed == 300


def test_a22_an_assignment_over_two_sleeves_goes_to_the_oldest_lot_then_the_lowest_sleeve() -> None:
    lots = [
        lot(put(), -2, id=PositionId("b"), account=REV),
        lot(put(), -1, id=PositionId("c"), account=COM),
        lot(put(), -1, id=PositionId("a"), account=REV, opened_at=NOON - timedelta(days=9)),
        lot(put(101), -1, id=PositionId("other"), account=COM),
    ]
    book = with_lots(funded_book(), *lots)
    booking = book_assignment(book, OptionsAssigned("N1", put(), 3), NOON, DAY, NEXT)
    ended = [change.before.id for change in booking.changes if change.before is not None]
    assert ended == ["a", "c", "b"]
    after = book.booked(booking, DAY)
    assert {held.id: held.quantity_signed for held in after.positions.values()} == {
        PositionId("b"): -1,
        PositionId("other"): -1,
        PositionId("a/S20130212"): 100,
        PositionId("c/S20130212"): 100,
        PositionId("b/S20130212"): 100,
    }
    assert after.cash[REV].settled == dollars(80_000)
    assert after.cash[COM].settled == dollars(90_000)


def test_called_shares_are_those_the_call_covers_and_the_cash_comes_with_settlement() -> None:
    older = lot(STOCK, 100, id=PositionId("older"), opened_at=NOON - timedelta(days=30))
    linked = lot(STOCK, 200, id=PositionId("linked"), price_average=price(95))
    short = lot(call(105), -1, id=PositionId("call"), linked_to=linked.id)
    book = with_lots(funded_book(), older, linked, short)
    booking = book_assignment(
        book, OptionsAssigned("N1", call(105), 1), NOON, DAY, NEXT, dollars(5)
    )
    after = book.booked(booking, DAY)
    assert after.positions[linked.id].quantity_signed == 100
    assert after.positions[older.id] == older
    assert realised(booking) == Decimal(1000 + 200)
    assert booking.commission == dollars(5)
    assert after.cash[REV].pending == ((NEXT, dollars(10_495)),)


def test_calls_without_a_link_take_the_oldest_shares_over_several_lots() -> None:
    lots = [
        lot(STOCK, 150, id=PositionId("young"), opened_at=NOON),
        lot(STOCK, 50, id=PositionId("old"), opened_at=NOON - timedelta(days=30)),
        lot(call(), -2, id=PositionId("call")),
    ]
    book = with_lots(funded_book(), *lots)
    booking = book_assignment(book, OptionsAssigned("N1", call(), 2), NOON, DAY, NEXT)
    assert book.booked(booking, DAY).positions_of(REV) == ()


def test_two_calls_of_one_notice_may_take_from_one_lot_of_shares() -> None:
    shares = lot(STOCK, 300, id=PositionId("shares"))
    calls = [
        lot(call(), -1, id=PositionId("c1"), linked_to=shares.id),
        lot(call(), -1, id=PositionId("c2"), linked_to=shares.id),
    ]
    book = with_lots(funded_book(), shares, *calls)
    booking = book_assignment(book, OptionsAssigned("N1", call(), 2), NOON, DAY, NEXT)
    (left,) = book.booked(booking, DAY).positions_of(REV)
    assert left.quantity_signed == 100
    assert len(booking.changes) == 3


def test_a_roll_that_costs_nothing_moves_no_cash() -> None:
    held = lot(put(), -1)
    roll = order(buy(put(), closes=held.id), sell(put(98)))
    done = [
        fill(roll, at="4.00", commission=NOTHING),
        fill(roll, at="4.00", leg=1, commission=NOTHING),
    ]
    assert book_fill(with_lots(funded_book(), held), roll, done, DAY, NEXT).cash == ()


def test_more_assigned_than_held_and_shares_that_are_not_there_are_refused() -> None:
    book = with_lots(funded_book(), lot(put(), -1), lot(call(), -1, id=PositionId("call")))
    with pytest.raises(BookMismatch, match="holds only 1"):
        book_assignment(book, OptionsAssigned("N1", put(), 2), NOON, DAY, NEXT)
    with pytest.raises(BookMismatch, match=r"which holds 0"):
        book_assignment(book, OptionsAssigned("N1", call(), 1), NOON, DAY, NEXT)


def test_exercised_long_options_mirror_an_assignment() -> None:
    long_call = lot(call(), 1, id=PositionId("call"), price_average=price(3))
    book = with_lots(funded_book(), long_call)
    booking = book_exercise(book, OptionsExercised("N1", call(), 1), NOON, DAY, NEXT)
    after = book.booked(booking, DAY)
    (shares,) = after.positions_of(REV)
    assert (shares.quantity_signed, shares.basis) == (100, price(103))
    assert realised(booking) == Decimal(-300)
    long_put = lot(put(110), 1, id=PositionId("put"), price_average=price(3))
    after = with_lots(after, long_put)
    booking = book_exercise(after, OptionsExercised("N2", put(110), 1), NOON, DAY, NEXT)
    assert after.booked(booking, DAY).positions_of(REV) == ()
    assert realised(booking) == Decimal(1000 - 300)


def test_expiry_takes_every_lot_of_the_contract_and_moves_no_cash() -> None:
    book = with_lots(
        funded_book(), lot(put(), -2), lot(put(), -1, id=PositionId("gen"), account=GEN)
    )
    booking = book_expiry(book, OptionsExpired("N1", put(), -3))
    assert booking.cash == ()
    assert realised(booking) == Decimal(600)
    assert not book.booked(booking, DAY).positions
    for wrong in (-2, 3):
        with pytest.raises(BookMismatch, match="the book holds -3"):
            book_expiry(book, OptionsExpired("N1", put(), wrong))
    with pytest.raises(BookMismatch):
        book_expiry(book, OptionsExpired("N1", put(90), 0))


def test_a_dividend_is_paid_to_the_cent_and_shared_by_sleeves() -> None:
    book = with_lots(
        funded_book(),
        lot(STOCK, 100),
        lot(STOCK, 200, id=PositionId("com"), account=COM),
        lot(put(), -1, id=PositionId("put"), account=COM),
    )
    notice = DividendPaid("N1", "AAPL", DAY, Decimal("0.378575"), 300)
    booking = book_dividend(book, notice, DAY)
    paid = {move.account: move.amount for move in booking.cash}
    assert paid == {COM: dollars("75.71"), REV: dollars("37.86")}
    assert total(list(paid.values())) == dollars("113.57")
    assert book.booked(booking, DAY).cash[REV].settled == dollars("100037.86")


@pytest.mark.parametrize("shares", [200, 301])
def test_a_dividend_on_other_shares_than_held_is_refused(shares: int) -> None:
    book = with_lots(funded_book(), lot(STOCK, 300))
    with pytest.raises(BookMismatch, match="the book holds 300"):
        book_dividend(book, DividendPaid("N1", "AAPL", DAY, Decimal("0.5"), shares), DAY)


def test_a_dividend_on_nothing_is_refused() -> None:
    with pytest.raises(BookMismatch):
        book_dividend(funded_book(), DividendPaid("N1", "AAPL", DAY, Decimal("0.5"), 0), DAY)


def test_a_charge_falls_on_the_sleeves_by_their_cash_and_sums_to_the_cent() -> None:
    start = funded_book()
    moved = Booking((), (CashMove(COM, dollars("100000"), DAY, "deposit"),))
    book = start.booked(moved, DAY)
    booking = book_charge(book, CashCharged("N1", DAY, dollars("-0.07"), "fee (ORF)"), DAY)
    parts = {move.account: move.amount for move in booking.cash}
    assert total(list(parts.values())) == dollars("-0.07")
    assert parts == {COM: dollars("-0.03"), GEN: dollars("-0.02"), REV: dollars("-0.02")}
    assert {move.reason for move in booking.cash} == {"fee (ORF)"}
    paid = book_charge(book, CashCharged("N2", DAY, dollars("12.00"), "interest"), DAY)
    assert {move.account: move.amount for move in paid.cash}[COM] == dollars("6.00")


def test_a_charge_without_cash_falls_on_the_first_and_without_sleeves_on_nobody() -> None:
    charge = CashCharged("N1", DAY, dollars("-1.00"), "fee")
    (only,) = book_charge(funded_book(0), charge, DAY).cash
    assert (only.account, only.amount) == (COM, dollars("-1.00"))
    with pytest.raises(BookMismatch, match="no sleeve"):
        book_charge(Book(), charge, DAY)


cents = st.integers(1, 2_000).map(lambda n: Price(Decimal(n) / 100))


@given(st.lists(st.tuples(st.integers(1, 50), cents), min_size=1, max_size=5), cents)
def test_a_booking_conserves_cash_plus_cost_up_to_fees(
    parts: list[tuple[int, Price]], closing: Price
) -> None:
    """Opened in parts, closed whole: what cash gained is what was realised, less commissions."""
    book, fees = funded_book(10_000_000), NOTHING
    before = cash(book) + cost(book)
    sale = order(sell(put()), quantity=sum(quantity for quantity, _ in parts))
    for number, (quantity, at) in enumerate(parts):
        done = fill(sale, quantity, id=f"F{number}", price=at)
        booking = book_fill(book, sale, [done], DAY, NEXT)
        book, fees = book.booked(booking, DAY), fees + booking.commission
    assert abs(cash(book) + cost(book) - before + fees.amount) < Decimal("1e-15")
    (held,) = book.positions_of(REV)
    close = order(buy(put(), closes=held.id), quantity=sale.quantity)
    booking = book_fill(book, close, [fill(close, sale.quantity, price=closing)], DAY, NEXT)
    book, fees = book.booked(booking, DAY), fees + booking.commission
    gained = cash(book) - before
    assert not book.positions
    assert abs(gained - realised(booking) + fees.amount) < Decimal("1e-15")


@given(
    st.lists(
        st.tuples(st.sampled_from([GEN, REV, COM]), st.integers(1, 9)), min_size=1, max_size=6
    ),
    st.data(),
)
def test_an_assignment_conserves_cash_plus_cost_plus_realised(
    sizes: list[tuple[str, int]], data: st.DataObject
) -> None:
    contract: OptionContract = put()
    lots = [
        lot(contract, -size, id=PositionId(f"L{number}"), account=account)
        for number, (account, size) in enumerate(sizes)
    ]
    book = with_lots(funded_book(1_000_000), *lots)
    quantity = data.draw(st.integers(1, sum(size for _, size in sizes)))
    notice = OptionsAssigned("N", contract, quantity)
    booking = book_assignment(book, notice, NOON, DAY, NEXT, Money(Decimal("0.5")))
    after = book.booked(booking, DAY)
    gain = realised(booking) - booking.commission.amount
    assert cash(after) + cost(after) == cash(book) + cost(book) + gain
    shares = sum(held.quantity for held in after.positions.values() if held.is_shares)
    assert shares == 100 * quantity
