from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from decimal import Decimal, Overflow
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Money, Price, allocate, notional, total
from tests.trading import dollars

MEETINGS: list[Callable[[Money, Money], object]] = [
    lambda ours, theirs: ours + theirs,
    lambda ours, theirs: ours - theirs,
    lambda ours, theirs: ours < theirs,
    lambda ours, theirs: ours >= theirs,
    lambda ours, theirs: ours.plus([theirs]),
    lambda ours, theirs: ours.share_of(theirs),
]


@pytest.mark.parametrize("meet", MEETINGS)
def test_money_of_two_currencies_never_meets(meet: Callable[[Money, Money], object]) -> None:
    ours = dollars(10)
    foreign: Any = SimpleNamespace(value="EUR")
    with pytest.raises(ValueError, match="USD and EUR do not add"):
        meet(ours, Money(Decimal(10), foreign))
    meet(ours, dollars(10))


@pytest.mark.parametrize("inexact", [1.5, 2, Decimal("NaN"), Decimal("Infinity")])
@pytest.mark.parametrize(("kind", "name"), [(Money, "An amount of money"), (Price, "A price")])
def test_what_is_no_exact_number_is_no_money(kind: type, name: str, inexact: object) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a finite Decimal"):
        kind(inexact)


@given(
    st.decimals("-100000", "100000", places=2),
    st.lists(st.decimals("0", "1", places=4), min_size=1, max_size=6),
)
def test_what_is_shared_out_sums_to_the_whole(amount: Decimal, shares: list[Decimal]) -> None:
    if not any(shares):
        shares = [*shares, Decimal(1)]
    parts = allocate(Money(amount), shares)
    assert len(parts) == len(shares)
    assert total(parts) == Money(amount)
    for part, share in list(zip(parts, shares, strict=True))[1:]:
        exact = amount * share / sum(shares)
        assert abs(part.amount - exact) <= Decimal("0.005")


@pytest.mark.parametrize("shares", [[], [Decimal(0), Decimal(0)], [Decimal(1), Decimal(-1)]])
def test_shares_of_nothing_share_nothing_out(shares: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="its shares sum to nothing"):
        allocate(dollars(100), shares)


@given(st.decimals("-10", "10", places=2), st.decimals("-10", "10", places=2))
def test_prices_are_in_the_order_of_their_numbers(first: Decimal, second: Decimal) -> None:
    ours, theirs = Price(first), Price(second)
    assert (ours < theirs, ours <= theirs) == (first < second, first <= second)
    assert (ours > theirs, ours >= theirs) == (first > second, first >= second)


@given(st.decimals(-(10**6), 10**6, places=2), st.integers(-500, 500))
def test_what_arithmetic_makes_is_money_like_any_other(amount: Decimal, units: int) -> None:
    whole = Money(amount)
    made = [
        whole + whole,
        whole - whole,
        -whole,
        whole.plus([whole]),
        notional(Price(amount), units),
    ]
    meant = [amount + amount, amount - amount, -amount, amount + amount, amount * units]
    assert made == [Money(number) for number in meant]
    assert [hash(each) for each in made] == [hash(Money(number)) for number in meant]
    with pytest.raises(FrozenInstanceError):
        made[0].amount = amount  # type: ignore[misc]


def test_a_sum_too_large_to_be_kept_is_no_money() -> None:
    largest = Money(Decimal("9E+999999"))
    with pytest.raises(Overflow):
        _ = largest + largest
    with pytest.raises(Overflow):
        notional(Price(largest.amount), 100)
