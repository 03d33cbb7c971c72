"""Indicators against worked figures, pandas and a real split."""

import gzip
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allusedesk.market.indicators import (
    HistoryTooShortError,
    average_true_ranges,
    lowest_low,
    realised_volatility,
    simple_average,
    true_ranges,
    volatility_index_average,
)


def bars(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    closes = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, count)))
    return closes + rng.uniform(0.0, 2.0, count), closes - rng.uniform(0.0, 2.0, count), closes


def test_true_range_covers_gaps_both_ways() -> None:
    highs = np.array([10.0, 12.0, 9.0])
    lows = np.array([9.0, 11.5, 8.5])
    closes = np.array([9.5, 11.8, 8.6])
    assert true_ranges(highs, lows, closes) == pytest.approx([2.5, 3.3])


def test_atr_is_the_exponential_mean_pandas_computes_with_wilders_weight() -> None:
    highs, lows, closes = bars(400)
    ours = average_true_ranges(highs, lows, closes, 14)
    ranges = true_ranges(highs, lows, closes)
    seeded = np.concatenate(([ranges[:14].mean()], ranges[14:]))
    theirs = pd.Series(seeded).ewm(alpha=1 / 14, adjust=False).mean().to_numpy()
    assert np.isnan(ours[:14]).all()
    assert ours[14:] == pytest.approx(theirs, rel=1e-12)


def test_atr_never_looks_ahead() -> None:
    highs, lows, closes = bars(100)
    whole = average_true_ranges(highs, lows, closes, 5)
    part = average_true_ranges(highs[:60], lows[:60], closes[:60], 5)
    assert np.array_equal(whole[:60], part, equal_nan=True)


def test_averages_lows_and_volatility_use_the_last_sessions_only() -> None:
    _, lows, closes = bars(300)
    assert simple_average(closes, 50) == pytest.approx(closes[250:].mean())
    assert lowest_low(lows, 20) == lows[280:].min()
    returns = pd.Series(closes).pipe(np.log).diff().tail(21)
    assert realised_volatility(closes, 21) == pytest.approx(returns.std() * 252**0.5)
    assert volatility_index_average(closes) == pytest.approx(closes[-252:].mean())


def test_too_little_history_names_what_is_missing() -> None:
    highs, lows, closes = bars(31)
    with pytest.raises(HistoryTooShortError, match="50-day average needs 50 closes, has 31"):
        simple_average(closes, 50)
    with pytest.raises(HistoryTooShortError, match=r"ATR\(31\) needs 32 daily bars, has 31"):
        average_true_ranges(highs, lows, closes, 31)
    with pytest.raises(HistoryTooShortError, match="VIX needs 252 closes, has 31"):
        volatility_index_average(closes)
    assert simple_average(closes[:31], 31) > 0.0
    assert average_true_ranges(highs, lows, closes, 30)[-1] > 0.0


def test_a_missing_price_in_the_window_is_an_error_and_outside_it_is_not() -> None:
    _, _, closes = bars(60)
    closes[5] = np.nan
    assert simple_average(closes, 50) > 0.0
    with pytest.raises(HistoryTooShortError, match="is missing"):
        simple_average(closes, 55)


def test_atr_of_a_real_series_passes_its_split_without_a_jump_once_rebased(
    shared_data: Path,
) -> None:
    with zipfile.ZipFile(shared_data / "equity_daily_lean" / "aapl.zip") as archive:
        rows = [row.split(",") for row in archive.read(archive.namelist()[0]).decode().split("\n")]
    rows = [row for row in rows if len(row) == 6]
    table = np.array([[float(figure) for figure in row[1:5]] for row in rows]) / 1e4
    days = [date(int(row[0][:4]), int(row[0][4:6]), int(row[0][6:8])) for row in rows]
    # Apple split seven for one on 9 June 2014.
    raw = table[[day <= date(2014, 6, 9) for day in days]]
    rebased = raw / np.where(np.arange(len(raw)) < len(raw) - 1, 7.0, 1.0)[:, None]
    _, highs, lows, closes = rebased.T
    assert 0.008 < average_true_ranges(highs, lows, closes, 14)[-1] / closes[-1] < 0.03
    _, highs, lows, closes = raw.T
    assert average_true_ranges(highs, lows, closes, 14)[-1] / closes[-1] > 0.2


def test_the_year_average_of_real_vix_is_known(shared_data: Path) -> None:
    with gzip.open(shared_data / "volatility" / "vix-daily.csv.gz", "rt") as file:
        table = pd.read_csv(file)
    dates = pd.to_datetime(table["DATE"])
    closes = table.loc[dates < "2018-01-01", "CLOSE"].to_numpy()
    # 2017 was the calmest year on record: its mean close is quoted as 11.09 (CBOE).
    assert volatility_index_average(closes) == pytest.approx(11.09, abs=0.1)
