from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import (
    CashDividend,
    Split,
    inferred_dividends,
    merged_dividends,
    merged_splits,
    split_factors,
    split_facts,
    splits_shown,
)

DAYS = np.arange("2020-01-01", "2020-01-11", dtype="datetime64[D]")
FOUR = Split("AAPL", date(2020, 1, 5), 4.0)


def test_the_facts_are_sessions_in_order_and_named_once(
    known_splits: tuple[Split, ...], nyse: ExchangeCalendar
) -> None:
    keys = [(split.symbol, split.effective_on) for split in known_splits]
    assert keys == sorted(set(keys))
    assert all(nyse.is_session(split.effective_on) for split in known_splits)
    assert Split("AMZN", date(2022, 6, 6), 20.0) in known_splits


def test_a_remark_is_no_split_and_a_bad_line_is_an_error() -> None:
    header = "symbol,effective_on,new_shares,old_shares\n"
    assert split_facts("# remark\n" + header + "C,2011-05-09,1,10\n") == (
        Split("C", date(2011, 5, 9), 0.1),
    )
    with pytest.raises(ValueError, match="Invalid isoformat"):
        split_facts(header + "C,soon,1,10\n")


def test_the_first_source_wins_for_one_day() -> None:
    other = Split("AAPL", date(2020, 1, 5), 5.0)
    assert merged_splits((FOUR,), (other,)) == (FOUR,)
    first, second = (CashDividend("AAPL", date(2020, 1, 5), amount) for amount in (1.0, 2.0))
    assert merged_dividends((first,), (second,)) == (first,)


def test_only_splits_up_to_the_day_of_adjustment_are_undone() -> None:
    last = date(2020, 1, 10)
    assert split_factors(DAYS, (FOUR,), last).tolist() == [4.0] * 4 + [1.0] * 6
    assert split_factors(DAYS, (FOUR,), date(2020, 1, 5)).tolist() == [4.0] * 4 + [1.0] * 6
    assert split_factors(DAYS, (FOUR,), date(2020, 1, 4)).tolist() == [1.0] * 10


def test_raw_prices_fall_by_a_split_and_adjusted_ones_do_not() -> None:
    raw = np.array([400.0] * 4 + [101.0] * 6)
    assert splits_shown(DAYS, raw, (FOUR,)) == ((FOUR, True),)
    assert splits_shown(DAYS, np.full(10, 100.0), (FOUR,)) == ((FOUR, False),)
    small = Split("GOOG", date(2020, 1, 5), 1.0027)
    before = Split("AAPL", date(2020, 1, 1), 4.0)
    assert splits_shown(DAYS, raw, (small, before)) == ()


@given(
    st.lists(st.integers(1, 5), min_size=10, max_size=10),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
def test_a_dividend_hidden_in_an_adjusted_close_is_found_again(
    moves: list[int], ex_row: int, is_split: bool, divides: bool
) -> None:
    closes = np.array([100.0 + move for move in moves])
    raw = closes / np.where(is_split & (np.datetime64("2020-01-05") <= DAYS), 4.0, 1.0)
    amount = 0.25
    # The two ways in which vendors take a dividend out of earlier prices.
    ratio = 1 / (1 + amount / raw[ex_row]) if divides else 1 - amount / raw[ex_row - 1]
    splits = (FOUR,) if is_split else ()
    if is_split and FOUR.effective_on == DAYS[ex_row].astype(object):
        return
    adjusted = (
        raw
        * (1 / split_factors(DAYS, splits, date.max))
        * np.where(np.arange(10) < ex_row, ratio, 1.0)
    )
    found = inferred_dividends("AAPL", DAYS, raw, adjusted, splits)
    assert [dividend.ex_date for dividend in found] == [DAYS[ex_row].astype(object)]
    assert found[0].amount == pytest.approx(amount, rel=0.06)


def test_no_dividend_is_seen_in_rounding_or_in_a_single_row() -> None:
    closes = np.full(10, 100.0)
    wobble = closes * (1 + 1e-6 * (np.arange(10) % 2))
    assert inferred_dividends("AAPL", DAYS, closes, wobble, ()) == ()
    assert inferred_dividends("AAPL", DAYS[:1], closes[:1], closes[:1], ()) == ()
