"""Bars for charts: complete ones alone, on the scale of today, in days, weeks and minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from allusedesk.market.corporate_actions import CashDividend, Split
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
    Series,
    SymbolHistory,
)
from allusedesk.market.intraday import ShareTrades
from allusedesk.wiring.charting import BarInterval, chart_bars, chart_symbols, intervals_of
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.yardsticks import yardsticks

CALENDAR = exchange_calendar()
# Sessions of three weeks; the twentieth of February 2012 was a holiday.
DATES = np.array(CALENDAR.dates_between(date(2012, 2, 6), date(2012, 2, 24)), dtype="datetime64[D]")
COUNT = len(DATES)
CLOSES = 100.0 + np.arange(COUNT)


def bars(symbol: str, closes: np.ndarray = CLOSES) -> DailyBars:
    return DailyBars(
        symbol,
        DATES,
        closes - 0.5,
        closes + 1.0,
        closes - 1.0,
        closes,
        np.full(COUNT, 1_000.0),
        Adjustment.RAW,
        AdjustmentBasis.DECLARED,
        "a test",
    )


def minutes(day: date) -> ShareTrades:
    ends = int(CALENDAR.session(day).opens_at.timestamp()) + 60 * np.arange(1, 6)
    price = np.arange(5) + 50.0
    volumes = np.full(5, 10.0)
    return ShareTrades("AAPL", day, 60, ends, price, price + 1, price - 1, price, volumes, "a test")


def history(splits: tuple[Split, ...] = (), trades: tuple[ShareTrades, ...] = ()) -> MarketHistory:
    own = bars("AAPL")
    paid = (CashDividend("SPY", date(2012, 2, 9), 2.0),)
    entry = SymbolHistory("AAPL", own, own, (), splits, (), (), earnings_known=True, trades=trades)
    spy = replace(entry, symbol="SPY", bars=bars("SPY"), dividends=paid, splits=(), trades=())
    vix = IndexBars("VIX", DATES, CLOSES, CLOSES, CLOSES, CLOSES, "a test")
    rate = Series("DGS1MO", DATES, np.full(COUNT, 3.65), "a test")
    symbols = {"AAPL": entry, "SPY": spy}
    return MarketHistory(symbols, bars("SPY"), vix, rate, (), (), ())


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the clock of London, five hours ahead of New York in February."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_a_session_shows_from_its_close_on_and_no_earlier() -> None:
    day = date(2012, 2, 15)
    before = chart_bars(history(), CALENDAR, "AAPL", BarInterval.DAY, at(day, 20, 59))
    after = chart_bars(history(), CALENDAR, "AAPL", BarInterval.DAY, at(day, 21, 0))
    assert str(before.times[-1])[:10] == "2012-02-14"
    assert str(after.times[-1])[:10] == "2012-02-15"
    assert before.next_at == at(day, 21)
    assert after.next_at == at(date(2012, 2, 16), 21)


@pytest.mark.parametrize("interval", [BarInterval.DAY, BarInterval.WEEK])
def test_what_comes_later_changes_nothing_that_was_shown(interval: BarInterval) -> None:
    """Bars, averages and volumes are the same whether or not the history goes on."""
    now, known = at(date(2012, 2, 15), 18), history()
    cut = int(np.searchsorted(DATES, np.datetime64("2012-02-15")))
    entry = known.symbols["AAPL"]
    short = replace(
        entry, bars=entry.bars.bars_before(date(2012, 2, 15)), signal_bars=entry.signal_bars
    )
    shown = chart_bars(known, CALENDAR, "AAPL", interval, now)
    then = chart_bars(replace(known, symbols={"AAPL": short}), CALENDAR, "AAPL", interval, now)
    for name in ("times", "open", "high", "low", "close", "volume", "atr", "factors"):
        np.testing.assert_array_equal(getattr(shown, name), getattr(then, name))
    assert interval is BarInterval.WEEK or len(shown) == cut


def test_a_split_scales_what_lies_before_it_and_only_once_it_came() -> None:
    known = history((Split("AAPL", date(2012, 2, 14), 4.0),))
    before = chart_bars(known, CALENDAR, "AAPL", BarInterval.DAY, at(date(2012, 2, 13), 22))
    after = chart_bars(known, CALENDAR, "AAPL", BarInterval.DAY, at(date(2012, 2, 14), 22))
    assert before.close[0] == 100.0
    assert before.splits == ()
    assert after.close[0] == 25.0
    assert after.volume[0] == 4_000.0
    assert after.close[-1] == 106.0
    assert [(mark.place, mark.ratio) for mark in after.splits] == [(6, 4.0)]


def test_weeks_join_their_days() -> None:
    found = chart_bars(history(), CALENDAR, "AAPL", BarInterval.WEEK, at(date(2012, 2, 22), 22))
    assert [str(time)[:10] for time in found.times] == ["2012-02-06", "2012-02-13", "2012-02-21"]
    assert found.open.tolist() == [99.5, 104.5, 109.5]
    assert found.high.tolist() == [105.0, 110.0, 112.0]
    assert found.low.tolist() == [99.0, 104.0, 109.0]
    assert found.close.tolist() == [104.0, 109.0, 111.0]
    assert found.volume.tolist() == [5_000.0, 5_000.0, 2_000.0]


def test_minutes_are_there_where_trades_were_recorded_and_up_to_now() -> None:
    day = date(2012, 2, 15)
    known = history(trades=(minutes(day),))
    assert intervals_of(known, "AAPL", at(day, 12)) == tuple(BarInterval)
    assert intervals_of(known, "SPY", at(day, 12)) == (BarInterval.DAY, BarInterval.WEEK)
    assert BarInterval.MINUTE not in intervals_of(known, "AAPL", at(date(2012, 2, 14), 22))
    found = chart_bars(known, CALENDAR, "AAPL", BarInterval.MINUTE, at(day, 14, 33))
    assert [str(time)[11:16] for time in found.times] == ["09:31", "09:32", "09:33"]
    assert found.next_at == at(day, 14, 34)
    assert found.place_of(at(day, 14, 32)) == 1


def test_a_moment_belongs_to_the_bar_of_its_day_or_week() -> None:
    days = chart_bars(history(), CALENDAR, "AAPL", BarInterval.DAY, at(date(2012, 2, 24), 22))
    weeks = chart_bars(history(), CALENDAR, "AAPL", BarInterval.WEEK, at(date(2012, 2, 24), 22))
    moment = at(date(2012, 2, 14), 16)
    assert days.place_of(moment) == 6
    assert weeks.place_of(moment) == 1
    assert days.place_of(at(date(2012, 1, 3), 16)) == -1
    assert days.place_of(at(date(2012, 2, 27), 16)) == len(days)
    monday = chart_bars(history(), CALENDAR, "AAPL", BarInterval.WEEK, at(date(2012, 2, 21), 22))
    assert monday.place_of(at(date(2012, 2, 24), 16)) == len(monday) - 1
    assert monday.place_of(at(date(2012, 2, 27), 16)) == len(monday)


def test_the_index_and_vix_have_charts_and_what_has_none_is_refused_in_words() -> None:
    known = history()
    assert chart_symbols(known) == ("AAPL", "SPY", "VIX")
    vix = chart_bars(known, CALENDAR, "VIX", BarInterval.DAY, at(date(2012, 2, 24), 22))
    assert np.isnan(vix.volume).all()
    with pytest.raises(KeyError, match="no bars of IBM"):
        chart_bars(known, CALENDAR, "IBM", BarInterval.DAY, at(date(2012, 2, 24), 22))


def test_yardsticks_grow_by_rate_and_by_closes_with_dividends() -> None:
    days = (date(2012, 2, 8), date(2012, 2, 9), date(2012, 2, 10))
    bills, shares = yardsticks(history(), days)
    assert bills.values == pytest.approx((1.0, 1.0001, 1.0001**2))
    assert shares.name == "SPY"
    assert shares.values == pytest.approx((1.0, 105.0 / 102.0, 105.0 / 102.0 * 104.0 / 103.0))
    assert yardsticks(history(), days[:1]) == ()
    early = (date(2012, 1, 3), date(2012, 2, 9))
    assert yardsticks(history(), early) == ()
