"""Live feeds before local servers, for the suite every feed passes and for their own tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.feeds.alpaca import AlpacaFeed, AlpacaFeedSettings
from allusedesk.market.feeds.interactive_brokers import (
    InteractiveBrokersFeed,
    InteractiveBrokersFeedSettings,
)
from allusedesk.market.feeds.live_feed import LiveFeed
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
    Series,
)
from tests.doors.servers.alpaca_market import AlpacaMarket
from tests.doors.servers.alpaca_server import KEY, SECRET, AlpacaServer
from tests.doors.servers.shown_market import ShownMarket, expiries_after
from tests.doors.servers.tws import TwsServer
from tests.doors.servers.tws_market import TwsMarket
from tests.market.made_market import CALENDAR

LOOK = datetime(2025, 3, 12, 15, 0, tzinfo=UTC)
SHARES = ("AAA", "BBB")
TREND = "SPY"
BOTH = (Right.PUT, Right.CALL)
_PRICES = {"AAA": 182.4, "BBB": 64.15, TREND: 560.3}


def until(
    is_so: Callable[[], object], seconds: float = 10.0, told: Callable[[], object] = str
) -> None:
    """Wait for something another thread does; fails where it does not come in time."""
    pause = threading.Event()
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, f"it did not come in time: {told()}"
        pause.wait(0.005)


@dataclass
class TestClock:
    """An instant that only a test moves."""

    __test__ = False
    instant: datetime = LOOK

    def __call__(self) -> datetime:
        return self.instant


def shown_market(look: datetime = LOOK) -> ShownMarket:
    """Two shares with chains and a trend fund, quoted two seconds before the look."""
    market = ShownMarket(look - timedelta(seconds=2))
    days = CALENDAR.dates_between(look.date() - timedelta(days=380), look.date())
    for symbol, price in _PRICES.items():
        market.list_share(symbol, price, days)
    for symbol in SHARES:
        market.list_chain(symbol, expiries_after(look.date(), 4), 2.5, 8)
    return market


def dotted_market() -> ShownMarket:
    """The market with a share whose symbol has a dot, which its options' root has not."""
    market = shown_market()
    market.list_share("BRK.B", 480.0, tuple(bar.day for bar in market.bars[TREND]))
    market.list_chain("BRK.B", expiries_after(LOOK.date(), 2), 5.0, 3)
    return market


def vix_bars(last: date) -> IndexBars:
    """A year and more of VIX closes up to a day."""
    days = CALENDAR.dates_between(last - timedelta(days=420), last)
    levels = 17.0 + 3.0 * np.sin(np.arange(len(days)) / 9.0)
    dates = np.array(days, dtype="datetime64[D]")
    return IndexBars("VIX", dates, levels, levels, levels, levels, "made up")


def empty_bars(symbol: str) -> DailyBars:
    """The bars of a symbol of which nothing was imported."""
    nothing = np.array([], dtype=np.float64)
    days = np.array([], dtype="datetime64[D]")
    basis = AdjustmentBasis.DECLARED
    return DailyBars(symbol, days, *(nothing,) * 5, Adjustment.RAW, basis, "made up")


def live_history(look: datetime = LOOK, **more: Any) -> MarketHistory:
    """What a live desk has imported: VIX and a rate; bars come from the vendor."""
    last = look.date() - timedelta(days=1)
    rate = Series("DFF", np.array([last - timedelta(days=1)], "datetime64[D]"), np.array([4.3]), "")
    parts: dict[str, Any] = {
        "symbols": {},
        "trend": empty_bars(TREND),
        "vix": vix_bars(last),
        "rate": rate,
        "chains": (),
        "choices": (),
        "defects": (),
    }
    return MarketHistory(**{**parts, **more})


@dataclass
class FeedRig:
    """A live feed with the server behind it, and what a test moves."""

    feed: LiveFeed
    market: ShownMarket
    clock: TestClock
    server: Any
    move: Callable[[str, float, float, datetime], None]
    heard: threading.Event = field(default_factory=threading.Event)
    nudges: list[None] = field(default_factory=list)

    def hear(self) -> None:
        self.nudges.append(None)
        self.heard.set()

    def settle(self, *wishes: ChainWish) -> None:
        """Open the feed and wait until quotes, bars and the wished chains are there."""
        self.feed.keep(wishes)
        self.feed.open(self.hear)
        # The first feed of a run loads its vendor's client, which may take seconds.
        until(lambda: self._is_filled(wishes), 25.0, self.feed.health)

    def _is_filled(self, wishes: tuple[ChainWish, ...]) -> bool:
        at, feed = self.clock(), self.feed
        names = {TREND, *(wish.underlying for wish in wishes)}
        return (
            feed.standing().is_up
            and all(feed.quote(Stock(name), at) is not None for name in names)
            and all(feed.indicators(name, at.date()).atr_14 is not None for name in names)
            and all(self._has_chain(wish, at) for wish in wishes)
        )

    def _has_chain(self, wish: ChainWish, at: datetime) -> bool:
        columns = self.feed.chain(wish, at)
        day = at.date()
        listed = {
            series.expiry
            for series in self.market.options
            if series.symbol == wish.underlying
            and wish.days_low <= (series.expiry - day).days <= wish.days_high
        }
        return (
            columns is not None
            and {contract.expiry for contract in columns.contracts} >= listed
            and not bool(np.isnan(columns.open_interests).any())
        )


@contextmanager
def alpaca_rig(
    *,
    is_paper: bool = True,
    market: ShownMarket | None = None,
    history: MarketHistory | None = None,
    **settings: Any,
) -> Iterator[FeedRig]:
    """An Alpaca feed before Alpaca's local server; not opened yet."""
    market = market or shown_market()
    clock = TestClock(market.now + timedelta(seconds=2))
    server = AlpacaServer()
    stream = AlpacaMarket(server, market, clock)
    terms: dict[str, Any] = {
        "rest_url": server.url,
        "trading_url": server.url,
        "stream_url": stream.stream_url,
        "shares_seconds": 0.2,
        "chain_seconds": 0.2,
        "retry_seconds": 0.05,
        "retry_seconds_max": 0.4,
        "calls_per_minute": 100_000,
    }
    feed = AlpacaFeed(
        AlpacaFeedSettings(KEY, SECRET, is_paper=is_paper, **{**terms, **settings}),
        history or live_history(),
        CALENDAR,
        clock,
    )
    try:
        yield FeedRig(feed, market, clock, stream, stream.move)
    finally:
        feed.close()
        stream.close()
        server.close()


@contextmanager
def tws_rig(
    *,
    is_paper: bool = True,
    market: ShownMarket | None = None,
    history: MarketHistory | None = None,
    **settings: Any,
) -> Iterator[FeedRig]:
    """An Interactive Brokers feed before a local Trader Workstation; not opened yet."""
    market = market or shown_market()
    clock = TestClock(market.now + timedelta(seconds=2))
    server = TwsServer(now=clock).start()
    shown = TwsMarket(server, market)
    terms: dict[str, Any] = {
        "port": server.port,
        "lines_max": 500,
        "messages_per_second": 2_000,
        "answer_seconds": 3.0,
        "retry_seconds": 0.05,
        "retry_seconds_max": 0.4,
    }
    feed = InteractiveBrokersFeed(
        InteractiveBrokersFeedSettings(is_paper=is_paper, **{**terms, **settings}),
        history or live_history(),
        CALENDAR,
        clock,
    )
    try:
        yield FeedRig(feed, market, clock, shown, shown.move)
    finally:
        feed.close()
        shown.close()


@contextmanager
def streaming_tws(wish: ChainWish) -> Iterator[FeedRig]:
    """A filled feed of Interactive Brokers that streams both shares; its batches are fetched."""
    with tws_rig() as made:
        made.feed.subscribe(SHARES)
        made.settle(wish)
        until(lambda: made.server.is_watched("BBB"))
        until(lambda: bid_of(made, "BBB") is not None)
        made.feed.pull(made.clock())
        yield made


def bid_of(rig: FeedRig, symbol: str = "AAA") -> Decimal | None:
    """The bid a feed shows now."""
    quote = rig.feed.quote(Stock(symbol), rig.clock())
    return None if quote is None or quote.bid is None else quote.bid.per_unit


def notes(rig: FeedRig) -> str:
    """All a feed says of its health."""
    return " ".join(rig.feed.health().notes)
