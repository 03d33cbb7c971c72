from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Effect, FileRefused
from allusedesk.market.importers.lean_intraday import read_lean_intraday
from allusedesk.market.intraday import ShareQuotes, ShareTrades

TRADE = "20140606_aapl_minute_trade.csv"
QUOTE = "20140606_aapl_minute_quote.csv"
ROW = "34200000,6480000,6490000,6470000,6485000,900"
SIDES = "34200000,6480000,6490000,6470000,6485000,100,6490000,6495000,6480000,6490000,200"


def test_trades_are_dollars_and_count_when_the_bar_is_complete(nyse: ExchangeCalendar) -> None:
    value, defects = read_lean_intraday(TRADE, f"{ROW}\n".encode(), nyse)
    assert isinstance(value, ShareTrades)
    assert defects == ()
    assert (value.symbol, value.close[0], value.volumes[0]) == ("AAPL", 648.5, 900.0)
    opens_at = datetime(2014, 6, 6, 13, 30, tzinfo=UTC)
    assert value.ends_at[0] == int(opens_at.timestamp()) + 60


def test_an_index_is_in_points_on_chicago_s_clock(nyse: ExchangeCalendar) -> None:
    row = b"30600000,3764.61,3769.99,3764.61,3766.63,59\n"
    value, _ = read_lean_intraday("20210104_spx_minute_trade.csv", row, nyse)
    assert isinstance(value, ShareTrades)
    assert value.open[0] == 3764.61
    assert len(value.in_session(nyse.session(value.day))) == 1


def test_a_bar_s_time_is_right_on_both_sides_of_the_clocks_change(nyse: ExchangeCalendar) -> None:
    for name in ("20210312_spy_second_trade.csv", "20210315_spy_second_trade.csv"):
        value, _ = read_lean_intraday(name, ROW.encode(), nyse)
        opens_at = nyse.session(value.day).opens_at
        assert value.ends_at[0] == int(opens_at.timestamp()) + 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW, "does not come after"),
        ("x,1,1,1,1,1", "no count of milliseconds"),
        ("34260000,0,1,1,1,1", "not above zero"),
        ("34260000,1,1,1,1,-1", "no count of shares"),
        ("34260000,1,1,1,1", "does not have 6 cells"),
    ],
)
def test_a_bad_trade_is_refused_alone(row: str, reason: str, nyse: ExchangeCalendar) -> None:
    value, (defect,) = read_lean_intraday(TRADE, f"{ROW}\n{row}\n".encode(), nyse)
    assert (len(value), defect.row, defect.effect) == (1, 2, Effect.ROW_REFUSED)
    assert reason in defect.reason


def test_ranges_are_widened_and_wild_ones_noted(nyse: ExchangeCalendar) -> None:
    narrow = "34200000,6480000,6481000,6479000,6485000,900"
    value, (defect,) = read_lean_intraday(TRADE, narrow.encode(), nyse)
    assert isinstance(value, ShareTrades)
    assert (value.high[0], defect.effect) == (648.5, Effect.VALUE_IGNORED)
    wild = "34200000,6480000,6490000,920000,924200,900"
    _, (defect,) = read_lean_intraday(TRADE, wild.encode(), nyse)
    assert "more than a tenth apart" in defect.reason


def test_stubs_leave_the_range_and_crossed_quotes_are_noted(nyse: ExchangeCalendar) -> None:
    value, defects = read_lean_intraday(QUOTE, SIDES.encode(), nyse)
    assert isinstance(value, ShareQuotes)
    assert defects == ()
    assert (value.bids[0], value.asks[0], value.bid_sizes[0]) == (648.5, 649.0, 100.0)
    value, (defect,) = read_lean_intraday(QUOTE, SIDES.replace("6470000", "10000").encode(), nyse)
    assert isinstance(value, ShareQuotes)
    assert (value.bid_lows[0], defect.effect) == (648.5, Effect.VALUE_IGNORED)
    assert "a stub" in defect.reason
    crossed = SIDES.replace("6480000,6490000,200", "6480000,6480000,200")
    assert "is crossed" in read_lean_intraday(QUOTE, crossed.encode(), nyse)[1][0].reason
    one_sided = "34200000,,,,,,6490000,6495000,6480000,6490000,200"
    value, defects = read_lean_intraday(QUOTE, one_sided.encode(), nyse)
    assert isinstance(value, ShareQuotes)
    assert np.isnan(value.bids[0])
    assert defects == ()


def test_what_is_no_day_of_a_share_is_refused(nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match="closed on 2014-06-07"):
        read_lean_intraday(TRADE.replace("0606", "0607"), ROW.encode(), nyse)
    with pytest.raises(FileRefused, match="does not say which share"):
        read_lean_intraday("trade.csv", ROW.encode(), nyse)
    with pytest.raises(FileRefused, match="no row of it can be used: one of the four prices"):
        read_lean_intraday(TRADE, b"34200000,0,0,0,0,1\n", nyse)
