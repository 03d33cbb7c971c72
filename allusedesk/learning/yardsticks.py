"""What a person would guess without a model: that a condition goes on as it mostly has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allusedesk.learning.features import FEATURES
from allusedesk.learning.scorecard import Lesson, Walk
from allusedesk.learning.week_type_model import base_rates

Floats = NDArray[np.float64]

_FLAGS = (FEATURES.index("condition is Green"), FEATURES.index("condition is Red"))


def as_it_stands(lesson: Lesson, walk: Walk) -> Floats:
    """For each week of a walk what mostly followed weeks of the same condition, by then.

    Shape (weeks, classes), the base rates of those weeks alone; all weeks' base rates where the
    condition is not known.
    """
    flags = lesson.values[:, _FLAGS]
    found = []
    for place in walk.places.tolist():
        known = lesson.known_before(place)
        alike = known[(flags[known] == flags[place]).all(axis=1)]
        found.append(base_rates(lesson.shares[alike if len(alike) else known]))
    return np.array(found).reshape(len(walk.places), len(lesson.classes))
