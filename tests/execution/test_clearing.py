from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.orders import Order, OrderType
from allusedesk.execution.clearing import (
    Custody,
    Ending,
    NightlyEnding,
    ending_at_expiry,
    ending_early,
    executed,
    intrinsic_value,
    refusal,
    settled_night,
    split,
    with_strikes_reduced,
)
from tests.trading import DAY, STOCK, buy, call, dollars, fill, order, price, put, sell

FEE = dollars("0.65")
NEXT = DAY + timedelta(days=1)


def holding(cash: str | int = 100_000, *held: tuple[Instrument, int]) -> Custody:
    custody = Custody().with_cash(dollars(cash), DAY, DAY)
    for instrument, signed in held:
        custody = custody.with_change(instrument, signed)
    return custody


def refused(custody: Custody, wanted: Order, *working: Order) -> bool:
    return bool(refusal(custody, wanted, working, FEE))


def test_an_execution_moves_positions_at_once_and_cash_the_next_session() -> None:
    sale = order(sell(put()), quantity=2)
    after = executed(holding(), sale, [fill(sale, 2)], DAY, NEXT)
    assert after.held[put()] == -2
    assert (after.cash.settled, after.cash.whole) == (dollars(100_000), dollars("100398.70"))
    back = order(buy(put()), quantity=2)
    flat = executed(after, back, [fill(back, 2, at="1.00")], DAY, NEXT)
    assert not flat.held
    assert flat.with_change(STOCK, 0) == flat


def test_a_put_needs_its_strike_and_fees_in_settled_cash() -> None:
    assert not refused(holding("10000.65"), order(sell(put())))
    assert refused(holding("10000.64"), order(sell(put())))
    assert refused(holding("20001", (put(90), -1)), order(sell(put()), quantity=2))
    unsettled = Custody().with_cash(dollars(99_999), NEXT, DAY)
    assert refused(unsettled, order(sell(put())))


def test_other_working_orders_count_by_what_they_sell_and_pay_only() -> None:
    custody = holding("20001.30")
    other = order(sell(put()))
    assert not refused(custody, order(sell(put())), other)
    assert refused(custody, order(sell(put()), quantity=2), other)
    purchase = order(buy(STOCK), quantity=100, limit=price("-101"))
    assert refused(custody, order(sell(put()), quantity=1), purchase)
    held = holding("20001.30", (put(), -2))
    back = order(buy(put()), quantity=2, limit=price("-0.01"))
    assert refused(held, order(sell(put(99))), back)


def test_a_roll_needs_only_what_it_adds_and_a_close_nothing() -> None:
    held = holding("10000.65", (put(), -1))
    assert not refused(held, order(buy(put()), sell(put(99)), limit=price("0.10")))
    assert refused(held, order(buy(put()), sell(put(101)), limit=price("0.10")))
    assert not refused(held, order(buy(put()), limit=price("-2.00")))
    assert not refused(held, order(buy(put()), limit=None, type=OrderType.MARKET))


def test_calls_and_sales_need_shares() -> None:
    held = holding(0, (STOCK, 200))
    assert not refused(held, order(sell(call()), quantity=2))
    assert refused(held, order(sell(call()), quantity=3))
    assert refused(held, order(sell(call()), quantity=1), order(sell(call()), quantity=2))
    assert refused(held, order(sell(STOCK), quantity=201))
    covered = replace(held, held=held.held.set(call(), -1))
    assert not refused(covered, order(sell(STOCK), quantity=100))
    assert refused(covered, order(sell(STOCK), quantity=101))
    assert not refused(covered, order(buy(call()), sell(call(105)), limit=price("0.1")))
    assert refused(holding(), order(sell(call())))


def test_a_long_option_is_sold_without_cash_or_shares() -> None:
    assert not refused(holding(0, (put(), 1), (call(), 1)), order(sell(put())))
    assert not refused(holding(0, (call(), 1)), order(sell(call())))


def test_a_purchase_must_be_paid_from_settled_cash() -> None:
    purchase = order(buy(STOCK), quantity=100, limit=price("-101"))
    assert not refused(holding(10_100), purchase)
    assert refused(holding(10_099), purchase)
    assert refused(holding("20100.64", (put(), -1)), purchase)
    assert not refused(holding("20100.65", (put(), -1)), purchase)


@pytest.mark.parametrize(
    ("strike", "closing", "ending"),
    [
        (100, "100.00", Ending.EXPIRED),
        (100, "99.991", Ending.EXPIRED),
        (100, "99.99", Ending.ASSIGNED),
        (100, "80", Ending.ASSIGNED),
    ],
)
def test_a_cent_in_the_money_is_exercised_by_exception(
    strike: int, closing: str, ending: Ending
) -> None:
    held = holding(0, (put(strike), -2), (call(strike), -2))
    assert ending_at_expiry(held, put(strike), price(closing)).ending is ending
    mirrored = price(str(2 * strike - Decimal(closing)))
    assert ending_at_expiry(held, call(strike), mirrored).ending is ending


def test_a_long_option_is_exercised_where_cash_or_shares_can_meet_it() -> None:
    long_call = holding(10_000, (call(), 1))
    assert ending_at_expiry(long_call, call(), price(101)).ending is Ending.EXERCISED
    assert ending_at_expiry(long_call, call(), price(100)).ending is Ending.EXPIRED
    poor = holding(9_999, (call(), 1))
    assert ending_at_expiry(poor, call(), price(101)).ending is Ending.EXPIRED
    long_put = holding(0, (put(), 1), (STOCK, 100))
    assert ending_at_expiry(long_put, put(), price(99)).ending is Ending.EXERCISED
    bare = holding(0, (put(), 1), (STOCK, 99))
    assert ending_at_expiry(bare, put(), price(99)).ending is Ending.EXPIRED


def test_a_night_changes_options_shares_and_cash_together() -> None:
    held = holding(10_000, (put(), -1), (call(), -1), (STOCK, 100))
    put_in = settled_night(held, NightlyEnding(put(), -1, Ending.ASSIGNED), DAY, NEXT, dollars(0))
    assert dict(put_in.held) == {call(): -1, STOCK: 200}
    assert put_in.cash.settled == dollars(0)
    away = settled_night(put_in, NightlyEnding(call(), -1, Ending.ASSIGNED), DAY, NEXT, FEE)
    assert dict(away.held) == {STOCK: 100}
    assert away.cash.pending == ((NEXT, dollars("9999.35")),)
    gone = settled_night(held, NightlyEnding(put(), -1, Ending.EXPIRED), DAY, NEXT, FEE)
    assert dict(gone.held) == {call(): -1, STOCK: 100}
    assert gone.cash == held.cash
    long = holding(10_000, (call(), 1), (put(), 1))
    taken = settled_night(long, NightlyEnding(call(), 1, Ending.EXERCISED), DAY, NEXT, dollars(0))
    assert (taken.held[STOCK], taken.cash.settled) == (100, dollars(0))
    sold = settled_night(taken, NightlyEnding(put(), 1, Ending.EXERCISED), DAY, NEXT, dollars(0))
    assert not sold.held
    assert sold.cash.whole == dollars(10_000)


SPX = put(2900, underlying="SPX")


@pytest.mark.parametrize(
    ("closing", "worth"), [("2900", 0), ("2899.995", 0), ("2899.99", "0.01"), ("2871.50", "28.50")]
)
def test_an_index_option_is_paid_what_it_is_in_the_money(closing: str, worth: str | int) -> None:
    for signed in (-2, 2):
        held = holding(600_000, (SPX, signed))
        ended = ending_at_expiry(held, SPX, price(closing))
        after = settled_night(held, ended, DAY, NEXT, FEE)
        assert not after.held
        assert after.cash.whole == dollars(600_000) + dollars(worth) * (signed * 100)
        assert ended.ending is (Ending.SETTLED if worth else Ending.EXPIRED)
    assert settled_night(held, ended, DAY, NEXT, FEE).cash.settled == dollars(600_000)


def test_early_exercise_takes_shares_or_the_worth_of_an_index_option() -> None:
    early = ending_early(put(), 2, price(80), "because")
    assert early == NightlyEnding(put(), -2, Ending.ASSIGNED, reason="because")
    index = put(500, underlying="OEX")
    paid = ending_early(index, 1, price(480), "because")
    assert paid == NightlyEnding(index, -1, Ending.SETTLED, price(20), "because")
    assert intrinsic_value(call(100), price(99)) == price(0)


def test_an_index_put_holds_its_strike_in_cash_and_an_index_call_is_never_covered() -> None:
    assert not refused(holding("290000.65"), order(sell(SPX)))
    assert refused(holding("290000.64"), order(sell(SPX)))
    assert refused(holding(10_000_000), order(sell(call(3000, underlying="SPX"))))


def test_a_special_dividend_lowers_strikes_and_nothing_else() -> None:
    held = holding(0, (STOCK, 100), (put(90), -1), (call(110), -1), (put(90, underlying="X"), 1))
    after = with_strikes_reduced(held, "AAPL", Decimal("3.08"))
    assert dict(after.held) == {
        STOCK: 100,
        put("86.92"): -1,
        call("106.92"): -1,
        put(90, underlying="X"): 1,
    }
    assert after.cash == held.cash
    assert with_strikes_reduced(held, "AAPL", Decimal("0.1249")) == held


def test_a_split_keeps_what_is_delivered() -> None:
    held = holding(0, (STOCK, 101), (put(650), -1), (call(700), -1))
    after = split(held, "AAPL", Decimal(7), price(100), DAY)
    assert dict(after.held) == {STOCK: 707, put("92.86"): -7, call("100.00"): -7}
    half = split(holding(0, (STOCK, 101)), "AAPL", Decimal("0.5"), price(200), DAY)
    assert (half.held[STOCK], half.cash.settled) == (50, dollars(100))
    assert split(held, "MSFT", Decimal(7), price(100), DAY) == held


amounts = st.integers(-5, 5)


@given(amounts, amounts, st.integers(-300, 300), st.integers(1, 200))
def test_a_settled_night_conserves_value_at_the_strike(
    puts: int, calls: int, shares: int, spot: int
) -> None:
    """Cash and shares change hands at the strike, so at a spot of the strike nothing is made."""
    held = holding(0, (put(spot), puts), (call(spot), calls), (STOCK, shares))
    before = held.cash.whole.amount + held.held.get(STOCK, 0) * spot
    for contract, signed in held.options():
        ending = NightlyEnding(contract, signed, Ending.ASSIGNED)
        held = settled_night(held, ending, DAY, NEXT, dollars(0))
    assert not held.options()
    assert held.cash.whole.amount + held.held.get(STOCK, 0) * spot == before
