"""Days of which more than a bar was recorded, played as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.archive.opening import open_history
from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.intraday import ShareQuotes, ShareTrades
from allusedesk.market.recorded_minutes import recorded_path

BOTH = (Right.PUT, Right.CALL)
EVE = date(2015, 12, 24)


def trades(session_opens: datetime, minutes: list[int]) -> ShareTrades:
    """Bars that end the given minutes after the open, priced by them."""
    prices = np.array([100.0 + minute for minute in minutes])
    return ShareTrades(
        symbol="AAA",
        day=session_opens.date(),
        bar_seconds=60,
        ends_at=np.array([int(session_opens.timestamp()) + 60 * minute for minute in minutes]),
        open=prices - 0.5,
        high=prices,
        low=prices - 0.5,
        close=prices,
        volumes=np.full(len(minutes), 10.0),
        origin="made up",
    )


def test_a_point_is_the_last_trade_complete_by_then(nyse: ExchangeCalendar) -> None:
    session = nyse.session(EVE)
    found = recorded_path(trades(session.opens_at, [-3, 1, 2, 5, 400]), None, session)
    assert found is not None
    path = found.path
    assert (len(path.prices), path.minutes_per_point, path.is_modelled) == (211, 1, False)
    assert path.prices[:6].tolist() == [100.5, 101.0, 102.0, 102.0, 102.0, 105.0]
    assert path.prices[-1] == 105.0
    assert path.volumes[:6].tolist() == [0, 10, 10, 0, 0, 10]
    assert np.isnan(found.bids).all()


def test_a_late_first_trade_leaves_the_price_of_before_the_open(nyse: ExchangeCalendar) -> None:
    session = nyse.session(EVE)
    found = recorded_path(trades(session.opens_at, [-3, 4]), None, session)
    assert found is not None
    assert found.path.prices[:5].tolist() == [97.0, 97.0, 97.0, 97.0, 104.0]
    assert recorded_path(trades(session.opens_at, [4]), None, session) is None
    assert recorded_path(trades(session.opens_at, [-3]), None, session) is None


def test_crossed_sides_and_those_of_before_the_open_are_not_shown(nyse: ExchangeCalendar) -> None:
    session = nyse.session(EVE)
    opens_at = int(session.opens_at.timestamp())
    sides = np.array([98.0, 101.0, 103.0])
    quotes = ShareQuotes(
        "AAA", EVE, 60, opens_at + 60 * np.array([-1, 1, 2]), sides, np.array([99.0, 101.1, 102.0]),
        sides, sides, sides, sides, "made up",
    )  # fmt: skip
    found = recorded_path(trades(session.opens_at, [1]), quotes, session)
    assert found is not None
    assert np.array_equal(found.bids[:3], [np.nan, 101.0, np.nan], equal_nan=True)
    assert np.array_equal(found.asks[:3], [np.nan, 101.1, np.nan], equal_nan=True)


def feed_of(
    shared_data: Path,
    nyse: ExchangeCalendar,
    known_splits: tuple[Split, ...],
    folders: tuple[str, ...],
    symbol: str,
    days: tuple[date, date],
) -> RecordedFeed:
    history = open_history(
        tuple(shared_data / folder for folder in (*folders, "volatility")),
        (symbol,),
        symbol,
        calendar=nyse,
        known_splits=known_splits,
        days=days,
    )
    return RecordedFeed(history, nyse.sessions_between(*days), nyse, 5)


def new_york(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture(scope="module")
def christmas(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> RecordedFeed:
    folders = ("equity_daily_lean", "options_lean", "intraday_lean")
    days = (date(2015, 12, 23), date(2015, 12, 28))
    return feed_of(shared_data, nyse, known_splits, folders, "GOOG", days)


def test_the_chain_of_an_early_close_moves_by_minutes(christmas: RecordedFeed) -> None:
    wish = ChainWish("GOOG", BOTH, 0, 45)
    seen: list[tuple[str, float]] = []
    for hour, minute in ((9, 31), (9, 45), (12, 59), (13, 0), (15, 0)):
        columns = christmas.chain(wish, new_york(EVE, hour, minute) + timedelta(seconds=17))
        assert columns is not None
        assert not columns.is_modelled
        assert columns.bid_sizes is not None
        assert np.isfinite(columns.open_interests).sum() > 0.8 * len(columns)
        at = columns.quoted_at.astimezone(NEW_YORK)
        seen.append((f"{at:%H:%M}", columns.spot))
    assert seen == [
        ("09:31", 748.54), ("09:45", 747.49), ("12:59", 747.75), ("13:00", 748.4), ("13:00", 748.4)
    ]  # fmt: skip
    # Before the first minute is over nothing of the day was recorded.
    columns = christmas.chain(wish, new_york(EVE, 9, 30))
    assert columns is not None
    assert columns.is_modelled


def test_recorded_minutes_of_a_share_are_its_path(christmas: RecordedFeed) -> None:
    christmas.subscribe(("GOOG",))
    batches = [
        batch
        for batch in christmas.pull(new_york(EVE, 16))
        if batch.instant.astimezone(NEW_YORK).date() == EVE
    ]
    assert len(batches) == 211
    assert not any(batch.is_modelled for batch in batches)
    assert batches[-1].instant == new_york(EVE, 13).astimezone(UTC)
    assert (float(batches[0].lasts[0]), float(batches[-1].lasts[0])) == (749.55, 748.4)
    shown = christmas.quote(Stock("GOOG"), new_york(EVE, 12, 59))
    assert shown is not None
    assert shown.bid is not None
    assert shown.ask is not None
    assert (shown.bid.per_unit, shown.ask.per_unit) == (Decimal("747.75"), Decimal("747.96"))
    assert not shown.is_modelled


def test_a_split_ends_what_a_recorded_chain_says(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    folders = ("equity_daily_lean", "options_lean")
    days = (date(2014, 6, 5), date(2014, 6, 10))
    feed = feed_of(shared_data, nyse, known_splits, folders, "AAPL", days)
    wish = ChainWish("AAPL", BOTH, 0, 30)
    found = {}
    for day, hour in ((6, 16), (9, 10), (9, 16), (10, 10)):
        columns = feed.chain(wish, new_york(date(2014, 6, day), hour))
        assert columns is not None
        found[day, hour] = columns
    assert [columns.is_modelled for columns in found.values()] == [False, True, False, True]
    assert found[6, 16].spot == 645.57
    assert found[6, 16].strikes.max() == 800.0
    assert found[9, 16].spot == 93.7
    assert found[9, 16].strikes.max() < 115.0
    assert np.isfinite(found[9, 16].open_interests).sum() > 500


def test_an_index_is_played_from_its_chains_and_settles_in_the_evening(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    days = (date(2019, 4, 29), date(2019, 5, 2))
    feed = feed_of(shared_data, nyse, known_splits, ("options_eod_spx_2019",), "SPX", days)
    assert [instant.day for instant in feed.recorded_instants("SPX")] == [25, 29, 2]
    columns = feed.chain(ChainWish("SPX", BOTH, 0, 45), new_york(date(2019, 4, 29), 16))
    assert columns is not None
    assert (columns.spot, columns.is_modelled) == (2943.03, False)
    # The third Friday is listed twice, once for its morning: one of the two is left.
    names = [(each.expiry, each.strike, each.right) for each in columns.contracts]
    assert len(set(names)) == len(names)
    assert date(2019, 5, 17) in columns.expiries_listed
    assert date(2019, 12, 20) not in columns.expiries_listed
    # Nothing of the day is known before its close, and nothing is invented for the day after.
    shown = feed.quote(Stock("SPX"), new_york(date(2019, 4, 29), 12))
    assert shown is not None
    assert shown.last is not None
    assert (shown.last.per_unit, shown.quoted_at.day) == (Decimal("2919.04"), 25)
    assert feed.closing_price("SPX", date(2019, 4, 29)) == Decimal("2943.03")
    assert feed.closing_price("SPX", date(2019, 4, 30)) is None


def test_what_was_recorded_of_other_days_is_not_read(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    history = open_history(
        tuple(
            shared_data / folder for folder in ("equity_daily_lean", "options_lean", "volatility")
        ),
        ("GOOG",),
        "GOOG",
        calendar=nyse,
        known_splits=known_splits,
        days=(date(2016, 6, 1), date(2016, 6, 30)),
    )
    assert (history.chains, history.minute_chains) == ((), ())


def test_the_past_of_a_minute_does_not_know_its_future(nyse: ExchangeCalendar) -> None:
    session = nyse.session(EVE)
    whole = trades(session.opens_at, list(range(1, 200, 3)))
    cut = 100
    later = whole.ends_at > int(session.opens_at.timestamp()) + 60 * cut
    garbled = replace(whole, close=np.where(later, 1.0, whole.close), open=whole.open)
    one, other = recorded_path(whole, None, session), recorded_path(garbled, None, session)
    assert one is not None
    assert other is not None
    assert np.array_equal(one.path.prices[: cut + 1], other.path.prices[: cut + 1])
