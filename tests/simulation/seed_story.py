"""Plays seeds and tells what broke, in short: `python -m tests.simulation.seed_story 17`."""

from __future__ import annotations

import sys

from tests.simulation.playing import play
from tests.simulation.seeds import mishaps_counted, plan_of
from tests.simulation.shrinking import shrunk, story


def main(arguments: list[str]) -> int:
    """Play the seeds named; the exit code is 1 where one of them breaks."""
    is_broken = False
    for seed in (int(each) for each in arguments):
        plan = plan_of(seed)
        played = play(plan)
        found = shrunk(plan) if played.broken is not None else None
        if found is None:
            struck = sum(mishaps_counted(played.world).values())
            print(f"Seed {seed} holds: {len(played.entries)} entries, {struck} mishaps.")
        else:
            print(story(found))
            is_broken = True
    return 1 if is_broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
