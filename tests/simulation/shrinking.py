"""A failing week made small: the fewest mishaps and days that still break it, told as a story."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from allusedesk.domain.events import DifferenceFound, Entry
from allusedesk.engine.state import NEW_YORK
from allusedesk.journal.words.sentences import describe
from tests.simulation.dice import Happened, Mishap
from tests.simulation.ledger import Broken
from tests.simulation.playing import Played, play
from tests.simulation.seeds import Plan

TRIES_MAX = 250
ENTRIES_TOLD = 14
WIDTH = 240

Player = Callable[[Plan], Played]


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest failing week found, how it began, and how many weeks were played for it."""

    played: Played
    broken: Broken
    mishaps_before: int
    tries: int


def shrunk(plan: Plan, player: Player = play, tries_max: int = TRIES_MAX) -> Shrunk | None:
    """The plan with as little as still breaks the same invariant; None where nothing breaks.

    Days after it broke go first, since every try plays what is left; then mishaps, in halves,
    quarters and one by one.
    """
    first = player(plan)
    if first.broken is None:
        return None
    search = _Search(first, player, tries_max)
    search.drop_days()
    search.drop_mishaps()
    best = search.best
    assert best.broken is not None
    return Shrunk(best, best.broken, len(mishaps_of(first)), search.tries)


def mishaps_of(played: Played) -> list[Mishap]:
    """What came about before the end, each once, in the order of its time."""
    now = played.world.clock.now()
    happened = sorted(played.world.dice.happened, key=lambda item: item.at)
    return list(dict.fromkeys(item.mishap for item in happened if item.at <= now))


@dataclass
class _Search:
    best: Played
    player: Player
    tries_max: int
    tries: int = 0

    def drop_mishaps(self) -> None:
        """Delta debugging: leave out ever smaller parts, as long as the week stays broken."""
        kept = mishaps_of(self.best)
        if not self._breaks(replace(self.best.plan, only=frozenset(kept))):
            # Mishaps that were planned for later, yet not reached, play a part.
            return
        parts = 2
        while kept and self.tries < self.tries_max:
            size = max(1, len(kept) // parts)
            for start in range(0, len(kept), size):
                fewer = kept[:start] + kept[start + size :]
                if self._breaks(replace(self.best.plan, only=frozenset(fewer))):
                    reached = set(mishaps_of(self.best))
                    kept = [mishap for mishap in fewer if mishap in reached]
                    parts = max(parts - 1, 2)
                    break
            else:
                if size == 1:
                    return
                parts = min(parts * 2, len(kept))

    def drop_days(self) -> None:
        broke_at = self.best.world.clock.now()
        ends = [session.closes_at for session in self.best.plan.sessions]
        first = next((number for number, end in enumerate(ends, 1) if broke_at <= end), len(ends))
        if first < self.best.plan.days:
            self._breaks(replace(self.best.plan, days=first))
        while self.best.plan.days > 1 and self.tries < self.tries_max:
            if not self._breaks(replace(self.best.plan, days=self.best.plan.days - 1)):
                return

    def _breaks(self, plan: Plan) -> bool:
        if self.tries >= self.tries_max:
            return False
        self.tries += 1
        played = self.player(plan)
        wanted = self.best.broken
        if played.broken is None or wanted is None:
            return False
        if played.broken.invariant is not wanted.invariant:
            return False
        self.best = played
        return True


def story(found: Shrunk) -> str:
    """What happened, in plain words: the mishaps it takes, and what the desk wrote around them."""
    plan, played = found.played.plan, found.played
    mishaps = [item for item in _told_once(played) if item.mishap in set(mishaps_of(played))]
    named = ", as little as it takes" if found.tries else ""
    days = f"{plan.days} days of a week under {plan.rulebook} from {plan.first:%A, %d %B %Y}"
    told_of = f"{len(mishaps)} of {found.mishaps_before}, found by playing {found.tries} weeks"
    lines = [
        f"Seed {plan.seed}: {days}, with ${plan.capital:,}.",
        f"It must hold that {found.broken.invariant.value}, and it does not.",
        f"What went wrong outside{named} ({told_of}):",
        *(f"  {when(item.at)} {item.mishap[0]}: {item.what}" for item in mishaps),
        "What the desk wrote down around it:",
        *told(around(played.entries)),
        f"Then: {found.broken}",
        f"Again: python -m tests.simulation.seed_story {plan.seed}",
    ]
    return "\n".join(lines)


def around(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries before the desk first stopped over a difference, or else the last ones."""
    for place, entry in enumerate(entries):
        if isinstance(entry.event, DifferenceFound) and entry.event.stops:
            return entries[max(0, place + 3 - ENTRIES_TOLD) : place + 3]
    return entries[-ENTRIES_TOLD:]


def told(entries: Sequence[Entry]) -> list[str]:
    """Entries in sentences."""
    return [
        f"  {entry.sequence} {when(entry.recorded_at)} {describe(entry.event):.{WIDTH}}"
        for entry in entries
    ]


def _told_once(played: Played) -> list[Happened]:
    found = {item.mishap: item for item in reversed(played.world.dice.happened)}
    return sorted(found.values(), key=lambda item: item.at)


def when(at: datetime) -> str:
    """An instant by the exchange's clock."""
    return f"{at.astimezone(NEW_YORK):%a %H:%M:%S}"
