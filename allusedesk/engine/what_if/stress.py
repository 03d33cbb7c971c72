"""Every lot revalued under other prices and volatilities, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allusedesk.market.pricing import values
from allusedesk.risk.revaluation import HeldLot

Floats: TypeAlias = NDArray[np.float64]

# The columns and rows of the heat map: moves of spot, and what volatilities are multiplied by.
MOVES = (-0.30, -0.20, -0.15, -0.10, -0.05, 0.0, 0.05, 0.10, 0.20)
VOLATILITY_FACTORS = (2.0, 1.5, 1.25, 1.0, 0.75, 0.5)


def gains(
    lots: Sequence[HeldLot],
    rate: float,
    moves: Sequence[float] = MOVES,
    factors: Sequence[float] = VOLATILITY_FACTORS,
    years_passed: float = 0.0,
) -> Floats:
    """Dollars gained or lost by each lot; shape (lots, factors, moves), against its value now.

    Spot moves by a fraction of itself and volatilities are multiplied, at once and everywhere.
    European values without dividends (Black, Scholes and Merton).
    """
    if not lots:
        return np.zeros((0, len(factors), len(moves)))

    def column(figures: Sequence[float]) -> Floats:
        return np.array(figures, dtype=np.float64)[:, None, None]

    spot, units = column([lot.spot for lot in lots]), column([lot.units for lot in lots])
    is_share = np.array([lot.strike is None for lot in lots])[:, None, None]
    strike = column([lot.spot if lot.strike is None else lot.strike for lot in lots])
    is_put = np.array([lot.is_put for lot in lots])[:, None, None]
    years, volatility = column([lot.years for lot in lots]), column([x.volatility for x in lots])
    moved = 1.0 + np.array(moves, dtype=np.float64)[None, None, :]
    factor = np.array(factors, dtype=np.float64)[None, :, None]
    is_of_volatility = np.array([lot.is_of_volatility for lot in lots])[:, None, None]
    spots = spot * np.where(is_of_volatility, factor, moved)
    # Nothing is worth a negative price, and a logarithm of nothing is none.
    spots = np.maximum(spots, 1e-9)
    left = np.maximum(years - years_passed, 0.0)
    then = values(spots, strike, left, rate, 0.0, volatility * factor, is_put)
    now = values(spot, strike, years, rate, 0.0, volatility, is_put)
    gained = np.where(is_share, spots - spot, then - now)
    return np.asarray(gained * units)
