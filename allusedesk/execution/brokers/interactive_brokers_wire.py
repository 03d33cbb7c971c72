"""The vendor's client for Interactive Brokers, made to tell everything it hears.

The client's own picture of orders is not used: it takes any error about an order for its end,
drops a commission that comes before its execution, and an execution without an order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from ib_async import IB, Contract
from ib_async import CommissionReport as VendorCommission
from ib_async import Execution as VendorExecution
from ib_async import Order as VendorOrder
from ib_async import OrderState as VendorOrderState
from ib_async import Position as VendorPosition
from ib_async.client import Client
from ib_async.decoder import Decoder
from ib_async.util import UNSET_DOUBLE
from ib_async.wrapper import Wrapper

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Side
from allusedesk.execution.brokers.interactive_brokers_contracts import (
    combined,
    contract_of,
    instrument_of,
    traded,
    vendor_order,
    whole,
)
from allusedesk.execution.brokers.interactive_brokers_facts import (
    CommissionSeen,
    ErrorSeen,
    ExecutionSeen,
    ExecutionUnread,
    Fact,
    HoldingSeen,
    OrderSeen,
    StatusSeen,
    exact,
)
from allusedesk.execution.brokers.interactive_brokers_orders import Move, Place
from allusedesk.market.feeds.interactive_brokers_login import Login

_Answer = TypeVar("_Answer")
Hear = Callable[[Fact | HoldingSeen], None]
# The number of the message that tells an execution, and where in it stands what names its order.
_EXECUTION = "11"
_ID, _ACCOUNT, _PERMANENT_ID, _REFERENCE = 14, 16, 21, 26
# What a reader meets in a text that is not as it should be.
_STUMBLES = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)


class _Hearing(Wrapper):
    """The vendor's listener, which hands every fact on before it thinks of its own."""

    def __init__(self, ib: IB, hear: Hear) -> None:
        self._hear = hear
        super().__init__(ib)

    def openOrder(  # noqa: N802 - the vendor's name
        self,
        order_id: int,
        contract: Contract,
        order: VendorOrder,
        state: VendorOrderState,
    ) -> None:
        self._hear(_order_seen(contract, order, state))
        super().openOrder(order_id, contract, order, state)

    def completedOrder(  # noqa: N802
        self,
        contract: Contract,
        order: VendorOrder,
        state: VendorOrderState,
    ) -> None:
        filled = whole(order.filledQuantity) if order.filledQuantity != UNSET_DOUBLE else 0
        self._hear(_order_seen(contract, order, state, filled))
        super().completedOrder(contract, order, state)

    def orderStatus(  # noqa: N802, PLR0913, PLR0917
        self,
        order_id: int,
        status: str,
        filled: float,
        remaining: float,
        average: float,
        permanent_id: int,
        parent_id: int,
        last_price: float,
        client_id: int,
        why_held: str,
        capped_at: float = 0.0,
    ) -> None:
        self._hear(StatusSeen(client_id, order_id, permanent_id, status, whole(filled)))
        super().orderStatus(
            order_id, status, filled, remaining, average, permanent_id, parent_id, last_price,
            client_id, why_held, capped_at,
        )  # fmt: skip

    def execDetails(  # noqa: N802
        self, request: int, contract: Contract, execution: VendorExecution
    ) -> None:
        # A combination is told as a whole besides its legs; only the legs change the account.
        if contract.secType != "BAG":
            self._hear(_execution_seen(contract, execution))
        super().execDetails(request, contract, execution)

    def commissionReport(self, report: VendorCommission) -> None:  # noqa: N802
        amount = Money(exact(report.commission))
        self._hear(CommissionSeen(report.execId, amount))
        super().commissionReport(report)

    def position(self, account: str, contract: Contract, held: float, cost: float) -> None:
        super().position(account, contract, held, cost)
        self._hear(HoldingSeen(account))

    def error(
        self,
        request: int,
        code: int,
        text: str,
        advanced: str,
    ) -> None:
        self._hear(ErrorSeen(request, code, text))
        super().error(request, code, text, advanced)


class _Reading(Decoder):
    """The vendor's reader of messages, which tells what it could not read of an execution.

    The vendor's own writes a line to a log and goes on, as if nothing had been said.
    """

    def __init__(self, wrapper: Wrapper, hear: Hear) -> None:
        super().__init__(wrapper, 0)
        self._hear = hear

    def interpret(self, fields: Sequence[str]) -> None:
        if fields[0] != _EXECUTION:
            super().interpret(fields)  # type: ignore[no-untyped-call]
            return
        try:
            self.handlers[int(_EXECUTION)](fields)
        except _STUMBLES:
            self._hear(_unread(fields))


class _Vendor(IB):
    """The vendor's client with that listener and that reader."""

    def __init__(self, hear: Hear) -> None:
        super().__init__()
        self.wrapper = _Hearing(self, hear)
        self.client = Client(self.wrapper)  # type: ignore[no-untyped-call]
        self.client.decoder = _Reading(self.wrapper, hear)
        self.client.apiEnd += self.disconnectedEvent


class Wire:
    """One connection to Trader Workstation or Gateway, used on one asyncio loop.

    Every request raises TimeoutError where the answer takes longer than `seconds`, and
    ConnectionError where the line is lost meanwhile.
    """

    def __init__(self, hear: Hear, lost: Callable[[], None], seconds: float) -> None:
        self._seconds = seconds
        self._numbers: dict[Instrument, int] = {}
        self._contracts: dict[int, Contract] = {}
        self._ib = _Vendor(hear)
        self._login = Login(self._ib, seconds)
        self._ib.disconnectedEvent += lost
        # The socket's own word: before the login the client passes a closed line over in silence.
        self._ib.client.conn.disconnected += self._login.lost

    async def connect(self, host: str, port: int, client_id: int) -> tuple[str, ...]:
        """Log in; the accounts this login manages."""
        await self._login.join(host, port, client_id)
        accounts = tuple(self._ib.managedAccounts())
        if not accounts:
            # A line lost in the very moment of the login leaves the client without an error.
            raise ConnectionError("the line was lost while logging in")
        return accounts

    def disconnect(self) -> None:
        """End the connection, if there is one, also one that is not logged in yet."""
        client: Any = self._ib.client
        if self._ib.isConnected():
            self._ib.disconnect()
        else:
            # The farewell above counts what went over the line, which fails before the login.
            client.disconnect()

    # What is asked.

    async def seconds_since_epoch(self) -> float:
        """The venue's clock, which shows whole seconds."""
        told: datetime = await self._within(self._ib.reqCurrentTimeAsync())
        return told.timestamp()

    async def look(self) -> None:
        """Let the venue list open orders, completed orders and the day's executions."""
        await self._within(self._ib.reqAllOpenOrdersAsync())
        await self._within(self._ib.reqCompletedOrdersAsync(apiOnly=False))
        await self.look_at_executions()

    async def look_at_executions(self) -> None:
        """Let the venue list the day's executions, with their commissions."""
        await self._within(self._ib.reqExecutionsAsync())

    async def positions(self, account: str) -> dict[Instrument, int]:
        """What an account holds, signed."""
        told = await self._within(self._ib.reqPositionsAsync())
        return _held([line for line in told if line.account == account])

    def held_now(self, account: str) -> dict[Instrument, int]:
        """What an account holds as far as the venue has told, which it goes on doing by itself."""
        return _held(self._ib.positions(account))

    async def figures(self, account: str) -> dict[str, Decimal]:
        """The account's figures in dollars, by the venue's names, asked afresh."""
        client: Any = self._ib.client
        wrapper: Any = self._ib.wrapper
        request = client.getReqId()
        waiting: asyncio.Future[object] = wrapper.startReq(request)
        client.reqAccountUpdatesMulti(request, account, "", False)  # noqa: FBT003
        await self._within(waiting)
        client.cancelAccountUpdatesMulti(request)
        return {
            value.tag: Decimal(value.value)
            for value in self._ib.accountValues(account)
            if value.currency == "USD" and _is_number(value.value)
        }

    async def number_of(self, instrument: Instrument) -> int | None:
        """The venue's number of an instrument; None where it lists no such thing."""
        known = self._numbers.get(instrument)
        if known is not None:
            return known
        asked = contract_of(instrument)
        told = await self._within(self._ib.reqContractDetailsAsync(asked))
        found = [each.contract for each in told if each.contract is not None]
        fitting = [each for each in found if instrument_of(each) == instrument]
        if not fitting:
            return None
        best = fitting[0]
        best.exchange = asked.exchange
        self._numbers[instrument] = best.conId
        self._contracts[best.conId] = best
        return best.conId

    # What is wished; each goes out at once, or raises ConnectionError.

    def next_number(self) -> int:
        """A number for an order that no order of this client has had."""
        return self._ib.client.getReqId()

    def place(
        self, order: Order, plan: Place, number: int, legs: tuple[int, ...], account: str
    ) -> None:
        """Send a new order."""
        made = vendor_order(order, plan, account)
        made.orderId = number
        contract = self._contracts[legs[0]] if len(legs) == 1 else combined(order, legs)
        self._ib.placeOrder(contract, made)

    def move(self, move: Move) -> None:
        """Send an order again under its number, with another limit and quantity.

        An order of another client's stays as it is: the venue lets only that one move it.
        """
        client: Any = self._ib.client
        trade = self._ib.wrapper.trades.get((client.clientId, move.number))
        if trade is None:
            return
        known = trade.order
        moved = VendorOrder(
            orderId=move.number,
            action=known.action,
            totalQuantity=move.quantity,
            orderType="LMT",
            lmtPrice=float(move.limit),
            tif=known.tif,
            account=known.account,
            orderRef=known.orderRef,
        )
        client.placeOrder(move.number, trade.contract, moved)

    def cancel(self, number: int) -> None:
        """Take an order back."""
        client: Any = self._ib.client
        client.cancelOrder(number)

    async def _within(self, answer: Awaitable[_Answer]) -> _Answer:
        return await asyncio.wait_for(answer, self._seconds)


def _held(lines: Iterable[VendorPosition]) -> dict[Instrument, int]:
    held = {instrument_of(line.contract): whole(line.position) for line in lines}
    return {instrument: signed for instrument, signed in held.items() if signed}


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _order_seen(
    contract: Contract, order: VendorOrder, state: VendorOrderState, filled: int | None = None
) -> OrderSeen:
    legs = tuple(leg.conId for leg in contract.comboLegs or ())
    limit: Any = order.lmtPrice
    return OrderSeen(
        client_id=order.clientId,
        number=order.orderId,
        permanent_id=order.permId,
        reference=order.orderRef,
        account=order.account,
        status=state.status,
        quantity=whole(order.totalQuantity),
        is_sale=order.action == "SELL",
        limit=exact(limit) if order.orderType == "LMT" else None,
        contracts=legs or (contract.conId,),
        filled=filled,
    )


def _execution_seen(contract: Contract, execution: VendorExecution) -> ExecutionSeen:
    return ExecutionSeen(
        id=execution.execId,
        at=execution.time,
        account=execution.acctNumber,
        instrument=instrument_of(contract),
        contract=contract.conId,
        side=Side.BUY if execution.side == "BOT" else Side.SELL,
        quantity=traded(execution.shares),
        price=Price(exact(execution.price)),
        permanent_id=execution.permId,
        reference=execution.orderRef,
    )


def _unread(fields: Sequence[str]) -> ExecutionUnread:
    """What names the order in a message that cannot be read, as far as it stands in its place."""
    told = [*fields, *("",) * (_REFERENCE + 1)]
    permanent_id = told[_PERMANENT_ID]
    return ExecutionUnread(
        id=told[_ID],
        account=told[_ACCOUNT],
        permanent_id=int(permanent_id) if permanent_id.isdecimal() else 0,
        reference=told[_REFERENCE],
    )
