"""Which combinations to try next, by a Gaussian process and the improvement it expects."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SCORE_LEAST = 1e-9


def promising(
    tried: Floats, scores: Floats, open_places: Floats, count: int, seed: int
) -> tuple[int, ...]:
    """The rows of `open_places`, shape (points, axes), to try next, the most promising first.

    `tried`, shape (tries, axes), and `scores` are what is known. Each further row is chosen as if
    the one before had scored what the process expects of it (Ginsbourger, Le Riche and Carraro,
    2010, the kriging believer). Where all that was tried scored the same, the rows in their order.
    """
    if np.ptp(scores) <= _SCORE_LEAST:
        return tuple(range(min(count, len(open_places))))
    # More threads than one only wait for each other here, and might add in another order.
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    chosen: list[int] = []
    left = list(range(len(open_places)))
    with threadpool_limits(1):
        kernel = _learned(tried, scores, seed)
        while left and len(chosen) < count:
            expected, spread = _predicted(kernel, tried, scores, open_places[left])
            gains = expected_improvement(expected, spread, float(scores.max()))
            best = int(np.argmax(gains))
            tried = np.vstack([tried, open_places[left[best]]])
            scores = np.append(scores, expected[best])
            chosen.append(left.pop(best))
    return tuple(chosen)


def expected_improvement(expected: Floats, spread: Floats, best: float) -> Floats:
    """By how much each point is expected to beat the best (Jones, Schonlau and Welch, 1998)."""
    from scipy.special import ndtr

    gain = expected - best
    away = np.divide(gain, spread, out=np.zeros_like(gain), where=spread > 0)
    density = np.exp(-0.5 * away**2) / np.sqrt(2.0 * np.pi)
    found = np.where(spread > 0, gain * ndtr(away) + spread * density, np.maximum(gain, 0.0))
    return np.asarray(found, dtype=np.float64)


def _learned(tried: Floats, scores: Floats, seed: int) -> Any:  # noqa: ANN401 - no types there
    """The kernel whose lengths and noise fit best what is known."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    lengths = np.ones(tried.shape[1])
    kernel = ConstantKernel(1.0) * Matern(lengths, (0.05, 20.0), nu=2.5) + WhiteKernel(0.1)
    process = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=1, random_state=seed
    )
    with warnings.catch_warnings():
        # A length at the edge of its bounds says that a rule hardly matters, which is no fault.
        warnings.simplefilter("ignore")
        process.fit(tried, scores)
    return process.kernel_


def _predicted(
    kernel: Any,  # noqa: ANN401 - no types there
    tried: Floats,
    scores: Floats,
    asked: Floats,
) -> tuple[Floats, Floats]:
    from sklearn.gaussian_process import GaussianProcessRegressor

    process = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True)
    process.fit(tried, scores)
    expected, spread = process.predict(asked, return_std=True)
    return np.asarray(expected, dtype=np.float64), np.asarray(spread, dtype=np.float64)
