"""A history played back: sessions, gaps, splits, recorded chains and what was announced when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market import indicators
from allusedesk.market.archive.opening import open_history
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import CashDividend, Split
from allusedesk.market.displayed_quotes import displayed_share, option_tick
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.recorded_sessions import sides_around
from tests.market.made_market import (
    CALENDAR,
    EARNINGS,
    GAP_ON,
    PLAIN,
    RECORDED,
    RECORDED_AT,
    SPLIT_ON,
    SPLITTING,
    SPOTS,
    at,
    made_feed,
    made_market,
    rows_of,
    sessions,
    symbol_history,
)

BOTH = (Right.PUT, Right.CALL)
DAY = date(2019, 6, 4)


def price(feed: RecordedFeed, symbol: str, instant: datetime) -> float:
    quote = feed.quote(Stock(symbol), instant)
    assert quote is not None
    assert quote.last is not None
    return float(quote.last.per_unit)


def test_a_session_opens_closes_and_touches_both_ends_of_its_bar() -> None:
    feed = made_feed()
    bars = made_market().symbols[PLAIN].bars
    row = bars.index_of(DAY)
    feed.subscribe((PLAIN,))
    feed.pull(at(DAY, 9))
    lasts = np.array([batch.lasts[0] for batch in feed.pull(at(DAY, 16))])
    assert len(lasts) == 79
    expected = [bars.open[row], bars.high[row], bars.low[row], bars.close[row]]
    assert [lasts[0], lasts.max(), lasts.min(), lasts[-1]] == [round(x, 2) for x in expected]
    assert float(str(feed.closing_price(PLAIN, DAY))) == lasts[-1]


def test_a_price_stands_until_the_next_and_is_fresh_while_the_session_lasts() -> None:
    feed = made_feed()
    assert price(feed, PLAIN, at(DAY, 10, 0)) == price(feed, PLAIN, at(DAY, 10, 4))
    for instant in (at(DAY, 10, 4), at(DAY, 15, 59)):
        quote = feed.quote(Stock(PLAIN), instant)
        assert quote is not None
        assert quote.quoted_at == instant
        assert quote.is_modelled
    evening = feed.quote(Stock(PLAIN), at(DAY, 19))
    assert evening is not None
    assert evening.quoted_at == at(DAY, 16)


def test_before_the_open_the_last_close_stands_with_its_own_instant() -> None:
    feed = made_feed()
    monday = date(2019, 6, 10)
    quote = feed.quote(Stock(PLAIN), at(monday, 9, 29))
    assert quote is not None
    assert quote.quoted_at == at(date(2019, 6, 7), 16)
    assert quote.last is not None
    assert quote.last.per_unit == feed.closing_price(PLAIN, date(2019, 6, 7))


def test_a_day_without_a_bar_has_no_new_quotes() -> None:
    feed = made_feed()
    feed.subscribe((PLAIN,))
    feed.pull(at(GAP_ON, 9))
    assert feed.pull(at(GAP_ON, 23)) == ()
    quote = feed.quote(Stock(PLAIN), at(GAP_ON, 12))
    assert quote is not None
    assert quote.quoted_at == at(date(2019, 7, 9), 16)
    assert feed.closing_price(PLAIN, GAP_ON) is None
    chain = feed.chain(ChainWish(PLAIN, BOTH, 0, 9), at(GAP_ON, 12))
    assert chain is not None
    assert chain.quoted_at == quote.quoted_at


def test_a_symbol_is_quoted_neither_before_its_first_bar_nor_a_week_after_its_last() -> None:
    history = made_market()
    bars = history.symbols[PLAIN].bars
    first, last = np.datetime64("2019-06-13"), np.datetime64("2019-09-05")
    short = rows_of(bars, (bars.dates >= first) & (bars.dates <= last))
    symbols = {**history.symbols, PLAIN: symbol_history(short)}
    feed = made_feed(replace(history, symbols=symbols))
    assert feed.quote(Stock(PLAIN), at(date(2019, 6, 12), 12)) is None
    assert feed.quote(Stock(PLAIN), at(date(2019, 6, 13), 12)) is not None
    assert feed.quote(Stock(PLAIN), at(date(2019, 9, 12), 12)) is not None
    assert feed.quote(Stock(PLAIN), at(date(2019, 9, 13), 12)) is None
    assert feed.indicators(PLAIN, date(2019, 6, 12)).close is None
    young = ChainWish(PLAIN, BOTH, 0, 9)
    assert feed.chain(young, at(date(2019, 6, 14), 12)) is None
    assert feed.chain(young, at(date(2019, 8, 1), 12)) is not None


def test_an_early_close_ends_the_batches_at_one() -> None:
    played = CALENDAR.sessions_between(date(2019, 7, 3), date(2019, 7, 5))
    feed = RecordedFeed(made_market(), played, CALENDAR, 1)
    feed.subscribe((SPLITTING,))
    batches = feed.pull(at(date(2019, 7, 3), 23))
    assert batches[-1].instant == at(date(2019, 7, 3), 13)
    assert len(batches) == 43


@given(st.floats(0.02, 5_000.0))
def test_one_share_and_a_column_of_shares_have_the_same_sides(value: float) -> None:
    quote = displayed_share(Stock("AAA"), value, at(DAY, 12)).quote
    bids, asks, lasts = sides_around(np.array([value]))
    found = [float(side.per_unit) if side else 0.0 for side in (quote.bid, quote.ask, quote.last)]
    assert found == [bids[0], asks[0], lasts[0]]


def test_a_split_opens_at_the_new_level_and_the_old_close_is_told_anew() -> None:
    feed = made_feed()
    friday = date(2019, 8, 9)
    before, after = price(feed, SPLITTING, at(friday, 15)), price(feed, SPLITTING, at(SPLIT_ON, 10))
    assert after == pytest.approx(before / 4.0, rel=0.1)
    early = feed.quote(Stock(SPLITTING), at(SPLIT_ON, 8))
    assert early is not None
    assert early.quoted_at == at(friday, 16)
    assert early.last is not None
    close = feed.closing_price(SPLITTING, friday)
    assert close is not None
    assert float(early.last.per_unit) == pytest.approx(float(close) / 4.0, abs=0.005)
    assert feed.splits_on(SPLIT_ON) == (Split(SPLITTING, SPLIT_ON, 4.0),)
    assert feed.splits_on(friday) == ()


def test_a_held_contract_stays_quotable_through_a_split_and_far_from_the_money() -> None:
    feed = made_feed()
    friday, expiry = date(2019, 8, 9), date(2019, 8, 30)
    level = price(feed, SPLITTING, at(friday, 15, 55))
    old_strike = Decimal(round(level / 10) * 10)
    held = OptionContract(SPLITTING, expiry, Right.PUT, old_strike)
    new = OptionContract(SPLITTING, expiry, Right.PUT, old_strike / 4)
    before = feed.quote(held, at(friday, 16))
    early = feed.quote(new, at(SPLIT_ON, 8))
    opened = feed.quote(new, at(SPLIT_ON, 9, 30))
    for quote in (before, early, opened):
        assert quote is not None
        assert quote.mid is not None
    assert float(early.mid.per_unit) == pytest.approx(float(before.mid.per_unit) / 4, rel=0.02)
    assert early.quoted_at == at(friday, 16)
    far = OptionContract(SPLITTING, expiry, Right.PUT, Decimal("333.37"))
    odd = OptionContract(SPLITTING, expiry, Right.PUT, Decimal("333.37"), 150)
    spot = price(feed, SPLITTING, at(SPLIT_ON, 12))
    rows = feed.quotes_of((far, odd), at(SPLIT_ON, 12))
    assert [columns.contracts for columns in rows] == [(far,), (odd,)]
    for columns in rows:
        assert columns.bids[0] == pytest.approx(333.37 - spot, rel=0.01)


def test_a_contract_that_has_ended_is_not_quoted() -> None:
    feed = made_feed()
    expiry = date(2019, 6, 14)
    strike = Decimal(round(price(feed, PLAIN, at(expiry, 15)) + 3))
    put = OptionContract(PLAIN, expiry, Right.PUT, strike)
    later = replace(put, expiry=date(2019, 6, 21))
    assert feed.quote(put, at(expiry, 16)) is not None
    (rows,) = feed.quotes_of((put, later), at(date(2019, 6, 17), 12))
    assert rows.contracts == (later,)
    assert feed.quote(put, at(date(2019, 6, 17), 12)) is None


def test_a_snapshot_is_fresh_at_its_instant_and_old_from_then_on() -> None:
    feed = made_feed()
    assert feed.recorded_instants(RECORDED) == RECORDED_AT
    feed.subscribe((RECORDED,))
    assert feed.next_at() == RECORDED_AT[0]
    assert [batch.instant for batch in feed.pull(at(date(2019, 10, 1), 9))] == list(RECORDED_AT)
    wish = ChainWish(RECORDED, BOTH, 0, 9)
    first, second = RECORDED_AT
    second_early = second - timedelta(seconds=1)
    assert feed.chain(wish, first - timedelta(seconds=1)) is None
    for instant, taken_at, spot in (
        (first, first, SPOTS[0]),
        (second_early, first, SPOTS[0]),
        (second, second, SPOTS[1]),
    ):
        columns = feed.chain(wish, instant)
        assert columns is not None
        assert (columns.quoted_at, columns.spot) == (taken_at, spot)
        assert not columns.is_modelled
        assert columns.volume_is_of_day
        assert price(feed, RECORDED, instant) == spot
    odd = OptionContract(RECORDED, date(2019, 9, 13), Right.PUT, Decimal("147.5"))
    assert odd not in feed.chain(wish, second).contracts
    assert feed.quote(odd, second) is None
    assert feed.chain(wish, second + timedelta(days=7, seconds=1)) is None


def test_a_path_goes_on_after_a_snapshot() -> None:
    history = made_market()
    entry = history.symbols[RECORDED]
    symbols = {**history.symbols, RECORDED: replace(entry, bars=entry.signal_bars)}
    feed = made_feed(replace(history, symbols=symbols))
    taken_at = RECORDED_AT[1]
    assert price(feed, RECORDED, taken_at) == SPOTS[1]
    later = feed.quote(Stock(RECORDED), taken_at + timedelta(minutes=5))
    assert later is not None
    assert later.quoted_at > taken_at
    missing = OptionContract(RECORDED, date(2019, 9, 20), Right.CALL, Decimal("151.25"))
    listed = replace(missing, strike=Decimal(150))
    found = feed.quotes_of((missing, listed), taken_at)
    assert [(rows.contracts, rows.is_modelled) for rows in found] == [
        ((listed,), False),
        ((missing,), True),
    ]


def test_vix_of_today_counts_from_the_close_on() -> None:
    feed, levels = made_feed(), made_market().vix
    row = levels.index_of(DAY)
    assert row is not None
    for instant, place in ((at(DAY, 8), row - 1), (at(DAY, 15, 59), row - 1), (at(DAY, 16), row)):
        known = feed.volatility(instant)
        assert known is not None
        assert known.as_of == levels.dates[place].astype(object)
        assert float(known.vix) == round(levels.close[place], 4)
        year = levels.close[place - 251 : place + 1]
        assert float(known.average_year) == pytest.approx(year.mean(), abs=1e-4)
    young = feed.volatility(at(date(2018, 6, 1), 12))
    assert young is not None
    assert young.average_year is None


def test_the_rate_is_that_of_the_day_before() -> None:
    history = made_market()
    assert history.rate is not None
    expected = history.rate.last_before(DAY)
    assert made_feed().rate(at(DAY, 12)) == expected / 100.0
    assert made_feed(replace(history, rate=None)).rate(at(DAY, 12)) == 0.0


def test_the_trend_is_a_print_with_its_indicators() -> None:
    seen = made_feed().trend(at(DAY, 12))
    assert seen is not None
    assert seen.symbol == "IDX"
    assert (seen.quote.bid, seen.quote.ask) == (None, None)
    assert seen.quote.mark is not None
    assert seen.indicators.average_50 is not None
    assert made_feed().trend(datetime(2017, 6, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("day", [DAY, date(2019, 8, 9), SPLIT_ON, date(2019, 10, 1)])
def test_indicators_are_those_of_the_bars_before_on_the_scale_of_the_day(day: date) -> None:
    bars = made_market().symbols[SPLITTING].bars.bars_before(day)
    is_old = bars.dates < np.datetime64(SPLIT_ON)
    scale = np.where(is_old & (day >= SPLIT_ON), 4.0, 1.0)
    highs, lows, closes = bars.high / scale, bars.low / scale, bars.close / scale
    seen = made_feed().indicators(SPLITTING, day)
    expected = {
        seen.atr_5: indicators.average_true_ranges(highs, lows, closes, 5)[-1],
        seen.atr_14: indicators.average_true_ranges(highs, lows, closes, 14)[-1],
        seen.average_10: closes[-10:].mean(),
        seen.average_20: closes[-20:].mean(),
        seen.average_50: closes[-50:].mean(),
        seen.low_20: lows[-20:].min(),
        seen.close: closes[-1],
    }
    for found, wanted in expected.items():
        assert float(found) == pytest.approx(wanted, abs=5.1e-5)
    assert seen.closes_known == len(bars)
    assert seen.realised_volatility == pytest.approx(
        indicators.realised_volatility(closes, 21), abs=1e-6
    )


def test_short_history_leaves_figures_open() -> None:
    seen = made_feed().indicators(SPLITTING, date(2018, 1, 10))
    assert (seen.closes_known, seen.atr_14, seen.average_10) == (6, None, None)
    assert seen.atr_5 is not None
    assert seen.realised_volatility is None


def test_earnings_are_estimated_until_they_are_announced() -> None:
    feed = made_feed()
    assert feed.facts(SPLITTING, at(date(2019, 7, 9), 12)).earnings_next == EARNINGS[2]
    early = feed.facts(SPLITTING, at(date(2019, 7, 8), 12))
    assert early.earnings_next == EARNINGS[1] + timedelta(days=91)
    assert early.earnings_estimated
    assert not feed.facts(SPLITTING, at(EARNINGS[2], 20)).earnings_estimated
    assert feed.facts(SPLITTING, at(EARNINGS[2], 20)).earnings_next == EARNINGS[2]
    after = feed.facts(SPLITTING, at(date(2019, 7, 31), 12))
    assert (after.earnings_next, after.earnings_estimated) == (date(2019, 10, 29), True)
    late = feed.facts(SPLITTING, at(date(2020, 2, 20), 12))
    assert (late.earnings_next, late.earnings_estimated) == (date(2020, 4, 29), True)
    assert feed.facts(PLAIN, at(DAY, 12)).earnings_next is None


def test_dividends_and_splits_are_announced_ahead() -> None:
    feed = made_feed()
    assert feed.facts(PLAIN, at(date(2019, 6, 12), 12)).ex_dividend_next is None
    known = feed.facts(PLAIN, at(date(2019, 6, 13), 12))
    assert (known.ex_dividend_next, known.dividend_next) == (date(2019, 6, 20), Decimal("0.41"))
    assert not known.is_frozen_for_action
    assert feed.dividends_on(date(2019, 6, 20)) == (CashDividend(PLAIN, date(2019, 6, 20), 0.41),)
    assert not feed.facts(SPLITTING, at(date(2019, 7, 28), 12)).is_frozen_for_action
    assert feed.facts(SPLITTING, at(date(2019, 7, 29), 12)).is_frozen_for_action
    assert not feed.facts(SPLITTING, at(SPLIT_ON, 12)).is_frozen_for_action


def test_a_special_dividend_freezes_entries_until_its_ex_date() -> None:
    history = made_market()
    entry = history.symbols[PLAIN]
    special = replace(entry, dividends=(CashDividend(PLAIN, date(2019, 6, 20), 4.0),))
    feed = made_feed(replace(history, symbols={**history.symbols, PLAIN: special}))
    assert feed.facts(PLAIN, at(date(2019, 6, 19), 12)).is_frozen_for_action
    assert not feed.facts(PLAIN, at(date(2019, 6, 20), 12)).is_frozen_for_action


def test_sizes_and_ticks_stand_beside_the_quotes() -> None:
    feed = made_feed()
    columns = feed.chain(ChainWish(PLAIN, BOTH, 0, 9), at(DAY, 12))
    assert columns is not None
    shown = feed.displayed(columns.contracts[0], at(DAY, 12))
    assert shown is not None
    assert columns.bid_sizes is not None
    assert shown.bid_size == int(columns.bid_sizes[0])
    stock = feed.displayed(Stock(PLAIN), at(DAY, 12))
    assert stock is not None
    assert (stock.tick, stock.bid_size) == (Decimal("0.01"), None)
    assert option_tick("AAPL", Decimal("2.99")) == Decimal("0.01")
    assert option_tick("AAPL", Decimal(3)) == Decimal("0.05")
    assert option_tick("SPY", Decimal(30)) == Decimal("0.01")


def test_a_symbol_without_history_cannot_be_subscribed() -> None:
    with pytest.raises(KeyError, match="The history has no NONE"):
        made_feed().subscribe((PLAIN, "NONE"))
    with pytest.raises(ValueError, match="at least one session"):
        RecordedFeed(made_market(), (), CALENDAR, 1)


def test_all_sessions_are_played() -> None:
    feed = made_feed()
    feed.subscribe((SPLITTING,))
    last = sessions()[-1]
    assert len(feed.pull(last.closes_at)) == sum(
        int((session.closes_at - session.opens_at).total_seconds()) // 300 + 1
        for session in sessions()
    )
    assert feed.next_at() is None


def test_real_bars_and_recorded_chains_play_together(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    folders = ("equity_daily_lean", "options_snapshots_2026_02", "volatility", "rates")
    history = open_history(
        tuple(shared_data / folder for folder in (*folders, "corporate_actions_lean")),
        ("AAPL",),
        "SPY",
        calendar=nyse,
        known_splits=known_splits,
    )
    feed = RecordedFeed(
        history, nyse.sessions_between(date(2020, 8, 24), date(2020, 9, 4)), nyse, 5
    )
    put = OptionContract("AAPL", date(2020, 9, 18), Right.PUT, Decimal(120))
    split_on = date(2020, 8, 31)
    assert price(feed, "AAPL", at(date(2020, 8, 28), 16)) == 499.23
    assert price(feed, "AAPL", at(split_on, 16)) == 129.04
    assert feed.facts("AAPL", at(date(2020, 8, 24), 12)).is_frozen_for_action
    bid = feed.quote(put, at(split_on, 12)).bid
    assert bid is not None
    assert Decimal(1) < bid.per_unit < Decimal(8)
    snapshot = feed.recorded_instants("AAPL")[0]
    columns = feed.chain(ChainWish("AAPL", BOTH, 1, 3), snapshot)
    assert columns is not None
    assert columns.quoted_at == snapshot
    assert columns.spot == pytest.approx(279.51)
    assert len(columns) > 50
