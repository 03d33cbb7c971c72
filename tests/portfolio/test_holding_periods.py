from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.portfolio.holding_periods import (
    is_long_term,
    is_qualified,
    is_section_1256,
    tacked,
)
from tests.trading import STOCK, call, price, put


# Revenue Ruling 66-7: bought on the last day of a month, held a year at the first of the
# thirteenth month after.
@pytest.mark.parametrize(
    ("bought", "first_long"),
    [
        (date(2012, 1, 3), date(2013, 1, 4)),
        (date(2011, 2, 28), date(2012, 3, 1)),
        (date(2012, 2, 28), date(2013, 3, 1)),
        (date(2012, 2, 29), date(2013, 3, 1)),
        (date(2012, 12, 31), date(2014, 1, 1)),
    ],
)
def test_long_term_begins_after_a_whole_year(bought: date, first_long: date) -> None:
    assert is_long_term(bought, first_long)
    assert not is_long_term(bought, first_long - timedelta(days=1))


@given(some.dates(date(2000, 1, 1), date(2030, 12, 31)), some.integers(0, 800))
def test_a_year_is_never_shorter_than_it_is(bought: date, days: int) -> None:
    is_long = is_long_term(bought, bought + timedelta(days=days))
    assert is_long is (days > 366) or days == 366


def test_a_stopped_holding_period_is_short() -> None:
    assert not is_long_term(None, date(2030, 1, 1))


def test_holding_periods_add_where_both_are_known() -> None:
    assert tacked(date(2012, 5, 1), date(2012, 3, 1), date(2012, 4, 1)) == date(2012, 3, 31)
    assert tacked(None, date(2012, 3, 1), date(2012, 4, 1)) is None
    assert tacked(date(2012, 5, 1), None, date(2012, 4, 1)) == date(2012, 5, 1)


def test_index_options_are_section_1256_and_those_on_funds_are_not() -> None:
    for root in ("SPX", "XSP", "VIX"):
        assert is_section_1256(put(underlying=root))
    assert not is_section_1256(put(underlying="SPY"))
    assert not is_section_1256(STOCK)


def test_a_call_whose_spot_nobody_recorded_is_not_taken_for_qualified() -> None:
    written = date(2012, 1, 3)
    far = call(100, expiry=date(2012, 6, 15))
    assert is_qualified(far, written, price(100))
    assert not is_qualified(far, written, price("100.01"))
    assert not is_qualified(far, written, None)
