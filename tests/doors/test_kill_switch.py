"""The kill switch through a live door: each working order cancelled once, none sent afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.inputs import BrokerReported, Instruction, OperatorInstructed
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.execution.brokers.armed import ArmedBroker
from tests.acceptance.desks import F1_REV, MONDAY, REV_ONLY
from tests.acceptance.stage import Stage, at
from tests.doors.alpaca_rig import AlpacaRig, World
from tests.doors.interactive_brokers_rig import InteractiveBrokersRig, workstation
from tests.trading import lot, price, with_lots

ORDERS = 40
# From the press to the last cancel in the door's hands, whatever the machine does besides.
SECONDS_MAX = 0.1
RICH = 100_000_000


class AtAlpaca:
    """Orders at Alpaca's server."""

    def __init__(self, contract: OptionContract) -> None:
        del contract
        self.world = World()
        self.world.book.cash = Decimal(RICH)
        self.rig = AlpacaRig(self.world)

    def open_orders(self) -> int:
        return sum(order.is_open for order in self.world.book.orders.values())

    def sent(self) -> int:
        return self.world.server.counted("POST", "/v2/orders")

    def cancels(self) -> int:
        calls = self.world.server.calls
        return sum(call.method == "DELETE" for call in calls)

    def close(self) -> None:
        self.rig.close()
        self.world.server.close()


class AtInteractiveBrokers:
    """Orders at a workstation."""

    def __init__(self, contract: OptionContract) -> None:
        self.server = workstation(cash=RICH)
        self.server.list_option(
            contract.underlying, contract.expiry, contract.right.value, contract.strike
        )
        self.server.start()
        self.rig = InteractiveBrokersRig(self.server)

    def open_orders(self) -> int:
        return sum(not ticket.is_over for ticket in self.server.tickets())

    def sent(self) -> int:
        return self.server.count_heard(3)

    def cancels(self) -> int:
        return self.server.count_heard(4)

    def close(self) -> None:
        self.rig.close()
        self.server.stop()


VENDORS: dict[str, Callable[[OptionContract], Any]] = {
    "alpaca": AtAlpaca,
    "interactive brokers": AtInteractiveBrokers,
}


def crowded(desk: Stage) -> tuple[DeskState, list[Order]]:
    """The desk's state with many orders of one contract, far from the market."""
    [order] = desk.state.orders.values()
    ticket, state = desk.state.tickets[order.proposal], desk.state
    orders, tickets, made = type(state.orders)(), type(state.tickets)(), []
    for number in range(ORDERS):
        name, wish = OrderId(f"{order.id}{number}"), ProposalId(f"{order.proposal}{number}")
        one = replace(order, id=name, proposal=wish, quantity=1, limit=price("90.00"), fills=())
        orders = orders.set(name, one)
        proposal = replace(ticket.proposal, id=wish)
        tickets = tickets.set(wish, replace(ticket, proposal=proposal, orders=(name,), live=name))
        made.append(one)
    return replace(state, orders=orders, tickets=tickets), made


@pytest.fixture
def traded() -> Stage:
    desk = Stage(MONDAY, {"AAPL": "100", "IBM": "100"}, REV_ONLY)
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    return desk


@pytest.fixture(params=sorted(VENDORS))
def vendor(request: pytest.FixtureRequest, traded: Stage) -> Iterator[Any]:
    [order] = traded.state.orders.values()
    contract = order.legs[0].instrument
    assert isinstance(contract, OptionContract)
    made = VENDORS[request.param](contract)
    yield made
    made.close()


def test_every_working_order_is_cancelled_and_none_is_sent_afterwards(
    vendor: Any, traded: Stage
) -> None:
    state, orders = crowded(traded)
    rig, is_armed = vendor.rig, [True]
    door = ArmedBroker(rig.broker)
    door.heed(lambda: is_armed[0])
    for order in orders:
        door.place_order(order)
    wait(lambda: vendor.open_orders() == ORDERS)
    assert vendor.sent() == ORDERS

    traded.door = door
    recorded: list[Entry] = []
    engine: Engine = traded.desk(state)
    engine._observers = (lambda _state, entry: recorded.append(entry),)
    began = perf_counter()
    engine.inbox.admit(OperatorInstructed(Instruction.KILL, "anna", "a test"))
    engine._drain()
    taken = perf_counter() - began
    is_armed[0] = False
    assert taken < SECONDS_MAX
    assert {order.status for order in engine.state.orders.values()} == {OrderStatus.CANCELLING}

    wait(lambda: vendor.open_orders() == 0)
    assert vendor.cancels() == ORDERS
    assert vendor.sent() == ORDERS
    # Whatever comes back, and however often the desk looks, nothing new leaves.
    ends = perf_counter() + 10
    while engine.state.orders and perf_counter() < ends:
        for report in door.advance(traded.clock.now()):
            engine.admit(BrokerReported(report))
        engine._drain()
    assert engine.state.orders == type(engine.state.orders)()
    engine._advance(traded.clock.now() + timedelta(seconds=1))
    over = [engine.state.orders_over[order.id].status for order in orders]
    assert set(over) == {OrderStatus.CANCELLED}
    assert vendor.sent() == ORDERS
    assert door.held_back == 0
    assert not [one for one in recorded if isinstance(one.event, ev.OrderWritten | ev.OrderMoved)]


def wait(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    ends, pause = perf_counter() + seconds, threading.Event()
    while not is_so():
        assert perf_counter() < ends
        pause.wait(0.01)


def test_the_breaker_of_a_panic_cancels_every_opening_at_the_vendor(
    vendor: Any, traded: Stage
) -> None:
    state, orders = crowded(traded)
    rig = vendor.rig
    for order in orders:
        rig.broker.place_order(order)
    wait(lambda: vendor.open_orders() == ORDERS)

    traded.door = rig.broker
    traded.figures.vix, traded.figures.is_vix_printed = Decimal(81), True
    held = lot(orders[0].legs[0].instrument, -1, account=F1_REV)
    traded.engine = traded.desk(replace(state, book=with_lots(state.book, held)))
    # The second of two prints above the number trips it.
    traded.play(at(MONDAY, "12:31"))
    assert "kill" in traded.state.breakers
    wait(lambda: vendor.open_orders() == 0)
    assert vendor.cancels() == ORDERS
    assert vendor.sent() == ORDERS
    assert {sleeve.state for sleeve in traded.state.sleeves.values()} == {ev.SleeveState.EMERGENCY}
