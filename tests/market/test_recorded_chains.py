"""Chains of several files laid together, and a chain of minutes as it stood at an instant."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.contract_terms import ExerciseStyle, Settlement
from allusedesk.market.history import RecordedChain
from allusedesk.market.intraday import MinuteChain, merged_minutes
from allusedesk.market.recorded_chains import (
    bars_of_chains,
    chain_at,
    chains_laid_together,
    minutes_laid_together,
    repeated_underlyings,
    with_ranges_of_closes,
)
from tests.market.made_market import bars_of, recorded_chain

CLOSE = datetime(2019, 9, 10, 20, 0, tzinfo=UTC)
NOTHING = float("nan")


def quotes(**changes: object) -> RecordedChain:
    chain = recorded_chain(CLOSE, 151.3)
    absent = np.full(len(chain), NOTHING)
    bare = replace(chain, lasts=absent, volumes=absent, open_interests=absent)
    return replace(bare, **changes)  # type: ignore[arg-type]


def figures(count: int = 20, **changes: object) -> RecordedChain:
    chain = recorded_chain(CLOSE, 151.3)
    rows = np.arange(len(chain))[::-1][:count]
    absent = np.full(count, NOTHING)
    names = ("expiries", "is_put", "strikes", "lasts", "volumes", "implied_volatilities")
    cut = {name: getattr(chain, name)[rows] for name in names}
    return replace(
        chain,
        **cut,
        bids=absent,
        asks=absent,
        open_interests=np.arange(count) + 5.0,
        has_standard_deliverable=np.ones(count, dtype=np.bool_),
        underlying_price=150.0,
        origin="figures",
        **changes,
    )


def test_figures_of_other_files_fill_in_what_the_quotes_lack(
    nyse: ExchangeCalendar,
) -> None:
    (chain,), told = chains_laid_together([figures(), quotes(origin="quotes")], None, nyse)
    assert chain.origin == "quotes + figures"
    assert chain.open_interests[-1] == 5.0
    assert np.isfinite(chain.open_interests).sum() == 20
    assert np.isnan(chain.open_interests[:-20]).all()
    assert np.array_equal(chain.bids, quotes().bids)
    assert "Recorded chain" in told[0]


@pytest.mark.parametrize(
    ("taken_at", "played_at"),
    [
        (CLOSE, CLOSE - timedelta(minutes=1)),
        (CLOSE + timedelta(minutes=15), CLOSE - timedelta(minutes=1)),
        (CLOSE - timedelta(hours=3), CLOSE - timedelta(hours=3)),
        # 2019-07-03 closed at one o'clock.
        (datetime(2019, 7, 3, 17, 0, tzinfo=UTC), datetime(2019, 7, 3, 16, 59, tzinfo=UTC)),
    ],
)
def test_a_chain_of_the_close_is_played_while_an_order_can_still_be_filled(
    nyse: ExchangeCalendar, taken_at: datetime, played_at: datetime
) -> None:
    (chain,), _ = chains_laid_together([quotes(taken_at=taken_at)], None, nyse)
    assert chain.taken_at == played_at


def test_the_underlying_is_its_own_or_the_day_s_close_or_another_table_s(
    nyse: ExchangeCalendar,
) -> None:
    bars = bars_of("RCD", 3, 150.0)
    row = bars.index_of(date(2019, 9, 10))
    assert row is not None
    spotless = quotes(underlying_price=NOTHING)
    assert chains_laid_together([quotes()], bars, nyse)[0][0].underlying_price == 151.3
    (chain,), _ = chains_laid_together([spotless, figures()], bars, nyse)
    assert chain.underlying_price == bars.close[row]
    (chain,), _ = chains_laid_together([spotless, figures()], None, nyse)
    assert chain.underlying_price == 150.0
    none, told = chains_laid_together([spotless], None, nyse)
    assert none == ()
    assert "the price of its underlying is not known" in told[0]


def test_a_chain_without_quotes_is_told_and_not_played(
    nyse: ExchangeCalendar,
) -> None:
    none, told = chains_laid_together([figures()], None, nyse)
    assert none == ()
    assert told == ("figures of RCD at 2019-09-10 19:59 UTC is not played: it holds no quotes.",)


def test_a_price_to_the_cent_of_the_day_before_was_copied() -> None:
    first = quotes()
    second = quotes(taken_at=CLOSE.replace(day=11))
    assert "151.3 is that of 2019-09-10" in repeated_underlyings([second, first])[0].reason
    assert repeated_underlyings([first, replace(second, underlying_price=151.31)]) == ()
    assert repeated_underlyings([first, replace(first, origin="noon")]) == ()


def test_an_index_has_the_closes_of_its_chains_and_no_range() -> None:
    index = replace(quotes(), settlement=Settlement.CASH)
    assert bars_of_chains("RCD", [quotes()], ()) is None
    bars = bars_of_chains("RCD", [index], ())
    assert bars is not None
    assert (bars.close.tolist(), np.isnan(bars.high).all()) == ([151.3], True)
    assert with_ranges_of_closes(bars).high.tolist() == [151.3]
    assert bars_of_chains("RCD", [index], (bars,)) is None
    daily = bars_of("RCD", 3, 150.0)
    assert with_ranges_of_closes(daily) is daily


def minute_chain(rows: list[list[tuple[int, float, float]]], **changes: object) -> MinuteChain:
    """One contract for each list of (second, bid, ask)."""
    flat = [row for contract in rows for row in contract]
    count = len(rows)
    chain = MinuteChain(
        underlying="RCD",
        day=date(2019, 9, 10),
        exercise=ExerciseStyle.AMERICAN,
        settlement=Settlement.PHYSICAL,
        expiries=np.array(["2019-09-13"] * count, dtype="datetime64[D]"),
        is_put=np.ones(count, dtype=np.bool_),
        strikes=100.0 + np.arange(count),
        open_interests=np.full(count, NOTHING),
        quote_starts=np.concatenate(([0], np.cumsum([len(contract) for contract in rows]))),
        quoted_at=np.array([row[0] for row in flat], dtype=np.int64),
        bids=np.array([row[1] for row in flat]),
        asks=np.array([row[2] for row in flat]),
        bid_sizes=np.ones(len(flat)),
        ask_sizes=np.ones(len(flat)),
        trade_starts=np.zeros(count + 1, dtype=np.int64),
        traded_at=np.empty(0, dtype=np.int64),
        lasts=np.empty(0),
        volumes=np.empty(0),
        origin="quotes",
    )
    return replace(chain, **changes)  # type: ignore[arg-type]


@given(
    st.lists(
        st.lists(st.integers(0, 300), unique=True, max_size=6).map(sorted), min_size=1, max_size=5
    ),
    st.integers(0, 310),
)
def test_of_each_contract_the_last_quote_by_then_stands_and_no_later_one(
    seconds: list[list[int]], asked: int
) -> None:
    rows = [[(second, second + 1.0, second + 2.0) for second in each] for each in seconds]
    taken = chain_at(minute_chain(rows), asked, 150.0)
    for place, each in enumerate(seconds):
        known = [second for second in each if second <= asked]
        expected = known[-1] + 1.0 if known else NOTHING
        assert taken.bids[place] == pytest.approx(expected, nan_ok=True)
        assert taken.asks[place] == pytest.approx(expected + 1.0, nan_ok=True)


def test_quotes_trades_and_open_interest_of_a_day_become_one_chain(
    nyse: ExchangeCalendar,
) -> None:
    quoting = minute_chain([[(60, 1.0, 1.1), (120, 1.2, 1.3)], [(60, 2.0, 2.1)]])
    empty: list[list[tuple[int, float, float]]] = [[], []]
    trading = minute_chain(
        empty,
        strikes=np.array([101.0, 99.0]),
        trade_starts=np.array([0, 2, 3]),
        traded_at=np.array([60, 180, 120]),
        lasts=np.array([2.05, 2.2, 0.4]),
        volumes=np.array([3.0, 4.0, 7.0]),
        origin="trades",
    )
    counting = minute_chain(empty, open_interests=np.array([11.0, 12.0]), origin="interest")
    (chain,), told = minutes_laid_together([counting, trading, quoting], nyse)
    assert "3 contracts, 2 minutes" in told[0]
    taken = chain_at(chain, 120, 150.0)
    assert taken.strikes.tolist() == [99.0, 100.0, 101.0]
    assert np.array_equal(taken.bids, [NOTHING, 1.2, 2.0], equal_nan=True)
    assert np.array_equal(taken.lasts, [0.4, NOTHING, 2.05], equal_nan=True)
    assert taken.volumes.tolist() == [7.0, 0.0, 3.0]
    assert chain_at(chain, 180, 150.0).volumes.tolist() == [7.0, 0.0, 7.0]
    assert np.array_equal(taken.open_interests, [NOTHING, 11.0, 12.0], equal_nan=True)
    assert merged_minutes((quoting,)) is quoting
    assert minutes_laid_together([trading], nyse)[0] == ()
    assert math.isnan(chain_at(chain, 0, 150.0).bids[1])


def test_minutes_of_a_root_that_settles_in_the_morning_are_not_played(
    nyse: ExchangeCalendar,
) -> None:
    rows = [[(60, 1.0, 1.1)]]
    monthly = minute_chain(rows, root="SPX", origin="monthly")
    weekly = minute_chain(rows, root="SPXW", origin="weekly")
    (chain,), told = minutes_laid_together([monthly, weekly], nyse)
    assert (chain.root, chain_at(chain, 60, 150.0).roots) == ("SPXW", ["SPXW"])
    assert "the 1 contracts of the root SPX settle in the morning" in told[0]


@pytest.mark.parametrize(
    ("dated", "ends_on"),
    [
        ("2014-06-21", "2014-06-20"),
        # Good Friday of 2014: the Saturday's options traded for the last time on Thursday.
        ("2014-04-19", "2014-04-17"),
        ("2019-09-13", "2019-09-13"),
    ],
)
def test_an_expiry_on_a_closed_day_is_that_of_its_last_session(
    nyse: ExchangeCalendar, dated: str, ends_on: str
) -> None:
    whole = quotes()
    whole = replace(whole, expiries=np.full(len(whole), np.datetime64(dated)))
    (chain,), _ = chains_laid_together([whole], None, nyse)
    assert set(chain.expiries.astype(str).tolist()) == {ends_on}
    rows = minute_chain([[(60, 1.0, 1.1)]], expiries=np.array([dated], dtype="datetime64[D]"))
    (by_minute,), _ = minutes_laid_together([rows], nyse)
    assert by_minute.expiries.astype(str).tolist() == [ends_on]
