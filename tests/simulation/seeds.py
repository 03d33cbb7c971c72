"""The week of a seed: which days, which prices, what goes wrong; played and then looked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import Instruction, OperatorInstructed
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from allusedesk.journal.codec import encode
from allusedesk.journal.sentences import describe
from tests.simulation.faults import Faults, faults_of
from tests.simulation.invariants import Broken, Watcher
from tests.simulation.world import World, run, sample_history, sessions_from, with_jump

# Mondays of weeks in which much happens: assignments, falls, rises, holidays, rolls.
MONDAYS = (
    date(2007, 3, 5),
    date(2007, 6, 18),
    date(2007, 12, 10),
    date(2008, 1, 14),
    date(2008, 3, 17),
    date(2008, 9, 8),
    date(2008, 9, 15),
    date(2009, 2, 2),
    date(2009, 5, 11),
    date(2010, 2, 8),
    date(2010, 6, 7),
    date(2011, 6, 20),
    date(2011, 8, 1),
    date(2011, 12, 19),
    date(2012, 5, 21),
)
SESSIONS_PLAYED = 7


@dataclass
class Played:
    """A week that was played: its world, its record and what watched it."""

    seed: int
    world: World
    watcher: Watcher
    state: DeskState

    @property
    def entries(self) -> list[Entry]:
        return self.world.record.entries


def world_of(seed: int, faults: Faults | None = None) -> World:
    """The world of a seed; every second has partial fills, every fourth a jump in one price."""
    rng = np.random.default_rng([seed, 6])
    first = MONDAYS[seed % len(MONDAYS)]
    sessions = sessions_from(first, SESSIONS_PLAYED + 1)
    history = sample_history()
    if seed % 4 == 1:
        day = sessions[int(rng.integers(1, 5))].date
        symbol = str(rng.choice(["AAPL", "IBM", "MSFT"]))
        history = with_jump(history, symbol, day, float(rng.choice([0.78, 0.9, 1.12])))
    return World(
        history=history,
        sessions=sessions,
        seed=seed,
        faults=faults_of(seed, sessions[:-1]) if faults is None else faults,
        is_moody=seed % 3 == 0,
        capital=Decimal(int(rng.choice([60_000, 300_000, 1_500_000]))),
        shown_share=Decimal("0.002") if seed % 2 else None,
    )


def play(seed: int, faults: Faults | None = None) -> Played:
    """Run the week of a seed; raises Broken at the first entry after which something is wrong."""
    world = world_of(seed, faults)
    watcher = Watcher()
    broken: list[Broken] = []

    def watch(live: DeskState, entry: Entry) -> None:
        if broken:
            return
        try:
            watcher(live, entry)
        except Broken as fault:
            broken.append(fault)
            world.current.stop()

    engine = world.opened(watch)
    if seed % 7 == 3:
        _kill_and_release(world, seed)
    run(engine, world.sessions[SESSIONS_PLAYED - 1].closes_at)
    if broken:
        raise Broken(f"{broken[0]}\n{story(world.record.entries)}")
    if engine.observer_faults:
        raise Broken("an observer raised")
    return Played(seed, world, watcher, engine.state)


def _kill_and_release(world: World, seed: int) -> None:
    """A person stops everything in the middle of a session and lets it go on an hour later."""
    rng = np.random.default_rng([seed, 8])
    session = world.sessions[int(rng.integers(0, 4))]
    at = session.opens_at + (session.closes_at - session.opens_at) * float(rng.random()) * 0.7
    kill = OperatorInstructed(Instruction.KILL, "simulated person", "a whim")
    reset = OperatorInstructed(Instruction.RESET, "simulated person", "second thoughts")
    world.operator.later.append((at.replace(microsecond=0), kill))
    later = at + (session.closes_at - at) * 0.2
    world.operator.later.append((later.replace(microsecond=0), reset))


def look_through(played: Played) -> None:
    """What must hold at the end, and what a replay of the record must give."""
    if played.state.halted_by:
        raise Broken(f"the desk stopped: {played.state.halted_by}")
    played.watcher.check_weeks()
    played.watcher.check_broker(played.world.inner.statement())
    stuck = [name for name, ticket in played.state.tickets.items() if ticket.live is None]
    if stuck:
        raise Broken(f"{stuck[0]} is neither sent nor over")
    check_replay(played.entries, played.state)


def check_replay(entries: Sequence[Entry], live: DeskState) -> None:
    """Folding and stepping the record give the same state, and the same entries byte for byte."""
    state, place = DeskState(), 0
    while place < len(entries):
        entry = entries[place]
        result = step(state, entry)
        recorded = entries[place + 1 : place + 1 + len(result.entries)]
        made = [(item.sequence, item.cause, encode(item.event)) for item in result.entries]
        if made != [(item.sequence, item.cause, encode(item.event)) for item in recorded]:
            raise Broken(f"stepping entry {entry.sequence} again gives other entries")
        place += 1 + len(result.entries)
        if place % 11 == 0:
            folded = state
            for item in (entry, *recorded):
                folded = fold(folded, item)
            if folded != result.state:
                raise Broken(f"folding up to entry {place} gives another state than stepping")
        state = result.state
    if state != live:
        raise Broken("a replay from the first entry gives another state than the desk had")


def story(played_entries: Sequence[Entry], last: int = 12) -> str:
    """The last entries of a record in sentences, for whoever must find out what happened."""
    return "\n".join(
        f"{entry.sequence} {entry.recorded_at:%a %H:%M:%S} {describe(entry.event):.160}"
        for entry in played_entries[-last:]
    )
