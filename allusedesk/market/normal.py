"""The standard normal distribution over arrays: SciPy's, imported on first use.

Importing SciPy takes longer than importing the whole engine, and what only reads a journal or
a rulebook never prices anything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def normal_cumulative(values: ArrayLike) -> Floats:
    """The probability of a standard normal draw at or below each value; shape of the input."""
    result: Floats = _functions()[0](values)
    return result


def normal_quantile(probabilities: ArrayLike) -> Floats:
    """The value below which a standard normal draw falls with each probability."""
    result: Floats = _functions()[1](probabilities)
    return result


@cache
def _functions() -> tuple[Callable[..., Any], Callable[..., Any]]:
    from scipy.special import ndtr, ndtri

    return ndtr, ndtri
