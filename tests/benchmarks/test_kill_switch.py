"""The kill switch: from the press to the last cancel in the broker's hands, quotes pouring in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.inputs import Instruction, OperatorInstructed, PriceAlarmRang
from allusedesk.domain.instruments import Stock
from allusedesk.domain.orders import OrderStatus
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.execution.brokers.armed import ArmedBroker
from allusedesk.journal.store import Journal
from allusedesk.market.quote_board import QuoteBoard
from tests.acceptance.desks import MONDAY, REV_ONLY
from tests.acceptance.stage import Stage, at
from tests.doors.alpaca_rig import AlpacaRig
from tests.doors.interactive_brokers_rig import InteractiveBrokersRig

ORDERS, QUOTES = 200, 5_000


class Pouring(Stage):
    """A stage whose market posts 5,000 quotes whenever it is looked at, as after one second."""

    def pull(self, until: Any) -> list[PriceAlarmRang]:
        if hasattr(self, "board"):
            self.board.post(self.rows, self.prices, self.prices + 0.01, self.prices, self.instants)
        return super().pull(until)

    def pour(self) -> None:
        self.board = QuoteBoard()
        names = [self.board.register(Stock(f"S{number}")) for number in range(500)]
        self.rows = np.array(names * (QUOTES // 500))
        self.prices = np.full(QUOTES, 10.0)
        self.instants = np.full(QUOTES, self.clock.now().timestamp())


def with_orders(desk: Stage) -> DeskState:
    """The desk's state with many more orders like the one it has resting."""
    [order] = desk.state.orders.values()
    ticket, state = desk.state.tickets[order.proposal], desk.state
    orders, tickets = state.orders, state.tickets
    for number in range(ORDERS):
        name, wish = OrderId(f"{order.id}-{number}"), ProposalId(f"{order.proposal}-{number}")
        orders = orders.set(name, replace(order, id=name, proposal=wish))
        proposal = replace(ticket.proposal, id=wish)
        tickets = tickets.set(wish, replace(ticket, proposal=proposal, orders=(name,), live=name))
    return replace(state, orders=orders, tickets=tickets)


@pytest.fixture(params=["alpaca", "interactive brokers", "simulated"])
def live_door(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A vendor's door with its server behind it; None for the simulated broker's own."""
    made = {"alpaca": AlpacaRig, "interactive brokers": InteractiveBrokersRig}.get(request.param)
    if made is None:
        yield None
        return
    rig = made()
    yield ArmedBroker(rig.broker)
    rig.close()


@pytest.mark.benchmark(group="kill switch, 200 orders, 5,000 quotes a second (goal 100 ms)")
def test_press_to_last_cancel(benchmark: Any, tmp_path: Path, live_door: Any) -> None:
    taken: list[float] = []

    def prepared() -> tuple[tuple[Engine, list[OrderId]], dict[str, object]]:
        desk = Pouring(MONDAY, {"AAPL": "100", "IBM": "100"}, REV_ONLY)
        desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
        journal = Journal.create(tmp_path / f"{len(taken)}.journal", durable=True)
        journal.append(tuple(desk.record.entries))
        state = with_orders(desk)
        desk.pour()
        cancelled: list[OrderId] = []
        desk.record = journal  # type: ignore[assignment]
        desk.door = _Counting(live_door or desk.broker, cancelled)
        return (desk.desk(state), cancelled), {}

    def press(engine: Engine, cancelled: list[OrderId]) -> None:
        began = perf_counter()
        engine.inbox.admit(OperatorInstructed(Instruction.KILL, "anna", "a test"))
        engine._advance(engine._doors.clock.now() + timedelta(milliseconds=50))
        engine._drain()
        taken.append(perf_counter() - began)
        assert len(cancelled) >= ORDERS
        assert {order.status for order in engine.state.orders.values()} == {OrderStatus.CANCELLING}

    benchmark.pedantic(press, setup=prepared, rounds=5)
    benchmark.extra_info["milliseconds_worst"] = max(taken) * 1e3


class _Counting:
    """The broker's door that notes each cancel as it is handed over."""

    def __init__(self, broker: Any, cancelled: list[OrderId]) -> None:
        self._broker = broker
        self._cancelled = cancelled

    def advance(self, to: Any) -> Any:
        """A vendor's server knows none of these orders: what it says of them is left unheard."""
        return () if isinstance(self._broker, ArmedBroker) else self._broker.advance(to)

    def cancel_order(self, order: OrderId) -> None:
        self._broker.cancel_order(order)
        self._cancelled.append(order)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)
