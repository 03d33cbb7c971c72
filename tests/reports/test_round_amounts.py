from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.reports.round_amounts import money_ticks, short_money


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "$0"),
        (950.4, "$950"),
        (12_345.0, "$12.3k"),
        (1_376_884.06, "$1.38M"),
        (40_685_324.87, "$40.7M"),
        (2.5e9, "$2.5B"),
    ],
)
def test_amounts_in_three_digits(amount: float, text: str) -> None:
    assert short_money(amount) == text


def test_ticks_are_one_two_and_five_where_there_is_room() -> None:
    assert money_ticks(240_000, 1_100_000) == (200_000, 500_000, 1_000_000, 2_000_000)
    assert money_ticks(3, 4e9)[0] == 1


@given(some.floats(1, 1e9), some.floats(1, 1e5))
def test_ticks_hold_what_is_drawn_and_are_few(low: float, times: float) -> None:
    ticks = money_ticks(low, low * times)
    assert ticks[0] <= low * (1 + 1e-12)
    assert ticks[-1] >= low * times * (1 - 1e-12)
    assert list(ticks) == sorted(set(ticks))
    assert len(ticks) <= 12
