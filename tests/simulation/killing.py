"""Desks that are killed at every write point and at random, while their broker lives on.

`python -m tests.simulation.killing FOLDER SEED KILLS` plays weeks until so many desks were
killed, and prints one line of JSON: what was killed where, and how long going on took. Each desk
is a process with a real journal, killed by SIGKILL; its broker is another process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from allusedesk.domain.events import DeskReconciled, Entry
from allusedesk.domain.inputs import CapitalDeposited, DeskResumed
from allusedesk.domain.money import Money
from allusedesk.engine.doors import Doors
from allusedesk.engine.loop import Engine
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.wiring.paper_desk import state_of
from tests.simulation.invariants import Watcher
from tests.simulation.ledger import Broken, Must
from tests.simulation.outside import OutsideBroker, serve
from tests.simulation.seeds import Plan, plan_of, world_of
from tests.simulation.world import FAMILY, NoReports, Weeks, World, _Market, sample_history

LIVES_AT_RANDOM_SECONDS = 0.35
DONE, BROKEN = 0, 3


def plan_for(seed: int) -> Plan:
    """A week that goes as planned outside: the kills are what goes wrong."""
    plan = plan_of(seed)
    return replace(plan, shares={}, spans=(), acts=(), jump=None)


@dataclass
class Points:
    """Counts what is written and sent, and ends the process at the point that was chosen.

    `fatal` is the number of that point; None ends it at the first kind of point that nobody died
    at yet. Which one it was stays behind in a file.
    """

    folder: Path
    fatal: int | None
    known: frozenset[str]
    passed: int = 0

    def __call__(self, where: str) -> None:
        self.passed += 1
        is_chosen = where not in self.known if self.fatal is None else self.passed >= self.fatal
        if is_chosen:
            with (self.folder / "deaths").open("a", encoding="utf-8") as file:
                file.write(where + "\n")
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class _Record:
    """The journal, with a point before and after each commit."""

    journal: Journal
    points: Points

    def append(self, entries: tuple[Entry, ...]) -> None:
        kind = type(entries[0].event).__name__
        self.points(f"before {kind} is written")
        self.journal.append(entries)
        self.points(f"after {kind} is written")


# What one desk does, from its start to its death or the end of its week.


def live(folder: Path, address: str, plan: Plan, points: Points) -> None:
    """Open the desk or go on with it, play to the end; leave a text where something is wrong."""
    began = time.perf_counter()
    world = world_of(plan)
    world.inner = OutsideBroker(address, world.clock.now, points)  # type: ignore[assignment]
    world.broker = world.inner  # type: ignore[assignment]
    path = folder / "paper.journal"
    journal = Journal.open(path) if path.exists() else Journal.create(path, durable=True)
    points("after the journal is opened")
    state = state_of(journal)
    engine, watcher = _engine(world, journal, state, points)
    broken: list[Broken] = []

    def watch(now: DeskState, entry: Entry) -> None:
        try:
            watcher(now, entry)
            if isinstance(entry.event, DeskReconciled):
                _check_statement(watcher)
        except Broken as fault:
            broken.append(fault)
            engine.stop()

    def timed(_now: DeskState, entry: Entry) -> None:
        if isinstance(entry.event, DeskReconciled) and not (folder / "times.tmp").exists():
            (folder / "times.tmp").touch()
            with (folder / "times").open("a", encoding="utf-8") as file:
                file.write(f"{time.perf_counter() - began} {time.process_time()}\n")

    engine._observers = (watch, timed)
    (folder / "times.tmp").unlink(missing_ok=True)
    asyncio.run(engine.run(plan.until))
    try:
        if not broken:
            _check_end(world, watcher, engine)
    except Broken as fault:
        broken.append(fault)
    journal.close()
    if broken:
        (folder / "broken").write_text(str(broken[0]), encoding="utf-8")
        os._exit(BROKEN)


def _engine(
    world: World, journal: Journal, state: DeskState, points: Points
) -> tuple[Engine, Watcher]:
    watcher = Watcher(is_strict_about_state=False)
    for entry in journal.read():
        watcher.take(entry)
    world.record = _Record(journal, points)  # type: ignore[assignment]
    if state.now is None:
        return world.opened(), watcher
    if watcher.state != state:
        raise Broken(Must.REPLAY, "snapshot and tail are not what the whole record says")
    world.clock._now = max(state.now, world.inner.now())  # type: ignore[attr-defined]
    world.feed.pull(world.clock.now())
    world.truth.pull(world.clock.now())
    market = _Market(world, MarketWatch(world.feed, QuoteBoard()))
    doors = Doors(
        clock=world.clock,
        record=world.record,
        market=market,
        broker=world.inner,
        operator=world.operator,
        calendar=Weeks(),
        reports=NoReports(),
    )
    engine = Engine(doors, state)
    world.current = engine
    if not state.book.families:
        first = world.sessions[0].date
        engine.inbox.admit(CapitalDeposited(FAMILY, Money(world.capital), first))
    engine.inbox.admit(DeskResumed(world.clock.now(), "a simulation"))
    return engine, watcher


def _check_statement(watcher: Watcher) -> None:
    report = watcher._report
    if not hasattr(report, "held"):
        raise Broken(Must.BROKER, "compared without a statement")
    watcher.check_broker(report)


def _check_end(world: World, watcher: Watcher, engine: Engine) -> None:
    if engine.state.halted_by:
        raise Broken(Must.EXPLAINED, engine.state.halted_by)
    if engine.observer_faults:
        raise Broken(Must.GO_ON, "an observer raised")
    watcher.check_weeks()
    watcher.check_broker(world.inner.statement())
    placed = Counter(world.inner.orders_placed())  # type: ignore[attr-defined]
    twice = [key for key, count in placed.items() if count > 1]
    if twice:
        raise Broken(Must.OWN_ID, f"{twice[0]} was sent twice")


# Killing them.


@dataclass
class Tally:
    """What was killed where, in how many weeks, and the seconds each going on took."""

    kills: int = 0
    weeks: int = 0
    at_random: int = 0
    deaths: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    entries: int = 0
    broken: str = ""


def kill(folder: Path, seed: int, kills: int) -> Tally:
    """Play weeks from `seed` on until so many desks were killed, each week to its end."""
    tally = Tally()
    # What every process needs is read once, before the first is forked.
    sample_history()
    rng = np.random.default_rng([seed, 51])
    week = seed
    while tally.kills < kills and not tally.broken:
        place = folder / f"week-{week}"
        place.mkdir(parents=True)
        _play_week(place, plan_for(week), rng, kills, tally)
        week += 1
    return tally


def _play_week(
    folder: Path, plan: Plan, rng: np.random.Generator, kills: int, tally: Tally
) -> None:
    # A path of a socket may not be long.
    address = str(Path(tempfile.gettempdir()) / f"alluse-{os.getpid()}-{plan.seed}")
    broker = _forked(lambda: serve(address, plan))
    while not Path(address).exists():
        time.sleep(0.005)
    head = None
    try:
        while True:
            ended = _one_life(folder, address, plan, rng, tally, is_last=tally.kills >= kills)
            if ended is not None:
                if ended != DONE:
                    told = folder / "broken"
                    text = told.read_text(encoding="utf-8") if told.exists() else f"exit {ended}"
                    tally.broken = f"week of seed {plan.seed}, after {tally.kills} kills: {text}"
                break
            tally.kills += 1
            path = folder / "paper.journal"
            if path.exists():
                found = verify(path, head)
                if not found.is_intact:
                    tally.broken = f"week of seed {plan.seed}: {found.sentence}"
                    break
                head = found.chain_head
    finally:
        os.kill(broker, signal.SIGKILL)
        os.waitpid(broker, 0)
        Path(address).unlink(missing_ok=True)
    _count(folder, tally)


def _one_life(
    folder: Path,
    address: str,
    plan: Plan,
    rng: np.random.Generator,
    tally: Tally,
    *,
    is_last: bool,
) -> int | None:
    """The exit code of a desk that reached its week's end, None for one that was killed."""
    deaths = folder / "deaths"
    known = frozenset(tally.deaths) | frozenset(
        deaths.read_text(encoding="utf-8").splitlines() if deaths.exists() else ()
    )
    draw = float(rng.random())
    # Most die where nobody died yet, the others after some work or at any instant.
    fatal = None if draw < 0.7 else int(rng.integers(1, 120))
    is_random = draw > 0.85
    if is_last or is_random:
        fatal = 10**9
    child = _forked(lambda: live(folder, address, plan, Points(folder, fatal, known)))
    if is_random and not is_last:
        time.sleep(float(rng.random()) * LIVES_AT_RANDOM_SECONDS)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        tally.at_random += is_random
        return None
    return os.WEXITSTATUS(status)


def _forked(act: object) -> int:
    child = os.fork()
    if child:
        return child
    try:
        act()  # type: ignore[operator]
    except BaseException as fault:  # noqa: BLE001 - the parent must hear of it, whatever it is
        print(f"{type(fault).__name__}: {fault}", file=sys.stderr, flush=True)
        os._exit(4)
    os._exit(DONE)


def _count(folder: Path, tally: Tally) -> None:
    tally.weeks += 1
    for name in ("deaths", "times"):
        path = folder / name
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if name == "deaths":
            tally.deaths.update(lines)
        else:
            tally.seconds += [float(line.split()[0]) for line in lines]
            tally.processor_seconds += [float(line.split()[1]) for line in lines]
    with JournalReader.open(folder / "paper.journal") as journal:
        tally.entries += journal.head()[0]


def main(folder: str, seed: str, kills: str) -> int:
    tally = kill(Path(folder), int(seed), int(kills))
    print(
        json.dumps(
            {
                "kills": tally.kills,
                "at_random": tally.at_random,
                "weeks": tally.weeks,
                "entries": tally.entries,
                "points": dict(sorted(tally.deaths.items())),
                "restart_seconds_max": max(tally.seconds, default=0.0),
                "restart_processor_seconds_max": max(tally.processor_seconds, default=0.0),
                "broken": tally.broken,
            }
        )
    )
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
