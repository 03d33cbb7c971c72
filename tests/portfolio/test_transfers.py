from __future__ import annotations

from datetime import timedelta

import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking, CashMove
from allusedesk.portfolio.accounting import BookMismatch
from allusedesk.portfolio.transfers import Transfer, book_transfer
from tests.trading import COM, DAY, GEN, REV, dollars, funded_book


def test_a_deposit_and_a_withdrawal_move_settled_cash() -> None:
    book = funded_book()
    booking = book_transfer(book, [Transfer(GEN, dollars(5)), Transfer(REV, dollars(0))], DAY, "in")
    assert book.booked(booking, DAY).cash[GEN].settled == dollars(100_005)
    assert len(booking.cash) == 1
    booking = book_transfer(book, [Transfer(GEN, dollars(-100_000))], DAY, "out")
    assert book.booked(booking, DAY).cash[GEN].settled == dollars(0)


def test_a_fork_moves_a_surplus_whole() -> None:
    book = funded_book()
    parts = [Transfer(GEN, dollars(-50)), Transfer(REV, dollars(20)), Transfer(COM, dollars(30))]
    after = book.booked(book_transfer(book, parts, DAY, "fork"), DAY)
    assert after.cash[COM].settled == dollars(100_030)
    with pytest.raises(BookMismatch, match=r"leaves -20\.00 USD over"):
        book_transfer(book, [parts[0], parts[2]], DAY, "fork")


def test_cash_that_is_not_settled_cannot_be_paid() -> None:
    book = funded_book(100)
    move = CashMove(GEN, dollars(900), DAY + timedelta(days=1), "a sale")
    book = book.booked(Booking((), (move,)), DAY)
    with pytest.raises(BookMismatch, match=r"only 100\.00 USD is settled"):
        book_transfer(book, [Transfer(GEN, dollars(-101))], DAY, "a withdrawal")


def test_a_sleeve_that_is_not_there_is_refused() -> None:
    with pytest.raises(BookMismatch, match=r"There is no sleeve F9\.gen"):
        book_transfer(funded_book(), [Transfer(AccountId("F9.gen"), dollars(1))], DAY, "x")
