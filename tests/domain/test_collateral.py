"""What shorts hold beside longs: held against the worst that the legs can cost at expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.collateral import Units, held_by, held_by_lots
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import NOTHING, Price
from allusedesk.risk.payoff import PayoffLeg, worst_case
from tests.trading import FRIDAY, call, dollars, lot, put

FEE = dollars("0.65")
STRIKES = some.integers(50, 150)


def worst(units: list[Units]) -> Decimal:
    """The most the legs can lose at expiry, had they traded for nothing."""
    nothing = Price(Decimal(0))
    found = worst_case([PayoffLeg(one.option, one.signed, nothing) for one in units])
    assert found is not None
    return max(-found.amount, Decimal(0))


@given(STRIKES, STRIKES, some.integers(1, 9), some.sampled_from(list(Right)))
def test_a_spread_holds_what_it_can_lose(short: int, long: int, size: int, right: Right) -> None:
    contract = put if right is Right.PUT else call
    units = [Units(contract(short), -size), Units(contract(long), size)]
    held = held_by(units, NOTHING)
    assert held.bare_calls == ()
    assert held.cash.amount == worst(units)


@given(some.lists(STRIKES, min_size=4, max_size=4, unique=True), some.integers(1, 5))
def test_a_condor_holds_its_wider_side(strikes: list[int], size: int) -> None:
    low, below, above, high = sorted(strikes)
    units = [
        Units(put(below), -size),
        Units(put(low), size),
        Units(call(above), -size),
        Units(call(high), size),
    ]
    held = held_by(units, NOTHING)
    assert held.cash.amount == max(below - low, high - above) * size * 100 == worst(units)


@given(
    some.lists(some.tuples(STRIKES, some.integers(1, 4)), min_size=1, max_size=5),
    some.lists(some.tuples(STRIKES, some.integers(1, 4)), max_size=5),
)
def test_puts_never_hold_more_than_their_strikes_nor_less_than_they_can_lose(
    shorts: list[tuple[int, int]], longs: list[tuple[int, int]]
) -> None:
    units = [Units(put(strike), -size) for strike, size in shorts]
    units += [Units(put(strike), size) for strike, size in longs]
    held = held_by(units, NOTHING).cash.amount
    assert worst(units) <= held <= sum(strike * size * 100 for strike, size in shorts)


def test_a_put_alone_holds_its_strike_and_its_fee() -> None:
    assert held_by([Units(put(95), -2)], FEE).cash == dollars("19001.30")


def test_a_long_that_ends_sooner_or_delivers_otherwise_protects_nothing() -> None:
    later = put(95, FRIDAY + timedelta(days=7))
    assert held_by([Units(later, -1), Units(put(90), 1)], NOTHING).cash == dollars(9500)
    mini = replace(put(90), multiplier=10)
    assert held_by([Units(put(95), -1), Units(mini, 1)], NOTHING).cash == dollars(9500)
    other = OptionContract("MSFT", FRIDAY, Right.PUT, Decimal(90))
    assert held_by([Units(put(95), -1), Units(other, 1)], NOTHING).cash == dollars(9500)


def test_a_call_that_nothing_stands_behind_is_named() -> None:
    found = held_by([Units(call(100), -3), Units(call(105), 1)], NOTHING)
    assert found.bare_calls == (Units(call(100), -2),)
    assert found.cash == dollars(500)
    assert held_by([Units(call(100), -3, is_covered=True)], NOTHING).bare_calls == ()


def test_only_what_one_order_opened_protects_its_shorts() -> None:
    short = lot(put(95), -1, id=PositionId("a"), opened_by=OrderId("one"))
    long = lot(put(90), 1, id=PositionId("b"), opened_by=OrderId("one"))
    assert held_by_lots([short, long], NOTHING).cash == dollars(500)
    other = replace(long, opened_by=OrderId("other"))
    assert held_by_lots([short, other], NOTHING).cash == dollars(9500)
