"""A week as numbers: what is in them, and that nothing of the future is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from allusedesk.learning.features import FEATURES, MarketPast, WeekAsked, WeekPast, row_of
from allusedesk.market.corporate_actions import CashDividend, EarningsDate, Split
from allusedesk.market.history import MarketHistory, SymbolHistory
from allusedesk.protocol.rulebook_text import parse_rulebook
from tests.learning.worlds import garbled_from, market, weeks

RULES = parse_rulebook(
    (Path(__file__).parents[2] / "resources/rulebooks/classic.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("place", [0, 7, 30])
def test_nothing_from_the_first_session_on_changes_a_feature(place: int) -> None:
    history, asked = market(), weeks(31)[place]
    before = WeekPast("x", "Green", (("Roll", 2),), (("P-EW", 3),), 0.01)
    seen = row_of(asked, MarketPast(history, RULES), before)
    blind = row_of(asked, MarketPast(garbled_from(history, asked.first), RULES), before)
    np.testing.assert_array_equal(seen, blind)
    # And the eve is in them: what is garbled a day earlier shows.
    eve = asked.first - timedelta(days=4)
    other = row_of(asked, MarketPast(garbled_from(history, eve), RULES), before)
    assert not np.array_equal(seen, other, equal_nan=True)


def split_in(history: MarketHistory, day: date, ratio: int) -> MarketHistory:
    """The same market had the index's shares been split on a day; prices before stand unsplit."""
    bars, factor = history.trend, np.where(history.trend.dates < np.datetime64(day), ratio, 1)
    prices = {name: getattr(bars, name) * factor for name in ("open", "high", "low", "close")}
    splits = (Split(bars.symbol, day, ratio),)
    return replace(history, trend=replace(bars, **prices), trend_splits=splits)


def announced(earnings: date, ex_date: date, *later: date) -> MarketHistory:
    """One share with days of reports and dividends."""
    history = market()
    reports = tuple(EarningsDate("AAPL", day, is_reported=True) for day in (earnings, *later))
    dividends = tuple(CashDividend("AAPL", day, 0.5) for day in (ex_date, *later))
    share = SymbolHistory(
        "AAPL", history.trend, history.trend, (), (), dividends, reports, earnings_known=True
    )
    return replace(history, symbols={"AAPL": share})


@pytest.mark.parametrize("day", [date(2011, 3, 7), date(2011, 6, 2), date(2011, 6, 6)])
def test_a_split_of_the_index_is_no_crash_of_it(day: date) -> None:
    history, asked = market(), weeks(1)[0]
    seen = row_of(asked, MarketPast(history, RULES), None)
    split = row_of(asked, MarketPast(split_in(history, day, 8), RULES), None)
    np.testing.assert_allclose(split, seen, atol=1e-9)


def test_announcements_count_from_the_day_they_were_made() -> None:
    """Earnings and dividends told in hindsight of days nobody knew of then change nothing."""
    asked = weeks(8)[7]
    near, far = asked.first + timedelta(days=2), asked.first + timedelta(days=40)
    known = row_of(asked, MarketPast(announced(near, near), RULES), None)
    other = row_of(asked, MarketPast(announced(near, near, far), RULES), None)
    np.testing.assert_array_equal(known, other)
    assert known[FEATURES.index("share of symbols with earnings")] == 1.0
    unknown = row_of(asked, MarketPast(announced(far, far), RULES), None)
    assert unknown[FEATURES.index("share of symbols with earnings")] == 0.0
    assert unknown[FEATURES.index("share of symbols with an ex-date")] == 0.0


def test_every_column_has_a_name_and_a_value_once_enough_is_known() -> None:
    asked = weeks(1)[0]
    past = WeekPast("x", "Green", (("Calm-Income", 1),), (("P-EW", 1), ("W-IDL", 3)), 0.02)
    row = row_of(asked, MarketPast(market(), RULES), past)
    assert row.shape == (len(FEATURES),)
    named = dict(zip(FEATURES, row.tolist(), strict=True))
    missing = {name for name, value in named.items() if value != value}  # noqa: PLR0124
    assert missing == {"share of symbols with earnings", "share of symbols with an ex-date"}
    assert named["sessions in the week"] == 5.0
    assert named["outcomes idle last week"] == 0.75
    assert named["families calm last week"] == 1.0
    assert named["mean drawdown of the sleeves"] == 0.02


def test_figures_equal_those_worked_out_by_hand() -> None:
    history, asked = market(), weeks(1)[0]
    known = history.trend.bars_before(asked.first).close
    named = dict(zip(FEATURES, row_of(asked, MarketPast(history, RULES), None), strict=True))
    assert named["return of 5 sessions"] == pytest.approx(np.log(known[-1] / known[-6]))
    month = np.diff(np.log(known[-22:])).std(ddof=1) * np.sqrt(252)
    assert named["volatility of 21 sessions"] == pytest.approx(month)
    levels = history.vix.bars_before(asked.first).close
    assert named["VIX"] == pytest.approx(np.log(levels[-1]))
    assert named["VIX over realised volatility"] == pytest.approx(
        np.log(levels[-1] / 100.0 / month)
    )
    fall = np.log(known[-252:].max() / known[-1])
    assert named["index drawdown from its one-year high"] == pytest.approx(fall)


def test_the_condition_is_one_of_the_rulebooks() -> None:
    past = MarketPast(market(), RULES)
    found = {past.condition_before(one.first) for one in weeks(60)}
    assert None not in found
    assert {one.value for one in found if one is not None} == {"Green", "Red", "Chop"}
    assert MarketPast(market(), None).condition_before(date(2011, 6, 6)) is None


def test_a_market_that_never_moved_or_is_not_there_gives_no_figure_instead_of_a_fault() -> None:
    asked = weeks(1)[0]
    flat = market()
    ones = np.ones(len(flat.trend))
    still = replace(flat.trend, open=ones, high=ones, low=ones, close=ones)
    row = row_of(asked, MarketPast(replace(flat, trend=still), RULES), None)
    assert row[3] == 0.0
    assert np.isnan(row[FEATURES.index("VIX over realised volatility")])
    early = WeekAsked("2009-W01", date(2009, 1, 5), date(2009, 1, 9), 5)
    nothing = row_of(early, MarketPast(flat, RULES), None)
    assert np.isfinite(nothing).sum() == 1
