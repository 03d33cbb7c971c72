from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    Defect,
    Effect,
    FileRefused,
)
from allusedesk.market.importers.bar_rows import dates_of
from allusedesk.market.importers.daily_bars import (
    DeclaredAdjustment,
    read_daily_bars,
    symbol_in_name,
)

HEADER = "Date,Open,High,Low,Close,Volume\n"
GOOD = "2020-01-02,10,12,9,11,1000\n2020-01-03,11,12,10,11.5,1100\n"


def read(
    text: str, nyse: ExchangeCalendar, file: str = "AAPL.csv"
) -> tuple[DailyBars, tuple[Defect, ...]]:
    bars, defects = read_daily_bars(file, text.encode(), nyse)
    assert len(bars) == 1
    return bars[0], defects


@pytest.mark.parametrize(
    "text",
    [
        "Date,Open,High,Low,Close,Volume\n2020-01-02,10,12,9,11,1000\n",
        "Date,Close,High,Low,Open,Volume\n2020-01-02,11,12,9,10,1000\n",
        ",Open,High,Low,Close,Volume\n2020-01-02,10,12,9,11,1000\n",
        "Date,Adj Close,Close,High,Low,Open,Volume\r\n2020-01-02,11,11,12,9,10,1000\r\n",
        (
            "Date,symbol,Open,High,Low,Close,Volume,Trades,VWAP\n"
            "2020-01-02 05:00:00+00:00,AAPL,10,12,9,11,1000.0,7.0,10.5\n"
        ),
        "Date,Open,High,Low,Close,Volume,Name\n1/2/2020,10,12,9,11,1000,aapl\n",
    ],
)
def test_every_order_of_columns_gives_the_same_bar(text: str, nyse: ExchangeCalendar) -> None:
    bars, defects = read(text, nyse)
    assert defects == ()
    assert bars.symbol == "AAPL"
    assert bars.dates.astype(object).tolist() == [date(2020, 1, 2)]
    figures = [bars.open, bars.high, bars.low, bars.close, bars.volume]
    assert [float(column[0]) for column in figures] == [10, 12, 9, 11, 1000]


def test_several_tickers_in_one_file_become_several_series(nyse: ExchangeCalendar) -> None:
    text = "Ticker," + HEADER + "MSFT,2020-01-02,1,1,1,1,1\nAAPL,2020-01-02,2,2,2,2,2\n"
    bars, defects = read_daily_bars("stocks.csv", text.encode(), nyse)
    assert [(series.symbol, float(series.close[0])) for series in bars] == [
        ("MSFT", 1.0),
        ("AAPL", 2.0),
    ]
    assert defects == ()


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("2020-01-06,,12,9,11,1000", "open", "the open is blank"),
        ("2020-01-06,10,nan,9,11,1000", "high", "`nan` is not a number"),
        ("2020-01-06,10,12,-9,11,1000", "low", "-9 is not above zero"),
        ("2020-01-06,10,12,9,1e12,1000", "close", "no price of anything listed"),
        ("2020-01-06,10,12,9,11,-1", "volume", "cannot be"),
        ("2020-13-06,10,12,9,11,1000", "date", "`2020-13-06` is not a date"),
        ("2020-01-06,10,12,9,11", "", "5 cells where the header has 6"),
        ("2020-01-04,10,12,9,11,1000", "date", "the exchange was closed on 2020-01-04"),
        ("2019-12-31,10,12,9,11,1000", "date", "the rows are out of order"),
        ("2020-01-03,11,12,10,11.5,1100", "date", "2020-01-03 stands already in row 3"),
        ("2150-01-06,10,12,9,11,1000", "date", "lies beyond"),
    ],
)
def test_a_bad_row_is_refused_alone_with_its_number_and_reason(
    row: str, field: str, reason: str, nyse: ExchangeCalendar
) -> None:
    bars, defects = read(HEADER + GOOD + row + "\n", nyse)
    assert len(bars) == 2
    assert [(defect.row, defect.field, defect.effect) for defect in defects] == [
        (4, field, Effect.ROW_REFUSED)
    ]
    assert reason in defects[0].reason
    assert str(defects[0]).startswith("AAPL.csv, row 4: ")


def test_two_rows_that_contradict_each_other_are_both_left_out(nyse: ExchangeCalendar) -> None:
    bars, defects = read(HEADER + GOOD + "2020-01-03,1,1,1,1,1\n", nyse)
    assert bars.dates.astype(object).tolist() == [date(2020, 1, 2)]
    assert "neither row is used" in defects[0].reason


def test_a_range_that_does_not_hold_its_prices_is_widened_and_said(nyse: ExchangeCalendar) -> None:
    bars, defects = read(HEADER + "2020-01-02,10,9.5,9.8,11,1000\n", nyse)
    assert (float(bars.high[0]), float(bars.low[0])) == (11.0, 9.8)
    assert [defect.effect for defect in defects] == [Effect.VALUE_IGNORED]


def test_a_missing_volume_counts_as_none(nyse: ExchangeCalendar) -> None:
    bars, defects = read(HEADER + "2020-01-02,10,12,9,11,\n", nyse)
    assert float(bars.volume[0]) == 0
    assert defects[0].effect is Effect.VALUE_IGNORED


def test_missing_sessions_are_one_defect_per_run(nyse: ExchangeCalendar) -> None:
    text = HEADER + GOOD + "2020-01-10,10,12,9,11,1\n2020-01-14,10,12,9,11,1\n"
    _, defects = read(text, nyse)
    assert [(defect.count, defect.effect) for defect in defects] == [
        (4, Effect.NOTED),
        (1, Effect.NOTED),
    ]
    assert "4 sessions are missing: 2020-01-06 to 2020-01-09" in defects[0].reason


def test_a_refused_row_is_not_complained_of_again_as_missing(nyse: ExchangeCalendar) -> None:
    text = HEADER + GOOD + "2020-01-06,,1,1,1,1\n2020-01-07,10,12,9,11,1\n"
    _, defects = read(text, nyse)
    assert [defect.reason for defect in defects] == ["the open is blank"]


def test_a_file_written_newest_first_is_turned_round(nyse: ExchangeCalendar) -> None:
    rows = GOOD.splitlines()
    bars, defects = read(HEADER + rows[1] + "\n" + rows[0] + "\n", nyse)
    assert bars.dates.astype(object).tolist() == [date(2020, 1, 2), date(2020, 1, 3)]
    assert defects == ()


def test_rows_before_the_calendar_are_left_out_with_one_remark(nyse: ExchangeCalendar) -> None:
    bars, defects = read(HEADER + "1987-10-16,1,1,1,1,1\n1987-10-19,1,1,1,1,1\n" + GOOD, nyse)
    assert len(bars) == 2
    assert [(defect.count, defect.effect) for defect in defects] == [(2, Effect.ROW_REFUSED)]


@pytest.mark.parametrize(
    ("text", "file", "reason"),
    [
        ("Date,Open,High,Low,Close\n2020-01-02,1,1,1,1\n", "AAPL.csv", "no column for volume"),
        (HEADER + GOOD, "2020.csv", "which symbol it is"),
        (HEADER + "2020-01-02,,1,1,1,1\n", "AAPL.csv", "no row of it can be used"),
        (HEADER + "x,1,1,1,1,1\n" * 12, "AAPL.csv", "12 of its 12 rows are bad"),
    ],
)
def test_a_file_that_is_no_price_series_is_refused_whole(
    text: str, file: str, reason: str, nyse: ExchangeCalendar
) -> None:
    with pytest.raises(FileRefused, match=reason):
        read_daily_bars(file, text.encode(), nyse)


def test_undeclared_prices_count_as_splits_only_and_say_so(nyse: ExchangeCalendar) -> None:
    bars, _ = read(HEADER + GOOD, nyse)
    assert bars.adjustment is Adjustment.SPLITS
    assert bars.basis is AdjustmentBasis.ASSUMED
    assert not bars.adjustment_declared


def test_an_adjusted_close_that_differs_tells_the_other_columns_adjustment(
    nyse: ExchangeCalendar,
) -> None:
    header = "Date,Open,High,Low,Close,Adj Close,Volume\n"
    bars, _ = read(header + "2020-01-02,10,12,9,11,10.5,1000\n", nyse)
    assert (bars.adjustment, bars.basis) == (Adjustment.SPLITS, AdjustmentBasis.COLUMNS)
    assert bars.adjusted_close is not None
    equal, _ = read(header + "2020-01-02,10,12,9,11,11,1000\n", nyse)
    assert equal.basis is AdjustmentBasis.ASSUMED
    assert equal.adjusted_close is None


def test_a_declaration_wins_over_the_columns(nyse: ExchangeCalendar) -> None:
    declared = DeclaredAdjustment(Adjustment.TOTAL, date(2021, 1, 1), "XYZ")
    bars, _ = read_daily_bars("1.csv", (HEADER + GOOD).encode(), nyse, declared)
    assert bars[0].adjustment is Adjustment.TOTAL
    assert bars[0].basis is AdjustmentBasis.DECLARED
    assert (bars[0].symbol, bars[0].adjusted_as_of) == ("XYZ", date(2021, 1, 1))


@pytest.mark.parametrize(
    ("file", "symbol"),
    [
        ("AMZN_2006-01-01_to_2018-01-01.csv.gz", "AMZN"),
        ("folder/AAPL_1Day.csv.gz", "AAPL"),
        ("nvda-1999-2014.csv.gz", "NVDA"),
        ("backtesting_GOOG_2004_2013.csv.gz", "GOOG"),
        ("arch_sp500_1999_2018.csv.gz", "SPX"),
        ("BRK.B.csv", "BRK.B"),
        ("aapl.zip", "AAPL"),
        ("2020.csv", None),
        ("", None),
    ],
)
def test_the_name_of_a_file_tells_its_symbol(file: str, symbol: str | None) -> None:
    assert symbol_in_name(file) == symbol


def test_bars_before_a_day_end_the_session_before(nyse: ExchangeCalendar) -> None:
    bars, _ = read(HEADER + GOOD, nyse)
    assert len(bars.bars_before(date(2020, 1, 2))) == 0
    assert bars.bars_before(date(2020, 1, 3)).dates.astype(object).tolist() == [date(2020, 1, 2)]
    assert np.array_equal(bars.bars_before(date(2020, 1, 4)).close, bars.close)
    assert bars.bars_from(date(2020, 1, 3)).dates.astype(object).tolist() == [date(2020, 1, 3)]
    assert (bars.index_of(date(2020, 1, 3)), bars.index_of(date(2020, 1, 4))) == (1, None)


def test_days_become_the_column_that_numpy_itself_would_make() -> None:
    days = [date(1969, 12, 31), date(1970, 1, 1), date(2020, 2, 29)]
    made = dates_of(days)
    assert made.dtype == np.dtype("datetime64[D]")
    assert made.tolist() == days
    assert dates_of([]).dtype == made.dtype
