"""Statistics of a series of returns, defined as the package empyrical-reloaded defines them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# The least spread that is not a rounding of none.
_SPREAD_MIN = 1e-12


@dataclass(frozen=True, slots=True)
class ReturnStatistics:
    """What `count` returns say, each a fraction; ratios and volatility are of a year.

    `volatility` is the sample's standard deviation, `downside` the root of the mean square of
    what fell short of the free rate. `sharpe` is the mean excess over the volatility, `sortino`
    that over the downside; either is None where it would divide by nothing. `sharpe_error` is its
    standard error for independent returns (Lo, "The Statistics of Sharpe Ratios", 2002).
    `drawdown` is the deepest fall of the compounded returns from their high or their start.
    """

    count: int
    compounded: float
    volatility: float | None
    downside: float
    sharpe: float | None
    sharpe_error: float | None
    sortino: float | None
    drawdown: float


def statistics_of(returns: Sequence[float], free: float, periods: int) -> ReturnStatistics:
    """The statistics of returns of which `periods` make a year, `free` the rate of one period.

    Raises ValueError without a return.
    """
    if not returns:
        raise ValueError("There is no return to make statistics of.")
    excess = [one - free for one in returns]
    mean = math.fsum(excess) / len(excess)
    deviation = _deviation(returns)
    below = math.sqrt(math.fsum(min(one, 0.0) ** 2 for one in excess) / len(excess))
    root = math.sqrt(periods)
    sharpe = mean / deviation if deviation and deviation > _SPREAD_MIN else None
    return ReturnStatistics(
        count=len(returns),
        compounded=math.prod(1.0 + one for one in returns) - 1.0,
        volatility=None if deviation is None else deviation * root,
        downside=below * root,
        sharpe=None if sharpe is None else sharpe * root,
        sharpe_error=(
            None if sharpe is None else math.sqrt((1 + sharpe**2 / 2) / len(returns)) * root
        ),
        sortino=mean * periods / (below * root) if below > _SPREAD_MIN else None,
        drawdown=deepest_fall(returns),
    )


def deepest_fall(returns: Sequence[float]) -> float:
    """The deepest fall of the compounded returns from an earlier high, a fraction above zero."""
    value = high = 1.0
    deepest = 0.0
    for one in returns:
        value *= 1.0 + one
        high = max(high, value)
        deepest = max(deepest, 1.0 - value / high if high > 0 else 0.0)
    return deepest


def _deviation(values: Sequence[float]) -> float | None:
    """The sample's standard deviation, by n - 1; None of a single value."""
    if len(values) < 2:  # noqa: PLR2004 - a spread needs two
        return None
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - 1))
