from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.book import Booking, CashMove
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.money import NOTHING
from allusedesk.portfolio.cash_ladder import LadderStep, cash_ladder
from tests.trading import COM, DAY, FRIDAY, REV, call, dollars, funded_book, lot, put, with_lots

LATER = FRIDAY + timedelta(days=7)
FEE = dollars("0.65")


def test_cash_stands_on_the_day_it_can_be_used() -> None:
    moves = tuple(
        CashMove(REV, dollars(amount), day, "fill")
        for amount, day in ((200, FRIDAY), (50, LATER), (30, FRIDAY), (-10, LATER))
    )
    book = with_lots(
        funded_book().booked(Booking((), moves), DAY),
        lot(put(95), -2, id=PositionId("a")),
        lot(put(90, expiry=LATER), -1, id=PositionId("b")),
        lot(put(80), -1, id=PositionId("c")),
        lot(put(80), 1, id=PositionId("d"), opened_by=OrderId("of another order")),
        lot(call(120), -1, id=PositionId("e")),
        lot(put(95), -9, id=PositionId("f"), account=COM),
    )
    found = cash_ladder(book, REV, FEE, dollars(1000))
    assert found.settled == dollars(99_990)
    assert found.arriving == (
        LadderStep(FRIDAY, dollars(230)),
        LadderStep(LATER, dollars(50)),
    )
    assert found.held == (
        LadderStep(FRIDAY, dollars("27001.95")),
        LadderStep(LATER, dollars("9000.65")),
    )
    assert found.free == dollars("99990") - dollars("36002.60") - dollars(1000)


@given(some.lists(some.tuples(some.integers(0, 9), some.integers(1, 9000)), max_size=8))
def test_a_ladder_holds_the_whole_of_a_sleeves_cash(moves: list[tuple[int, int]]) -> None:
    booked = tuple(
        CashMove(REV, dollars(amount), DAY + timedelta(days=days), "fill") for days, amount in moves
    )
    book = funded_book(0).booked(Booking((), booked), DAY)
    for waited in range(10):
        today: date = DAY + timedelta(days=waited)
        found = cash_ladder(book.settled_through(today), REV, FEE, NOTHING)
        arriving = NOTHING.plus([step.amount for step in found.arriving])
        assert found.settled + arriving == book.cash[REV].whole
        assert all(step.on > today for step in found.arriving)
