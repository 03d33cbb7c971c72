from __future__ import annotations

from datetime import timedelta

import pytest

from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.book import Booking, CashMove, LotChange, SymbolHeld
from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import PositionId
from tests.trading import (
    COM,
    DAY,
    FAMILY,
    GEN,
    NOON,
    REV,
    STOCK,
    dollars,
    funded_book,
    lot,
    put,
    with_lots,
)


def test_a_family_that_still_holds_cash_or_lots_is_not_closed() -> None:
    with pytest.raises(ValueError, match=r"F1\.\w+ still holds cash"):
        funded_book().without_family(FAMILY)
    holding = with_lots(funded_book(0), lot(STOCK, 100))
    with pytest.raises(ValueError, match=r"F1\.rev still holds cash or positions"):
        holding.without_family(FAMILY)
    # Cash that has yet to settle is cash as well.
    due = CashMove(COM, dollars(1), DAY + timedelta(days=1), "dividend")
    with pytest.raises(ValueError, match=r"F1\.com still holds cash"):
        funded_book(0).booked(Booking((), (due,)), DAY).without_family(FAMILY)


def test_an_empty_family_leaves_nothing_behind() -> None:
    closed = funded_book(0).without_family(FAMILY)
    assert not closed.families
    assert not closed.accounts
    assert not closed.cash


def test_a_booking_of_no_lot_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="neither before nor after"):
        funded_book().booked(Booking((LotChange(None, None),), ()), DAY)


def test_a_lot_is_booked_out_only_as_it_is_held() -> None:
    held = lot(put(), -3)
    book = with_lots(funded_book(), held)
    other = lot(put(), -2)
    with pytest.raises(ValueError, match="not held as the booking says"):
        book.booked(Booking((LotChange(other, None),), ()), DAY)
    with pytest.raises(ValueError, match="not held as the booking says"):
        book.booked(Booking((LotChange(None, other),), ()), DAY)
    less = book.booked(Booking((LotChange(held, other),), ()), DAY)
    assert less.positions_of(REV) == (other,)
    assert less.booked(Booking((LotChange(other, None),), ()), DAY).positions_of(REV) == ()
    assert less.positions_of(GEN) == ()


def test_a_familys_sleeves_come_in_the_order_of_their_names() -> None:
    book = funded_book()
    assert [account.id for account in book.accounts_of(FAMILY)] == sorted([GEN, REV, COM])
    assert book.accounts_of(FamilyId("F2")) == ()


def test_each_booking_is_seen_in_everything_reckoned_from_the_lots() -> None:
    held = lot(put(), -3)
    empty, fee = funded_book(), dollars(1)
    nothing = (empty.positions_of(REV), empty.all_positions(), empty.instruments())
    assert nothing == ((), (), ())
    assert (empty.cost_of(REV), empty.collateral_of(REV, fee)) == (dollars(0), dollars(0))
    assert empty.held_by_symbol() == ()
    book = with_lots(empty, held)
    assert (book.positions_of(REV), book.all_positions()) == ((held,), (held,))
    assert book.instruments() == (held.instrument,)
    assert book.cost_of(REV) == held.value_at(held.price_average)
    assert book.collateral_of(REV, fee) == held.assignment_cost() + fee * 3
    assert book.collateral_of(REV, dollars(0)) == held.assignment_cost()
    secured = SymbolHeld(held.underlying, held.assignment_cost(), ())
    assert book.held_by_symbol() == (secured,)
    less = replace(held, quantity_signed=-1)
    after = book.booked(Booking((LotChange(held, less),), ()), DAY)
    assert after.collateral_of(REV, fee) == less.assignment_cost() + fee
    assert after.cost_of(REV) == less.value_at(less.price_average)
    assert after.held_by_symbol() == (SymbolHeld(less.underlying, less.assignment_cost(), ()),)
    over = after.booked(Booking((LotChange(less, None),), ()), DAY)
    assert over.positions_of(REV) == over.all_positions() == over.held_by_symbol() == ()
    assert over.collateral_of(REV, fee) == over.cost_of(REV) == dollars(0)


def test_shares_are_told_beside_what_shorts_of_their_symbol_hold() -> None:
    shares = lot(STOCK, 100)
    short = lot(put(), -1, id=PositionId("put"), opened_at=NOON)
    book = with_lots(funded_book(), shares, short)
    assert book.held_by_symbol() == (SymbolHeld(STOCK.symbol, short.assignment_cost(), (shares,)),)
    assert book.instruments() == (shares.instrument, short.instrument)
