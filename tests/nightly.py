"""The long proof, an hour at a time: seeds, kills, cases and spoilt files, counted across runs.

`python -m tests.nightly` (`make nightly`) goes on where the last run ended, until 10,000 seeds,
1,000 kills, 10,000 cases of reconciliation and 200,000 spoilt files and messages are counted.
The counts are kept in out/nightly.json. The first failure stops it: its seed and story are
printed and the exit code is 1. NIGHTLY_SECONDS sets how long a run may take, WORKERS how many
processes share it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "out" / "nightly.json"
SEEDS, KILLS, CASES, SPOILT = 10_000, 1_000, 10_000, 200_000
# A run does some of each in turn, so that an hour that is cut short has tried them all.
SEEDS_AT_ONCE, KILLS_AT_ONCE, CASES_AT_ONCE = 40, 50, 200
SPOILT_AT_ONCE = 1_000
TWICE_EVERY = 25
KILLING = "tests.simulation.killing"


@dataclass
class Tally:
    """What all runs together have done."""

    seeds: int = 0
    kills: int = 0
    cases: int = 0
    spoilt: int = 0
    fuzz_runs: int = 0
    kill_weeks: int = 0
    entries: int = 0
    seconds: float = 0.0
    restart_seconds_max: float = 0.0
    restart_processor_seconds_max: float = 0.0
    mishaps: dict[str, int] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    spoilt_in: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Tally:
        """The tally kept at `path`, or a new one where nothing is kept."""
        if not path.exists():
            return cls()
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def keep(self, path: Path) -> None:
        """Write the tally; whoever reads meanwhile sees the old one or the new one, whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        fresh.replace(path)

    @property
    def is_done(self) -> bool:
        return all(getattr(self, name) >= goal for _, name, goal in PARTS)

    def __str__(self) -> str:
        struck = sum(self.mishaps.values())
        return (
            f"{self.seeds:,} of {SEEDS:,} seeds, {self.kills:,} of {KILLS:,} kills, "
            f"{self.cases:,} of {CASES:,} cases, {self.spoilt:,} of {SPOILT:,} spoilt texts; "
            f"{struck:,} mishaps and {self.entries:,} entries; "
            f"the slowest restart took {self.restart_seconds_max:.2f} s, "
            f"{self.restart_processor_seconds_max:.2f} s of it on the processor; "
            f"{self.seconds / 3600:.1f} hours in all"
        )


class Failed(Exception):
    """Something did not hold; the text is what to print."""


def one_seed(seed: int) -> tuple[int, int, dict[str, int], str]:
    """A seed's week: its number, entries, mishaps, and its story where it failed."""
    from tests.simulation.playing import play
    from tests.simulation.seeds import chain_head, mishaps_counted, plan_of
    from tests.simulation.shrinking import shrunk, story

    plan = plan_of(seed)
    played = play(plan)
    told = ""
    if played.broken is not None:
        found = shrunk(plan)
        told = story(found) if found else f"Seed {seed} fails only at times: {played.broken}"
    elif seed % TWICE_EVERY == 0 and chain_head(play(plan).entries) != chain_head(played.entries):
        told = f"Seed {seed} made another chain head the second time."
    return seed, len(played.entries), dict(mishaps_counted(played.world)), told


def play_seeds(tally: Tally, pool: ProcessPoolExecutor) -> None:
    first = tally.seeds
    wanted = range(first, min(first + SEEDS_AT_ONCE, SEEDS))
    mishaps = Counter(tally.mishaps)
    for _seed, entries, struck, told in pool.map(one_seed, wanted, chunksize=5):
        if told:
            raise Failed(told)
        tally.entries += entries
        mishaps.update(struck)
    tally.seeds += len(wanted)
    tally.mishaps = dict(sorted(mishaps.items()))


def kill_desks(tally: Tally, _pool: ProcessPoolExecutor) -> None:
    seed = 1_000 + tally.kill_weeks
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", KILLING, folder, str(seed), str(KILLS_AT_ONCE)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    told = json.loads(ended.stdout) if ended.stdout else {"broken": ended.stderr}
    if told["broken"] or ended.returncode:
        raise Failed(f"Killed desks from seed {seed}: {told['broken'] or ended.stderr}")
    tally.kills += told["kills"]
    tally.kill_weeks += told["weeks"]
    tally.entries += told["entries"]
    for name in ("restart_seconds_max", "restart_processor_seconds_max"):
        setattr(tally, name, max(getattr(tally, name), told[name]))
    tally.points = dict(sorted((Counter(tally.points) + Counter(told["points"])).items()))


def try_cases(tally: Tally, _pool: ProcessPoolExecutor) -> None:
    from tests.engine.reconciliation_cases import try_fresh

    try:
        tally.cases += try_fresh(CASES_AT_ONCE, tally.cases)
    except AssertionError as fault:
        raise Failed(f"Reconciliation, cases from {tally.cases}: {fault}") from fault


def spoil_files(tally: Tally, _pool: ProcessPoolExecutor) -> None:
    from tests.hostile.fuzzing import FILES, fuzz

    file = FILES[tally.fuzz_runs % len(FILES)]
    done = fuzz(file, SPOILT_AT_ONCE, tally.fuzz_runs)
    if done.fault:
        raise Failed(f"Spoilt files: {done.fault}")
    tally.fuzz_runs += 1
    tally.spoilt += done.cases
    tally.spoilt_in = dict(sorted((Counter(tally.spoilt_in) + Counter({file: done.cases})).items()))


PARTS: tuple[tuple[Callable[[Tally, ProcessPoolExecutor], None], str, int], ...] = (
    (play_seeds, "seeds", SEEDS),
    (kill_desks, "kills", KILLS),
    (try_cases, "cases", CASES),
    (spoil_files, "spoilt", SPOILT),
)


def run(seconds: float, workers: int, path: Path = KEPT) -> int:
    """Go on for some time or until all is counted; the exit code."""
    tally, began = Tally.read(path), monotonic()
    print(f"So far: {tally}.", flush=True)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        while not tally.is_done and monotonic() - began < seconds:
            for part, name, goal in PARTS:
                if getattr(tally, name) >= goal or monotonic() - began >= seconds:
                    continue
                started = monotonic()
                try:
                    part(tally, pool)
                except Failed as failure:
                    print(f"{failure}\nCounted before it: {tally}.", flush=True)
                    return 1
                tally.seconds += monotonic() - started
                tally.keep(path)
                done = (f"{getattr(tally, kind)} {kind}" for _, kind, _ in PARTS)
                print(f"  {', '.join(done)}", flush=True)
    ending = "All is counted" if tally.is_done else "Next time goes on from here"
    print(f"{ending}: {tally}.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(
        run(float(os.environ.get("NIGHTLY_SECONDS", "3600")), int(os.environ.get("WORKERS", "2")))
    )
