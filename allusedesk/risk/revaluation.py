"""Every lot held valued anew under other prices, volatilities, rates and days, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from allusedesk.market.american import american_values
from allusedesk.market.pricing import values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Floats: TypeAlias = NDArray[np.float64]

# Moves of spot, and logarithms of what volatilities are multiplied by, at which the worth of early
# exercise is computed; between them it is a plane. Both step evenly, beyond them it stays.
_MOVES_FIRST, _MOVES_STEP, _MOVES = -0.5, 0.05, 21
_LOGS_FIRST, _LOGS_STEP, _LOGS = -0.5, 0.25, 7
_EARLY_YEARS_MIN = 1.0 / 365.0
# Nothing is worth a negative price, and a logarithm of nothing is none.
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class HeldLot:
    """One lot to be revalued: `units` are signed shares, or contracts times their multiplier.

    `strike` is None for shares. `years` is the time left, `volatility` annual (0: worth its
    discounted intrinsic value). `is_of_volatility` marks options on a volatility index: it does
    not follow the shares' prices, and moves with what volatilities are multiplied by. `early` is
    what early exercise is worth a share over a grid of spots and volatilities, spots the faster;
    empty where there is none, as for what `is_european`.
    """

    underlying: str
    units: int
    spot: float
    strike: float | None = None
    is_put: bool = False
    years: float = 0.0
    volatility: float = 0.0
    is_of_volatility: bool = False
    is_european: bool = False
    early: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Shocks:
    """What happens to the market in each scenario, all arrays of shape (scenarios,).

    `moves` are simple returns by underlying (what is missing moves as `others`), `factors` what
    volatilities are multiplied by, `rate_changes` are added to the rate. `years_passed` is one
    number for all.
    """

    moves: dict[str, Floats]
    others: Floats
    factors: Floats
    rate_changes: Floats
    years_passed: float = 0.0


def with_early_exercise(lots: Sequence[HeldLot], rate: float) -> tuple[HeldLot, ...]:
    """The lots, with what early exercise is worth on each put that has a day left or more.

    The difference of the American value (QuantLib, Andersen, Lake and Offengenden) and the
    European over a grid of spots and volatilities. A call is worth no more for it here, since
    dividends are left out. About 17 ms a put.
    """
    places = [
        place
        for place, lot in enumerate(lots)
        if lot.is_put
        and not lot.is_of_volatility
        and not lot.is_european
        and lot.volatility > 0
        and lot.years >= _EARLY_YEARS_MIN
    ]
    if not places:
        return tuple(lots)
    chosen = [lots[place] for place in places]
    moves = 1.0 + _MOVES_FIRST + _MOVES_STEP * np.arange(_MOVES)
    factors = np.exp(_LOGS_FIRST + _LOGS_STEP * np.arange(_LOGS))
    shape = (len(chosen), _LOGS, _MOVES)

    def column(figures: Sequence[float], along: ArrayLike = 1.0) -> Floats:
        each = np.array(figures, dtype=np.float64)[:, None, None] * np.asarray(along)
        return np.broadcast_to(each, shape).ravel()

    terms = (
        column([lot.spot for lot in chosen], moves[None, None, :]),
        column([lot.strike or 0.0 for lot in chosen]),
        column([lot.years for lot in chosen]),
        np.full(len(chosen) * _LOGS * _MOVES, rate),
        np.zeros(len(chosen) * _LOGS * _MOVES),
        column([lot.volatility for lot in chosen], factors[None, :, None]),
        np.ones(len(chosen) * _LOGS * _MOVES, dtype=np.bool_),
    )
    worth = np.maximum(american_values(*terms) - values(*terms), 0.0).reshape(len(chosen), -1)
    found = list(lots)
    for place, row in zip(places, worth.tolist(), strict=True):
        found[place] = replace(lots[place], early=tuple(row))
    return tuple(found)


def gains_under(lots: Sequence[HeldLot], rate: float, shocks: Shocks) -> Floats:
    """Dollars gained or lost by each lot in each scenario; shape (lots, scenarios).

    Against the lot's value now. Each scenario is a full revaluation by Black, Scholes and Merton
    without dividends, plus what early exercise is worth there, and never below what exercise
    would bring at once.
    """
    gained = np.empty((len(lots), len(shocks.others)))
    rates = rate + shocks.rate_changes
    # A lot at a time, so that its arrays stay in the processor's own memory.
    for place, lot in enumerate(lots):
        moves = shocks.moves.get(lot.underlying, shocks.others)
        if lot.is_of_volatility:
            spots = lot.spot * shocks.factors
        else:
            spots = np.maximum(lot.spot * (1.0 + moves), _LEAST)
        gained[place] = (_worth(lot, spots, rates, shocks, moves) - worth_now(lot, rate)) * (
            lot.units
        )
    return gained


def worth_now(lot: HeldLot, rate: float) -> float:
    """What one share of the lot is worth as it stands, by the same arithmetic."""
    if lot.strike is None:
        return lot.spot
    there = _european(lot, lot.spot, rate, lot.volatility, lot.years)
    return float(_not_below_exercise(lot, there, lot.spot, np.zeros(1), np.ones(1)).item())


def _worth(lot: HeldLot, spots: Floats, rates: Floats, shocks: Shocks, moves: Floats) -> Floats:
    if lot.strike is None:
        return spots
    left = max(lot.years - shocks.years_passed, 0.0)
    there = _european(lot, spots, rates, lot.volatility * shocks.factors, left)
    return _not_below_exercise(lot, there, spots, moves, shocks.factors)


def _european(
    lot: HeldLot, spots: ArrayLike, rates: ArrayLike, volatilities: ArrayLike, years: float
) -> Floats:
    return values(spots, lot.strike or 0.0, years, rates, 0.0, volatilities, lot.is_put)


def _not_below_exercise(
    lot: HeldLot, there: Floats, spots: ArrayLike, moves: Floats, factors: Floats
) -> Floats:
    if not lot.early:
        return there
    at_once = (lot.strike or 0.0) - np.asarray(spots)
    return np.asarray(np.maximum(there + _early_at(lot, moves, factors), at_once))


def _early_at(lot: HeldLot, moves: Floats, factors: Floats) -> Floats:
    """Between the four points of the grid around each scenario."""
    grid = np.array(lot.early)
    column, along = _places(moves, _MOVES_FIRST, _MOVES_STEP, _MOVES)
    row, across = _places(np.log(factors), _LOGS_FIRST, _LOGS_STEP, _LOGS)
    first = row * _MOVES + column
    low = grid[first] + along * (grid[first + 1] - grid[first])
    first = first + _MOVES
    high = grid[first] + along * (grid[first + 1] - grid[first])
    return np.asarray(low + across * (high - low))


def _places(
    figures: Floats, first: float, step: float, count: int
) -> tuple[NDArray[np.intp], Floats]:
    """The point before each figure, and how far beyond it the figure lies, from 0 to 1."""
    scaled = np.minimum(np.maximum((figures - first) / step, 0.0), count - 1.0)
    before = np.minimum(scaled.astype(np.intp), count - 2)
    return before, scaled - before
