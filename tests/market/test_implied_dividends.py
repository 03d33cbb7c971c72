from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import Adjustment, AdjustmentBasis, DailyBars
from allusedesk.market.implied_dividends import dividend_readings

FIRST = np.datetime64("2020-01-01")


def series(
    origin: str, start: int, sessions: int, ex_days: dict[int, float] | None = None
) -> DailyBars:
    """A share at 100, and its close adjusted for the dividends of `ex_days`."""
    dates = FIRST + np.arange(start, start + sessions)
    close = np.full(sessions, 100.0)
    adjusted = close.copy()
    for day, amount in (ex_days or {}).items():
        adjusted[dates < FIRST + day] *= 1 - amount / 100.0
    return DailyBars(
        "XYZ", dates, close, close, close, close, close, Adjustment.RAW,
        AdjustmentBasis.DECLARED, origin, adjusted if ex_days is not None else None,
    )  # fmt: skip


def test_the_longer_file_comes_first_and_others_fill_what_it_leaves() -> None:
    short = series("short", 30, 40, {40: 0.3, 60: 0.7})
    long = series("long", 0, 50, {20: 0.5, 40: 0.4})
    readings = dividend_readings("XYZ", (short, long), None, (), ())
    assert [(reading.origin, reading.first.day) for reading in readings] == [
        ("long", 1),
        ("short", 31),
    ]
    found = [(each.ex_date, each.amount) for reading in readings for each in reading.dividends]
    assert found == [
        (date(2020, 1, 21), 0.5),
        (date(2020, 2, 10), 0.4),
        (date(2020, 3, 1), 0.7),
    ]


def test_a_file_whose_days_are_all_covered_says_nothing() -> None:
    inner, outer = series("inner", 10, 20, {15: 1.0}), series("outer", 0, 40, {20: 0.5})
    readings = dividend_readings("XYZ", (inner, outer), None, (), ())
    assert [reading.origin for reading in readings] == ["outer"]


def test_a_dividend_adjusted_series_is_read_against_the_traded_prices() -> None:
    traded = series("traded", 0, 40)
    low = series("low", 10, 40, {30: 0.5})
    assert low.adjusted_close is not None
    total = replace(low, close=low.adjusted_close, adjusted_close=None, adjustment=Adjustment.TOTAL)
    readings = dividend_readings("XYZ", (total,), traded, (total,), ())
    assert [reading.origin for reading in readings] == ["low"]
    assert readings[0].dividends[0].ex_date == date(2020, 1, 31)
    assert readings[0].dividends[0].amount == pytest.approx(0.5)
    assert dividend_readings("XYZ", (total,), None, (total,), ()) == ()


def test_amounts_are_per_share_as_it_was_before_a_later_split() -> None:
    split = Split("XYZ", date(2020, 2, 1), 4.0)
    bars = series("a", 0, 60, {10: 0.25, 50: 0.25})
    bars = replace(bars, adjustment=Adjustment.SPLITS)
    readings = dividend_readings("XYZ", (bars,), None, (), (split,))
    assert [each.amount for each in readings[0].dividends] == pytest.approx([1.0, 0.25])
