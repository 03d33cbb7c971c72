"""A broker in a process of its own, so that it outlives a desk that is killed; and its door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import BrokerReport, BrokerStatement, Order
from tests.simulation.seeds import Plan, world_of
from tests.simulation.world import World


def serve(address: str, plan: Plan) -> None:
    """Be the broker of a plan's week, for one desk after another, until told to end."""
    world = world_of(plan)
    world.inner.transfer_cash(Money(plan.capital))
    office = _Office(world)
    with Listener(address, "AF_UNIX") as listener:
        while not office.is_over:
            with listener.accept() as line:
                office.hear(line)


@dataclass
class _Office:
    """Answers what a desk asks; it keeps its own time, which never goes back."""

    world: World
    is_over: bool = False
    placed: list[tuple[OrderId, int]] = field(default_factory=list)

    def hear(self, line: Connection) -> None:
        while not self.is_over:
            try:
                name, now, arguments = line.recv()
                clock = self.world.clock
                clock._now = max(clock.now(), now)
                line.send(getattr(self, name)(*arguments))
            except (EOFError, OSError):
                # The desk is dead; what it had asked for completely was done.
                return

    def now(self) -> datetime:
        return self.world.clock.now()

    def end(self) -> None:
        self.is_over = True

    def place_order(self, order: Order) -> None:
        self.placed.append((order.id, order.version))
        self.world.inner.place_order(order)

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        self.world.inner.replace_order(order, version, quantity, limit)

    def cancel_order(self, order: OrderId) -> None:
        self.world.inner.cancel_order(order)

    def look_up(self, order: OrderId) -> None:
        self.world.inner.look_up(order)

    def statement(self) -> BrokerStatement:
        return self.world.inner.statement()

    def orders_placed(self) -> list[tuple[OrderId, int]]:
        return self.placed

    def next_event_at(self) -> datetime | None:
        return self.world.inner.next_event_at()

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        return self.world.inner.advance(to)

    def on_market(self, until: datetime) -> None:
        if self.world.truth.pull(until):
            self.world.inner.on_market(until, self.world.true_quote)


class OutsideBroker:
    """A desk's door to `serve`: each call is a question over the line, and waits for its answer.

    `passed` is told before and after each wish that goes out.
    """

    def __init__(
        self, address: str, now: Callable[[], datetime], passed: Callable[[str], None]
    ) -> None:
        self._line = Client(address, "AF_UNIX")
        self._now = now
        self._passed = passed

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._line.send((name, self._now(), arguments))
        return self._line.recv()

    def _wish(self, name: str, *arguments: Any) -> None:
        self._passed(f"before {name}")
        self._ask(name, *arguments)
        self._passed(f"after {name}")

    def place_order(self, order: Order) -> None:
        self._wish("place_order", order)

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        self._wish("replace_order", order, version, quantity, limit)

    def cancel_order(self, order: OrderId) -> None:
        self._wish("cancel_order", order)

    def look_up(self, order: OrderId) -> None:
        self._wish("look_up", order)

    def statement(self) -> BrokerStatement:
        told: BrokerStatement = self._ask("statement")
        return told

    def orders_placed(self) -> list[tuple[OrderId, int]]:
        placed: list[tuple[OrderId, int]] = self._ask("orders_placed")
        return placed

    def now(self) -> datetime:
        told: datetime = self._ask("now")
        return told

    def end(self) -> None:
        self._ask("end")

    def next_event_at(self) -> datetime | None:
        told: datetime | None = self._ask("next_event_at")
        return told

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        told: Sequence[BrokerReport] = self._ask("advance", to)
        return told

    def on_market(self, until: datetime, _quote_of: object) -> None:
        self._ask("on_market", until)

    def transfer_cash(self, _amount: Money) -> None:
        """The outside account is funded before the first desk opens."""
