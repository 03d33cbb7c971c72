"""Storms of faults at Interactive Brokers: whatever happens, both sides come to agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import notional
from allusedesk.domain.orders import (
    BrokerStatement,
    Order,
    OrderLookedUp,
    OrderRejected,
    OrderStatus,
)
from allusedesk.execution.lifecycle import AcknowledgementOverdue, advance, resent
from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import (
    ACCOUNT,
    CANCEL,
    COMMISSION,
    EXECUTION,
    OPEN_ORDER,
    PATIENCE,
    PLACE,
    STATUS,
    InteractiveBrokersRig,
)
from tests.doors.servers.tws_faults import Fault
from tests.trading import NOON, buy, order, price, put, sell

SEEDS = range(6)
STEPS = 40
OUTWARD = (OPEN_ORDER, STATUS, EXECUTION, COMMISSION)
LATE = (Fault.DROP, Fault.DUPLICATE, Fault.HOLD, Fault.SWAP)


class Trader:
    """What a desk does about its orders, by the same life of an order, amid faults drawn anew."""

    def __init__(self, rig: InteractiveBrokersRig, rng: np.random.Generator) -> None:
        self.rig = rig
        self.rng = rng
        self.orders: dict[OrderId, Order] = {}
        self.faults = 0

    def hear(self) -> None:
        """Take every report; it raises where they cannot be true of the orders as written."""
        self.rig.settle(0)
        heard, self.rig.heard[:] = list(self.rig.heard), []
        for report in heard:
            if isinstance(report, BrokerStatement):
                continue
            known = self.orders[report.order]
            is_move = isinstance(report, OrderRejected) and known.version > 1
            if not (is_move and known.status is OrderStatus.SENT):
                self.orders[report.order] = advance(known, report).order

    def harm(self) -> None:
        """One fault, somewhere between desk and workstation."""
        self.faults += 1
        server, draw = self.rig.server, self.rng.integers(10)
        if draw < 6:
            message = int(self.rng.choice(OUTWARD))
            server.trap_outward(message, LATE[int(self.rng.integers(len(LATE)))])
        elif draw < 8:
            message = int(self.rng.choice((PLACE, CANCEL)))
            server.trap_inward(message, (Fault.DROP, Fault.HOLD)[int(self.rng.integers(2))])
        elif draw < 9:
            server.trap_outward(int(self.rng.choice(OUTWARD)), Fault.CUT)
        else:
            server.cut_lines()

    def act(self) -> None:
        """One wish, or a move of the market."""
        alive = [each for each in self.orders.values() if not each.status.is_over]
        draw = self.rng.integers(10)
        if draw < 4 or not alive:
            self.write()
            return
        chosen = alive[int(self.rng.integers(len(alive)))]
        if draw < 6:
            self.rig.show(*(two_sided(leg.instrument) for leg in chosen.legs))
        elif draw < 7:
            self.rig.broker.cancel_order(chosen.id)
        elif draw < 8 and chosen.status in {OrderStatus.WORKING, OrderStatus.PARTLY_FILLED}:
            limit = chosen.limit - price("0.10") if chosen.limit else None
            assert limit is not None
            moved = replace(
                chosen, limit=limit, version=chosen.version + 1, status=OrderStatus.SENT
            )
            self.orders[chosen.id] = moved
            self.rig.broker.replace_order(moved.id, moved.version, moved.quantity, limit)
        else:
            self.rig.broker.look_up(chosen.id)

    def write(self) -> None:
        number = len(self.orders)
        legs = (buy(put()), sell(put(98))) if number % 3 == 0 else (sell(put(95)),)
        limit = price(("0.00", "1.90", "2.20")[number % 3])
        written = order(*legs, quantity=2, limit=limit, id=OrderId(f"order {number}"))
        self.orders[written.id] = written
        self.rig.broker.place_order(written)

    def recover(self) -> None:
        """The storm is over: ask about every order, and send again what never arrived."""
        server = self.rig.server
        server.inward.waiting.clear()
        server.outward.waiting.clear()
        server.release()
        self.rig.statement()
        for _ in range(3):
            self.hear()
            for each in list(self.orders.values()):
                if each.status is OrderStatus.SENT:
                    overdue = AcknowledgementOverdue(each.id, each.version)
                    self.orders[each.id] = advance(each, overdue).order
                self.rig.broker.look_up(each.id)
            self.hear()
            self._send_again()

    def _send_again(self) -> None:
        for each in list(self.orders.values()):
            if each.status is OrderStatus.CANCELLED and not each.fills and each.version < 3:
                self.orders[each.id] = resent(each, NOON)
                self.rig.broker.place_order(self.orders[each.id])


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_storm_desk_and_broker_agree(
    make: Callable[..., InteractiveBrokersRig], seed: int
) -> None:
    rig = make(patience=replace(PATIENCE, retry_seconds=(0.01,)))
    rng = np.random.Generator(np.random.PCG64(seed))
    rig.show(two_sided(put()), two_sided(put(98)), two_sided(put(95)))
    rig.server.do(lambda: setattr(rig.server.venue.accounts[ACCOUNT], "cash", 10_000_000))
    rig.server.venue.units_per_fill = 1
    trader = Trader(rig, rng)
    for _ in range(STEPS):
        if rng.integers(3) == 0:
            trader.harm()
        trader.act()
        if rng.integers(2) == 0:
            trader.hear()
    trader.recover()
    told = rig.statement()

    tickets = rig.server.tickets()
    for each in trader.orders.values():
        own = [ticket for ticket in tickets if ticket.wish.order_ref.split("/v")[0] == each.id]
        assert each.quantity_filled == sum(int(ticket.filled) for ticket in own) <= each.quantity
        assert sum(not ticket.is_over for ticket in own) <= 1
        assert each.status.is_over is all(ticket.is_over for ticket in own), each
        assert len({fill.id for fill in each.fills}) == len(each.fills)
    theirs = {fill.id: fill for fill in told.executions}
    ours = {fill.id: fill for each in trader.orders.values() for fill in each.fills}
    assert ours == theirs
    cash, held = 10_000_000, dict[str, int]()
    for each in trader.orders.values():
        for fill in each.fills:
            leg = each.legs[fill.leg]
            signed = leg.side.value * fill.quantity
            held[str(leg.instrument)] = held.get(str(leg.instrument), 0) + signed
            cash -= notional(fill.price, signed, 100).amount + fill.commission.amount
    assert told.cash.amount == cash
    assert {str(line.instrument): line.quantity_signed for line in told.held} == {
        name: signed for name, signed in held.items() if signed
    }
    assert told.notices == ()
    assert trader.faults > 5
    assert not any(isinstance(each, OrderLookedUp) for each in rig.heard)
