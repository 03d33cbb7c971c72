from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from allusedesk.domain.book import Book, Booking
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import NOTHING
from allusedesk.domain.orders import OptionsAssigned, OptionsExpired, SplitTookEffect
from allusedesk.portfolio.accounting import book_assignment, book_expiry, book_fill
from allusedesk.portfolio.splits import book_split
from allusedesk.portfolio.tax_trades import (
    TaxAdjustment,
    TaxDelivery,
    TaxEvent,
    TaxTrade,
    cash_of,
    part_of,
    tax_events,
)
from tests.trading import (
    COM,
    DAY,
    FRIDAY,
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

AT = datetime(2013, 2, 15, 22, 0, tzinfo=UTC)
PUT = lot(put(95), -2, id=PositionId("p"), price_average=price("1.50"))
SHARES = lot(STOCK, 250, id=PositionId("s"), price_average=price(90))


def only(events: tuple[TaxEvent, ...]) -> TaxEvent:
    (event,) = events
    return event


def test_fills_tell_units_cash_and_fees() -> None:
    opening = order(sell(put(95)), quantity=3)
    book = funded_book()
    first = book_fill(book, opening, [fill(opening, 1, "2.00")], DAY, FRIDAY, price(101))
    after = book.booked(first, DAY)
    later = [fill(opening, 2, "2.10", id="more")]
    second = book_fill(after, opening, later, DAY, FRIDAY, price(101))
    found = [only(tax_events(DAY, "fill", one)) for one in (first, second)]
    assert [one.units_signed for one in found if isinstance(one, TaxTrade)] == [-1, -2]
    assert [cash_of(one) for one in found if isinstance(one, TaxTrade)] == [
        dollars("199.35"),
        dollars("418.70"),
    ]
    assert isinstance(found[1], TaxTrade)
    assert (found[1].is_opening, found[1].spot) == (True, price(101))


def test_a_roll_closes_and_opens_and_shares_its_commission() -> None:
    roll = order(buy(put(95), closes=PositionId("p")), sell(put(90)), quantity=2)
    done = [fill(roll, 2, "1.00", leg=0), fill(roll, 2, "1.20", leg=1)]
    booking = book_fill(with_lots(funded_book(), PUT), roll, done, DAY, FRIDAY)
    closed, opened = tax_events(DAY, "fill", booking)
    assert isinstance(closed, TaxTrade)
    assert isinstance(opened, TaxTrade)
    assert (closed.units_signed, closed.amount, closed.is_opening) == (2, dollars(-200), False)
    assert (opened.units_signed, opened.amount, opened.is_opening) == (-2, dollars(240), True)
    assert closed.fees + opened.fees == booking.commission


def test_assigned_puts_bring_shares_at_their_strike() -> None:
    book = with_lots(funded_book(), PUT)
    notice = OptionsAssigned("n", put(95), 2)
    booking = book_assignment(book, notice, AT, FRIDAY, FRIDAY, dollars("0.65"))
    found = only(tax_events(FRIDAY, "assignment", booking))
    assert isinstance(found, TaxDelivery)
    assert [(one.units_signed, one.amount) for one in found.options] == [(2, NOTHING)]
    (shares,) = found.shares
    assert (shares.units_signed, shares.amount) == (200, dollars(-19_000))
    assert (shares.linked_to, shares.fees) == (PUT.id, dollars("1.30"))


def test_called_shares_go_sleeve_by_sleeve() -> None:
    theirs = replace(SHARES, id=PositionId("t"), account=COM)
    calls = [
        lot(call(100), -1, id=PositionId("c"), linked_to=SHARES.id),
        lot(call(100), -2, id=PositionId("d"), account=COM, linked_to=theirs.id),
    ]
    book = with_lots(funded_book(), SHARES, theirs, *calls)
    booking = book_assignment(book, OptionsAssigned("n", call(100), 3), AT, FRIDAY, FRIDAY)
    found = tax_events(FRIDAY, "assignment", booking)
    gone = {
        one.account: (one.units_signed, one.amount)
        for event in found
        if isinstance(event, TaxDelivery)
        for one in event.shares
    }
    assert gone == {REV: (-100, dollars(10_000)), COM: (-200, dollars(20_000))}


def test_options_settled_in_cash_and_expired_ones_are_trades() -> None:
    book = with_lots(funded_book(), PUT)
    expired = only(
        tax_events(FRIDAY, "expiry", book_expiry(book, OptionsExpired("n", put(95), -2)))
    )
    assert isinstance(expired, TaxTrade)
    assert (expired.is_expiry, expired.amount, expired.units_signed) == (True, NOTHING, 2)


def booked(book: Book, ratio: str, in_lieu: str | None = None) -> Booking:
    paid = None if in_lieu is None else price(in_lieu)
    return book_split(book, SplitTookEffect("n", "AAPL", DAY, Decimal(ratio), paid), DAY)


def test_splits_are_adjustments_of_each_instrument() -> None:
    rung = lot(call(100), 2, id=PositionId("r"))
    short = lot(call(100), -2, id=PositionId("c"), linked_to=SHARES.id)
    book = with_lots(funded_book(), SHARES, PUT, rung, short)
    found = tax_events(DAY, "split", booked(book, "7"))
    adjusted = [one for one in found if isinstance(one, TaxAdjustment)]
    assert {one.before: one.after for one in adjusted} == {
        STOCK: STOCK,
        put(95): put("13.57"),
        call(100): call("14.29"),
    }
    assert {one.ratio for one in adjusted} == {7}


def test_a_reverse_split_tells_what_was_paid_for_the_fraction() -> None:
    found = only(tax_events(DAY, "split", booked(with_lots(funded_book(), SHARES), "0.1", "900")))
    assert found == TaxAdjustment(DAY, REV, STOCK, STOCK, Decimal("0.1"), NOTHING)
    odd = replace(SHARES, quantity_signed=255)
    found = only(tax_events(DAY, "split", booked(with_lots(funded_book(), odd), "0.1", "900")))
    assert isinstance(found, TaxAdjustment)
    assert found.in_lieu == dollars(450)
    few = replace(SHARES, quantity_signed=5)
    found = only(tax_events(DAY, "split", booked(with_lots(funded_book(), few), "0.1", "900")))
    assert isinstance(found, TaxAdjustment)
    assert (found.ratio, found.in_lieu) == (0, dollars(450))


def test_mere_cash_is_no_trade() -> None:
    assert tax_events(date(2013, 2, 12), "cash", Booking((), ())) == ()


def test_parts_are_cents_and_the_last_takes_the_rest() -> None:
    assert part_of(dollars(100), 1, 3) == dollars("33.33")
    assert part_of(dollars("0.005"), 3, 3) == dollars("0.005")
