"""What a live feed answers by itself: silence, age, refusals, wishes, and the desk's own watch."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import nan

import numpy as np
import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import ChainWish
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.market.feeds import live_feed
from allusedesk.market.feeds.live_columns import OPEN_INTEREST, Tick
from allusedesk.market.feeds.live_feed import LiveFeed
from allusedesk.market.feeds.live_standing import FeedRefused, FeedStanding, QuoteQuality
from allusedesk.market.feeds.live_wishes import LiveWishes, strikes_within_reach
from allusedesk.market.quote_board import QuoteBoard
from tests.market.made_market import CALENDAR, PLAIN, made_market

LOOK = datetime(2019, 10, 30, 15, 0, tzinfo=UTC)
FRIDAY = date(2019, 11, 1)
PUTS = ChainWish(PLAIN, (Right.PUT,), 0, 9)
SHARE = Stock(PLAIN)


class QuietFeed(LiveFeed):
    """A live feed whose line a test plays itself."""

    def __init__(self, *, is_paper: bool = True) -> None:
        self.instant = LOOK
        super().__init__("Nobody", made_market(), CALENDAR, lambda: self.instant, is_paper=is_paper)
        self._standing = FeedStanding(is_up=True, reason="", quality=QuoteQuality.REAL_TIME)

    async def _work(self) -> None:
        await asyncio.Event().wait()

    def tell(self, *ticks: Tick) -> None:
        self._columns.post(ticks)

    def turn(self, quality: QuoteQuality) -> None:
        self._standing = replace(self._standing, quality=quality)

    def interest(self, contract: OptionContract, count: float) -> None:
        self._columns.describe(contract, OPEN_INTEREST, count)

    def join(self) -> None:
        assert self._thread is not None
        self._thread._thread.join(5)

    def note(self, key: str, sentence: str, *, is_passing: bool = False) -> None:
        self._note(key, sentence, is_passing=is_passing)

    def expiries(self, *days: date) -> None:
        self._tables.list(PLAIN, days)


def put(strike: int) -> OptionContract:
    return OptionContract(PLAIN, FRIDAY, Right.PUT, Decimal(strike))


def share(bid: float, ask: float, ago: float = 1.0) -> Tick:
    return Tick(SHARE, bid, ask, nan, LOOK.timestamp() - ago)


def option(strike: int, bid: float, ago: float = 1.0) -> Tick:
    return Tick(put(strike), bid, bid + 0.04, bid + 0.02, LOOK.timestamp() - ago)


def filled(*, is_paper: bool = True) -> QuietFeed:
    feed = QuietFeed(is_paper=is_paper)
    feed.tell(share(47.0, 47.02), option(44, 0.12), option(46, 0.55, 20.0), option(48, 1.5))
    for strike in (44, 46, 48):
        feed.interest(put(strike), 900.0)
    return feed


def test_every_row_keeps_its_own_instant_and_old_ones_are_missing() -> None:
    feed = filled()
    columns = feed.chain(PUTS, LOOK)
    assert columns is not None
    ages = [quote.age_seconds(LOOK) for quote in columns.quotes(range(3), [None] * 3)]
    assert ages == [1.0, 20.0, 1.0]
    later = LOOK + timedelta(seconds=290)
    columns = feed.chain(PUTS, later)
    assert columns is not None
    assert [contract.strike for contract in columns.contracts] == [44, 48]
    assert feed.chain(PUTS, LOOK + timedelta(seconds=310)) is None
    assert feed.quote(put(46), later) is None
    assert feed.quotes_of((put(45),), LOOK) == ()


def test_a_share_keeps_its_last_quote_with_its_old_instant() -> None:
    feed = filled()
    quote = feed.quote(SHARE, LOOK + timedelta(hours=3))
    assert quote is not None
    assert quote.quoted_at == LOOK - timedelta(seconds=1)
    assert (quote.bid, quote.last) == (Price(Decimal("47.00")), None)


def test_an_instant_ahead_of_the_desks_clock_counts_as_now() -> None:
    feed = filled()
    feed.tell(share(47.1, 47.12, -2.0), option(44, 0.13, -2.0))
    quote, columns = feed.quote(SHARE, LOOK), feed.chain(PUTS, LOOK)
    assert quote is not None
    assert columns is not None
    assert quote.quoted_at == LOOK
    assert columns.quoted_at == LOOK


def test_without_a_price_of_the_underlying_there_is_no_chain() -> None:
    feed = QuietFeed()
    feed.tell(option(44, 0.12))
    assert feed.chain(PUTS, LOOK) is None


def test_days_without_an_expiry_ask_what_is_listed() -> None:
    feed = filled()
    farthest = ChainWish(PLAIN, (Right.PUT, Right.CALL), 800, 800)
    assert feed.chain(farthest, LOOK) is None
    leaps = date(2021, 1, 15)
    feed.expiries(FRIDAY, leaps, date(2019, 10, 25))
    columns = feed.chain(farthest, LOOK)
    assert columns is not None
    assert len(columns) == 0
    assert columns.expiries_listed == (FRIDAY, leaps)
    near = feed.chain(PUTS, LOOK)
    assert near is not None
    assert near.expiries_listed == (FRIDAY,)


@pytest.mark.parametrize("quality", [QuoteQuality.DELAYED, QuoteQuality.INDICATIVE])
def test_what_is_not_the_market_is_labelled_on_paper_and_refused_live(
    quality: QuoteQuality,
) -> None:
    paper, live = filled(), filled(is_paper=False)
    for feed in (paper, live):
        feed.subscribe((PLAIN,))
        feed.turn(quality)
    assert paper.quote(SHARE, LOOK) is not None
    assert paper.standing().is_up
    assert f"The quotes of Nobody are {quality.value}." in paper.health().notes
    assert live.quote(SHARE, LOOK) is None
    assert live.tables((PUTS,), (put(44),), LOOK).chains == (None,)
    assert live.tables((PUTS,), (put(44),), LOOK).held == ()
    assert live.pull(LOOK) == ()
    assert live.trend(LOOK) is None
    assert not live.standing().is_up
    assert quality.value in live.standing().reason
    assert not live.health().is_live
    live.turn(QuoteQuality.REAL_TIME)
    assert live.quote(SHARE, LOOK) is not None


def test_silence_is_told_in_a_session_and_not_outside_it() -> None:
    feed = filled()
    feed.subscribe((PLAIN, "RCD"))
    assert "No quote of RCD yet." in feed.health().notes
    feed.instant = LOOK + timedelta(seconds=59)
    assert f"{PLAIN} has been silent for 60 seconds." in feed.health().notes
    for outside in (LOOK.replace(hour=21), LOOK.replace(day=27), datetime(2900, 1, 1, tzinfo=UTC)):
        feed.instant = outside
        assert "silent" not in " ".join(feed.health().notes)


def test_a_passing_fault_is_said_for_ten_minutes() -> None:
    feed = filled()
    feed.note("one", "It passes.", is_passing=True)
    feed.note("two", "It stays.")
    assert {"It passes.", "It stays."} <= set(feed.health().notes)
    feed.instant += timedelta(minutes=11)
    assert "It passes." not in feed.health().notes
    assert "It stays." in feed.health().notes
    feed.note("two", "")
    assert "It stays." not in feed.health().notes


def test_what_nobody_foresaw_is_told_and_the_line_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_feed, "_RESTART_SECONDS", 0.01)
    works = iter((KeyError("surprise"), FeedRefused("Install it.")))
    begun = threading.Event()

    class Stumbling(QuietFeed):
        async def _work(self) -> None:
            begun.set()
            raise next(works)

    feed = Stumbling()
    feed.open(lambda: None)
    assert begun.wait(5)
    feed.join()
    assert feed.standing().reason == "Install it."
    assert "The feed stumbled over KeyError: 'surprise'." in feed.health().notes
    feed.close()


def test_wishes_live_for_a_quarter_of_an_hour_unless_renewed() -> None:
    wishes = LiveWishes()
    assert wishes.add((PUTS,), (put(44),), LOOK) is True
    assert wishes.add((PUTS,), (), LOOK + timedelta(minutes=10)) is False
    assert wishes.current(LOOK + timedelta(minutes=12)) == ((PUTS,), (put(44),))
    assert wishes.current(LOOK + timedelta(minutes=20)) == ((PUTS,), ())
    assert wishes.current(LOOK + timedelta(minutes=40)) == ((), ())
    wishes.add((), (put(44),), LOOK + timedelta(days=3))
    assert wishes.current(LOOK + timedelta(days=3)) == ((), ())


def test_a_look_is_a_wish_and_names_what_else_must_be_quoted() -> None:
    feed = QuietFeed()
    feed.subscribe(("RCD",))
    index = OptionContract("SPXW", FRIDAY, Right.PUT, Decimal(3000))
    assert feed.tables((PUTS,), (index,), LOOK).chains == (None,)
    wanted = feed.wanted()
    assert (wanted.wishes, wanted.contracts) == ((PUTS,), (index,))
    assert wanted.symbols == ("IDX", PLAIN, "RCD", "SPX")


def test_strikes_reach_as_far_as_a_delta_shown() -> None:
    low, high = strikes_within_reach(100.0, 0.2, 7)
    assert 89.0 < low < 91.0
    assert 109.0 < high < 112.0
    wide, unknown = strikes_within_reach(100.0, 0.9, 30), strikes_within_reach(100.0, None, 30)
    assert wide[0] < unknown[0] < low
    assert high < unknown[1] < wide[1]


def test_the_desks_watch_hears_an_alarm_in_the_quote_that_crosses_it() -> None:
    feed = filled()
    watch = MarketWatch(feed, QuoteBoard())
    feed.subscribe((PLAIN,))
    alarm = PriceAlarm("stop", PLAIN, Price(Decimal(46)), Crossing.AT_OR_BELOW, AccountId("one"))
    assert watch.pull(LOOK) == []
    assert watch.arm([alarm]) == []
    feed.tell(share(45.5, 45.52, 0.5), share(47.2, 47.22, 0.2))
    (rang,) = watch.pull(LOOK)
    assert rang.alarm == alarm
    assert watch.next_at() is None
    crossed = share(47.4, 47.3, 0.1)
    feed.tell(crossed)
    watch.pull(LOOK)
    assert dict(watch.counts().dropped) == {"crossed": 1}


def test_a_look_of_the_desk_is_completed_with_greeks_and_says_what_is_missing() -> None:
    feed = filled()
    watch = MarketWatch(feed, QuoteBoard())
    snapshot = watch.sample(Watch(symbols=(PLAIN,), chains=(PUTS,), held=(put(46), put(30))), LOOK)
    chain = snapshot.chain(PLAIN)
    assert chain is not None
    deltas = [quote.greeks.delta for quote in chain.quotes if quote.greeks is not None]
    assert len(deltas) == 3
    assert np.all(np.diff(deltas) < 0.0)
    assert [quote.instrument for quote in snapshot.held] == [put(46)]
    assert snapshot.held[0].quoted_at == LOOK - timedelta(seconds=20)
    assert f"There is no quote of {put(30)}." in snapshot.defects
    assert snapshot.rate > 0.0
