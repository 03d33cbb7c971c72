"""What every feed promises, held against each feed there is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pytest

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.archive.opening import open_history
from allusedesk.market.corporate_actions import split_facts
from allusedesk.market.feeds.feed import Feed
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.history import MarketHistory
from allusedesk.market.raw_quotes import QuoteBatch
from allusedesk.resource_files import resource_path
from tests.doors.feed_rigs import BOTH, LOOK, SHARES, FeedRig, alpaca_rig, tws_rig
from tests.market.made_market import CALENDAR, PLAIN, RECORDED, SPLITTING, made_feed


@lru_cache(maxsize=1)
def sample_market() -> MarketHistory:
    return open_history(
        (resource_path("sample_market"),),
        ("AAPL", "MSFT"),
        "SPY",
        calendar=CALENDAR,
        known_splits=split_facts(resource_path("market_facts", "splits.csv").read_text()),
    )


def sample_feed() -> RecordedFeed:
    played = CALENDAR.sessions_between(date(2008, 9, 8), date(2008, 9, 26))
    return RecordedFeed(sample_market(), played, CALENDAR, 3)


class Case:
    """A feed, two of its symbols, the day to look at, and the first instant it quotes.

    `tells_next` is false for a live feed, which cannot know when its next batch comes.
    """

    def __init__(
        self,
        make: Callable[[ExitStack], Feed],
        symbols: tuple[str, str],
        look: datetime,
        start: datetime,
        *,
        tells_next: bool = True,
    ) -> None:
        self.make_in, self.symbols, self.look, self.start = make, symbols, look, start
        self.tells_next = tells_next
        self.open = ExitStack()

    def make(self) -> Feed:
        return self.make_in(self.open)


def live(rig_of: Callable[[], AbstractContextManager[FeedRig]], start: datetime) -> Case:
    """A live feed before its vendor's local server, filled with both shares and their chains."""

    def make(closing: ExitStack) -> Feed:
        rig = closing.enter_context(rig_of())
        rig.settle(*(ChainWish(symbol, BOTH, 0, 30) for symbol in SHARES))
        return rig.feed

    return Case(make, SHARES, LOOK, start, tells_next=False)


CASES = {
    "bars": Case(
        lambda _: made_feed(),
        (PLAIN, SPLITTING),
        datetime(2019, 6, 4, 15, 2, 10, tzinfo=UTC),
        datetime(2019, 6, 3, 13, 30, tzinfo=UTC),
    ),
    "chains": Case(
        lambda _: made_feed(),
        (RECORDED, PLAIN),
        datetime(2019, 9, 11, 17, 40, 5, tzinfo=UTC),
        datetime(2019, 6, 3, 13, 30, tzinfo=UTC),
    ),
    "sample market": Case(
        lambda _: sample_feed(),
        ("AAPL", "MSFT"),
        datetime(2008, 9, 15, 18, 0, tzinfo=UTC),
        datetime(2008, 9, 8, 13, 30, tzinfo=UTC),
    ),
    "alpaca": live(alpaca_rig, LOOK - timedelta(seconds=2)),
    # Its quotes carry no instant, and count from when they came.
    "interactive brokers": live(tws_rig, LOOK),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    found: Case = request.param
    with found.open:
        yield found


def told(batches: tuple[QuoteBatch, ...] | list[QuoteBatch]) -> list[tuple[object, ...]]:
    return [
        (
            batch.instant,
            batch.symbols,
            batch.bids.tolist(),
            batch.asks.tolist(),
            batch.lasts.tolist(),
        )
        for batch in batches
    ]


def test_without_a_subscription_nothing_comes(case: Case) -> None:
    feed = case.make()
    assert feed.next_at() is None
    assert feed.pull(case.look) == ()
    assert feed.health().last_batch_at is None


def test_batches_come_once_in_order_and_none_too_early(case: Case) -> None:
    feed = case.make()
    feed.subscribe(case.symbols)
    assert feed.next_at() == (case.start if case.tells_next else None)
    batches = feed.pull(case.look)
    instants = [batch.instant for batch in batches]
    assert instants == sorted(instants)
    assert instants[0] == case.start
    assert instants[-1] <= case.look
    later = feed.next_at()
    assert later is None if not case.tells_next else later is not None and later > case.look
    assert feed.pull(case.look) == ()
    for batch in batches:
        assert set(batch.symbols) <= set(case.symbols)
        assert np.all(batch.bids < batch.asks)
        assert np.all((batch.bids <= batch.lasts) & (batch.lasts <= batch.asks))
    assert feed.health().last_batch_at == instants[-1]
    assert feed.health().symbols == tuple(sorted(case.symbols))


def test_step_by_step_and_at_once_are_the_same(case: Case) -> None:
    whole, stepped = case.make(), case.make()
    whole.subscribe(case.symbols)
    stepped.subscribe(case.symbols)
    pulled = [] if case.tells_next else list(stepped.pull(case.start))
    while (instant := stepped.next_at()) is not None and instant <= case.look:
        pulled.extend(stepped.pull(instant))
    assert told(pulled) == told(whole.pull(case.look))


def test_a_symbol_may_leave_and_come_back_in_mid_session(case: Case) -> None:
    feed = case.make()
    stays, leaves = case.symbols
    feed.subscribe(case.symbols)
    until = case.look - timedelta(minutes=45)
    feed.pull(until)
    feed.unsubscribe((leaves,))
    alone = feed.pull(case.look - timedelta(minutes=15))
    assert {symbol for batch in alone for symbol in batch.symbols} <= {stays}
    feed.subscribe((leaves,))
    again = feed.pull(case.look + timedelta(minutes=30))
    assert all(batch.instant > case.look - timedelta(minutes=15) for batch in again)
    assert leaves in {symbol for batch in again for symbol in batch.symbols}


def test_the_last_batch_is_the_quote_at_that_instant(case: Case) -> None:
    feed = case.make()
    feed.subscribe(case.symbols)
    latest: dict[str, tuple[float, float, float]] = {}
    for batch in feed.pull(case.look):
        for place, symbol in enumerate(batch.symbols):
            latest[symbol] = (
                float(batch.bids[place]),
                float(batch.asks[place]),
                float(batch.lasts[place]),
            )
    for symbol in case.symbols:
        quote = feed.quote(Stock(symbol), case.look)
        assert quote is not None
        assert quote.bid is not None
        assert quote.ask is not None
        assert quote.last is not None
        sides = (quote.bid.per_unit, quote.ask.per_unit, quote.last.per_unit)
        assert sides == tuple(Decimal(repr(value)).quantize(sides[0]) for value in latest[symbol])
        assert quote.quoted_at <= case.look


def test_a_chain_holds_what_was_wished_and_nothing_later(case: Case) -> None:
    feed, symbol = case.make(), case.symbols[0]
    wish = ChainWish(symbol, (Right.PUT,), 1, 9)
    columns = feed.chain(wish, case.look)
    assert columns is not None
    assert len(columns) > 4
    assert columns.quoted_at <= case.look
    assert {contract.right for contract in columns.contracts} == {Right.PUT}
    days = {(contract.expiry - case.look.date()).days for contract in columns.contracts}
    assert min(days) >= 1
    assert max(days) <= 9
    assert days <= {(expiry - case.look.date()).days for expiry in columns.expiries_listed}
    order = [(contract.expiry, contract.strike) for contract in columns.contracts]
    assert order == sorted(order)


def test_one_contract_has_one_quote_whoever_asks(case: Case) -> None:
    feed, symbol = case.make(), case.symbols[0]
    columns = feed.chain(ChainWish(symbol, BOTH, 0, 14), case.look)
    assert columns is not None
    chosen = columns.contracts[:: max(len(columns) // 12, 1)]
    (held,) = case.make().quotes_of(chosen, case.look)
    assert set(held.contracts) == set(chosen)
    for row, contract in enumerate(held.contracts):
        wanted = columns.contracts.index(contract)
        assert held.quote(row) == columns.quote(wanted)
        assert feed.quote(contract, case.look) == columns.quote(wanted)


def test_two_feeds_of_one_seed_say_the_same(case: Case) -> None:
    one, other = case.make(), case.make()
    wish = ChainWish(case.symbols[0], BOTH, 0, 30)
    first, second = one.chain(wish, case.look), other.chain(wish, case.look)
    assert first is not None
    assert second is not None
    assert list(first.contracts) == list(second.contracts)
    assert np.array_equal(first.bids, second.bids, equal_nan=True)
    assert np.array_equal(first.asks, second.asks, equal_nan=True)
    assert one.trend(case.look) == other.trend(case.look)
    assert one.indicators(case.symbols[0], case.look.date()) == other.indicators(
        case.symbols[0], case.look.date()
    )


def test_what_nobody_knows_is_absent(case: Case) -> None:
    feed = case.make()
    stranger = OptionContract("NONE", date(2019, 9, 20), Right.PUT, Decimal(50))
    assert feed.quote(Stock("NONE"), case.look) is None
    assert feed.quote(stranger, case.look) is None
    assert feed.quotes_of((stranger,), case.look) == ()
    assert feed.chain(ChainWish("NONE", BOTH, 0, 9), case.look) is None
    assert feed.facts("NONE", case.look).earnings_next is None
