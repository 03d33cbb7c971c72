"""A broker to be tried, with the clock and the market it lives in, driven by the test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

import numpy as np

from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import CENT, Money, Price
from allusedesk.domain.orders import BrokerReport, BrokerStatement, Order, OrderFilled
from allusedesk.domain.quotes import Quote
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
from allusedesk.execution.brokers.broker import Broker
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.simulated_exchange import Concession, ExchangeSettings
from tests.trading import DAY, NOON, STOCK, buy, dollars, order, price, quote, sessions

EXCHANGE = ExchangeSettings(
    concession=Concession.MID,
    commission_per_contract=dollars("0.65"),
    commission_per_share=dollars("0.005"),
    commission_shares_min=dollars(1),
    quote_age_seconds_max=30.0,
)
CLOSE = next(session for session in sessions() if session.date == DAY).closes_at


@dataclass
class Facts:
    """What the market outside is like; a test writes into it."""

    closes: dict[tuple[str, date], Price]
    dividends: dict[date, tuple[tuple[str, Decimal], ...]]
    splits: dict[date, tuple[tuple[str, Decimal], ...]]
    unlisted: set[Instrument]
    specials: dict[date, tuple[str, ...]] = field(default_factory=dict)
    rate: float = 0.0
    volatility: float | None = None


class BrokerRig(Protocol):
    """A broker to be tried by the one suite, whoever stands behind it.

    It is connected and funded with 100,000 USD when it is made. `heard` keeps every report that
    `settle` has returned; what only tells of the line (`LinkChanged`) is left out of both.
    """

    broker: Broker
    heard: list[BrokerReport]

    def show(self, *quotes: Quote) -> None:
        """Quotes reach the market in which this broker fills; resting orders may fill by it."""
        ...

    def settle(self, count: int = 1) -> list[BrokerReport]:
        """What has come once at least so many reports did and nothing is on its way any more.

        A live door waits for real, bounded: it returns what there is where fewer come.
        """
        ...

    def statement(self) -> BrokerStatement:
        """The broker's statement, awaited where it must be fetched first."""
        ...

    def end_session(self) -> None:
        """The session of the orders closes."""
        ...

    def close(self) -> None:
        """Let go of threads and sockets."""
        ...


class Rig:
    """One broker under a clock that only the test moves."""

    def __init__(
        self,
        settings: BrokerSettings | None = None,
        cash: str | int = 100_000,
        start: datetime = NOON,
        seed: int = 7,
    ) -> None:
        self.now = start
        self.quotes: dict[Instrument, Quote] = {}
        self.facts = Facts({}, {}, {}, set())
        self.heard: list[BrokerReport] = []
        world = BrokerWorld(
            sessions=sessions(),
            is_listed=lambda instrument: instrument not in self.facts.unlisted,
            tick_of=lambda _instrument, _price: CENT,
            closing_price=lambda symbol, day: self.facts.closes.get((symbol, day)),
            dividends_on=lambda day: self.facts.dividends.get(day, ()),
            splits_on=lambda day: self.facts.splits.get(day, ()),
            special_dividends_on=lambda day: self.facts.specials.get(day, ()),
            rate_at=lambda _at: self.facts.rate,
            volatility_of=lambda _contract, _at: self.facts.volatility,
        )
        chosen = BrokerSettings(EXCHANGE) if settings is None else settings
        generator = np.random.Generator(np.random.PCG64(seed))
        self.simulated = SimulatedBroker(chosen, world, generator, lambda: self.now)
        self.broker: Broker = self.simulated
        self.simulated.transfer_cash(Money(Decimal(cash)))
        self.simulated.advance(start)

    def show(self, *quotes: Quote) -> None:
        """Quotes of this instant reach the market, and the broker hears of it."""
        for each in quotes:
            self.quotes[each.instrument] = replace(each, quoted_at=self.now)
        self.simulated.on_market(self.now, self.quotes.get)

    def wait(self, **duration: float) -> list[BrokerReport]:
        """Let time pass, report by report; what came is returned and kept in `heard`."""
        return self.wait_until(self.now + timedelta(**duration))

    def wait_until(self, instant: datetime) -> list[BrokerReport]:
        came: list[BrokerReport] = []
        while (due := self.broker.next_event_at()) is not None and due <= instant:
            self.now = max(self.now, due)
            came.extend(self.broker.advance(self.now))
        self.now = instant
        came.extend(self.broker.advance(instant))
        self.heard.extend(came)
        return came

    def settle(self, count: int = 1) -> list[BrokerReport]:
        """A second is more than any latency; `count` is a live door's affair."""
        del count
        return self.wait(seconds=1)

    def statement(self) -> BrokerStatement:
        return self.simulated.statement()

    def end_session(self) -> None:
        self.wait_until(CLOSE)

    def close(self) -> None:
        """Nothing to let go of."""

    def close_at(self, day: date, closing: str, symbol: str = "AAPL") -> None:
        self.facts.closes[symbol, day] = price(closing)

    def shares(self, symbol: str = "AAPL") -> int:
        held = {line.instrument: line.quantity_signed for line in self.statement().held}
        return held.get(Stock(symbol), 0)


def two_sided(instrument: Instrument, bid: str = "1.98", ask: str = "2.02") -> Quote:
    return quote(instrument, bid, ask)


def short(rig: Rig, wanted: Order) -> Rig:
    """The rig after an order was filled at the market."""
    for leg in wanted.legs:
        rig.show(two_sided(leg.instrument))
    rig.broker.place_order(wanted)
    rig.wait(seconds=1)
    assert any(isinstance(each, OrderFilled) for each in rig.heard)
    rig.heard.clear()
    return rig


def owning(shares: int = 100, settings: BrokerSettings | None = None) -> Rig:
    """A rig that bought shares at 101."""
    rig = Rig(settings)
    purchase = order(buy(STOCK), quantity=shares, limit=price("-101"), id="shares")
    rig.show(two_sided(STOCK, "100.99", "101.01"))
    rig.broker.place_order(purchase)
    rig.wait(seconds=1)
    assert rig.shares() == shares
    rig.heard.clear()
    return rig
