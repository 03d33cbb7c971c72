from __future__ import annotations

from datetime import timedelta

import pytest

from allusedesk.domain.instruments import Right, Stock
from allusedesk.protocol.rolls import find_call_roll, find_put_roll, judge_roll
from tests.protocol.examples import (
    FRIDAY,
    D,
    chain,
    classic,
    classic_with,
    lot,
    market,
    option,
    quote,
    short_call,
    underlying,
)


@pytest.mark.parametrize(
    ("cost", "verdict"),
    [("-0.01", "favourable"), ("0", "unfavourable"), ("0.50", "unfavourable")],
)
def test_a_classic_roll_must_bring_money_and_zero_is_none(cost: str, verdict: str) -> None:
    judged = judge_roll(D("1.00"), D(cost), classic())
    assert (judged.verdict, judged.rule) == (verdict, "roll.favourable")


@pytest.mark.parametrize(("cost", "verdict"), [("0.50", "favourable"), ("0.5001", "unfavourable")])
def test_a_rulebook_may_allow_a_cost_up_to_half_the_credit(cost: str, verdict: str) -> None:
    strict = classic_with(
        ("needs_credit = true\ncost_ratio_max = 0", "needs_credit = false\ncost_ratio_max = 0.50")
    )
    assert judge_roll(D("1.00"), D(cost), strict).verdict == verdict


@pytest.mark.parametrize(("days", "is_found"), [(0, False), (1, True), (14, True), (15, False)])
def test_rolls_are_looked_for_one_to_fourteen_days_later(days: int, is_found: bool) -> None:
    held = quote(option(95), "1.00", "1.02")
    later = quote(option(94, FRIDAY + timedelta(days=days)), "2.00", "2.02")
    search = find_put_roll(
        lot(option(95)), market(underlying(), chains=(chain(held, later),)), classic()
    )
    assert (search.best is not None) is is_found


def test_candidates_need_a_bid_a_standard_deliverable_and_a_lower_strike() -> None:
    later = FRIDAY + timedelta(days=7)
    quotes = (
        quote(option(95), "1.00", "1.02"),
        quote(option(95, later), "5.00", "5.02"),
        quote(option(94, later), None, "2.02"),
        quote(option(93, later), "0", "2.02"),
        quote(option(92, later, multiplier=10), "2.00", "2.02"),
        quote(option(91, later, Right.CALL), "9.00", "9.02"),
        quote(option(90, later), "2.00", None),
    )
    snapshot = market(underlying(), chains=(chain(*quotes),))
    assert find_put_roll(lot(option(95)), snapshot, classic()).candidates == ()


def test_of_equal_strikes_the_earlier_expiry_wins() -> None:
    quotes = [quote(option(95), "1.00", "1.02")]
    quotes += [quote(option(94, FRIDAY + timedelta(days=n)), "2.00", "2.02") for n in (14, 7)]
    snapshot = market(underlying(), chains=(chain(*quotes),))
    best = find_put_roll(lot(option(95)), snapshot, classic()).best
    assert best is not None
    assert best.contract.expiry == FRIDAY + timedelta(days=7)


def test_a_call_is_rolled_down_to_price() -> None:
    later = FRIDAY + timedelta(days=7)
    quotes = (
        quote(option(100, FRIDAY, Right.CALL), "0.10", "0.12"),
        quote(option(94, later, Right.CALL), "2.00", "2.02"),
        quote(option(90, later, Right.CALL), "5.00", "5.02"),
        quote(option(101, later, Right.CALL), "0.50", "0.52"),
    )
    snapshot = market(underlying(spot="93"), chains=(chain(*quotes),))
    search = find_call_roll(short_call(), D(93), snapshot, classic())
    assert search.best is not None
    assert search.best.contract.strike == 94
    assert len(search.candidates) == 2


def test_without_a_price_or_a_chain_there_is_nothing_to_roll_to() -> None:
    assert find_put_roll(lot(option(95)), market(underlying()), classic()).candidates == ()
    held = market(underlying(), held=(quote(option(95)),))
    assert find_put_roll(lot(option(95)), held, classic()).candidates == ()
    with pytest.raises(ValueError, match="no option"):
        find_put_roll(lot(Stock("AAPL"), 100), held, classic())
