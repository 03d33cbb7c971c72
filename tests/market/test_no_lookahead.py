"""Nothing a feed says at an instant changes when everything after that instant is garbled."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from allusedesk.domain.commands import Watch
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.enrichment import complete_snapshot
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.history import MarketHistory
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.market.recorded_figures import (
    DIVIDENDS_ANNOUNCED_DAYS,
    EARNINGS_ANNOUNCED_DAYS,
    SPLITS_ANNOUNCED_DAYS,
)
from tests.market.made_market import (
    PLAIN,
    RECORDED,
    RECORDED_AT,
    SPLIT_ON,
    SPLITTING,
    at,
    made_feed,
    made_market,
)

BOTH = (Right.PUT, Right.CALL)
PRICES = ("open", "high", "low", "close", "volume", "values")


def garbled(history: MarketHistory, last: date, instant: datetime) -> MarketHistory:
    """A copy in which days after `last` and chains after `instant` hold other numbers."""
    rng = np.random.default_rng(99)

    def spoiled(bars: Any) -> Any:
        is_later = bars.dates > np.datetime64(last, "D")
        factors = np.where(is_later, rng.uniform(0.3, 3.0, len(bars.dates)), 1.0)
        names = [name for name in PRICES if hasattr(bars, name)]
        return replace(bars, **{name: getattr(bars, name) * factors for name in names})

    def announced(facts: tuple[Any, ...], name: str, days: int) -> tuple[Any, ...]:
        return tuple(fact for fact in facts if getattr(fact, name) <= last + timedelta(days=days))

    symbols = {
        symbol: replace(
            entry,
            bars=spoiled(entry.bars),
            signal_bars=spoiled(entry.signal_bars),
            splits=announced(entry.splits, "effective_on", SPLITS_ANNOUNCED_DAYS),
            dividends=announced(entry.dividends, "ex_date", DIVIDENDS_ANNOUNCED_DAYS),
            earnings=announced(entry.earnings, "date", EARNINGS_ANNOUNCED_DAYS),
        )
        for symbol, entry in history.symbols.items()
    }
    chains = tuple(
        chain
        if chain.taken_at <= instant
        else replace(
            chain,
            bids=chain.bids * 3.0,
            asks=chain.asks * 3.0,
            strikes=chain.strikes + 1.0,
            underlying_price=chain.underlying_price * 2.0,
        )
        for chain in history.chains
    )
    return replace(
        history,
        symbols=symbols,
        trend=spoiled(history.trend),
        vix=spoiled(history.vix),
        rate=spoiled(history.rate),
        chains=chains,
    )


def everything_said(feed: RecordedFeed, until: datetime) -> list[object]:
    """Batches to `until`, and whole looks on its day and at instants before."""
    feed.subscribe((PLAIN, RECORDED, SPLITTING))
    said: list[object] = [
        (
            batch.instant,
            batch.symbols,
            batch.bids.tolist(),
            batch.asks.tolist(),
            batch.lasts.tolist(),
        )
        for batch in feed.pull(until)
    ]
    board = QuoteBoard()
    held = (
        OptionContract(PLAIN, date(2019, 10, 18), Right.PUT, made_strike(feed, until)),
        OptionContract(RECORDED, date(2019, 9, 13), Right.PUT, made_strike(feed, until)),
    )
    watch = Watch(
        (PLAIN, RECORDED, SPLITTING),
        tuple(ChainWish(symbol, BOTH, 0, 45) for symbol in (PLAIN, RECORDED, SPLITTING)),
        held,
        needs_trend=True,
    )
    backs = (timedelta(days=6), timedelta(hours=20), timedelta(hours=3), timedelta(0))
    said.extend(complete_snapshot(watch, board, feed, until - back) for back in backs)
    return said


def made_strike(feed: RecordedFeed, until: datetime) -> Any:
    quote = feed.quote(Stock(PLAIN), until)
    assert quote is not None
    assert quote.last is not None
    return quote.last.per_unit.quantize(type(quote.last.per_unit)(1))


@pytest.mark.parametrize(
    "day", [date(2019, 6, 12), date(2019, 7, 25), date(2019, 8, 9), SPLIT_ON, date(2019, 9, 10)]
)
def test_garbling_later_sessions_changes_nothing_before(day: date) -> None:
    until = at(day, 16)
    history = made_market()
    other = garbled(history, day, until)
    assert everything_said(made_feed(history), until) == everything_said(made_feed(other), until)


def test_a_look_before_the_open_knows_nothing_of_the_day() -> None:
    day = date(2019, 6, 12)
    history = made_market()
    other = garbled(history, day - timedelta(days=1), at(day, 0))
    until = at(day, 9, 29)
    assert everything_said(made_feed(history), until) == everything_said(made_feed(other), until)


@pytest.mark.parametrize("day", [date(2019, 6, 12), SPLIT_ON])
def test_within_a_session_only_the_path_knows_the_day(day: date) -> None:
    until = at(day, 15, 59)
    history = made_market()
    spoiled = garbled(history, day - timedelta(days=1), until)
    symbols = {
        symbol: replace(entry, signal_bars=spoiled.symbols[symbol].signal_bars)
        for symbol, entry in history.symbols.items()
    }
    other = replace(history, symbols=symbols, vix=spoiled.vix, rate=spoiled.rate)
    assert everything_said(made_feed(history), until) == everything_said(made_feed(other), until)


@pytest.mark.parametrize("place", [0, 1])
def test_garbling_chains_after_an_instant_changes_nothing_up_to_it(place: int) -> None:
    taken_at = RECORDED_AT[place]
    history = made_market()
    other = garbled(history, date(2019, 12, 31), taken_at)
    assert everything_said(made_feed(history), taken_at) == everything_said(
        made_feed(other), taken_at
    )


def test_the_garbling_is_seen_from_the_next_instant_on() -> None:
    day = date(2019, 7, 25)
    history = made_market()
    other = garbled(history, day, at(day, 16))
    until = at(date(2019, 7, 26), 10)
    assert everything_said(made_feed(history), until) != everything_said(made_feed(other), until)
    chains = garbled(history, date(2019, 12, 31), RECORDED_AT[0])
    later = RECORDED_AT[1]
    assert everything_said(made_feed(history), later) != everything_said(made_feed(chains), later)
