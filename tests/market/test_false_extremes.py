from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.assembly import assembled
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.false_extremes import (
    extremes_found,
    false_extremes,
    with_extremes_held,
)
from allusedesk.market.history import Adjustment, AdjustmentBasis, DailyBars, Effect
from allusedesk.market.importers.layouts import read_file

SESSIONS = 30
FIRST = np.datetime64("2010-04-01")
USUAL_VOLUME = 1_000.0


def quiet(origin: str = "a", adjustment: Adjustment = Adjustment.RAW) -> DailyBars:
    """A share that opens at 100, closes at 101 and goes a dollar beyond both, every day."""
    return DailyBars(
        "XYZ",
        FIRST + np.arange(SESSIONS),
        np.full(SESSIONS, 100.0),
        np.full(SESSIONS, 102.0),
        np.full(SESSIONS, 99.0),
        np.full(SESSIONS, 101.0),
        np.full(SESSIONS, USUAL_VOLUME),
        adjustment,
        AdjustmentBasis.DECLARED,
        origin,
    )


def planted(bars: DailyBars, row: int, **values: float) -> DailyBars:
    columns = {name: getattr(bars, name).copy() for name in values}
    for name, value in values.items():
        columns[name][row] = value
    return replace(bars, **columns)


def told(bars: DailyBars, splits: tuple[Split, ...] = ()) -> list[tuple[date, bool, float, float]]:
    found = false_extremes(bars, splits)
    return [(each.day, each.is_low, each.price, each.held_at) for each in found]


def test_a_price_with_a_lost_digit_is_held_to_the_nearer_of_open_and_close() -> None:
    bars = planted(planted(quiet(), 25, low=10.1), 27, high=202.0)
    found = false_extremes(bars, ())
    assert told(bars) == [
        (date(2010, 4, 26), True, 10.1, 100.0),
        (date(2010, 4, 28), False, 202.0, 101.0),
    ]
    held = with_extremes_held(bars, found)
    assert (held.low[25], held.high[25]) == (100.0, 102.0)
    assert (held.low[27], held.high[27]) == (99.0, 101.0)
    assert (held.open == bars.open).all()
    assert (held.close == bars.close).all()
    # Nothing but the two cells moved, and the series it came from is as it was.
    assert (held.low != bars.low).sum() == (held.high != bars.high).sum() == 1
    assert bars.low[25] == 10.1


@pytest.mark.parametrize(
    ("low", "volume_multiple", "is_false"),
    [
        # At ordinary volume a third is too much; a crowd may have traded down to two fifths.
        (67.0, 1.0, False),
        (66.0, 1.0, True),
        (66.0, 1.5, True),
        (66.0, 1.6, False),
        (41.0, 5.0, False),
        (39.0, 5.0, True),
        (0.01, 50.0, True),
    ],
)
def test_distance_and_volume_decide_together(
    low: float, volume_multiple: float, is_false: bool
) -> None:
    bars = planted(quiet(), 25, low=low, volume=USUAL_VOLUME * volume_multiple)
    assert bool(false_extremes(bars, ())) is is_false


@pytest.mark.parametrize(
    "values",
    [
        # 1987-10-19 of the S&P 500 on this scale: it closed at its low, a fifth below.
        {"open": 100.0, "high": 101.0, "low": 79.5, "close": 80.0, "volume": 3_500.0},
        # 2010-05-06: Procter & Gamble lost 37% in minutes, was back, and its trades stood.
        {"open": 100.0, "high": 101.0, "low": 62.8, "close": 97.7, "volume": 4_000.0},
        # A fund that fell by 59% that day; the exchanges cancelled from 60% on.
        {"open": 100.0, "high": 101.0, "low": 41.0, "close": 92.0, "volume": 9_000.0},
        # Halted on bad news, opened at a fifth and went on from there, in however few shares.
        {"open": 20.0, "high": 24.0, "low": 18.0, "close": 22.0, "volume": 400.0},
        # Opened on an offer that was denied at once: it traded where it had closed.
        {"open": 180.0, "high": 182.0, "low": 102.0, "close": 178.0, "volume": 900.0},
        # Bought overnight for three times its price.
        {"open": 300.0, "high": 306.0, "low": 299.0, "close": 305.0, "volume": 900.0},
        # GameStop on 2021-01-28: 483 and 112 within hours, from 347 to 194.
        {"open": 76.4, "high": 139.2, "low": 45.0, "close": 55.8, "volume": 2_000.0},
    ],
)
def test_a_real_crash_or_squeeze_stands(values: dict[str, float]) -> None:
    bars = planted(quiet(), 25, **values)
    assert false_extremes(bars, ()) == ()


def test_neither_a_known_nor_an_unknown_split_makes_an_honest_bar_false() -> None:
    bars = quiet()
    is_after = np.arange(SESSIONS) >= 25
    for ratio in (7.0, 2.0, 0.1):
        split = Split("XYZ", date(2010, 4, 26), ratio)
        share = np.where(is_after, 1 / ratio, 1.0)
        raw = replace(
            bars, open=bars.open * share, high=bars.high * share, low=bars.low * share,
            close=bars.close * share, volume=bars.volume / share,
        )  # fmt: skip
        assert false_extremes(raw, ()) == false_extremes(raw, (split,)) == ()


def test_the_close_before_a_split_excuses_nothing_after_it() -> None:
    split = Split("XYZ", date(2010, 4, 26), 4.0)
    share = np.where(np.arange(SESSIONS) >= 25, 0.25, 1.0)
    bars = quiet()
    raw = replace(
        bars, open=bars.open * share, high=bars.high * share, low=bars.low * share,
        close=bars.close * share, volume=bars.volume / share,
    )  # fmt: skip
    raw = planted(raw, 25, high=90.0)
    assert told(raw, (split,)) == [(date(2010, 4, 26), False, 90.0, 25.25)]
    assert told(raw) == []
    # Four thousand of the new shares are a thousand of the old: no crowd that would excuse a low.
    spoilt = planted(planted(raw, 25, high=26.0), 25, low=15.0)
    assert told(spoilt, (split,)) == [(date(2010, 4, 26), True, 15.0, 25.0)]
    assert told(raw, (replace(split, symbol="ABC"),)) == []


def test_what_is_not_known_accuses_nobody() -> None:
    unknown = np.full(SESSIONS, np.nan)
    closes = replace(quiet(), open=unknown, high=unknown, low=unknown)
    assert false_extremes(closes, ()) == ()
    silent = planted(replace(quiet(), volume=np.zeros(SESSIONS)), 25, low=50.0)
    assert false_extremes(silent, ()) == ()
    # The first bar has neither a close before it nor a usual volume.
    assert false_extremes(planted(quiet(), 0, low=50.0), ()) == ()
    (first,) = false_extremes(planted(quiet(), 0, low=30.0), ())
    assert first.reason.endswith(
        "on 2010-04-01 was never traded: the lesser of open and close is 100"
    )
    assert false_extremes(quiet().chosen(slice(0, 0)), ()) == ()


@given(
    st.lists(
        st.tuples(
            st.floats(0.7, 1.4), st.floats(0.7, 1.4), st.floats(0, 0.3), st.floats(0, 0.45),
            st.floats(0, 1e9),
        ),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_an_honest_bar_is_never_changed(
    days: list[tuple[float, float, float, float, float]],
) -> None:
    """Whatever the gaps and volumes: down to 30% below and up to 45% above nothing is held."""
    opens = np.cumprod([day[0] for day in days]) * 100.0
    closes = opens * [day[1] for day in days]
    lows = np.minimum(opens, closes) * (1 - np.array([day[2] for day in days]))
    highs = np.maximum(opens, closes) * (1 + np.array([day[3] for day in days]))
    bars = replace(
        quiet(), dates=FIRST + np.arange(len(days)), open=opens, high=highs, low=lows,
        close=closes, volume=np.array([day[4] for day in days]),
    )  # fmt: skip
    found = false_extremes(bars, ())
    assert found == ()
    assert with_extremes_held(bars, found) is bars


@given(st.integers(0, SESSIONS - 1), st.floats(1e-4, 39.0), st.floats(1.0, 1e9))
def test_a_planted_print_is_always_found_and_held_but_once(
    row: int, low: float, volume: float
) -> None:
    bars = planted(quiet(), row, low=low, volume=volume)
    found = false_extremes(bars, ())
    assert [each.price for each in found] == [low]
    assert false_extremes(with_extremes_held(bars, found), ()) == ()


@given(st.integers(0, SESSIONS - 1), st.floats(1e-4, 99.0), st.integers(1, SESSIONS))
def test_no_later_day_speaks_on_a_bar(row: int, low: float, end: int) -> None:
    bars = planted(quiet(), row, low=low)
    known = bars.chosen(slice(0, end))
    last = known.dates[-1].astype(object)
    whole = [each for each in false_extremes(bars, ()) if each.day <= last]
    assert list(false_extremes(known, ())) == whole


def test_the_import_tells_the_day_the_price_and_what_counts_instead() -> None:
    (defect,) = extremes_found(planted(quiet("x.csv"), 25, low=10.1), ())
    assert str(defect) == (
        "x.csv: the low of 10.1 on 2010-04-26 was never traded: the lesser of open and close is "
        "100, the close before 101; it counts as 100 where no other series has the day "
        "(value ignored)"
    )
    assert (defect.field, defect.effect) == ("low", Effect.VALUE_IGNORED)


def test_another_series_takes_the_day_over_and_both_are_told() -> None:
    spoilt = planted(quiet("spoilt"), 25, low=10.1)
    short = quiet("sound").chosen(slice(5, SESSIONS))
    made = assembled("XYZ", (spoilt, planted(short, 20, low=98.0)), ())
    assert made.bars is not None
    assert made.bars.low.tolist() == planted(quiet(), 25, low=98.0).low.tolist()
    assert (made.bars.dates == quiet().dates).all()
    assert [segment.origin for segment in made.segments] == ["spoilt", "sound", "spoilt"]
    text = " ".join(made.choices)
    assert "10.1 on 2010-04-26 was never traded" in text
    assert "(spoilt). That day's bar comes from sound." in text
    assert "counts as" not in text


def test_a_series_may_lose_every_day_it_had() -> None:
    day = planted(quiet("spoilt", Adjustment.RAW), 25, low=10.1).chosen(slice(25, 26))
    made = assembled("XYZ", (day, quiet("sound", Adjustment.SPLITS)), ())
    assert made.bars is not None
    assert made.bars.low.tolist() == quiet().low.tolist()
    assert [segment.origin for segment in made.segments] == ["sound"]


def test_without_an_honest_bar_elsewhere_the_extreme_is_held_and_told() -> None:
    spoilt = planted(quiet("spoilt"), 25, low=10.1)
    also = planted(quiet("also"), 25, low=9.0).chosen(slice(5, SESSIONS))
    unknown = np.full(SESSIONS, np.nan)
    closes = replace(quiet("closes"), open=unknown, high=unknown, low=unknown)
    made = assembled("XYZ", (spoilt, also, closes), ())
    assert made.bars is not None
    assert made.bars.low[25] == 100.0
    assert made.signal_bars is made.bars
    (sentence,) = (choice for choice in made.choices if "never traded" in choice)
    assert sentence == (
        "XYZ: the low of 10.1 on 2010-04-26 was never traded: the lesser of open and close is "
        "100, the close before 101. No other usable series has that day, so it counts as 100 "
        "(spoilt)."
    )


def test_a_series_that_goes_on_is_held_where_it_goes_on() -> None:
    first = quiet("first").chosen(slice(0, 25))
    second = planted(planted(quiet("second"), 10, low=9.0), 26, low=10.1)
    sentence = (
        "XYZ: the low of 10.1 on 2010-04-27 was never traded: the lesser of open and close is "
        "100, the close before 101. No other usable series has that day, so it counts as 100 "
        "(second)."
    )
    made = assembled("XYZ", (first, second.chosen(slice(6, SESSIONS))), ())
    assert made.bars is not None
    assert (made.bars.low[10], made.bars.low[26]) == (99.0, 100.0)
    assert [choice for choice in made.choices if "never traded" in choice] == [sentence]
    # A dividend-adjusted series serves signals alone, and what of it is not used is not told.
    made = assembled("XYZ", (first, replace(second, adjustment=Adjustment.TOTAL)), ())
    assert made.signal_bars is not None
    assert (made.signal_bars.low[10], made.signal_bars.low[26]) == (99.0, 100.0)
    assert [choice for choice in made.choices if "never traded" in choice] == [sentence]


def test_prices_that_were_no_prices_are_found_in_what_vendors_sell(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    """All bars of the pack: each false one known is found, and nothing of any crash."""
    found: list[tuple[str, str, float]] = []
    sessions = 0
    folders = sorted(shared_data.glob("equity_daily_*"))
    for path in (path for folder in folders for path in sorted(folder.iterdir())):
        if path.suffix not in (".gz", ".zip"):
            continue
        for bars in read_file(path.name, path.read_bytes(), nyse).values:
            if isinstance(bars, DailyBars):
                sessions += len(bars)
                splits = known_splits if bars.adjustment is Adjustment.RAW else ()
                found.extend(
                    (bars.symbol, str(each.day), each.price)
                    for each in false_extremes(bars, splits)
                )
    assert sessions > 100_000
    assert sorted(found) == [
        ("AAPL", "2009-09-21", 10.59),
        ("AAPL", "2010-08-31", 25.3),
        ("AAPL", "2011-01-03", 32.65),
        ("BAC", "2001-11-12", 40.0),
        ("GOOG", "2007-12-18", 67.5),
        ("GOOG", "2008-09-30", 0.01),
        ("IWM", "2008-09-19", 156.51),
        ("SPY", "2026-02-02", 69.005),
    ]
