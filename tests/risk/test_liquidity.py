"""Ways out by hand."""

from __future__ import annotations

import math

import pytest

from allusedesk.risk.liquidity import exit_of
from tests.trading import STOCK, dollars, price, put


@pytest.mark.parametrize(
    ("held", "volume", "days"),
    [(-30, 100.0, 3), (31, 100.0, 4), (1, 1e9, 1), (5, 0.0, None), (5, None, None),
     (5, math.nan, None)],
)  # fmt: skip
def test_days_at_a_tenth_of_the_volume(held: int, volume: float | None, days: int | None) -> None:
    assert exit_of(put(), held, volume, None, None).days == days


def test_half_the_spread_on_all_of_it() -> None:
    found = exit_of(put(), -3, 50.0, price("1.00"), price("1.15"))
    assert (found.quantity, found.spread_cost) == (3, dollars("22.50"))
    assert exit_of(STOCK, 200, None, price("99.99"), price("100.02")).spread_cost == dollars("3.00")
    assert exit_of(STOCK, 200, None, None, price("100.02")).spread_cost is None
    assert exit_of(STOCK, 200, None, price("100.02"), None).spread_cost is None
