from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import total
from allusedesk.domain.orders import OptionsSettled
from allusedesk.portfolio.accounting import BookMismatch
from allusedesk.portfolio.settlement import book_settlement
from tests.trading import (
    COM,
    DAY,
    NOON,
    REV,
    call,
    dollars,
    funded_book,
    lot,
    price,
    put,
    with_lots,
)

NEXT = DAY + timedelta(days=1)
SPX = put(1500, underlying="SPX")
EARLIER = NOON - timedelta(days=9)


def settled(signed: int, worth: str) -> OptionsSettled:
    return OptionsSettled("N1", SPX, signed, price(worth))


def test_a_short_index_put_pays_its_worth_and_brings_no_shares() -> None:
    """Sold two at 12.00 and settled at 21.75: 1,950 a contract less than was taken in."""
    book = with_lots(funded_book(), lot(SPX, -2, price_average=price(12)))
    booking = book_settlement(book, settled(-2, "21.75"), DAY, NEXT)
    after = book.booked(booking, DAY)
    assert not after.positions
    assert after.cash[REV].settled == dollars("95650.00")
    (change,) = booking.changes
    assert change.realised == dollars(-1950)


def test_a_long_index_option_is_paid_the_next_session() -> None:
    book = with_lots(funded_book(), lot(SPX, 1, price_average=price(30)))
    after = book.booked(book_settlement(book, settled(1, "21.75"), DAY, NEXT), DAY)
    assert after.cash[REV].pending == ((NEXT, dollars(2175)),)


def test_a_part_goes_from_the_oldest_short() -> None:
    old = lot(SPX, -2, id=PositionId("old"), account=COM, opened_at=EARLIER)
    book = with_lots(funded_book(), lot(SPX, -3), old, lot(call(), -1, id=PositionId("other")))
    after = book.booked(book_settlement(book, settled(-3, "1"), DAY, NEXT), DAY)
    assert old.id not in after.positions
    assert after.positions[PositionId("lot")].quantity_signed == -2
    assert after.cash[COM].settled == dollars(99_800)
    assert after.cash[REV].settled == dollars(99_900)


def test_longs_and_shorts_of_two_sleeves_end_together_at_expiry() -> None:
    long = lot(SPX, 1, id=PositionId("long"), account=COM)
    book = with_lots(funded_book(), lot(SPX, -3), long)
    after = book.booked(book_settlement(book, settled(-2, "5"), DAY, NEXT), DAY)
    assert not after.positions
    assert after.cash[REV].settled == dollars(98_500)
    assert after.cash[COM].whole == dollars(100_500)


def test_of_longs_a_part_may_go_too() -> None:
    book = with_lots(funded_book(), lot(SPX, 3))
    after = book.booked(book_settlement(book, settled(1, "5"), DAY, NEXT), DAY)
    assert after.positions[PositionId("lot")].quantity_signed == 2


def test_what_is_worth_nothing_moves_no_cash() -> None:
    book = with_lots(funded_book(), lot(SPX, -1))
    assert book_settlement(book, settled(-1, "0"), DAY, NEXT).cash == ()


@pytest.mark.parametrize("signed", [-4, 1, 0])
def test_another_quantity_than_is_held_is_refused(signed: int) -> None:
    book = with_lots(funded_book(), lot(SPX, -3))
    with pytest.raises(BookMismatch, match="but the book holds -3"):
        book_settlement(book, settled(signed, "5"), DAY, NEXT)


@given(
    st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=5),
    st.integers(0, 5000),
)
def test_cash_paid_is_what_the_lots_were_worth(sizes: list[int], cents: int) -> None:
    lots = [lot(SPX, size, id=PositionId(f"L{n}")) for n, size in enumerate(sizes)]
    book, worth = with_lots(funded_book(), *lots), f"{cents / 100:.2f}"
    if not sum(sizes):
        return
    booking = book_settlement(book, settled(sum(sizes), worth), DAY, NEXT)
    paid = total([move.amount for move in booking.cash])
    assert paid == dollars(worth) * (100 * sum(sizes))
    cost = total([held.value_at(held.price_average) for held in lots])
    assert total([change.realised for change in booking.changes]) == paid - cost
