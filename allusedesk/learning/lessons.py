"""The desk's weeks as lessons: what was known before each beside what each then was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.forecasts import CONDITION, LABEL, OUTCOMES
from allusedesk.domain.weeks import week_follows
from allusedesk.learning.features import FEATURES, WeekAsked, WeekPast
from allusedesk.learning.scorecard import Lesson
from allusedesk.protocol.rulebook import Condition, Rulebook

Floats = NDArray[np.float64]

CONDITIONS = tuple(one.value for one in Condition)


@dataclass(frozen=True, slots=True)
class Classes:
    """Every code a rulebook may give a week's label and a position's outcome, in its order."""

    labels: tuple[str, ...]
    outcomes: tuple[str, ...]


def classes_of(rulebook: Rulebook) -> Classes:
    """The labels and outcomes a rulebook knows."""
    rules = rulebook.labels
    labels = dict.fromkeys((*(row.label for row in rules.rows), rules.otherwise))
    return Classes(tuple(labels), tuple(row.code for row in rulebook.outcomes.rows))


def lessons_of(
    asked: Sequence[WeekAsked],
    pasts: Sequence[WeekPast | None],
    values: Floats,
    classes: Classes,
) -> tuple[Lesson, ...]:
    """One lesson for each target over the same weeks, in order.

    A week that is not over, or of which the desk recorded nothing, teaches nothing; nor does the
    condition of a week before which the desk was away.
    """
    names = tuple(week.name for week in asked)
    told = [past if past is not None else WeekPast("") for past in pasts]
    after = [
        past.condition if week_follows(later, name) else None
        for (name, later), past in zip(pairwise(names), told[1:], strict=True)
    ]
    after.append(None)
    conditions = _shares([((one, 1),) if one else () for one in after], CONDITIONS)
    labels = _shares([past.labels for past in told], classes.labels)
    outcomes = _shares([past.outcomes for past in told], classes.outcomes)
    return (
        Lesson(CONDITION, CONDITIONS, FEATURES, names, values, conditions, lead=2),
        Lesson(LABEL, classes.labels, FEATURES, names, values, labels),
        Lesson(OUTCOMES, classes.outcomes, FEATURES, names, values, outcomes),
    )


def _shares(counts: Sequence[tuple[tuple[str, int], ...]], classes: tuple[str, ...]) -> Floats:
    """Shares of each class in each week; NaN for a week that has none of them."""
    found = np.zeros((len(counts), len(classes)))
    for row, pairs in enumerate(counts):
        for code, count in pairs:
            if code in classes:
                found[row, classes.index(code)] += count
    wholes = found.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(wholes > 0.0, found / wholes, np.nan))
