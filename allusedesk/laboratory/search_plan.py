"""What a search tries: rules with the values they may have, and how to choose among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allusedesk.laboratory.folds import refuse_folds
from allusedesk.laboratory.overrides import read_setting
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.trial import Setting, TrialPlan

MANNERS = ("grid", "random", "model")
POINTS_MAX = 1_000_000
RULEBOOK = "rulebook"
TRIES = 24
FOLDS = 4
PURGE = 1
EMBARGO = 1


@dataclass(frozen=True, slots=True)
class Axis:
    """A dotted rule of the rulebook (or `rulebook` itself) and the values it may have, in order."""

    rule: str
    values: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A search over the axes' combinations; `tries` of them, or all in a grid.

    The weeks are walked through in `folds` tests; `purge` and `embargo` are weeks left out beside
    a test. The seed is of the search's own chance, not of the trials'.
    """

    trial: TrialPlan
    axes: tuple[Axis, ...]
    manner: str = "grid"
    tries: int = TRIES
    folds: int = FOLDS
    purge: int = PURGE
    embargo: int = EMBARGO
    seed: int = 1

    @property
    def points(self) -> int:
        """How many combinations there are."""
        return math.prod(len(axis.values) for axis in self.axes)

    @property
    def tries_wanted(self) -> int:
        """How many of them are tried: all in a grid."""
        return self.points if self.manner == "grid" else min(self.points, self.tries)


def read_axis(text: str) -> Axis:
    """An axis such as `accounts.gen.delta.low=30,35,40` or `…=30..40`, whole numbers from to.

    Raises TrialImpossible for what is none.
    """
    rule, equals, listed = text.partition("=")
    first, dots, last = listed.partition("..")
    if dots and first.strip().isdigit() and last.strip().isdigit():
        values: tuple[Setting, ...] = _numbers(first.strip(), last.strip())
    else:
        values = tuple(read_setting(part.strip()) for part in listed.split(",") if part.strip())
    if not equals or not rule.strip() or not values or len(set(values)) < len(values):
        raise TrialImpossible(
            f"{text!r} names no values to try: write such as accounts.gen.delta.low=30,35,40 "
            "or =30..40, each value once and not too many."
        )
    return Axis(rule.strip(), values)


def _numbers(first: str, last: str) -> tuple[int, ...]:
    """Whole numbers from one to another; none where they are more than a search looks over."""
    if max(len(first), len(last)) > len(str(POINTS_MAX)) or int(last) - int(first) > POINTS_MAX:
        return ()
    return tuple(range(int(first), int(last) + 1))


def refuse_search(plan: SearchPlan) -> None:
    """Raise TrialImpossible for a search that cannot begin."""
    if plan.manner not in MANNERS:
        raise TrialImpossible(
            f"There is no search by {plan.manner!r}; there are: {', '.join(MANNERS)}."
        )
    refuse_folds(plan.folds)
    if not plan.axes:
        raise TrialImpossible("A search needs something to try: name a rule and its values.")
    if len({axis.rule for axis in plan.axes}) < len(plan.axes):
        raise TrialImpossible("A rule is to be tried twice over: name each once, with all values.")
    if plan.points > POINTS_MAX:
        raise TrialImpossible(
            f"{plan.points:,} combinations are more than a search looks over ({POINTS_MAX:,}): "
            "try fewer values."
        )


def settings_at(plan: SearchPlan, point: int) -> tuple[tuple[str, Setting], ...]:
    """The settings of one combination; the last axis changes fastest."""
    settings = []
    for axis in reversed(plan.axes):
        point, place = divmod(point, len(axis.values))
        settings.append((axis.rule, axis.values[place]))
    return tuple(reversed(settings))


def coordinates(plan: SearchPlan, points: Sequence[int]) -> np.ndarray[tuple[int, int]]:
    """Places on the axes between 0 and 1, shape (points, axes): values count by their order."""
    counts = tuple(len(axis.values) for axis in plan.axes)
    places = np.stack(np.unravel_index(np.asarray(points, dtype=np.int64), counts), axis=1)
    return np.asarray(places / np.maximum(np.array(counts) - 1, 1), dtype=np.float64)


def trial_at(plan: SearchPlan, point: int) -> TrialPlan:
    """The trial of one combination."""
    settings = settings_at(plan, point)
    rulebook = next((value for rule, value in settings if rule == RULEBOOK), plan.trial.rulebook)
    others = tuple(one for one in settings if one[0] != RULEBOOK)
    return replace(plan.trial, rulebook=str(rulebook), overrides=(*plan.trial.overrides, *others))
