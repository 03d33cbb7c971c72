"""Trials that ended before: what was stopped half-way goes on from them when asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from allusedesk.laboratory.trial import TrialOutcome, TrialPlan, TrialRefused
from allusedesk.laboratory.workers import Told, Workers, spread

TryPlan = Callable[[TrialPlan], TrialOutcome | TrialRefused]


class TrialShelf(Protocol):
    """Where finished trials stand until the whole they belong to is done."""

    def find(self, plan: TrialPlan) -> TrialOutcome | None:
        """What this very plan came to on these very prices and rules; None where it is not here."""

    def put(self, outcome: TrialOutcome) -> None:
        """Have an outcome stand here; one that cannot be put down is only tried again."""


class EmptyShelf:
    """Holds nothing: for whoever begins anew each time."""

    def find(self, plan: TrialPlan) -> None:
        """Nothing."""
        del plan

    def put(self, outcome: TrialOutcome) -> None:
        """Let it go."""
        del outcome


def spread_trials(
    try_plan: TryPlan,
    plans: Sequence[TrialPlan],
    workers: Workers,
    shelf: TrialShelf,
    *,
    told: Told | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> tuple[TrialOutcome | TrialRefused, ...]:
    """As `spread`, but that only what the shelf lacks is tried, and put there once it is found."""
    found: dict[int, TrialOutcome | TrialRefused] = {}
    for place, plan in enumerate(plans):
        known = shelf.find(plan)
        if known is not None:
            found[place] = known
    missing = [place for place in range(len(plans)) if place not in found]
    before = len(found)

    def tell(done: int, _: int) -> None:
        if told is not None:
            told(before + done, len(plans))

    if before:
        tell(0, 0)

    def arrived(_: int, outcome: TrialOutcome | TrialRefused) -> None:
        if isinstance(outcome, TrialOutcome):
            shelf.put(outcome)

    tried = spread(
        try_plan,
        [plans[place] for place in missing],
        workers,
        told=tell,
        is_stopped=is_stopped,
        arrived=arrived,
    )
    found |= dict(zip(missing, tried, strict=True))
    return tuple(found[place] for place in range(len(plans)))
