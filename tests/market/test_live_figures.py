"""Figures of a live feed: a vendor's bars joined with imported ones, on one scale, never stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from allusedesk.market.corporate_actions import Split
from allusedesk.market.feeds.live_figures import (
    LiveFigures,
    first_unfinished,
    told_bars,
    told_splits,
)
from allusedesk.market.history import Adjustment, DailyBars, IndexBars, MarketHistory
from allusedesk.market.recorded_figures import KnownBars
from tests.market.made_market import (
    CALENDAR,
    PLAIN,
    SPLIT_ON,
    SPLITTING,
    bars_of,
    made_market,
    rows_of,
)

DAY = date(2019, 10, 30)
LOOK = datetime(2019, 10, 30, 15, 0, tzinfo=UTC)
HISTORY = made_market()


def plain_bars() -> DailyBars:
    return HISTORY.symbols[PLAIN].bars


def between(bars: DailyBars, first: date, end: date) -> DailyBars:
    return bars.bars_from(first).bars_before(end)


def history_until(end: date, symbol: str = PLAIN) -> MarketHistory:
    """The imported history as it was when it ended a while ago."""
    entry = HISTORY.symbols[symbol]
    bars = entry.bars.bars_before(end)
    return replace(HISTORY, symbols={symbol: replace(entry, bars=bars, signal_bars=bars)})


def figures(history: MarketHistory) -> LiveFigures:
    return LiveFigures(history, CALENDAR)


def test_told_bars_follow_imported_ones_as_if_they_were_one_series() -> None:
    found = figures(history_until(date(2019, 9, 16)))
    found.keep_bars(between(plain_bars(), date(2019, 9, 3), DAY))
    wanted = KnownBars(plain_bars(), ()).indicators(DAY)
    assert found.indicators(PLAIN, DAY) == wanted
    assert found.sessions_behind(PLAIN, DAY) == 0
    assert found.notes((PLAIN,), DAY) == ()


def test_imported_bars_with_a_gap_before_the_told_ones_are_left_out() -> None:
    found = figures(history_until(date(2019, 6, 3)))
    told = between(plain_bars(), date(2019, 9, 3), DAY)
    found.keep_bars(told)
    assert found.indicators(PLAIN, DAY).closes_known == len(told)


def test_imported_bars_that_disagree_are_left_out_and_it_is_said() -> None:
    found = figures(history_until(date(2019, 9, 16)))
    told = between(plain_bars(), date(2019, 9, 3), DAY)
    wrong = replace(told, open=told.open * 2, high=told.high * 2, low=told.low * 2)
    found.keep_bars(replace(wrong, close=told.close * 2))
    assert found.indicators(PLAIN, DAY).closes_known == len(told)
    assert "disagree" in " ".join(found.notes((PLAIN,), DAY))
    found.keep_bars(told)
    assert found.notes((PLAIN,), DAY) == ()


def test_a_split_in_raw_bars_is_taken_out_whether_imported_or_told() -> None:
    entry = HISTORY.symbols[SPLITTING]
    wanted = KnownBars(entry.bars, entry.splits).indicators(DAY)
    told = between(entry.bars, date(2019, 7, 15), DAY)
    found = figures(history_until(date(2019, 7, 29), SPLITTING))
    found.keep_bars(told, entry.splits)
    assert found.indicators(SPLITTING, DAY) == wanted


def test_a_vendors_adjusted_bars_are_on_the_scale_of_today() -> None:
    entry = HISTORY.symbols[SPLITTING]
    told = between(entry.bars, date(2019, 7, 15), DAY)
    is_before = told.dates < np.datetime64(SPLIT_ON)
    factors = np.where(is_before, entry.splits[0].ratio, 1.0)
    adjusted = replace(
        told,
        open=told.open / factors,
        high=told.high / factors,
        low=told.low / factors,
        close=told.close / factors,
        adjustment=Adjustment.SPLITS,
    )
    found = figures(history_until(date(2019, 7, 29), SPLITTING))
    found.keep_bars(adjusted)
    assert found.indicators(SPLITTING, DAY) == KnownBars(entry.bars, entry.splits).indicators(DAY)
    (split,) = told_splits(SPLITTING, told, adjusted)
    assert split == Split(SPLITTING, SPLIT_ON, entry.splits[0].ratio)


@pytest.mark.parametrize("ratio", [1.5, 3.0, 0.1, 7.0, 1.25])
def test_ratios_of_splits_are_freed_from_the_rounding_of_prices(ratio: float) -> None:
    raw = bars_of("R", 4, 80.0)
    days = raw.dates[-1].astype(object)
    on = days - timedelta(days=40)
    is_before = raw.dates < np.datetime64(on)
    traded = replace(raw, close=np.round(np.where(is_before, raw.close * ratio, raw.close), 2))
    adjusted = replace(raw, close=np.round(raw.close, 2))
    (split,) = told_splits("R", traded, adjusted)
    assert split.ratio == pytest.approx(ratio, abs=1e-12)
    assert told_splits("R", adjusted, adjusted) == ()


def test_bars_too_far_behind_give_no_figures() -> None:
    found = figures(history_until(date(2019, 10, 25)))
    assert found.sessions_behind(PLAIN, DAY) == 3
    assert found.indicators(PLAIN, DAY).atr_14 is not None
    assert "3 sessions behind" in " ".join(found.notes((PLAIN,), DAY))
    late = date(2019, 10, 31)
    assert found.indicators(PLAIN, late).closes_known == 0
    assert found.indicators(PLAIN, late).atr_14 is None
    assert found.indicators("NONE", DAY).closes_known == 0
    assert "No daily bars of NONE" in " ".join(found.notes(("NONE",), DAY))


def test_new_bars_replace_what_was_worked_out_before() -> None:
    found = figures(history_until(date(2019, 10, 29)))
    before = found.indicators(PLAIN, DAY)
    assert found.indicators(PLAIN, DAY) is before
    found.keep_bars(between(plain_bars(), date(2019, 9, 3), DAY))
    assert found.indicators(PLAIN, DAY).closes_known == before.closes_known + 1


def test_vix_is_a_print_in_the_session_and_else_the_last_close() -> None:
    found = figures(HISTORY)
    closed = found.volatility(LOOK, None)
    assert closed is not None
    assert closed.as_of == date(2019, 10, 29)
    printed = found.volatility(LOOK, (22.345, LOOK))
    assert printed is not None
    assert (printed.vix, printed.printed_at) == (Decimal("22.345").quantize(printed.vix), LOOK)
    assert printed.average_year == closed.average_year
    assert found.volatility(LOOK, (22.3, LOOK - timedelta(days=1))) == closed
    after = found.volatility(datetime(2019, 10, 30, 20, 30, tzinfo=UTC), None)
    assert after is not None
    assert after.as_of == DAY


def test_an_old_vix_is_missing_until_the_vendor_tells_it() -> None:
    end = np.datetime64("2019-10-21")
    old = rows_of(HISTORY.vix, HISTORY.vix.dates < end)
    found = figures(replace(HISTORY, vix=old))
    assert found.volatility(LOOK, None) is None
    assert found.volatility(LOOK, (20.0, LOOK)) is None
    assert "VIX is missing" in " ".join(found.notes((), DAY))
    found.keep_volatility(HISTORY.vix)
    assert found.volatility(LOOK, None) == figures(HISTORY).volatility(LOOK, None)
    nothing = rows_of(HISTORY.vix, HISTORY.vix.dates < np.datetime64("1990-01-01"))
    assert isinstance(nothing, IndexBars)
    found.keep_volatility(nothing)
    assert found.volatility(LOOK, None) is not None


def test_announcements_and_halts_stand_side_by_side() -> None:
    found = figures(HISTORY)
    found.halt(SPLITTING, is_halted=True)
    facts = found.facts(SPLITTING, LOOK)
    assert (facts.is_halted, facts.earnings_next) == (True, DAY)
    found.halt(SPLITTING, is_halted=False)
    assert not found.facts(SPLITTING, LOOK).is_halted
    assert found.facts("NONE", LOOK).symbol == "NONE"
    rate, dividend_yield = found.terms("NONE", DAY)
    assert rate > 0.0
    assert dividend_yield == 0.0


def test_a_running_session_has_no_bar_and_the_last_word_on_a_day_wins() -> None:
    rows = [
        (date(2019, 10, 28), 1.0, 2.0, 0.5, 1.5, 10.0),
        (date(2019, 10, 29), 1.5, 2.0, 1.0, 1.6, 10.0),
        (date(2019, 10, 30), 1.6, 9.0, 1.6, 8.0, 10.0),
        (date(2019, 10, 29), 1.5, 2.0, 1.0, 1.7, 12.0),
    ]
    before = first_unfinished(CALENDAR, LOOK)
    assert before == DAY
    bars = told_bars("X", rows, adjustment=Adjustment.RAW, before=before, origin="told")
    assert bars.close.tolist() == [1.5, 1.7]
    assert bars.adjustment is Adjustment.RAW
    evening = datetime(2019, 10, 30, 20, 0, tzinfo=UTC)
    assert first_unfinished(CALENDAR, evening) == date(2019, 10, 31)
    empty = told_bars("X", [], adjustment=Adjustment.RAW, before=before, origin="told")
    assert len(empty) == 0
    found = figures(HISTORY)
    found.keep_bars(empty)
    assert found.sessions_behind("X", DAY) is None
