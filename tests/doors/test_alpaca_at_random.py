"""Alpaca's door under faults drawn by lot: in the end both sides have done the same, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.orders import (
    Order,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
)
from tests.doors.alpaca_rig import POLLING, SALE, SOME_ORDER, TIMEOUT, AlpacaRig, World
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import Answer, Fault
from tests.trading import price, put, sell

STRIKES = (100, 98, 95)
EVENTS = ("pending_new", "new", "fill", "partial_fill", "canceled", "replaced")
MANY = Answer(429, {"message": "too many requests"}, {"Retry-After": "0.05"})


class Desk:
    """Does with orders what the engine does: asks in doubt, sends again what never came."""

    def __init__(self, seed: int) -> None:
        self.world = World()
        self.rig = AlpacaRig(self.world, POLLING)
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.orders: dict[OrderId, Order] = {}
        self.over: set[OrderId] = set()
        self.fills: dict[OrderId, dict[str, int]] = {}
        self.told_twice = 0
        for strike in STRIKES:
            self.rig.show(two_sided(put(strike)))

    def one_of(self, items: list[OrderId]) -> OrderId | None:
        return items[int(self.rng.integers(len(items)))] if items else None

    def alive(self) -> list[OrderId]:
        return [name for name in self.orders if name not in self.over]

    def act(self) -> None:
        """One wish of a desk, or one change of the market, or one fault."""
        acts: list[Callable[[], None]] = [
            self._place,
            self._move,
            self._cancel,
            self._trade,
            self._trade,
            self._spoil_call,
            self._spoil_stream,
        ]
        acts[int(self.rng.integers(len(acts)))]()
        self.hear(self.rig.settle(0) if self.rng.random() < 0.3 else [])

    def _place(self) -> None:
        name = OrderId(f"{SALE.id}{len(self.orders)}")
        leg = sell(put(STRIKES[int(self.rng.integers(3))]))
        quantity = int(self.rng.integers(1, 4))
        wanted = replace(SALE, id=name, legs=(leg,), quantity=quantity, limit=price("2.20"))
        self.orders[name] = wanted
        self.fills[name] = {}
        self.rig.broker.place_order(wanted)

    def _move(self) -> None:
        name = self.one_of(self.alive())
        if name is not None:
            order = self.orders[name]
            limit = price(f"{2 + int(self.rng.integers(20)) / 100:.2f}")
            after = replace(order, version=order.version + 1, limit=limit)
            self.orders[name] = after
            self.rig.broker.replace_order(name, after.version, after.quantity, limit)

    def _cancel(self) -> None:
        name = self.one_of(self.alive())
        if name is not None:
            self.rig.broker.cancel_order(name)

    def _trade(self) -> None:
        strike = STRIKES[int(self.rng.integers(3))]
        mid = 2 + int(self.rng.integers(30)) / 100
        size = int(self.rng.integers(0, 4))
        symbol = f"AAPL130215P{strike:05d}000"
        self.world.book.show(symbol, f"{mid - 0.02:.2f}", f"{mid + 0.02:.2f}", size=size)

    def _spoil_call(self) -> None:
        method, path = [
            ("POST", "/v2/orders"),
            ("DELETE", SOME_ORDER),
            ("PATCH", SOME_ORDER),
            ("GET", "/v2/orders.*"),
            ("GET", "/v2/account/activities"),
        ][int(self.rng.integers(5))]
        answer = [TIMEOUT, None, MANY][int(self.rng.integers(3))]
        is_done = bool(self.rng.random() < 0.5) and answer is not MANY
        self.world.server.spoil(Fault(method, path, answer, is_done=is_done))

    def _spoil_stream(self) -> None:
        stream, lot = self.world.stream, self.rng.random()
        event = EVENTS[int(self.rng.integers(len(EVENTS)))]
        if lot < 0.4:
            stream.dropped.append(event)
        elif lot < 0.8:
            stream.doubled.append(event)
        else:
            stream.disconnect()

    def hear(self, reports: list[object]) -> None:
        for report in reports:
            match report:
                case OrderFilled(name, executions) | OrderLookedUp(name, _, executions):
                    known = self.fills[name]
                    if isinstance(report, OrderFilled):
                        self.told_twice += sum(fill.id in known for fill in executions)
                    known.update({fill.id: fill.quantity for fill in executions})
                case _:
                    pass
            match report:
                case OrderCancelled(name) | OrderRunOut(name):
                    self.over.add(name)
                case OrderRejected(name) if self.orders[name].version == 1:
                    self.over.add(name)
                case OrderLookedUp(name, standing):
                    self._answered(name, standing)
                case _:
                    pass
        for name, order in self.orders.items():
            if sum(self.fills[name].values()) == order.quantity:
                self.over.add(name)

    def _answered(self, name: OrderId, standing: OrderStanding) -> None:
        order = self.orders[name]
        if standing is OrderStanding.NEVER_RECEIVED and name not in self.over:
            again = replace(order, version=order.version + 1)
            self.orders[name] = again
            self.rig.broker.place_order(again)
        elif standing is not OrderStanding.WORKING:
            self.over.add(name)

    def settle(self) -> None:
        """No more faults: ask about everything until all of it is over."""
        self.world.server.faults.clear()
        self.world.stream.dropped.clear()
        self.world.stream.doubled.clear()
        self.rig.until(lambda: self.rig.broker.standing().is_up)
        for _ in range(8):
            self.hear(self.rig.settle(0))
            for name in self.alive():
                self.rig.broker.cancel_order(name)
            if not self.alive():
                return
            self.hear(self.rig.settle(0))
            for name in self.alive():
                self.rig.broker.look_up(name)

    def close(self) -> None:
        self.rig.close()
        self.world.server.close()


def tried(seed: int) -> None:
    """One session drawn by lot, and what must be true when it is over."""
    desk = Desk(seed)
    try:
        for _ in range(40):
            desk.act()
        desk.settle()
        assert desk.alive() == []
        statement = desk.rig.statement()
        desk.hear(desk.rig.settle(0))
        assert desk.told_twice == 0
        for name, order in desk.orders.items():
            assert sum(desk.fills[name].values()) <= order.quantity
        told = {fill for fills in desk.fills.values() for fill in fills}
        assert told == {fill.id for fill in statement.executions}
        assert not any(one.is_open for one in desk.world.book.orders.values())
        held = -sum(line.quantity_signed for line in statement.held)
        assert held == sum(sum(fills.values()) for fills in desk.fills.values())
    finally:
        desk.close()


@pytest.mark.parametrize("seed", [1])
def test_a_session_drawn_by_lot_is_the_same_on_both_sides(seed: int) -> None:
    tried(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 105))
def test_many_sessions_drawn_by_lot_are_the_same_on_both_sides(seed: int) -> None:
    tried(seed)
