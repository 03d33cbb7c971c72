from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.book import Book, Booking, CashMove
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import Money, Price, total
from allusedesk.domain.orders import (
    DividendPaid,
    OptionsAssigned,
    OptionsExpired,
    SplitTookEffect,
)
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.quotes import Greeks, Quote
from allusedesk.market.pricing import greeks as priced
from allusedesk.portfolio.accounting import (
    book_assignment,
    book_dividend,
    book_expiry,
    book_fill,
)
from allusedesk.portfolio.attribution_days import LotDay
from allusedesk.portfolio.attribution_paths import Paths
from allusedesk.portfolio.splits import book_split
from allusedesk.portfolio.valuation import value_book
from tests.trading import (
    DAY,
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
    put,
    sell,
    with_lots,
)

_KNOWN = Greeks(-0.4, 0.02, -0.1, 8.0, 0.3)
Quotes = dict[Instrument, Quote]


def seen(instrument: Instrument, mark: Decimal, greeks: Greeks | None = None) -> Quote:
    is_option = isinstance(instrument, OptionContract)
    known = greeks or (_KNOWN if is_option else None)
    return Quote(instrument, Price(mark), Price(mark), None, NOON, greeks=known)


@dataclass
class Desk:
    """A book, the paths beside it, and what the market shows."""

    book: Book
    paths: Paths
    at: datetime = NOON
    orders: int = 0
    shown: dict[Instrument, Decimal] = field(default_factory=dict)

    @classmethod
    def begun(cls, *lots: Position, marks: Mapping[Instrument, Decimal] | None = None) -> Desk:
        desk = cls(with_lots(funded_book(), *lots), Paths(lots), shown=dict(marks or {}))
        desk.paths.begin(desk.at, desk.equity(), desk.quotes(), desk.quotes())
        return desk

    def quotes(self) -> Quotes:
        return {
            one: replace(seen(one, mark), quoted_at=self.at) for one, mark in self.shown.items()
        }

    def equity(self) -> dict[str, Money]:
        quotes = self.quotes()
        value = value_book(self.book, quotes.get, lambda _: None, dollars(0))
        return {one.account: one.equity for one in value.accounts}

    def booked(self, how: str, booking: Booking, symbol: str = "", moved: bool = False) -> None:
        self.at += timedelta(minutes=7)
        self.book = self.book.booked(booking, DAY)
        went = {move.account: move.amount for move in booking.cash} if moved else {}
        self.paths.book(self.at, how, booking, self.quotes(), went, symbol)

    def trade(self, instrument: Instrument, signed: int, at: Decimal, **leg: object) -> None:
        self.orders += 1
        side = buy if signed > 0 else sell
        written = order(side(instrument, **leg), quantity=abs(signed))
        written = replace(written, id=f"O{self.orders}")
        done = fill(written, quantity=abs(signed), at=str(at))
        self.booked("fill", book_fill(self.book, written, [done], DAY, DAY))

    def close(self) -> None:
        self.at += timedelta(hours=3)
        self.paths.close(self.at, DAY, self.equity(), self.quotes(), self.quotes())


def whole(days: list[LotDay]) -> Decimal:
    return sum((one.whole for one in days), Decimal(0))


def test_a_put_sold_and_bought_back_earns_what_its_cash_says() -> None:
    desk = Desk.begun()
    contract = put(100)
    desk.shown = {STOCK: Decimal(103), contract: Decimal("2.00")}
    desk.trade(contract, -2, Decimal("2.00"))
    desk.shown = {STOCK: Decimal(105), contract: Decimal("1.20")}
    held = next(iter(desk.book.positions.values()))
    desk.trade(contract, 2, Decimal("1.25"), closes=held.id)
    desk.close()
    (one,) = desk.paths.lots
    assert one.gain == Decimal(150)
    assert one.costs == Decimal("-2.60")
    assert {day.account: day.other for day in desk.paths.sleeves}[REV] == 0
    assert sum(day.gain.amount for day in desk.paths.sleeves) == Decimal("147.40")
    # What was bought a nickel off the middle is in no greek.
    assert one.rest == pytest.approx(-10, abs=1e-5)
    assert one.gamma < 0 < one.delta
    assert one.delta + one.gamma + one.theta + one.vega + one.rest == one.gain


def test_assigned_shares_come_at_the_market_and_the_put_bears_what_they_lack() -> None:
    contract = put(100)
    short = lot(contract, -1)
    desk = Desk.begun(short, marks={STOCK: Decimal(97), contract: Decimal("3.00")})
    notice = OptionsAssigned("N1", contract, 1)
    desk.booked("assignment", book_assignment(desk.book, notice, desk.at, DAY, DAY))
    desk.shown[STOCK] = Decimal(98)
    desk.close()
    by_lot = {one.lot: one for one in desk.paths.lots}
    assert by_lot[short.id].gain == 0
    (shares,) = [one for one in desk.paths.lots if one.lot != short.id]
    assert shares.gain == shares.delta == Decimal(100)
    assert shares.opened_by == short.opened_by


def test_called_shares_leave_at_the_market_and_the_call_bears_the_difference() -> None:
    shares = replace(lot(STOCK, 100), id=PositionId("shares"))
    contract = call(100)
    written = replace(lot(contract, -1, role=PositionRole.COVERED_CALL), linked_to=shares.id)
    marks = {STOCK: Decimal(104), contract: Decimal("4.10")}
    desk = Desk.begun(shares, written, marks=marks)
    desk.shown[STOCK] = Decimal(105)
    notice = OptionsAssigned("N1", contract, 1)
    desk.booked("assignment", book_assignment(desk.book, notice, desk.at, DAY, DAY))
    desk.close()
    by_lot = {one.lot: one for one in desk.paths.lots}
    assert by_lot[shares.id].gain == Decimal(100)
    assert by_lot[written.id].gain == Decimal(-90)
    assert all(day.other == 0 for day in desk.paths.sleeves)


def test_dividends_belong_to_the_shares_and_interest_to_nobody() -> None:
    desk = Desk.begun(lot(STOCK, 200), marks={STOCK: Decimal(50)})
    paid = DividendPaid("N1", "AAPL", DAY, Decimal("0.77"), 200)
    desk.booked("dividend", book_dividend(desk.book, paid, DAY), symbol="AAPL")
    interest = Booking((), (CashMove(REV, dollars(3), DAY, "interest"),))
    desk.booked("cash", interest)
    desk.close()
    (one,) = desk.paths.lots
    assert (one.gain, one.dividends, one.whole) == (0, Decimal("154.00"), Decimal("154.00"))
    assert {day.account: day.other for day in desk.paths.sleeves}[REV] == 3


def test_money_from_outside_is_no_gain() -> None:
    desk = Desk.begun()
    desk.booked("cash", Booking((), (CashMove(REV, dollars(500), DAY, "deposit"),)), moved=True)
    desk.close()
    mine = next(day for day in desk.paths.sleeves if day.account == REV)
    assert (mine.gain.amount, mine.moved.amount, mine.equity.amount) == (0, 500, 100_500)


def test_a_split_earns_nothing() -> None:
    contract = put(100)
    shares = replace(lot(STOCK, 100), id=PositionId("shares"))
    marks = {STOCK: Decimal(100), contract: Decimal(4)}
    desk = Desk.begun(shares, lot(contract, -1), marks=marks)
    notice = SplitTookEffect("N1", "AAPL", DAY, Decimal(2))
    desk.booked("split", book_split(desk.book, notice, DAY))
    after = next(one.instrument for one in desk.book.positions.values() if one.is_short)
    desk.shown = {STOCK: Decimal(50), after: Decimal(2)}
    desk.close()
    assert [one.gain for one in desk.paths.lots] == [0, 0]
    assert all(day.gain.amount == 0 for day in desk.paths.sleeves)


def test_greeks_follow_an_option_priced_by_the_formula() -> None:
    """Over small steps the four greeks of Black and Scholes leave next to nothing."""
    contract = put(100, DAY + timedelta(days=10))
    spot, volatility, years = 103.0, 0.35, 10 / 365
    desk = Desk.begun(lot(contract, -10))
    desk.paths = Paths([lot(contract, -10)])
    quotes: Quotes = {}

    def show() -> None:
        found = priced(spot, 100.0, years, 0.02, 0.0, volatility, is_put=True)
        known = Greeks(
            float(found.delta),
            float(found.gamma),
            float(found.theta) / 365,
            float(found.vega),
            volatility,
        )
        shown = seen(contract, Decimal(repr(float(found.values))), known)
        quotes[contract] = replace(shown, quoted_at=desk.at)
        quotes[STOCK] = replace(seen(STOCK, Decimal(repr(spot))), quoted_at=desk.at)

    show()
    desk.paths.begin(desk.at, {}, dict(quotes), dict(quotes))
    for step in range(200):
        desk.at += timedelta(hours=1)
        years -= 1 / 8760
        spot *= 1 + 0.002 * math.sin(step)
        volatility += 0.001 * math.cos(step / 3)
        show()
        desk.paths.see(dict(quotes))
    desk.paths.close(desk.at, DAY, {}, dict(quotes), dict(quotes))
    (one,) = desk.paths.lots
    assert one.theta > 0 > one.gamma
    assert abs(one.rest) < Decimal("0.01") * abs(one.gain)


def test_a_quote_that_did_not_move_on_lets_no_time_pass() -> None:
    contract = put(100)
    desk = Desk.begun(lot(contract, -1), marks={STOCK: Decimal(103), contract: Decimal(2)})
    stale = desk.quotes()
    desk.at += timedelta(days=1)
    stale[STOCK] = replace(seen(STOCK, Decimal(90)), quoted_at=desk.at)
    desk.paths.see(stale)
    desk.paths.close(desk.at, DAY, desk.equity(), stale, stale)
    (one,) = desk.paths.lots
    assert (one.gain, one.delta, one.theta, one.rest) == (0, 0, 0, 0)


def test_time_takes_all_of_the_time_value_where_the_option_ends() -> None:
    contract = put(100)
    desk = Desk.begun(lot(contract, -1), marks={STOCK: Decimal(99), contract: Decimal("4.00")})
    notice = OptionsAssigned("N1", contract, 1)
    desk.booked("assignment", book_assignment(desk.book, notice, desk.at, DAY, DAY))
    desk.close()
    ended = next(one for one in desk.paths.lots if one.gain)
    # Assigned days before its end: three dollars were time value, whatever implied them.
    assert ended.gain == 300
    assert ended.theta == pytest.approx(300, abs=1e-5)
    assert (ended.delta, ended.vega) == (0, 0)


def test_what_ends_is_settled_at_its_own_price_and_not_at_a_later_quote() -> None:
    contract = put(100)
    desk = Desk.begun(lot(contract, -1), marks={STOCK: Decimal(102), contract: Decimal("0.50")})
    desk.shown[STOCK] = Decimal(97)
    desk.at += timedelta(days=30)
    desk.booked("expiry", book_expiry(desk.book, OptionsExpired("N1", contract, -1)))
    desk.close()
    (one,) = desk.paths.lots
    # By Tuesday the share is at 97, but what expired worthless ended at 100 or above.
    assert one.gain == 50
    assert one.rest == pytest.approx(0, abs=1e-5)
    assert one.delta < 0 < one.theta


def test_a_penny_a_minute_before_the_end_is_no_storm_of_volatility() -> None:
    contract = put(100, DAY)
    desk = Desk.begun(lot(contract, -1), marks={STOCK: Decimal(103), contract: Decimal("0.40")})
    desk.at = datetime(DAY.year, DAY.month, DAY.day, 20, 59, tzinfo=NOON.tzinfo)
    desk.shown = {STOCK: Decimal(104), contract: Decimal("0.02")}
    desk.paths.see(desk.quotes())
    desk.paths.close(desk.at, DAY, desk.equity(), desk.quotes(), desk.quotes())
    (one,) = desk.paths.lots
    assert one.gain == 38
    assert one.rest == pytest.approx(0, abs=1e-5)
    assert one.vega == pytest.approx(-2, abs=0.1)


_CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "shares", "back", "assign", "expire", "pay", "fee", "in", "see"]),
        st.integers(1, 3),
        _CENTS,
        _CENTS,
    ),
    max_size=25,
)


@given(steps=_STEPS, closing=st.integers(1, 5))
def test_parts_of_random_books_sum_to_the_change_of_equity(
    steps: list[tuple[str, int, Decimal, Decimal]], closing: int
) -> None:
    desk = Desk.begun()
    started = total(list(desk.equity().values()))
    moved = fees = Decimal(0)
    for number, (what, units, spot, premium) in enumerate(steps):
        contract = put(100 + 5 * units)
        desk.shown[STOCK] = spot
        desk.shown[contract] = premium
        shorts = [one for one in desk.book.all_positions() if one.instrument == contract]
        shares = [one for one in desk.book.all_positions() if one.is_shares]
        if what == "sell":
            desk.trade(contract, -units, premium)
        elif what == "shares":
            desk.trade(STOCK, units * 10, spot, role=PositionRole.SHARES)
        elif what == "back" and shorts:
            desk.trade(contract, shorts[0].quantity, premium, closes=shorts[0].id)
        elif what == "assign" and shorts:
            notice = OptionsAssigned(f"N{number}", contract, 1)
            desk.booked("assignment", book_assignment(desk.book, notice, desk.at, DAY, DAY))
        elif what == "expire" and shorts:
            held = sum(one.quantity_signed for one in shorts)
            gone = OptionsExpired(f"N{number}", contract, held)
            desk.booked("expiry", book_expiry(desk.book, gone))
        elif what == "pay" and shares:
            count = sum(one.quantity for one in shares)
            paid = DividendPaid(f"N{number}", "AAPL", DAY, Decimal("0.333"), count)
            desk.booked("dividend", book_dividend(desk.book, paid, DAY), symbol="AAPL")
        elif what == "fee":
            fees -= premium
            booking = Booking((), (CashMove(REV, Money(-premium), DAY, "data fee"),))
            desk.booked("cash", booking)
        elif what == "in":
            moved += premium
            booking = Booking((), (CashMove(REV, Money(premium), DAY, "deposit"),))
            desk.booked("cash", booking, moved=True)
        elif what == "see":
            desk.at += timedelta(minutes=5)
            desk.paths.see(desk.quotes())
        if number % closing == 0:
            desk.close()
    desk.close()
    gained = total(list(desk.equity().values())) - started
    exact = Decimal("0.0000001")
    assert abs(whole(desk.paths.lots) + fees - (gained.amount - moved)) < exact
    assert abs(sum((one.other for one in desk.paths.sleeves), Decimal(0)) - fees) < exact
    for one in desk.paths.lots:
        assert one.delta + one.gamma + one.theta + one.vega + one.rest == one.gain


def test_a_lot_that_exists_nowhere_is_refused() -> None:
    from allusedesk.domain.book import LotChange

    paths = Paths(())
    with pytest.raises(ValueError, match="neither before nor after"):
        paths.book(NOON, "fill", Booking((LotChange(None, None),), ()), {}, {})


def test_shares_without_a_price_of_the_market_come_at_the_strike() -> None:
    contract = put(100)
    short = lot(contract, -1)
    desk = Desk.begun(short, marks={contract: Decimal("3.00")})
    notice = OptionsAssigned("N1", contract, 1)
    desk.booked("assignment", book_assignment(desk.book, notice, desk.at, DAY, DAY))
    desk.shown[Stock("AAPL")] = Decimal(98)
    desk.close()
    by_lot = {one.lot: one.gain for one in desk.paths.lots}
    assert by_lot[short.id] == Decimal(300)
    assert sum(by_lot.values()) == Decimal(100)
