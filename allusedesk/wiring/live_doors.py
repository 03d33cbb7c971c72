"""The doors of a desk in real time: a real broker or the simulated one, and a live market."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import numpy as np

from allusedesk.domain.alarms import PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.inputs import OperatorDecided, PriceAlarmRang
from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import ChainWish, MarketSnapshot
from allusedesk.domain.weeks import Session
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.state import NEW_YORK
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.feeds.feed import Feed
from allusedesk.market.feeds.live_standing import FeedStanding
from allusedesk.market.simulated_exchange import Concession, ExchangeSettings
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.risk.market_gates import tick_for

_BROKER_STREAM = 1


class LineFeed(Feed, Protocol):
    """A feed behind a line of the network, kept on a thread of its own."""

    def open(self, heard: Callable[[], None]) -> None:
        """Begin to connect and return at once; `heard` is called when batches wait."""
        ...

    def close(self) -> None:
        """Disconnect and end the thread; closing twice does nothing more."""
        ...

    def standing(self) -> FeedStanding:
        """How the line stands now; safe from any thread."""
        ...

    def keep(self, wishes: Iterable[ChainWish], contracts: Iterable[OptionContract] = ()) -> None:
        """Keep these parts of chains and these contracts fresh, before anyone looks at them."""
        ...


class ScreenOperator:
    """A person at a screen: the question shows in the desk's picture, the answer comes later."""

    def ask(self, _proposal: Proposal) -> OperatorDecided | None:
        return None


@dataclass(frozen=True, slots=True)
class LiveMarket:
    """The market of a live desk: the broker looks after its own orders."""

    watch: MarketWatch

    def next_at(self) -> datetime | None:
        return self.watch.next_at()

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        return self.watch.pull(until)

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        return self.watch.arm(alarms)

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        return self.watch.sample(watch, at)


class ClosingPrices:
    """What shares stood at when a session closed, kept as seen; else the last completed close."""

    def __init__(self, feed: Feed, now: Callable[[], datetime]) -> None:
        self._feed = feed
        self._now = now
        self._kept: dict[tuple[str, date], Price] = {}

    def __call__(self, symbol: str, day: date) -> Price | None:
        """The unadjusted close of a day; None where nobody quoted it."""
        known = self._kept.get((symbol, day))
        if known is not None:
            return known
        now = self._now()
        today = now.astimezone(NEW_YORK).date()
        quote = self._feed.quote(Stock(symbol), now) if today == day else None
        if quote is not None and quote.mark is not None:
            self._kept[symbol, day] = quote.mark
            return quote.mark
        close = self._feed.indicators(symbol, today).close if today > day else None
        return None if close is None else Price(close)


def simulated_broker(
    feed: Feed,
    sessions: tuple[Session, ...],
    now: Callable[[], datetime],
    rules: Rulebook,
    seed: int,
) -> SimulatedBroker:
    """The simulated broker in real time, which meets a live market and the rulebook's costs.

    Dividends and splits come as imported data announces them, which real time does not: none do.
    """
    costs = rules.costs
    settings = BrokerSettings(
        exchange=ExchangeSettings(
            concession=Concession.DRAWN,
            commission_per_contract=Money(costs.contract),
            commission_per_share=Money(costs.share),
            commission_shares_min=Money(costs.share_order_min),
            quote_age_seconds_max=float(rules.quotes.age_seconds_max),
        )
    )

    def tick_of(instrument: Instrument, price: Price) -> Decimal:
        return tick_for(instrument, price.per_unit, rules)

    world = BrokerWorld(
        sessions=sessions,
        is_listed=lambda instrument: feed.quote(instrument, now()) is not None,
        tick_of=tick_of,
        closing_price=ClosingPrices(feed, now),
        dividends_on=lambda _day: (),
        splits_on=lambda _day: (),
        rate_at=feed.rate,
    )
    return SimulatedBroker(settings, world, np.random.default_rng([seed, _BROKER_STREAM]), now)
