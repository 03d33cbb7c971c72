"""A disk that lied: the journal lost its last entries, and the broker is ahead of it.

The desk goes on from the whole entries that are left. Either the statement explains all, and the
book is the broker's, or the desk stops in AUDIT and shows both sides; nothing is traded twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from allusedesk.domain.events import DifferenceFound, Entry, SleeveState
from allusedesk.domain.orders import OrderStatus
from tests.simulation.invariants import Watcher
from tests.simulation.ledger import Broken
from tests.simulation.seeds import Plan, plan_of, world_of
from tests.simulation.world import World

SEED = 20
LOST = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)


def _plan() -> Plan:
    return replace(plan_of(SEED), days=1)


def _cut(world: World, lost: int) -> None:
    """Play into the first morning, forget the newest entries, and let another desk go on."""
    opens = world.sessions[0].opens_at
    asyncio.run(world.opened().run(opens + timedelta(minutes=15, seconds=20)))
    assert len(world.record.entries) > 60 + lost // 2
    world.record.entries = world.record.entries[:-lost]
    asyncio.run(world.resumed(world.record.entries).run(world.sessions[0].closes_at))


@pytest.mark.parametrize("lost", LOST)
def test_a_lost_tail_is_explained_by_the_broker_or_stops_the_desk(lost: int) -> None:
    world = world_of(_plan())
    _cut(world, lost)
    state, statement = world.current.state, world.inner.statement()
    done: Counter[str] = Counter()
    for order in world.inner._orders.values():
        done[order.proposal] += order.quantity_filled
        asked = [o.quantity for o in world.inner._orders.values() if o.proposal == order.proposal]
        assert done[order.proposal] <= max(asked), f"{order.proposal} was traded twice"
    if state.halted_by:
        assert any(isinstance(e.event, DifferenceFound) and e.event.stops for e in _entries(world))
        assert {sleeve.state for sleeve in state.sleeves.values()} == {SleeveState.AUDIT}
        return
    watcher = Watcher(is_strict_about_state=False)
    try:
        for entry in _entries(world):
            watcher.take(entry)
        watcher.check_broker(statement)
    except Broken as broken:
        pytest.fail(f"{lost} entries lost: {broken}")
    alive = [o for o in state.orders.values() if o.status is not OrderStatus.UNKNOWN]
    assert {line.order for line in statement.open_orders} <= {order.id for order in alive}


def _entries(world: World) -> list[Entry]:
    return list(world.record.entries)
