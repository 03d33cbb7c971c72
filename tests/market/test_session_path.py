"""Session paths: what they must hit, where they must stay, and that they repeat."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.session_path import (
    generator_of_session,
    path_of_session,
    points_of_session,
)

PINNED_PRICES = [288.7, 286.67, 286.86, 285.91]
PINNED_VOLUMES = [7795096, 7570924, 6547213]
CENTS = st.integers(100, 200_000)


@given(st.tuples(CENTS, CENTS, CENTS, CENTS), st.integers(0, 2**32), st.integers(4, 100))
def test_a_path_keeps_to_its_bar(cents: tuple[int, ...], seed: int, points: int) -> None:
    low, opened, closed, high = min(cents), cents[0], cents[1], max(cents)
    bar = [price / 100 for price in (opened, high, low, closed)]
    path = path_of_session(*bar, np.random.default_rng(seed), points, 12_345)
    assert len(path.prices) == points
    assert path.prices[0] == bar[0]
    assert path.prices[-1] == bar[3]
    assert path.prices.max() == bar[1]
    assert path.prices.min() == bar[2]
    assert path.volumes.sum() == 12_345
    assert path.volumes.min() >= 0
    assert path.volumes[0] == 0


def test_a_bar_finer_than_a_cent_is_hit_exactly_too() -> None:
    path = path_of_session(10.00333, 10.51777, 9.80111, 10.12345, np.random.default_rng(4), 79)
    assert (path.prices[0], path.prices[-1]) == (10.00333, 10.12345)
    assert (path.prices.max(), path.prices.min()) == (10.51777, 9.80111)


def test_prices_lie_on_the_cent() -> None:
    path = path_of_session(100.0, 102.5, 99.0, 101.0, np.random.default_rng(1), 79)
    assert np.abs(path.prices * 100 - np.rint(path.prices * 100)).max() < 1e-6


def test_the_same_seed_symbol_and_day_draw_the_same_path() -> None:
    day = date(2020, 3, 16)

    def draw(seed: int, symbol: str, on: date) -> list[float]:
        rng = generator_of_session(seed, symbol, on)
        return path_of_session(100.0, 103.0, 97.0, 99.0, rng, 79).prices.tolist()

    assert draw(1, "AAPL", day) == draw(1, "AAPL", day)
    assert draw(1, "AAPL", day) != draw(2, "AAPL", day)
    assert draw(1, "AAPL", day) != draw(1, "MSFT", day)
    assert draw(1, "AAPL", day) != draw(1, "AAPL", date(2020, 3, 17))


def test_the_drawn_numbers_are_pinned_for_every_version() -> None:
    rng = generator_of_session(7, "SPY", date(2020, 2, 28))
    path = path_of_session(288.7, 297.89, 285.54, 296.26, rng, 79, 384_975_800)
    assert path.prices[:4].tolist() == PINNED_PRICES
    assert path.volumes[1:4].tolist() == PINNED_VOLUMES


def test_a_session_has_a_point_every_five_minutes() -> None:
    assert points_of_session(390) == 79
    assert points_of_session(210) == 43


def test_a_look_sees_the_path_up_to_its_minute_only() -> None:
    path = path_of_session(100.0, 103.0, 97.0, 99.0, np.random.default_rng(2), 79, 1_000)
    assert path.price_at(0) == 100.0
    assert path.price_at(19.99) == path.prices[3]
    assert path.price_at(20) == path.prices[4]
    assert path.price_at(500) == 99.0
    with pytest.raises(ValueError, match="before its open"):
        path.price_at(-1)


def test_extremes_come_early_or_late_and_the_nearer_one_first() -> None:
    rng = np.random.default_rng(9)
    paths = [path_of_session(100.0, 101.0, 95.0, 95.5, rng, 79).prices for _ in range(400)]
    highs = np.array([path.argmax() for path in paths])
    lows = np.array([path.argmin() for path in paths])
    assert (highs < lows).mean() > 0.7
    at_ends = (highs < 16) | (highs > 62) | (lows < 16) | (lows > 62)
    assert at_ends.mean() > 0.8


@pytest.mark.parametrize(
    "bar",
    [
        (10, 9, 8, 9),
        (10, 11, 10.5, 11),
        (0, 1, 0, 1),
        (10, 11, 9, float("nan")),
        (10, float("inf"), 9, 10),
    ],
)
def test_a_bar_out_of_order_has_no_path(bar: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="has no path"):
        path_of_session(*bar, np.random.default_rng(0), 79)


def test_too_few_points_have_no_room_for_both_extremes() -> None:
    with pytest.raises(ValueError, match="at least 4 points"):
        path_of_session(10.0, 11.0, 9.0, 10.0, np.random.default_rng(0), 3)
