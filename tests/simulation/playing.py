"""A plan played to its end, or to the first thing that must hold and does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from allusedesk.domain.events import CashBooked, Entry
from allusedesk.domain.money import total
from allusedesk.engine.fold import fold
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import read_state, write_state
from allusedesk.engine.step import step
from allusedesk.journal.codec import encode
from tests.simulation.invariants import Watcher
from tests.simulation.ledger import Broken, Must
from tests.simulation.seeds import Plan, world_of
from tests.simulation.world import World

RESTART_MINUTES_MAX = 40.0
CUTS = 3
A_DAY = timedelta(days=1)


class Crash(Exception):
    """The process is gone: nothing after this line happens."""


@dataclass
class Played:
    """A week that was played; `broken` is the first thing that did not hold."""

    plan: Plan
    world: World
    watcher: Watcher
    state: DeskState
    broken: Broken | None = None

    @property
    def entries(self) -> list[Entry]:
        return self.world.record.entries


def play(plan: Plan, check: Callable[[Played], None] | None = None) -> Played:
    """Run the plan, restart where it says so, and look through what came of it."""
    world = world_of(plan)
    played = Played(plan, world, Watcher(), DeskState())
    world.record.on_write = lambda _write, is_written: _maybe_crash(world, is_written=is_written)
    try:
        _run(played)
        if played.broken is None:
            (check or look_through)(played)
    except Broken as broken:
        played.broken = played.broken or broken
    except Exception as fault:  # noqa: BLE001 - whatever stops the engine is the finding
        text = f"{type(fault).__name__}: {fault}"
        played.broken = played.broken or Broken(Must.GO_ON, text)
    return played


def _run(played: Played) -> None:
    world, plan = played.world, played.plan

    def watch(live: DeskState, entry: Entry) -> None:
        if played.broken is not None:
            return
        try:
            played.watcher(live, entry)
        except Broken as fault:
            played.broken = fault
            world.current.stop()
        _follow_money(world, entry)

    engine: Engine | None = None
    while True:
        try:
            if engine is None:
                engine = world.opened(watch)
            elif not played.entries:
                engine = world.reopened_empty(watch)
            else:
                engine = _restarted(played, watch)
            asyncio.run(engine.run(plan.until))
        except Crash:
            continue
        break
    played.state = engine.state
    if engine.observer_faults and played.broken is None:
        raise Broken(Must.GO_ON, "an observer raised")


def _restarted(played: Played, watch: Callable[[DeskState, Entry], None]) -> Engine:
    """Another process goes on from the record, some minutes later."""
    world = played.world
    late = timedelta(minutes=RESTART_MINUTES_MAX * world.dice.amount())
    world.clock._now = min(world.clock.now() + late, played.plan.until)
    engine = world.resumed(played.entries, watch)
    for entry in played.entries[played.watcher.entries :]:
        watch(engine.state, entry)
    return engine


def _maybe_crash(world: World, *, is_written: bool) -> None:
    where = "after" if is_written else "before"
    if world.dice.happens("restart", f"the desk dies {where} a write"):
        raise Crash


def _follow_money(world: World, entry: Entry) -> None:
    """A broker has moved the money before the desk is told of it; here it follows at once."""
    event = entry.event
    if isinstance(event, CashBooked) and event.reason in ("deposit", "withdrawal"):
        world.inner.transfer_cash(total([move.amount for move in event.booking.cash]))


# What must hold at the end.


def look_through(played: Played) -> None:
    """The week's outcomes, the broker's account, what is left open, and replays."""
    state, plan = played.state, played.plan
    kills = ("kill switch",)
    if state.halted_by and not state.halted_by.startswith(kills):
        raise Broken(Must.EXPLAINED, state.halted_by)
    played.watcher.check_weeks()
    played.watcher.check_broker(played.world.inner.statement())
    _check_ends(played)
    check_replay(played.entries, state)
    check_cuts(played.entries, state, plan.seed)


def _check_ends(played: Played) -> None:
    for name, ticket in played.state.tickets.items():
        late = played.world.clock.now() > ticket.proposal.expires_at
        if not ticket.is_approved and late:
            raise Broken(Must.ENDS, f"{name} is open after its deadline")
        if ticket.is_approved and ticket.live is None:
            raise Broken(Must.ENDS, f"{name} is neither sent nor over")
    for order in played.state.orders.values():
        if played.world.clock.now() > order.good_until + A_DAY:
            raise Broken(Must.ENDS, f"{order.id} is {order.status.value}, long after its time")


def check_replay(entries: Sequence[Entry], live: DeskState) -> None:
    """Folding and stepping the record give the same state, and the same entries byte for byte."""
    state, place = DeskState(), 0
    while place < len(entries):
        entry = entries[place]
        result = step(state, entry)
        recorded = entries[place + 1 : place + 1 + len(result.entries)]
        made = [(item.sequence, item.cause, encode(item.event)) for item in result.entries]
        if made != [(item.sequence, item.cause, encode(item.event)) for item in recorded]:
            raise Broken(Must.REPLAY, f"stepping entry {entry.sequence} gives other entries")
        place += 1 + len(result.entries)
        if place % 11 == 0:
            after = state
            for item in (entry, *recorded):
                after = fold(after, item)
            if after != result.state:
                raise Broken(Must.REPLAY, f"folding up to entry {place} is not stepping there")
        state = result.state
    if state != live:
        raise Broken(Must.REPLAY, "a replay from the first entry gives another state")


def check_cuts(entries: Sequence[Entry], live: DeskState, seed: int) -> None:
    """From the state kept at any entry, as its text, the rest of the record leads to the same."""
    if not entries:
        return
    cuts = np.random.default_rng([seed, 12]).integers(1, len(entries) + 1, size=CUTS).tolist()
    state, place = DeskState(), 0
    for cut in sorted(cuts):
        for entry in entries[place:cut]:
            state = fold(state, entry)
        place = cut
        kept = read_state(write_state(state))
        if kept != state:
            raise Broken(Must.REPLAY, f"the state at entry {cut} is not what its text says")
        for entry in entries[cut:]:
            kept = fold(kept, entry)
        if kept != live:
            raise Broken(Must.REPLAY, f"a replay from entry {cut} gives another state")
