"""Vendors' local servers as a walk meets them, on a clock that jumps from moment to moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import perf_counter
from typing import Protocol

from allusedesk.settings import BrokerChoice, FeedChoice
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.requests import Connections
from tests.doors.servers.alpaca_market import AlpacaMarket
from tests.doors.servers.alpaca_server import AlpacaServer
from tests.doors.servers.alpaca_trading import TradingApi
from tests.doors.servers.shown_market import Series, Shown, ShownMarket
from tests.doors.servers.tws import TwsServer
from tests.doors.servers.tws_market import TwsMarket

MONDAY = date(2025, 3, 10)
HERE, CAPITAL = "127.0.0.1", 300_000
SYMBOL = "AAA"


class WalkClock:
    """Real time from an instant on, and jumps to later ones."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began = start, perf_counter()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=perf_counter() - self._began)

    def jump(self, to: datetime) -> None:
        assert to >= self.now()
        self._start, self._began = to, perf_counter()

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        seconds = 0.05 if instant is None else min(0.05, (instant - self.now()).total_seconds())
        try:
            await asyncio.wait_for(wake.wait(), max(seconds, 0.0))
        except TimeoutError:
            return


class Vendor(Protocol):
    """A vendor's servers; what is traded at is shown apart from what the feed tells."""

    connections: Connections
    market: ShownMarket

    def offer(self, series: Series, shown: Shown) -> None:
        """Let orders in this option be filled at these quotes."""

    def refresh(self, now: datetime) -> None:
        """Tell every quote anew, as of now."""

    def session(self, *, is_open: bool, until: datetime) -> None:
        """The exchange opens or closes."""

    def unplug(self) -> None: ...

    def plug(self) -> None: ...

    def expire(self, series: Series) -> None: ...

    def meddle(self, *, shares: int, cash: int) -> None:
        """Somebody else trades and moves money in the account."""

    def held(self) -> dict[str, int]: ...

    def cash(self) -> Decimal: ...

    def is_reached(self) -> bool: ...

    def close(self) -> None: ...


def market_of(clock: WalkClock) -> ShownMarket:
    market = ShownMarket(clock.now())
    calendar = exchange_calendar()
    days = calendar.dates_between(MONDAY - timedelta(days=420), MONDAY - timedelta(days=1))
    market.list_share(SYMBOL, 100.0, days)
    market.list_share("SPY", 560.0, days)
    market.list_chain(SYMBOL, (MONDAY + timedelta(days=4), MONDAY + timedelta(days=11)), 0.5, 12)
    return market


def as_of(market: ShownMarket, now: datetime) -> None:
    """Give every quote this instant."""
    with market.lock:
        market.shares = {name: replace(each, instant=now) for name, each in market.shares.items()}
        market.options = {name: replace(each, instant=now) for name, each in market.options.items()}


class AtAlpaca:
    """Alpaca's trading and data servers."""

    def __init__(self, clock: WalkClock) -> None:
        self.trading, self.data = AlpacaServer(), AlpacaServer()
        self.api = TradingApi(self.trading, clock.now)
        self.api.book.cash = Decimal(CAPITAL)
        self.market = market_of(clock)
        self.shown = AlpacaMarket(self.data, self.market)
        self.connections = Connections(
            BrokerChoice("alpaca", host=HERE, port=self.trading.port),
            FeedChoice("alpaca", host=HERE, port=self.data.port),
        )

    def offer(self, series: Series, shown: Shown) -> None:
        self.api.book.show(series.occ, str(shown.bid), str(shown.ask))

    def refresh(self, now: datetime) -> None:
        self.market.now = now
        as_of(self.market, now)

    def session(self, *, is_open: bool, until: datetime) -> None:
        if is_open:
            self.api.book.is_market_open, self.api.closes_at = True, until
        else:
            self.api.book.close_session()
            self.api.opens_at = until

    def unplug(self) -> None:
        self.trading.refuses_sockets = True
        self.api.stream.disconnect()

    def plug(self) -> None:
        self.trading.refuses_sockets = False

    def expire(self, series: Series) -> None:
        self.api.book.take_off("OPEXP", series.occ)

    def meddle(self, *, shares: int, cash: int) -> None:
        book = self.api.book
        with book.lock:
            signed, _ = book.positions.get(SYMBOL, (0, Decimal(0)))
            book.positions[SYMBOL] = (signed + shares, Decimal(100))
            if not signed + shares:
                del book.positions[SYMBOL]
            book.cash += cash

    def held(self) -> dict[str, int]:
        return {name: signed for name, (signed, _) in self.api.book.positions.items() if signed}

    def cash(self) -> Decimal:
        return self.api.book.cash

    def is_reached(self) -> bool:
        return self.trading.counted("GET", "/v2/account") > 0

    def close(self) -> None:
        self.shown.close()
        self.data.close()
        self.trading.close()


class AtInteractiveBrokers:
    """Two workstations: one takes orders, the other tells quotes."""

    def __init__(self, clock: WalkClock) -> None:
        self.server = TwsServer(cash=CAPITAL, now=clock.now).start()
        self.quotes = TwsServer(now=clock.now).start()
        self.market = market_of(clock)
        self.shown = TwsMarket(self.quotes, self.market)
        self.numbers = {SYMBOL: self.server.list_stock(SYMBOL)}
        for series in self.market.options:
            self.numbers[series.occ] = self.server.list_option(
                series.symbol, series.expiry, series.right, Decimal(str(series.strike))
            )
        self.connections = Connections(
            BrokerChoice("interactive_brokers", host=HERE, port=self.server.port),
            FeedChoice("interactive_brokers", host=HERE, port=self.quotes.port),
        )

    def offer(self, series: Series, shown: Shown) -> None:
        self.server.show(self.numbers[series.occ], Decimal(str(shown.bid)), Decimal(str(shown.ask)))

    def refresh(self, now: datetime) -> None:
        as_of(self.market, now)

        def tell() -> None:
            lines = {line.client_id: line for line in self.quotes.sockets}
            for (client, request), number in list(self.shown.watched.items()):
                named = self.shown._named.get(number)
                if client in lines and named is not None:
                    self.shown._show(lines[client], request, named, has_interest=False)

        self.quotes.do(tell)

    def session(self, *, is_open: bool, until: datetime) -> None:
        del until
        venue = self.server.venue

        def turn() -> None:
            if is_open:
                venue.is_open = True
            else:
                venue.close_session()

        self.server.do(turn)

    def unplug(self) -> None:
        self.server.refuse_connections()
        self.server.cut_lines()

    def plug(self) -> None:
        self.server.listen()

    def expire(self, series: Series) -> None:
        number = self.numbers[series.occ]
        self.server.do(lambda: self.server.venue.expire("DU1234567", number))

    def meddle(self, *, shares: int, cash: int) -> None:
        account, number = self.server.venue.accounts["DU1234567"], self.numbers[SYMBOL]

        def change() -> None:
            account.positions[number] = account.positions.get(number, Decimal(0)) + shares
            account.costs[number] = Decimal(100)
            account.cash += cash

        self.server.do(change)

    def held(self) -> dict[str, int]:
        names = {number: name for name, number in self.numbers.items()}
        account = self.server.venue.accounts["DU1234567"]
        return {names[number]: int(held) for number, held in account.positions.items() if held}

    def cash(self) -> Decimal:
        return self.server.venue.accounts["DU1234567"].cash

    def is_reached(self) -> bool:
        return self.server.accepted > 0

    def close(self) -> None:
        self.shown.close()
        self.server.stop()
