from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Price
from allusedesk.domain.proposals import ProposalKind
from allusedesk.risk.payoff import (
    PayoffLeg,
    break_evens,
    profit_at_expiry,
    scenarios,
    worst_case,
    worst_case_asked,
)
from tests.trading import STOCK, buy, call, dollars, lot, price, proposal, put, sell

SHORT_PUT = PayoffLeg(put(100), -1, price(2))
SHORT_CALL = PayoffLeg(call(105), -1, price(1))
SHARES = PayoffLeg(STOCK, 100, price(98))


@pytest.mark.parametrize(
    ("spot", "profit"), [(0, -9_800), (98, 0), (100, 200), (90, -800), (250, 200)]
)
def test_a_short_put_at_expiry(spot: int, profit: int) -> None:
    assert profit_at_expiry([SHORT_PUT], price(spot)) == dollars(profit)


@pytest.mark.parametrize(("spot", "profit"), [(0, -9_700), (97, 0), (105, 800), (300, 800)])
def test_a_covered_call_at_expiry(spot: int, profit: int) -> None:
    assert profit_at_expiry([SHARES, SHORT_CALL], price(spot)) == dollars(profit)


def test_falls_are_shown_with_zero() -> None:
    shown = scenarios([SHORT_PUT], price(110), [Decimal("0.1"), Decimal("0.2")])
    assert [(each.name, each.spot, each.profit) for each in shown] == [
        ("to zero", price(0), dollars(-9_800)),
        ("-10% overnight", price("99.0"), dollars(100)),
        ("-20% overnight", price("88.0"), dollars(-1_000)),
    ]


def test_the_worst_case_is_the_lowest_kink_or_has_no_floor() -> None:
    assert worst_case([SHORT_PUT]) == dollars(-9_800)
    assert worst_case([SHARES, SHORT_CALL]) == dollars(-9_700)
    assert worst_case([SHORT_CALL]) is None
    assert worst_case([]) == dollars(0)
    spread = [SHORT_PUT, PayoffLeg(put(90), 1, price(1))]
    assert worst_case(spread) == dollars(-900)


def test_break_evens_lie_between_kinks_at_them_and_beyond() -> None:
    assert break_evens([SHORT_PUT]) == (price(98),)
    assert break_evens([SHORT_CALL]) == (price(106),)
    assert break_evens([SHARES]) == (price(98),)
    assert break_evens([PayoffLeg(put(100), -1, price(0))]) == (price(100),)
    assert break_evens([PayoffLeg(put(100), 1, price(100)), SHORT_PUT]) == ()
    assert break_evens([PayoffLeg(call(100), 1, price(0)), PayoffLeg(call(110), -1, price(0))]) == (
        price(0),
        price(100),
    )
    straddle = [SHORT_PUT, PayoffLeg(call(100), -1, price(2))]
    assert break_evens(straddle) == (price(96), price(104))
    assert break_evens([]) == ()


def test_what_a_proposal_asks_for_at_worst() -> None:
    assert worst_case_asked(proposal(sell(put()), quantity=2)) == dollars(-19_600)
    covered = sell(call(105), linked_to=lot(STOCK, 100).id)
    assert worst_case_asked(proposal(covered)) == dollars(-9_900)
    assert worst_case_asked(proposal(covered, spot=None)) is None
    assert worst_case_asked(proposal(sell(put()), credit_net=None)) == dollars(-10_000)
    assert worst_case_asked(proposal(kind=ProposalKind.FORK, credit_net=None)) == dollars(0)
    closing = buy(put(), closes=lot(put(), -1).id)
    assert worst_case_asked(proposal(closing, credit_net=price("-0.50"))) == dollars(-50)


strikes = st.integers(1, 200)
legs = st.lists(
    st.builds(
        lambda is_put, strike, signed, paid: PayoffLeg(
            put(strike) if is_put else call(strike), signed, Price(Decimal(paid) / 100)
        ),
        st.booleans(),
        strikes,
        st.sampled_from([-2, -1, 1, 2]),
        st.integers(0, 2_000),
    ),
    min_size=1,
    max_size=3,
)


@given(legs, st.integers(0, 40_000))
def test_no_price_is_worse_than_the_worst_case(given_legs: list[PayoffLeg], cents: int) -> None:
    worst = worst_case(given_legs)
    if worst is not None:
        assert profit_at_expiry(given_legs, Price(Decimal(cents) / 100)) >= worst


@given(legs)
def test_profit_is_nil_at_every_break_even(given_legs: list[PayoffLeg]) -> None:
    for point in break_evens(given_legs):
        assert abs(profit_at_expiry(given_legs, point).amount) < Decimal("1e-18")
