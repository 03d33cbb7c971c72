"""One connection to Interactive Brokers: logged in, brought level with our ledger, and used."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import (
    BrokerStatement,
    HeldAtBroker,
    LinkChanged,
    Order,
    OrderType,
)
from allusedesk.execution.brokers import interactive_brokers_words as words
from allusedesk.execution.brokers.interactive_brokers_account import Account, Hooks
from allusedesk.execution.brokers.interactive_brokers_facts import (
    ErrorSeen,
    ExecutionSeen,
    ExecutionUnread,
    Fact,
    HoldingSeen,
    OrderSeen,
)
from allusedesk.execution.brokers.interactive_brokers_orders import Move
from allusedesk.execution.brokers.interactive_brokers_wire import Wire
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding
from allusedesk.market.feeds.interactive_brokers_tasks import end_all

_Answer = TypeVar("_Answer")
_CLIENT_ID_IN_USE = 326
_INVALID_REQUEST = 321
_CUT_UPSTREAM = frozenset({1100, 2110})
_BACK_UPSTREAM = frozenset({1101, 1102})


class Session:
    """Everything between logging in and losing the line; it belongs to one asyncio loop."""

    def __init__(
        self, gateway: words.Gateway, patience: words.Patience, account: Account, hooks: Hooks
    ) -> None:
        self._gateway = gateway
        self._patience = patience
        self._account = account
        self._ledger = account.ledger
        self._hooks = hooks
        self._name = ""
        self._standing = words.DOWN
        self._facts: deque[Fact | HoldingSeen] = deque()
        self._is_drain_due = False
        self._lost = asyncio.Event()
        self._is_silent = False
        self._refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._fault: Exception | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._locks: defaultdict[OrderId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._look_lock, self._statement_lock = asyncio.Lock(), asyncio.Lock()
        self._next_look: asyncio.Task[None] | None = None
        self._completing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._wire = Wire(self._hear, self._lost.set, patience.request_seconds)

    async def begin(self) -> LineStanding:
        """Log in and learn all the venue has; raises ConnectionRefused where that fails."""
        accounts = await self._log_in()
        self._name = words.account_to_trade(self._gateway, accounts)
        try:
            self._ledger.new_line(self._gateway.client_id)
            await self._unless_refused(self._look_once())
            figures = await self._unless_refused(self._wire.figures(self._name))
            offset = await self._clock_offset()
        except TimeoutError:
            raise ConnectionRefused(words.half_silent(self._gateway)) from None
        except ConnectionRefused:
            raise
        except ConnectionError:
            raise ConnectionRefused(words.closed(self._gateway)) from None
        if words.CASH not in figures:
            raise ConnectionRefused(words.no_cash(self._name))
        self._standing = LineStanding(
            is_up=True,
            reason="",
            account=self._name,
            is_paper=words.is_paper(self._name),
            clock_offset_seconds=offset,
            options_level=None,
            margin_kind=words.margin_kind(figures),
            sub_accounts=accounts,
        )
        return self._standing

    async def _log_in(self) -> tuple[str, ...]:
        for port in words.ports_of(self._gateway):
            try:
                host, client_id = words.host_of(self._gateway), self._gateway.client_id
                return await self._unless_refused(self._wire.connect(host, port, client_id))
            except TimeoutError:
                raise ConnectionRefused(words.silent(self._gateway, port)) from None
            except ConnectionRefused:
                raise
            except ConnectionRefusedError:
                continue
            except ConnectionError:
                self._drain()
                await self._unless_refused(asyncio.sleep(0))
                raise ConnectionRefused(words.closed(self._gateway)) from None
            except OSError as fault:
                raise ConnectionRefused(words.unreachable(self._gateway, fault)) from None
        raise ConnectionRefused(words.nobody_there(self._gateway))

    async def _clock_offset(self) -> float:
        """The venue's clock minus ours; it shows whole seconds, so half a second either way."""
        before = self._hooks.now()
        theirs = await self._wire.seconds_since_epoch()
        middle = before + (self._hooks.now() - before) / 2
        return theirs + 0.5 - middle.timestamp()

    async def last(self) -> str:
        """Wait until the line is lost; the sentence that says how."""
        while not self._lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), self._patience.heartbeat_seconds)
                continue
            with suppress(TimeoutError, ConnectionError):
                await self._asked(self._wire.seconds_since_epoch())
        if self._fault is not None:
            raise self._fault
        return words.fell_silent(self._gateway) if self._is_silent else words.lost(self._gateway)

    async def end(self) -> None:
        """Disconnect and end whatever still waits."""
        self._wire.disconnect()
        await end_all(self._tasks)
        self._refused.cancel()

    async def _unless_refused(self, answer: Awaitable[_Answer]) -> _Answer:
        """The answer, unless the other side says in words why there will be none."""
        asked = asyncio.ensure_future(answer)
        waiting: set[asyncio.Future[Any]] = {asked, self._refused}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self._refused.done():
                await self._refused
            return await asked
        finally:
            await end_all([asked])

    # What is heard.

    def _hear(self, fact: Fact | HoldingSeen) -> None:
        """Called from inside the vendor's client, which would swallow whatever we raise."""
        self._facts.append(fact)
        if not self._is_drain_due:
            self._is_drain_due = True
            asyncio.get_running_loop().call_soon(self._drain_on_loop)

    def _drain_on_loop(self) -> None:
        self._is_drain_due = False
        try:
            with suppress(ConnectionError):
                self._drain()
        except Exception as fault:  # noqa: BLE001 - ends the session, which raises it
            self._fault = fault
            self._lost.set()

    def _drain(self) -> None:
        while self._facts:
            fact = self._facts.popleft()
            if isinstance(fact, HoldingSeen):
                self._watch_holdings()
            elif isinstance(fact, ErrorSeen) and fact.number <= 0:
                self._on_line(fact)
            elif not self._is_of_others(fact):
                self._ledger.hear(fact)
        for number in self._ledger.take_doubled():
            self._wire.cancel(number)
        if self._name and self._ledger.is_incomplete and self._completing is None:
            self._completing = self._start(self._complete())
            self._completing.add_done_callback(lambda _: setattr(self, "_completing", None))

    def _is_of_others(self, fact: Fact) -> bool:
        """True for what belongs to another account of the same login."""
        if not isinstance(fact, OrderSeen | ExecutionSeen | ExecutionUnread):
            return False
        return fact.account not in {self._name, ""}

    def _on_line(self, fact: ErrorSeen) -> None:
        if fact.code == _CLIENT_ID_IN_USE:
            self._refuse(words.client_id_in_use(self._gateway))
        elif fact.code == _INVALID_REQUEST and words.READ_ONLY in fact.text:
            self._refuse(words.read_only(self._gateway))
        elif fact.code in _CUT_UPSTREAM and self._standing.is_up:
            self._stand(is_up=False, reason=words.cut_upstream(fact.text))
        elif fact.code in _BACK_UPSTREAM and self._name and not self._standing.is_up:
            self._start(self._level())

    def _refuse(self, reason: str) -> None:
        # The first reason stands; later ones follow from it.
        with suppress(asyncio.InvalidStateError):
            self._refused.set_exception(ConnectionRefused(reason))
            self._refused.exception()

    async def _level(self) -> None:
        """The venue is reachable again: learn what happened meanwhile, then say so."""
        await self._look()
        self._stand(is_up=True)

    def _stand(self, *, is_up: bool, reason: str = "") -> None:
        old = self._standing
        self._standing = words.with_reason(old, is_up=is_up, reason=reason)
        self._hooks.stand(self._standing)
        if is_up is not old.is_up:
            self._hooks.tell(LinkChanged(is_up, reason))

    async def _complete(self) -> None:
        """Ask again for executions and commissions that are overdue, a few times, then go on."""
        for seconds in self._patience.completion_seconds:
            await asyncio.sleep(seconds)
            if not self._ledger.is_incomplete:
                return
            await self._wire.look_at_executions()
            self._drain()
        assumed = self._ledger.assume_commissions(self._hooks.assumed_commission)
        if assumed:
            self._stand(is_up=self._standing.is_up, reason=words.assumed(assumed))

    def _watch_holdings(self) -> None:
        if self._standing.is_up and self._watching is None:
            self._watching = self._start(self._look_at_holdings())
            self._watching.add_done_callback(lambda _: setattr(self, "_watching", None))

    async def _look_at_holdings(self) -> None:
        """Tell the account by ourselves where something was assigned, exercised or has expired.

        What an order did to the positions is told by its executions, at about the same time.
        """
        await asyncio.sleep(self._patience.completion_seconds[0])
        self._drain()
        if self._account.has_strayed(self._wire.held_now(self._name)):
            await self.statement()

    # What is asked.

    async def _look(self) -> None:
        """Let the venue list everything, once for all who ask before it begins."""
        if self._next_look is None:
            look = asyncio.get_running_loop().create_task(self._look_in_turn())
            self._next_look = look
            self._tasks.add(look)
            look.add_done_callback(self._looked)
        await asyncio.shield(self._next_look)

    def _looked(self, look: asyncio.Task[None]) -> None:
        """What a look raised is for those who wait for it, if anybody still does."""
        self._tasks.discard(look)
        with suppress(asyncio.CancelledError):
            look.exception()

    async def _look_in_turn(self) -> None:
        async with self._look_lock:
            self._next_look = None
            await self._look_once()

    async def _look_once(self) -> None:
        self._drain()
        self._ledger.begin_look()
        await self._wire.look()
        self._drain()
        self._ledger.end_look()
        self._ledger.is_level = True

    async def look_up(self, order: OrderId) -> None:
        """Answer what became of an order; no answer where the venue's own is not whole."""
        async with self._locks[order]:
            await self._level_with_venue()
            answer = self._ledger.answer(order)
            if answer is not None:
                self._hooks.tell(answer)

    async def _asked(self, answer: Awaitable[_Answer]) -> _Answer:
        """The answer; a workstation that leaves the question open is taken for a lost line.

        Whoever asked is answered after the next login, and a guess would be worse.
        """
        try:
            return await answer
        except (TimeoutError, ConnectionError) as fault:
            self._is_silent = isinstance(fault, TimeoutError)
            self._lost.set()
            raise

    async def _level_with_venue(self) -> None:
        """Have everything listed and wait, bounded, until every execution is whole."""
        await self._asked(self._look())
        if self._completing is not None:
            await asyncio.shield(self._completing)

    async def statement(self) -> None:
        """Fetch and tell the account as the venue has it now, in one picture."""
        revision = -1
        # The vendor's client knows one question for positions at a time.
        async with self._statement_lock:
            while revision != self._ledger.revision:
                await self._level_with_venue()
                revision = self._ledger.revision
                held = await self._asked(self._wire.positions(self._name))
                figures = await self._asked(self._wire.figures(self._name))
                self._drain()
        now = self._hooks.now()
        for notice in self._account.see(held, now):
            self._hooks.tell(notice)
        self._hooks.tell(
            BrokerStatement(
                now,
                Money(figures[words.CASH]),
                tuple(HeldAtBroker(each, held[each]) for each in sorted(held, key=str)),
                self._ledger.open_orders(),
                self._ledger.executions(now - words.REMEMBERED),
                self._account.notices_since(now - words.REMEMBERED),
            )
        )

    # What is wished.

    def wish(self, doing: Coroutine[object, object, None]) -> None:
        """Do something for the desk; what a lost or silent line swallows is told by nobody."""
        if self._standing.is_up:
            self._start(doing)
        else:
            doing.close()

    def _start(self, doing: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._quietly(doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _quietly(self, doing: Coroutine[object, object, None]) -> None:
        with suppress(TimeoutError, ConnectionError):
            try:
                await doing
            except (TimeoutError, ConnectionError, asyncio.CancelledError):
                raise
            except Exception as fault:  # noqa: BLE001 - ends the session, which raises it
                self._fault = fault
                self._lost.set()

    async def place(self, order: Order) -> None:
        """Send an order, or move the one that stands for it."""
        if order.type not in {OrderType.MARKET, OrderType.LIMIT}:
            self._ledger.refuse(order, f"a {order.type.value} order is not taken")
            return
        async with self._locks[order.id]:
            if self._ledger.knows(order.id):
                # What we answer ourselves must not overtake what the venue is about to say.
                await self._look()
            self._drain()
            plan = self._ledger.plan(order)
            if plan is None:
                return
            if isinstance(plan, Move):
                self._wire.move(plan)
                return
            numbers = []
            for leg in order.legs:
                number = await self._wire.number_of(leg.instrument)
                if number is None:
                    self._ledger.refuse(order, words.not_listed(leg.instrument))
                    return
                numbers.append(number)
            number = self._wire.next_number()
            self._ledger.placing(order, number, tuple(numbers), plan)
            self._wire.place(order, plan, number, tuple(numbers), self._name)

    async def replace(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        """Move a working order."""
        async with self._locks[order]:
            self._drain()
            if not self._ledger.is_live(order):
                await self._look()
            plan = self._ledger.move(order, version, quantity, limit)
            if plan is not None:
                self._wire.move(plan)

    async def cancel(self, order: OrderId) -> None:
        """Take an order back."""
        async with self._locks[order]:
            self._drain()
            number = self._ledger.cancel(order)
            if number is not None:
                self._wire.cancel(number)
