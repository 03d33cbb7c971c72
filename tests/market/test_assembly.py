from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.assembly import (
    assembled,
    dividend_adjusted_origins,
    unsplit,
    with_last_close,
)
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import Adjustment, AdjustmentBasis, DailyBars

FIRST = date(2020, 1, 1)
SPLIT = Split("XYZ", date(2020, 3, 1), 4.0)
TRADED = 400.0


def series(
    origin: str,
    sessions: int,
    adjustment: Adjustment = Adjustment.RAW,
    basis: AdjustmentBasis = AdjustmentBasis.DECLARED,
    start: int = 0,
    dividend_day: int | None = None,
) -> DailyBars:
    """One share at 400 that split four for one on 1 March, as each adjustment writes it."""
    dates = np.datetime64(FIRST) + np.arange(start, start + sessions)
    is_before = dates < np.datetime64(SPLIT.effective_on)
    close = np.where(is_before, TRADED, TRADED / SPLIT.ratio)
    volume = np.where(is_before, 100.0, 400.0)
    is_inside = bool(is_before.any() and not is_before.all())
    if adjustment is not Adjustment.RAW and is_inside:
        close, volume = np.full(sessions, TRADED / SPLIT.ratio), np.full(sessions, 400.0)
    if dividend_day is not None:
        close = np.where(dates < np.datetime64(FIRST) + dividend_day, close * 0.98, close)
    return DailyBars("XYZ", dates, close, close, close, close, volume, adjustment, basis, origin)


def test_a_splits_only_series_is_traded_prices_again() -> None:
    bars = unsplit(series("a", 120, Adjustment.SPLITS), (SPLIT,))
    raw = series("b", 120)
    assert bars.close.tolist() == raw.close.tolist()
    assert bars.volume.tolist() == raw.volume.tolist()
    assert bars.adjustment is Adjustment.RAW
    assert unsplit(raw, (SPLIT,)) is raw


def test_a_split_after_the_series_or_its_day_of_adjustment_is_left_alone() -> None:
    early = series("a", 20, Adjustment.SPLITS)
    assert unsplit(early, (SPLIT,)).close.tolist() == early.close.tolist()
    # Fetched after the split, so the split is in prices that end before it.
    fetched_later = replace(early, close=early.close / 4, adjusted_as_of=date(2021, 1, 1))
    assert unsplit(fetched_later, (SPLIT,)).close.tolist() == early.close.tolist()


@given(st.floats(0.01, 5000), st.sampled_from([2.0, 4.0, 7.0, 20.0, 1.5]))
def test_single_precision_is_undone_to_the_cent(price: float, ratio: float) -> None:
    cents = round(price, 2)
    stored = float(np.float32(cents / ratio))
    bars = series("a", 120, Adjustment.SPLITS)
    bars = replace(bars, close=np.full(120, stored))
    traded = unsplit(bars, (replace(SPLIT, ratio=ratio),)).close[0]
    assert traded == pytest.approx(cents, abs=0.0011)


def test_raw_comes_before_splits_only_then_the_longer_then_the_first_named() -> None:
    short_raw, long_split = series("raw", 70), series("split", 120, Adjustment.SPLITS)
    made = assembled("XYZ", (long_split, short_raw), (SPLIT,))
    assert [(segment.origin, segment.first, segment.last) for segment in made.segments] == [
        ("raw", date(2020, 1, 1), date(2020, 3, 10)),
        ("split", date(2020, 3, 11), date(2020, 4, 29)),
    ]
    made = assembled("XYZ", (series("short", 60), series("long", 90)), (SPLIT,))
    assert [segment.origin for segment in made.segments] == ["long"]
    assert "the longer, 90 sessions against 60" in " ".join(made.choices)
    made = assembled("XYZ", (series("first", 90), series("second", 90)), (SPLIT,))
    assert [segment.origin for segment in made.segments] == ["first"]
    assert "named earlier" in " ".join(made.choices)


def test_series_are_joined_end_to_end_and_each_piece_is_told() -> None:
    made = assembled(
        "XYZ",
        (series("old", 50), series("new", 80, Adjustment.SPLITS, start=40)),
        (SPLIT,),
    )
    assert made.bars is not None
    assert len(made.bars) == 120
    assert made.bars.close.tolist() == series("whole", 120).close.tolist()
    assert (np.diff(made.bars.dates) == np.timedelta64(1, "D")).all()
    assert "XYZ 2020-01-01 to 2020-02-19: old (raw: declared)." in made.choices
    assert any("new (splits-only: declared, un-split)" in choice for choice in made.choices)


def test_a_hole_is_filled_from_the_next_series() -> None:
    whole = series("whole", 100)
    kept = np.arange(120) != 30
    holed = series("holed", 120)
    holed = replace(
        holed,
        **{
            name: getattr(holed, name)[kept]
            for name in ("dates", "open", "high", "low", "close", "volume")
        },
    )
    made = assembled("XYZ", (holed, whole), (SPLIT,))
    assert made.bars is not None
    assert len(made.bars) == 120
    assert [segment.origin for segment in made.segments] == ["holed", "whole", "holed"]
    assert "in 2 pieces" in " ".join(made.choices)


ASSUMED = AdjustmentBasis.ASSUMED


def test_an_undeclared_series_that_falls_by_a_known_split_is_raw() -> None:
    bars = replace(series("a", 120), adjustment=Adjustment.SPLITS, basis=ASSUMED)
    made = assembled("XYZ", (bars,), (SPLIT,))
    assert made.bars is not None
    assert made.bars.close.tolist() == bars.close.tolist()
    assert made.judged[0].basis is AdjustmentBasis.SPLIT_DATES


@pytest.mark.parametrize(
    ("bars", "reason"),
    [
        (
            replace(series("a", 120, Adjustment.SPLITS), adjustment=Adjustment.RAW),
            "does not fall by the split of 2020-03-01",
        ),
        (replace(series("a", 120), adjustment=Adjustment.SPLITS), "declared to be adjusted"),
    ],
)
def test_a_declaration_its_own_prices_contradict_is_not_believed(
    bars: DailyBars, reason: str
) -> None:
    made = assembled("XYZ", (bars,), (SPLIT,))
    assert made.bars is None
    assert reason in made.choices[0]


def test_a_series_adjusted_for_half_its_splits_is_not_used() -> None:
    second = Split("XYZ", date(2020, 2, 1), 2.0)
    made = assembled("XYZ", (series("a", 120),), (second, SPLIT))
    assert made.bars is None
    assert "neither raw nor adjusted" in made.choices[0]


def test_an_undeclared_series_below_another_is_dividend_adjusted_and_never_priced() -> None:
    trusted = series("raw", 100)
    lowered = series("low", 140, Adjustment.SPLITS, ASSUMED, dividend_day=95)
    made = assembled("XYZ", (lowered, trusted), (SPLIT,))
    assert made.bars is not None
    assert len(made.bars) == 100
    assert [bars.origin for bars in made.total_adjusted] == ["low"]
    assert made.signal_bars is not None
    assert len(made.signal_bars) == 140
    assert made.signal_bars.adjustment is Adjustment.TOTAL
    text = " ".join(made.choices)
    assert "low is not used for prices of XYZ: it is adjusted for dividends" in text
    assert "2020-04-10 to 2020-05-19: low serves signals only" in text
    assert dividend_adjusted_origins((lowered, trusted), (SPLIT,)) == {"low"}


def test_of_two_undeclared_series_the_lower_is_the_dividend_adjusted_one() -> None:
    plain = series("plain", 120, Adjustment.SPLITS, ASSUMED)
    lowered = series("low", 120, Adjustment.SPLITS, ASSUMED, dividend_day=100)
    assert dividend_adjusted_origins((plain, lowered), (SPLIT,)) == {"low"}
    assert dividend_adjusted_origins((plain, plain), (SPLIT,)) == frozenset()
    assert dividend_adjusted_origins((lowered,), (SPLIT,)) == frozenset()


def test_what_is_proven_for_a_neighbour_holds_unless_somebody_declared_otherwise() -> None:
    undeclared = series("a", 120, Adjustment.SPLITS, ASSUMED)
    made = assembled("XYZ", (undeclared,), (SPLIT,), frozenset({"a"}))
    assert made.bars is None
    assert made.signal_bars is not None
    declared = series("a", 120, Adjustment.SPLITS)
    assert assembled("XYZ", (declared,), (SPLIT,), frozenset({"a"})).bars is not None


def test_a_series_of_another_level_is_left_out() -> None:
    other = series("other", 140)
    wrong = replace(other, close=other.close * 1.1, open=other.open * 1.1)
    made = assembled("XYZ", (series("first", 150), wrong), (SPLIT,))
    assert [segment.origin for segment in made.segments] == ["first"]
    assert "1.100 times those of first" in " ".join(made.choices)


def test_nothing_comes_of_nothing() -> None:
    made = assembled("XYZ", (), ())
    assert (made.bars, made.signal_bars, made.segments, made.choices) == (None, None, (), ())


def test_the_last_close_of_a_dividend_adjusted_series_is_as_traded() -> None:
    raw = series("raw", 100)
    total = series("total", 120, Adjustment.TOTAL)
    last = total.dates[-1].astype(object)
    closed = with_last_close(raw, total, (FIRST, last))
    assert closed is not None
    assert len(closed) == len(raw) + 1
    assert closed.close[-1] == total.close[-1]
    assert np.isnan(closed.open[-1])
    assert with_last_close(raw, total, (FIRST, FIRST)) is None
    assert with_last_close(raw, series("other", 120), (FIRST, last)) is None
    assert with_last_close(series("longer", 130), total, (FIRST, last)) is None
