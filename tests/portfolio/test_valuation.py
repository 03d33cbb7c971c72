from __future__ import annotations

import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.quotes import Quote
from allusedesk.portfolio.valuation import value_book
from tests.trading import (
    COM,
    GEN,
    REV,
    STOCK,
    dollars,
    funded_book,
    lot,
    price,
    put,
    quote,
    with_lots,
)

FEE = dollars("0.65")
NO_QUOTES: dict[Instrument, Quote] = {}


def test_marks_are_the_mid_else_the_last_else_the_mark_before_else_cost() -> None:
    lots = [
        lot(put(100), -1),
        lot(put(99), -1, id=PositionId("b")),
        lot(put(98), -1, id=PositionId("c")),
        lot(put(97), -1, id=PositionId("d")),
        lot(put(100), -1, id=PositionId("e"), account=COM),
    ]
    book = with_lots(funded_book(), *lots)
    now = {
        put(100): quote(put(100), "1.00", "1.20"),
        put(99): quote(put(99), None, None, last=price("0.80")),
        put(98): quote(put(98), None, None),
    }
    before = {put(98): quote(put(98), "0.50", "0.60"), put(100): quote(put(100), "9", "9.10")}
    value = value_book(book, now.get, before.get, FEE)
    mine = value.of(REV)
    assert mine.positions == dollars("-110") - dollars(80) - dollars(55) - dollars(200)
    assert mine.equity == dollars(100_000) + mine.positions
    assert mine.unrealised == dollars(800) + mine.positions
    assert mine.collateral == dollars("39402.60")
    assert value.of(COM).positions == dollars(-110)
    assert value.equity == dollars(300_000 - 110) + mine.positions
    assert len(value.quotes) == 3


def test_a_figure_that_rests_on_a_modelled_quote_says_so() -> None:
    lots = [lot(put(), -1), lot(STOCK, 100, id=PositionId("com"), account=COM)]
    book = with_lots(funded_book(), *lots)
    now = {
        put(): quote(put(), is_modelled=True),
        STOCK: quote(STOCK, "100", "102"),
    }
    value = value_book(book, now.get, NO_QUOTES.get, FEE)
    assert value.is_modelled
    assert value.of(REV).is_modelled
    assert not value.of(COM).is_modelled
    assert value.of(COM).positions == dollars(10_100)
    assert [each.account for each in value.accounts] == sorted([COM, GEN, REV])


def test_a_sleeve_the_book_does_not_have_has_no_value() -> None:
    value = value_book(funded_book(), NO_QUOTES.get, NO_QUOTES.get, FEE)
    assert not value.is_modelled
    with pytest.raises(KeyError):
        value.of(AccountId("F9.gen"))


def test_a_sleeve_is_valued_anew_when_a_mark_of_it_moves_and_only_then() -> None:
    mine, other = lot(put(), -1), lot(put(90), -1, id=PositionId("com"), account=COM)
    book = with_lots(funded_book(), mine, other)
    first = {put(): quote(put(), "1", "1.20"), put(90): quote(put(90), "2", "2.20")}
    before = value_book(book, first.get, first.get, FEE)
    moved = first | {put(): quote(put(), "3", "3.20")}
    after = value_book(book, moved.get, moved.get, FEE)
    assert after.of(REV).positions == dollars(-310)
    assert after.of(COM) is before.of(COM)
    assert after.equity == before.equity - dollars(200)
    gone = {put(90): first[put(90)]}
    assert value_book(book, gone.get, gone.get, FEE).of(REV).positions == dollars(-200)
    dear = value_book(book, moved.get, moved.get, FEE + FEE)
    assert dear.of(REV).collateral == after.of(REV).collateral + FEE
    assert value_book(book, first.get, first.get, FEE) == before


def test_the_same_marks_value_another_book_by_its_own_lots() -> None:
    book = with_lots(funded_book(), lot(put(), -1))
    now = {put(): quote(put(), "1", "1.20")}
    one = value_book(book, now.get, now.get, FEE).of(REV)
    two = value_book(with_lots(book, lot(put(), -2)), now.get, now.get, FEE).of(REV)
    assert (one.positions, two.positions) == (dollars(-110), dollars(-220))
