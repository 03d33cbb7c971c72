from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allusedesk.domain.instruments import OptionContract
from allusedesk.execution.early_exercise import Evening, reason_to_exercise
from allusedesk.market.american import american_values
from allusedesk.market.pricing import values
from tests.trading import call, price, put, quote

CLOSE = datetime(2013, 2, 12, 21, 0, tzinfo=UTC)
NEXT_CLOSE = CLOSE + timedelta(days=1)
ENDS = datetime(2013, 3, 15, 20, 0, tzinfo=UTC)
EX_DATE = date(2013, 2, 13)
YEARS = (ENDS - CLOSE).total_seconds() / (365 * 86_400)


def evening(closing: str, rate: float = 0.05, *paid: str, **known: float) -> Evening:
    dividends = tuple((EX_DATE, Decimal(each)) for each in paid)
    return Evening(CLOSE, NEXT_CLOSE, price(closing), rate, dividends, **known)


def reason(contract: OptionContract, bid: str, ask: str, seen: Evening) -> str:
    return reason_to_exercise(contract, quote(contract, bid, ask), ENDS, seen)


def test_a_put_told_with_its_figures() -> None:
    said = reason(put(), "29.90", "30.10", evening("70", volatility=0.3))
    assert said == (
        "the interest on the strike, 0.42, exceeds the time value of 0.00; exercise brings 30.00 "
        "a share, held another night it is worth 29.99"
    )


@pytest.mark.parametrize(
    ("contract", "closing"),
    [(put(), "100"), (put(), "101"), (call(), "99"), (put(underlying="SPX"), "70")],
)
def test_what_is_out_of_the_money_or_european_waits(contract: OptionContract, closing: str) -> None:
    assert reason(contract, "0.10", "0.20", evening(closing, 0.05, "9")) == ""


def test_without_a_mark_or_time_nothing_is_judged() -> None:
    blind = replace(quote(put(), "1", "2"), bid=None, ask=None, last=None)
    assert reason_to_exercise(put(), blind, ENDS, evening("70")) == ""
    shown = quote(put(), "29.90", "30.10")
    assert reason_to_exercise(put(), shown, CLOSE, evening("70")) == ""
    nobody_bids = replace(shown, bid=None)
    assert reason_to_exercise(put(), nobody_bids, ENDS, evening("70")) != ""


def test_a_call_is_looked_at_on_the_eve_of_an_ex_date_alone() -> None:
    assert reason(call(), "29.90", "30.10", evening("130", 0.0)) == ""
    late = replace(evening("130", 0.0), dividends=((date(2013, 2, 20), Decimal(2)),))
    assert reason(call(), "29.90", "30.10", late) == ""
    assert reason(call(), "29.90", "30.10", evening("130", 0.0, "2")).startswith(
        "the dividend of 2"
    )


@given(st.integers(60, 99), st.floats(0.1, 0.6), st.floats(0.0, 0.08))
@example(77, 0.5, 0.078125)
@settings(max_examples=60)
def test_a_put_is_exercised_only_where_its_american_value_is_its_exercise(
    closing: int, volatility: float, rate: float
) -> None:
    """Necessary: no time value in the American value; sufficient: well beyond the boundary.

    A holder exercises at closes alone, so that waiting may cost him a night's interest at most.
    """
    seen = evening(str(closing), rate, volatility=volatility)
    said = reason(put(), "1", "2", seen)
    worth = float(american_values(closing, 100.0, YEARS, rate, 0.0, volatility, is_put=True))
    night = 100.0 * -math.expm1(-rate / 365.0)
    if worth > 100 - closing + night + 1e-3:
        assert said == ""
    deeper = american_values(closing * 1.02, 100.0, YEARS, rate, 0.0, volatility, is_put=True)
    if rate > 0.01 and float(deeper) <= 100 - closing * 1.02 + 1e-9:
        assert said != ""


@given(st.integers(101, 140), st.floats(0.1, 0.6), st.floats(0.05, 4.0))
@settings(max_examples=60)
def test_a_call_is_exercised_only_where_the_dividend_exceeds_the_put_it_gives_up(
    closing: int, volatility: float, dividend: float
) -> None:
    """Without interest: dividend against the put of the same strike after the share has fallen."""
    paid = f"{dividend:.2f}"
    seen = evening(str(closing), 0.0, paid, volatility=volatility)
    after = closing - float(paid)
    given_up = float(values(after, 100.0, YEARS, 0.0, 0.0, volatility, is_put=True))
    gap = float(paid) - given_up
    if abs(gap) > 0.01:
        assert bool(reason(call(), "1", "2", seen)) is (gap > 0)
