"""What scenarios would cost the book: named ones, and shifts of the rate alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.risk.revaluation import HeldLot, Shocks, gains_under
from allusedesk.risk.scenarios import MarketScenario

# Parallel shifts of the short rate, in decimals a year.
RATE_SHIFTS = (-0.02, -0.01, 0.01, 0.02)


@dataclass(frozen=True, slots=True)
class StressLoss:
    """What a scenario brings or costs in dollars, by underlying with the largest loss first.

    In `total` every symbol moves as the market does (or as the scenario names it), in
    `total_by_beta` by its own beta times as much; None where no beta is known.
    """

    scenario: MarketScenario
    total: float
    by_underlying: tuple[tuple[str, float], ...]
    total_by_beta: float | None = None

    @property
    def worst(self) -> float:
        """What it costs by the dearer of the two ways, above zero for a loss."""
        return -self.total if self.total_by_beta is None else -min(self.total, self.total_by_beta)


def stress(
    lots: Sequence[HeldLot],
    rate: float,
    scenarios: Sequence[MarketScenario],
    betas: Mapping[str, float] | None = None,
) -> tuple[StressLoss, ...]:
    """Every lot revalued in full in every scenario, in their order; gains are positive.

    No share falls below nothing. Options are followed for the sessions of the scenario with what
    is held now: nothing is rolled, closed or sold anew on the way.
    """
    found = []
    for one in scenarios:
        gained = gains_under(lots, rate, _shocks(lots, one, {})).ravel().tolist()
        by_underlying: dict[str, list[float]] = {}
        for lot, gain in zip(lots, gained, strict=True):
            by_underlying.setdefault(lot.underlying, []).append(gain)
        sums = {name: math.fsum(gains) for name, gains in by_underlying.items()}
        by_beta = None
        if betas:
            other = gains_under(lots, rate, _shocks(lots, one, betas))
            by_beta = math.fsum(other.ravel().tolist())
        found.append(
            StressLoss(
                one,
                math.fsum(gained),
                tuple(sorted(sums.items(), key=lambda item: (item[1], item[0]))),
                by_beta,
            )
        )
    return tuple(found)


def rate_shifts(lots: Sequence[HeldLot], rate: float) -> tuple[tuple[float, float], ...]:
    """Each shift of the rate with what it would bring or cost in dollars at once."""
    scenarios = [MarketScenario("rate", "", 0.0, rate_change=shift) for shift in RATE_SHIFTS]
    losses = stress(lots, rate, scenarios)
    return tuple((shift, loss.total) for shift, loss in zip(RATE_SHIFTS, losses, strict=True))


def _shocks(
    lots: Sequence[HeldLot], scenario: MarketScenario, betas: Mapping[str, float]
) -> Shocks:
    own = dict(scenario.moves)

    def array(figure: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([max(figure, -1.0)])

    moves = {
        lot.underlying: array(
            own.get(lot.underlying, scenario.move * betas.get(lot.underlying, 1.0))
        )
        for lot in lots
    }
    return Shocks(
        moves,
        array(scenario.move),
        np.array([scenario.factor]),
        np.array([scenario.rate_change]),
        scenario.sessions / SESSIONS_PER_YEAR,
    )
