"""`InteractiveBrokers`: orders to Trader Workstation or Gateway, on a thread of the door's own."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.orders import BrokerReport, LinkChanged, Order
from allusedesk.execution.brokers import interactive_brokers_words as words
from allusedesk.execution.brokers.interactive_brokers_account import Account, Hooks
from allusedesk.execution.brokers.interactive_brokers_ledger import Ledger
from allusedesk.execution.brokers.interactive_brokers_words import Gateway, Patience
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding
from allusedesk.market.feeds.interactive_brokers_tasks import end_all

if TYPE_CHECKING:
    from allusedesk.execution.brokers.interactive_brokers_session import Session

_VENDOR = "ib_async"
_Doing = Callable[["Session"], Coroutine[object, object, None]]


class InteractiveBrokers:
    """A `LiveBroker` at Trader Workstation or Gateway through the vendor library `ib_async`.

    `now` tells the desk's instant; `assumed_commission` gives the rulebook's commission on so
    many units of an instrument, for an execution whose own never comes. Nothing is logged in
    with a secret: the person logs in at Trader Workstation itself.
    """

    def __init__(
        self,
        gateway: Gateway,
        now: Callable[[], datetime],
        assumed_commission: Callable[[Instrument, int], Money],
        patience: Patience | None = None,
    ) -> None:
        self._gateway = gateway
        self._patience = patience or Patience()
        self._now = now
        self._assumed_commission = assumed_commission
        self._reports: deque[BrokerReport] = deque()
        self._standing = words.DOWN
        self._heard: Callable[[], None] = _nobody
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._is_closing = threading.Event()
        self._session: Session | None = None
        self._was_up: bool | None = None

    # The line.

    def open(self, heard: Callable[[], None]) -> None:
        """Begin to connect and return at once; `heard` is called from the line's thread."""
        self._heard = heard
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._keep()), name="interactive brokers", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Disconnect and end the thread; closing twice does nothing more."""
        self._is_closing.set()
        self._on_loop(self._stop.set)
        if self._thread is not None:
            self._thread.join()
        self._thread = None

    def standing(self) -> LineStanding:
        """How the line stands now; safe from any thread."""
        return self._standing

    # What the desk wishes.

    def place_order(self, order: Order) -> None:
        self._wish(lambda session: session.place(order))

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        self._wish(lambda session: session.replace(order, version, quantity, limit))

    def cancel_order(self, order: OrderId) -> None:
        self._wish(lambda session: session.cancel(order))

    def look_up(self, order: OrderId) -> None:
        self._wish(lambda session: session.look_up(order))

    def statement(self) -> None:
        """Ask for the statement, which comes among the reports."""
        self._wish(lambda session: session.statement())

    def next_event_at(self) -> None:
        """Nobody knows; `heard` wakes the engine."""

    def advance(self, to: datetime) -> Sequence[BrokerReport]:  # noqa: ARG002 - nothing is early
        """Everything heard and not yet fetched, in the row of hearing."""
        found: list[BrokerReport] = []
        with suppress(IndexError):
            while True:
                found.append(self._reports.popleft())
        return found

    def _wish(self, doing: _Doing) -> None:
        """Put a wish on the line's thread; with no line up it goes nowhere, and nothing is said.

        An order kept for later would go out at a price of before; the desk asks what became of
        its orders as soon as the line is back.
        """

        def begin() -> None:
            if self._session is not None:
                self._session.wish(doing(self._session))

        self._on_loop(begin)

    def _on_loop(self, act: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None:
            # The loop may end between these two lines; then there is no line either.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(act)

    # The line's own thread.

    async def _keep(self) -> None:
        """Live until closed; what ends it otherwise is told, and raised on this thread."""
        self._loop = asyncio.get_running_loop()
        if self._is_closing.is_set():
            return
        try:
            await self._connect_again_and_again(Account(Ledger(self._tell, self._now)))
            self._standing = words.with_reason(self._standing, is_up=False, reason=words.CLOSED)
        finally:
            if not self._stop.is_set():
                self._fall(words.BROKEN)

    async def _connect_again_and_again(self, account: Account) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                reason = await self._live_once(account)
            except ConnectionRefused as refused:
                reason = str(refused)
            if self._stop.is_set():
                return
            failures = 0 if self._was_up else failures
            self._fall(reason)
            waits = self._patience.retry_seconds
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), waits[min(failures, len(waits) - 1)])
            failures += 1

    async def _live_once(self, account: Account) -> str:
        """One session from its beginning to its end, or to our closing; how it ended."""
        hooks = Hooks(self._tell, self._stand, self._now, self._assumed_commission)
        session = _new_session(self._gateway, self._patience, account, hooks)
        living = asyncio.ensure_future(self._live(session))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return await living if living.done() else ""
        finally:
            self._session = None
            await end_all([living, stopping])
            await session.end()

    async def _live(self, session: Session) -> str:
        self._standing = await session.begin()
        self._session = session
        self._was_up = True
        self._tell(LinkChanged(is_up=True))
        return await session.last()

    def _stand(self, standing: LineStanding) -> None:
        self._standing = standing
        self._was_up = standing.is_up

    def _fall(self, reason: str) -> None:
        self._standing = words.with_reason(self._standing, is_up=False, reason=reason)
        if self._was_up is not False:
            self._was_up = False
            self._tell(LinkChanged(is_up=False, reason=reason))

    def _tell(self, report: BrokerReport) -> None:
        self._reports.append(report)
        self._heard()


def trial(gateway: Gateway, seconds: float, now: Callable[[], datetime]) -> LineStanding:
    """Connect once, read the account and disconnect; `seconds` bounds each answer.

    Raises ConnectionRefused with one plain sentence. It blocks, and must not be called where an
    asyncio loop runs.
    """

    async def once() -> LineStanding:
        account = Account(Ledger(_ignore, now))
        hooks = Hooks(_ignore, _ignore, now, lambda _instrument, _units: NOTHING)
        session = _new_session(gateway, Patience(request_seconds=seconds), account, hooks)
        try:
            return await session.begin()
        finally:
            await session.end()

    return asyncio.run(once())


def _new_session(gateway: Gateway, patience: Patience, account: Account, hooks: Hooks) -> Session:
    """A session of the vendor's library, which is loaded here, on first use."""
    try:
        from allusedesk.execution.brokers.interactive_brokers_session import Session
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != _VENDOR:
            raise
        raise ConnectionRefused(words.LIBRARY_MISSING) from None
    return Session(gateway, patience, account, hooks)


def _nobody() -> None:
    """Before the line is opened nobody waits for its reports."""


def _ignore(_told: object) -> None:
    """A trial wants no reports."""
