from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.proposals import Side
from allusedesk.protocol.liquidity import (
    OrderQuestion,
    clips_of,
    contracts_admitted,
    judge_order,
    mid_against_us,
    tick_of,
    worst_price,
)
from tests.protocol.examples import D, classic, price

FAIR = OrderQuestion(
    quantity=1,
    bid=D("1.98"),
    ask=D("2.02"),
    quote_age=D(2),
    tick=D("0.01"),
    open_interest=800,
    volume=D(400),
    volume_average=D(1000),
)


def judged(**changes: Any) -> tuple[str, str]:
    verdict = judge_order(replace(FAIR, **changes), classic())
    return verdict.verdict, verdict.rule


@pytest.mark.parametrize(
    ("passes", "fails", "rule"),
    [
        ({"quantity": 100}, {"quantity": 101}, "liquidity.size"),
        ({"open_interest": 500}, {"open_interest": 499}, "liquidity.open_interest"),
        ({"volume": D(100)}, {"volume": D(99)}, "liquidity.volume"),
        ({"volume": D(100)}, {"volume": D("99.999")}, "liquidity.volume"),
        ({"quote_age": D(30)}, {"quote_age": D("30.1")}, "quote.age"),
        ({"bid": D("1.95"), "ask": D("2.05")}, {"bid": D("1.95"), "ask": D("2.051")},
         "liquidity.spread"),
        ({"bid": D("19.50"), "ask": D("20.50")}, {"bid": D("19.499"), "ask": D("20.501")},
         "liquidity.spread"),
        ({"bid": D("0.05"), "ask": D("0.06")}, {"bid": D("0.05"), "ask": D("0.07")},
         "liquidity.spread"),
    ],
)  # fmt: skip
def test_a10_openings_pass_at_each_limit_and_fail_beyond_it(
    passes: dict[str, Any], fails: dict[str, Any], rule: str
) -> None:
    assert judged(**passes) == ("pass", "order.gates")
    assert judged(**fails) == ("refuse", rule)


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 101}, {"open_interest": 499}, {"open_interest": None}, {"volume": D(99)},
        {"volume": None}, {"volume_average": None}, {"ask": D("2.20")}, {"quote_age": D(31)},
    ],
)  # fmt: skip
def test_a10_the_same_as_closes_are_warned_and_sent(changes: dict[str, Any]) -> None:
    assert judge_order(replace(FAIR, **changes), classic()).verdict == "refuse"
    closing = judge_order(replace(FAIR, is_closing=True, **changes), classic())
    assert closing.verdict == "pass"
    assert len(closing.warnings) == 1


@pytest.mark.parametrize("rounding", [ROUND_FLOOR, ROUND_CEILING])
def test_a10_a_spread_of_five_per_cent_is_judged_exactly(rounding: str) -> None:
    mid, fine = D("7.77"), D("0.0001")
    half = (price(mid * D("0.025"))).rounded_to(fine, rounding).per_unit
    verdict = judged(bid=mid - half, ask=mid + half)
    assert verdict[0] == ("pass" if rounding == ROUND_FLOOR else "refuse")
    exactly = mid * D("0.025")
    assert judged(bid=mid - exactly, ask=mid + exactly)[0] == "pass"


@pytest.mark.parametrize(
    "changes",
    [
        {"bid": D("2.03")}, {"bid": D(-1)}, {"ask": None}, {"ask": D("NaN")},
        {"bid": D("NaN")}, {"bid": D(0), "ask": D(0)}, {"ask": D("Infinity")},
    ],
)  # fmt: skip
def test_an_invalid_quote_is_refused_even_for_a_close(changes: dict[str, Any]) -> None:
    assert judged(**changes) == ("refuse", "quote.invalid")
    assert judged(is_closing=True, **changes) == ("refuse", "quote.invalid")


def test_a_locked_quote_is_valid() -> None:
    assert judged(bid=D("2.00"), ask=D("2.00")) == ("pass", "order.gates")


def test_a_figure_nobody_knows_is_called_unknown() -> None:
    blind = replace(FAIR, open_interest=None, volume=None, is_closing=True)
    shown = {item.name: item.value for item in judge_order(blind, classic()).comparisons}
    assert (shown["open interest"], shown["option volume a day"]) == ("unknown", "unknown")
    seen = {item.name: item.value for item in judge_order(FAIR, classic()).comparisons}
    assert (seen["open interest"], seen["option volume a day"]) == ("800", "400")


def test_what_nobody_bids_for_can_be_bought_back_but_not_sold() -> None:
    for bid in (D(0), None):
        worthless = {"bid": bid, "ask": D("0.01")}
        assert judged(**worthless) == ("refuse", "quote.invalid")
        assert judged(is_closing=True, **worthless)[0] == "pass"


def test_a11_clips_of_at_most_fifty_sum_to_the_order() -> None:
    assert clips_of(120, classic()) == (50, 50, 20)
    assert clips_of(50, classic()) == (50,)
    assert clips_of(51, classic()) == (50, 1)
    with pytest.raises(ValueError, match="one contract"):
        clips_of(0, classic())


@given(st.integers(1, 5000))
def test_a11_every_order_is_cut_without_loss(quantity: int) -> None:
    clips = clips_of(quantity, classic())
    assert sum(clips) == quantity
    assert max(clips) <= 50
    assert min(clips) >= 1


@pytest.mark.parametrize(
    ("symbol", "premium", "tick"),
    [("SPY", "9", "0.01"), ("AAPL", "2.99", "0.01"), ("AAPL", "3", "0.05"), ("AAPL", "9", "0.05")],
)
def test_ticks(symbol: str, premium: str, tick: str) -> None:
    assert tick_of(symbol, D(premium), classic()) == D(tick)


@pytest.mark.parametrize(
    ("mid", "side", "tick", "worst"),
    [
        ("2.00", Side.SELL, "0.01", "1.90"), ("2.00", Side.BUY, "0.01", "2.10"),
        ("1.01", Side.SELL, "0.01", "0.96"), ("1.01", Side.BUY, "0.01", "1.06"),
        ("0.10", Side.SELL, "0.05", "0.05"), ("0.05", Side.SELL, "0.05", "0.05"),
        ("5.025", Side.SELL, "0.05", "4.80"), ("5.025", Side.BUY, "0.05", "5.25"),
    ],
)  # fmt: skip
def test_no_order_goes_further_from_mid_than_the_rule(
    mid: str, side: Side, tick: str, worst: str
) -> None:
    assert worst_price(price(mid), side, D(tick), classic()) == price(worst)


def test_a13_an_old_quote_counts_against_us() -> None:
    fresh = mid_against_us(price(2), Side.BUY, D(30), classic())
    bought = mid_against_us(price(2), Side.BUY, D("30.1"), classic())
    sold = mid_against_us(price(2), Side.SELL, D("30.1"), classic())
    assert (fresh, bought, sold) == (price(2), price("2.02"), price("1.98"))


def test_the_volume_admits_whole_contracts_only() -> None:
    assert contracts_admitted(D("1009.9"), classic()) == 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"bid": D(0), "ask": D("0.02")},
            (
                "liquidity.spread: the spread is 0.02, which is 200% of mid; it should be at most "
                "5% of mid, or one tick of 0.01."
            ),
        ),
        (
            {"bid": D("19.499"), "ask": D("20.501")},
            (
                "liquidity.spread: the spread is 1.002, which is 5.01% of mid; it should be at "
                "most 5% of mid, or one tick of 0.01."
            ),
        ),
        (
            {"quantity": 101},
            (
                "liquidity.size: the order size is 101; it should be at most 10% of the average "
                "volume, 1000."
            ),
        ),
        (
            {"open_interest": None},
            "liquidity.open_interest: the open interest is unknown; it should be at least 500.",
        ),
    ],
)
def test_a_close_is_warned_in_a_sentence(changes: dict[str, Any], said: str) -> None:
    verdict = judge_order(replace(FAIR, **changes, is_closing=True), classic())
    assert verdict.warnings == (said,)
