"""The door to Interactive Brokers, with a workstation on this machine behind it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    Fill,
    LinkChanged,
    Order,
    OrderFilled,
)
from allusedesk.domain.quotes import Quote
from allusedesk.execution.brokers.interactive_brokers import InteractiveBrokers
from allusedesk.execution.brokers.interactive_brokers_words import Gateway, Patience
from tests.doors.broker_rigs import CLOSE
from tests.doors.servers.tws import TwsServer
from tests.trading import NOON, call, order, price, put, sell

ACCOUNT = "DU1234567"
PATIENCE = Patience(
    request_seconds=5.0,
    heartbeat_seconds=30.0,
    retry_seconds=(0.02, 0.05),
    completion_seconds=(0.02, 0.05, 0.1),
)
SALE = order(sell(put()), quantity=2)
RESTING = replace(SALE, limit=price("2.50"))
# Numbers of messages: what the workstation sends, and what it is sent.
OPEN_ORDER, STATUS, EXECUTION, COMMISSION, COMPLETED = 5, 3, 11, 59, 101
PLACE, CANCEL, ASK_COMPLETED, ASK_FIGURES = 3, 4, 99, 76
LISTED = (put(), put(98), put(95), call(), call(105))


def workstation(*accounts: str, cash: str | int = 100_000) -> TwsServer:
    """A workstation that lists AAPL and a few of its options, on a day of 2013."""
    server = TwsServer(accounts or (ACCOUNT,), cash)
    server.list_stock("AAPL")
    for each in LISTED:
        server.list_option("AAPL", each.expiry, each.right.value, each.strike)
    return server


class InteractiveBrokersRig:
    """The door and its workstation; the test owns the clock both go by.

    Reports are gathered in `heard`; those that tell of the line alone in `links`.
    """

    def __init__(
        self,
        server: TwsServer | None = None,
        *,
        account: str = "",
        client_id: int = 1,
        patience: Patience = PATIENCE,
        waits_for_line: bool = True,
    ) -> None:
        self.now = NOON
        self.server = server or workstation()
        self.server.now = self.read_clock
        self.server.venue.now = self.read_clock
        self.owns_server = server is None
        if self.owns_server:
            self.server.start()
        self.heard: list[BrokerReport] = []
        self.links: list[LinkChanged] = []
        self._nudge = threading.Condition()
        self.broker = InteractiveBrokers(
            Gateway("127.0.0.1", self.server.port, client_id, account),
            self.read_clock,
            lambda _instrument, units: Money(Decimal("0.70") * units),
            patience,
        )
        self.broker.open(self._heard)
        if waits_for_line:
            self.await_line()

    def read_clock(self) -> datetime:
        return self.now

    def _heard(self) -> None:
        with self._nudge:
            self._nudge.notify_all()

    def await_line(self, *, is_up: bool = True, seconds: float = 5.0) -> None:
        """Wait until the line has changed to this."""

        def has_changed() -> bool:
            self._collect()
            return bool(self.links) and self.links[-1].is_up is is_up

        with self._nudge:
            assert self._nudge.wait_for(has_changed, seconds), self.broker.standing()

    def _collect(self) -> list[BrokerReport]:
        came = list(self.broker.advance(self.now))
        self.links.extend(each for each in came if isinstance(each, LinkChanged))
        rest = [each for each in came if not isinstance(each, LinkChanged)]
        self.heard.extend(rest)
        return rest

    def number(self, instrument: Instrument) -> int:
        """The workstation's number of an instrument."""
        for listing in self.server.venue.listings.values():
            if isinstance(instrument, Stock):
                if (listing.kind, listing.symbol) == ("STK", instrument.symbol):
                    return listing.con_id
            elif (listing.expiry, listing.right, listing.strike) == (
                f"{instrument.expiry:%Y%m%d}",
                instrument.right.value,
                instrument.strike,
            ):
                return listing.con_id
        message = f"{instrument} is not listed"
        raise LookupError(message)

    def show(self, *quotes: Quote) -> None:
        for each in quotes:
            assert each.bid is not None
            assert each.ask is not None
            number = self.number(each.instrument)
            self.server.show(number, each.bid.per_unit, each.ask.per_unit)

    def settle(self, count: int = 1) -> list[BrokerReport]:
        """Wait until nothing is on its way between desk and workstation any more."""
        came: list[BrokerReport] = []
        for _ in range(3):
            self._await_quiet()
            came.extend(self._collect())
            if len(came) >= count:
                break
        return came

    def wait_for(self, kind: type, seconds: float = 5.0) -> list[BrokerReport]:
        """Wait for a report of a kind; all that came."""
        came: list[BrokerReport] = []

        def is_there() -> bool:
            came.extend(self._collect())
            return any(isinstance(each, kind) for each in came)

        with self._nudge:
            assert self._nudge.wait_for(is_there, seconds), came
        return came

    def _await_quiet(self) -> None:
        """Everything wished is done, and one question more has gone there and back."""
        loop = self.broker._loop

        async def quiet() -> None:
            session = self.broker._session
            if session is None:
                return
            for _ in range(2):
                while session._tasks:
                    await asyncio.wait(set(session._tasks))
                # A line that is lost in the middle is quiet too.
                with suppress(ConnectionError, TimeoutError):
                    await session._wire.seconds_since_epoch()
                await asyncio.sleep(0)

        assert loop is not None
        asyncio.run_coroutine_threadsafe(quiet(), loop).result(10)

    def statement(self) -> BrokerStatement:
        """The statement, asked for again where the line was lost in between, as the desk does."""
        lines = len(self.links)
        self.broker.statement()

        def told() -> list[BrokerStatement]:
            nonlocal lines
            self._collect()
            if len(self.links) != lines and self.links[-1].is_up:
                lines = len(self.links)
                self.broker.statement()
            return [each for each in self.heard if isinstance(each, BrokerStatement)]

        with self._nudge:
            assert self._nudge.wait_for(told, 10.0), self.broker.standing()
        found = told()
        self.heard = [each for each in self.heard if not isinstance(each, BrokerStatement)]
        return found[-1]

    def end_session(self) -> None:
        self.now = CLOSE
        self.server.do(self.server.venue.close_session)
        self.server.venue.reason_to_reject = "The exchange is closed."

    def close(self) -> None:
        self.broker.close()
        if self.owns_server:
            self.server.stop()


def fills(rig: InteractiveBrokersRig, of: Order = SALE) -> list[Fill]:
    """Every execution of an order that was told as a fill."""
    told = [each for each in rig.heard if isinstance(each, OrderFilled) and each.order == of.id]
    return [fill for each in told for fill in each.executions]


def quantity_filled(rig: InteractiveBrokersRig, of: Order = SALE) -> int:
    return sum(each.quantity for each in fills(rig, of))


def kinds(came: list[BrokerReport]) -> list[type]:
    return [type(each) for each in came]
