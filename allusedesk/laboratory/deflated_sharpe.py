"""The deflated Sharpe ratio: how likely a result is real after so many were tried.

Bailey and López de Prado (2014), The Deflated Sharpe Ratio: Correcting for Selection Bias,
Backtest Overfitting and Non-Normality. All ratios are by the period of the returns, not annual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allusedesk.laboratory.refusals import TrialImpossible

Floats = npt.NDArray[np.float64]

_EULER_MASCHERONI = 0.5772156649015329
_PERIODS_MIN = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """A series of returns in four figures; `kurtosis` is that of the normal at 3."""

    periods: int
    sharpe: float
    skewness: float
    kurtosis: float


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """`probability` that the true ratio lies above `threshold`.

    The threshold is the best ratio to be expected of so many trials without any skill.
    """

    sharpe: float
    threshold: float
    trials: int
    probability: float


def shape_of(returns: Floats) -> Shape:
    """Sharpe ratio (nothing riskless taken off), skewness, kurtosis of returns, shape (weeks,).

    Raises TrialImpossible where there are fewer than three periods or none differs.
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.size < _PERIODS_MIN or not np.isfinite(values).all():
        raise TrialImpossible(
            f"{values.size} weeks have no Sharpe ratio: choose a longer span with prices."
        )
    mean = float(values.mean())
    spread = float(values.std(ddof=1))
    if spread <= 1e-12 * float(np.abs(values).max()):
        raise TrialImpossible(
            "Every week came out the same, so there is no risk to measure the gain by: "
            "nothing was traded, or the prices stand still."
        )
    away = (values - mean) / float(values.std())
    return Shape(values.size, mean / spread, float((away**3).mean()), float((away**4).mean()))


def probabilistic_sharpe(shape: Shape, threshold: float) -> float:
    """The probability that the true ratio exceeds a threshold (equation 2 of the paper)."""
    from scipy.special import ndtr

    sharpe = shape.sharpe
    variance = 1.0 - shape.skewness * sharpe + (shape.kurtosis - 1.0) / 4.0 * sharpe**2
    if variance <= 0.0:
        raise TrialImpossible(
            "The weeks are too lopsided for the ratio's own error to be known: add weeks."
        )
    return float(ndtr((sharpe - threshold) * math.sqrt(shape.periods - 1) / math.sqrt(variance)))


def threshold_of(trials: int, sharpe_variance: float) -> float:
    """The highest ratio expected of trials without skill (equation 1 of the paper).

    `sharpe_variance` is the variance of the ratios of all trials.
    """
    from scipy.special import ndtri

    if trials <= 1:
        return 0.0
    first = float(ndtri(1.0 - 1.0 / trials))
    second = float(ndtri(1.0 - 1.0 / (trials * math.e)))
    middle = (1.0 - _EULER_MASCHERONI) * first + _EULER_MASCHERONI * second
    return math.sqrt(sharpe_variance) * middle


def deflated_sharpe(shape: Shape, sharpes_tried: Floats) -> DeflatedSharpe:
    """The chosen series' ratio held against all ratios tried, its own among them."""
    tried = np.asarray(sharpes_tried, dtype=np.float64)
    variance = float(tried.var(ddof=1)) if tried.size > 1 else 0.0
    threshold = threshold_of(tried.size, variance)
    return DeflatedSharpe(
        shape.sharpe, threshold, int(tried.size), probabilistic_sharpe(shape, threshold)
    )
