"""The door to Alpaca, with a server on this machine behind it that speaks as Alpaca does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, TypeVar

from allusedesk.domain.instruments import OptionContract, Stock, write_option_symbol
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    LinkChanged,
    OrderAcknowledged,
    OrderFilled,
)
from allusedesk.domain.quotes import Quote
from allusedesk.execution.brokers.alpaca import AlpacaBroker
from allusedesk.execution.brokers.alpaca_rest import AlpacaKeys, AlpacaSettings, vendor
from tests.doors.broker_rigs import CLOSE
from tests.doors.servers.alpaca_server import KEY, SECRET, AlpacaServer, Answer
from tests.doors.servers.alpaca_trading import TradingApi
from tests.trading import NOON, order, price, put, sell

KEYS = AlpacaKeys(KEY, SECRET)
PATIENCE = AlpacaSettings(
    host="127.0.0.1",
    call_seconds=2.0,
    poll_seconds=60.0,
    retry_seconds=0.05,
    retry_seconds_max=0.2,
    silence_seconds=20.0,
)
# Asks so often that a test need not wait, beyond what Alpaca would allow.
POLLING = replace(PATIENCE, poll_seconds=0.3, calls_per_minute=100_000)
SALE = order(sell(put()), quantity=2)
RESTING = replace(SALE, limit=price("2.50"))
ONE = replace(RESTING, quantity=1)
PUT = "AAPL130215P00100000"
ORDERS = "/v2/orders"
BY_NAME = "/v2/orders:by_client_order_id"
SOME_ORDER = "/v2/orders/[^/]+"
TIMEOUT = Answer(504, {"message": "gateway timeout"})
# Bounds for slow machines; what comes is never waited for longer than it takes.
_WAIT_SECONDS = 10.0
_QUIET_SECONDS, _DEAF_SECONDS = 0.06, 0.6
_Report = TypeVar("_Report", bound=BrokerReport)


class World:
    """A server and the clock that it and every door to it go by."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self.ahead = timedelta()
        self.server = AlpacaServer()
        self.api = TradingApi(self.server, self.read_clock)
        self.book, self.stream = self.api.book, self.api.stream

    def read_clock(self) -> datetime:
        return NOON + timedelta(seconds=perf_counter() - self._began) + self.ahead


class AlpacaRig:
    """The door and its server; reports are gathered in `heard`, those of the line in `links`."""

    def __init__(
        self,
        world: World | None = None,
        settings: AlpacaSettings = PATIENCE,
        *,
        keys: AlpacaKeys = KEYS,
        waits_for_line: bool = True,
    ) -> None:
        vendor()  # its import takes seconds, which are no part of any wait below
        self.world = world or World()
        self._owns_world = world is None
        self.heard: list[BrokerReport] = []
        self.links: list[LinkChanged] = []
        self._waiting: list[BrokerReport] = []
        self._nudge = threading.Event()
        settings = replace(settings, port=self.world.server.port)
        self.broker = AlpacaBroker(settings, keys, self.world.read_clock)
        self.broker.open(self._nudge.set)
        if waits_for_line:
            self.until(lambda: self.broker.standing().is_up)

    def show(self, *quotes: Quote) -> None:
        for each in quotes:
            assert each.bid is not None
            assert each.ask is not None
            self.world.book.show(_symbol(each), str(each.bid), str(each.ask))

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait, bounded, until something is so."""
        end = perf_counter() + _WAIT_SECONDS
        while not is_so():
            assert perf_counter() < end, "it never came to be so"
            self._nudge.wait(0.005)
            self._nudge.clear()
            self._pull()

    def settle(self, count: int = 1) -> list[BrokerReport]:
        end = perf_counter() + _WAIT_SECONDS
        quiet_since = perf_counter()
        while perf_counter() < end:
            before = len(self._waiting)
            self._pull()
            if len(self._waiting) > before or self._is_busy():
                quiet_since = perf_counter()
            quiet = perf_counter() - quiet_since
            if quiet > (_QUIET_SECONDS if len(self._waiting) >= count else _DEAF_SECONDS):
                break
            self._nudge.wait(0.005)
            self._nudge.clear()
        came, self._waiting = self._waiting, []
        self.heard.extend(came)
        return came

    def await_report(self, kind: type[_Report]) -> _Report:
        """The first report of a kind that comes; it and those before it are in `heard`."""
        found: list[_Report] = []

        def has_come() -> bool:
            while self._waiting and not found:
                each = self._waiting.pop(0)
                self.heard.append(each)
                if isinstance(each, kind):
                    found.append(each)
            return bool(found)

        self.until(has_come)
        return found[0]

    def statement(self) -> BrokerStatement:
        self.broker.statement()
        return self.await_report(BrokerStatement)

    def end_session(self) -> None:
        self.world.ahead += CLOSE - NOON
        self.world.book.close_session()

    def close(self) -> None:
        self.broker.close()
        if self._owns_world:
            self.world.server.close()

    def _pull(self) -> None:
        for each in self.broker.advance(self.world.read_clock()):
            (self.links if isinstance(each, LinkChanged) else self._waiting).append(each)

    def _is_busy(self) -> bool:
        errands, now = self.broker._errands, self.world.read_clock()
        return bool(errands._busy) or any(one.due_at <= now for one in list(errands._waiting))


def _symbol(quote: Quote) -> str:
    match quote.instrument:
        case OptionContract() as contract:
            return write_option_symbol(contract)
        case Stock(symbol):
            return symbol


def fills(reports: list[BrokerReport]) -> list[str]:
    """Ids of every execution told by itself, in order; doubles would show."""
    told = [each for each in reports if isinstance(each, OrderFilled)]
    return [fill.id for each in told for fill in each.executions]


def units(reports: list[BrokerReport]) -> int:
    told = [each for each in reports if isinstance(each, OrderFilled)]
    return sum(fill.quantity for each in told for fill in each.executions)


def kinds(reports: list[BrokerReport]) -> list[type]:
    return [type(each) for each in reports]


def open_orders(rig: AlpacaRig) -> list[object]:
    return [one for one in rig.world.book.orders.values() if one.is_open]


def cancelled_path(rig: AlpacaRig) -> str:
    return f"{ORDERS}/{next(iter(rig.world.book.orders))}"


def resting(rig: AlpacaRig, wished: Any = RESTING) -> AlpacaRig:
    """The rig with an order that rests at Alpaca."""
    rig.broker.place_order(wished)
    assert rig.settle() == [OrderAcknowledged(wished.id, wished.version)]
    return rig


def limits(rig: AlpacaRig) -> list[str]:
    return [str(one.limit) for one in rig.world.book.orders.values() if one.is_open]


def looked_up(rig: AlpacaRig) -> list[Any]:
    rig.broker.look_up(RESTING.id)
    return rig.settle()
