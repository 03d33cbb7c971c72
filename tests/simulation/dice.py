"""What goes wrong, by a seed: each mishap has a name, so that a failing week can do without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

# The place of a kind chooses its stream: a new kind goes to the end.
KINDS = (
    "lost report",
    "doubled report",
    "late report",
    "overtaking report",
    "lost wish",
    "doubled wish",
    "late wish",
    "refused order",
    "partial fill",
    "outage",
    "report lost in an outage",
    "stall",
    "crossed batch",
    "crossed chain",
    "wild quote",
    "price jump",
    "late answer",
    "no answer",
    "rejection",
    "edit",
    "beside the rules",
    "instruction",
    "restart",
)
Mishap = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Happened:
    """One mishap that came about: its name, when, and what it struck."""

    mishap: Mishap
    at: datetime
    what: str


@dataclass
class Dice:
    """Throws for each kind from a stream of its own; `only` lets through none but its members.

    The nth chance of a kind is the same throw whatever happens to the other kinds, so taking
    mishaps away leaves those that stay where they were, as far as the desk gives the chance.
    """

    seed: int
    shares: Mapping[str, float]
    now: Callable[[], datetime]
    only: frozenset[Mishap] | None = None
    happened: list[Happened] = field(default_factory=list)
    chances: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._streams = {
            kind: np.random.default_rng([self.seed, 41, place]) for place, kind in enumerate(KINDS)
        }

    def happens(self, kind: str, what: object = "") -> bool:
        """Whether the mishap strikes this time."""
        share = self.shares.get(kind, 0.0)
        if share <= 0.0:
            return False
        number = self.chances[kind]
        self.chances[kind] += 1
        if float(self._streams[kind].random()) >= share or not self.allows((kind, number)):
            return False
        self.note((kind, number), what)
        return True

    def amount(self) -> float:
        """How bad the last mishap is, from 0 to 1; the same for it in every run."""
        kind, number = self.happened[-1].mishap
        return float(np.random.default_rng([self.seed, 42, KINDS.index(kind), number]).random())

    def allows(self, mishap: Mishap) -> bool:
        return self.only is None or mishap in self.only

    def note(self, mishap: Mishap, what: object, at: datetime | None = None) -> None:
        """Remember that a mishap came about."""
        self.happened.append(Happened(mishap, at or self.now(), str(what)))

    def counts(self) -> Counter[str]:
        """How often each kind came about."""
        return Counter(item.mishap[0] for item in self.happened)
