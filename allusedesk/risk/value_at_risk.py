"""Historical, simulated and parametric loss of the book at a confidence, and beyond it.

A loss is positive, in dollars. `value at risk` is what is lost at the edge of the worst part of
the outcomes, `expected shortfall` the mean of that part (Acerbi and Tasche, 2002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.market.normal import normal_quantile
from allusedesk.risk.revaluation import Floats, HeldLot, Shocks, gains_under

if TYPE_CHECKING:
    from numpy.random import Generator

_OUTCOMES_MIN = 30
# Student's t with so many degrees of freedom has tails about as fat as daily returns of shares.
_DEGREES = 5
_SIMULATED_AT_ONCE = 10_000
_MOVED_LEAST = 1e-12
# Gauss-Legendre points over the tail: exact for the smooth quantile it is used on.
_POINTS = 64


class CannotMeasure(ValueError):
    """A book or a history that no loss can be measured on; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class ReturnTable:
    """Daily logarithmic returns, oldest first.

    `returns` has the shape (days, symbols) and holds NaN where a symbol has none; `market` and
    `volatility` (of VIX) have the shape (days,). `index` names what `market` is of. Only days
    before the one it is used on belong in it.
    """

    dates: tuple[date, ...]
    symbols: tuple[str, ...]
    returns: Floats
    index: str
    market: Floats
    volatility: Floats

    def of(self, symbol: str) -> Floats | None:
        """A symbol's own returns; None where it has none or any is missing."""
        if symbol not in self.symbols:
            return None
        found = self.returns[:, self.symbols.index(symbol)]
        return None if np.isnan(found).any() else found

    def last(self, days: int) -> ReturnTable:
        """The latest `days` rows, or all there are."""
        return ReturnTable(
            self.dates[-days:],
            self.symbols,
            self.returns[-days:],
            self.index,
            self.market[-days:],
            self.volatility[-days:],
        )

    def before(self, day: date) -> ReturnTable:
        """The rows of days strictly before `day`."""
        count = sum(1 for one in self.dates if one < day)
        return ReturnTable(
            self.dates[:count],
            self.symbols,
            self.returns[:count],
            self.index,
            self.market[:count],
            self.volatility[:count],
        )


@dataclass(frozen=True, slots=True)
class LossMeasured:
    """One way's answer: losses in dollars at `confidence` over `days` sessions.

    `outcomes` is how many scenarios it rests on, 0 for a formula; `notes` are plain sentences.
    """

    way: str
    confidence: float
    days: int
    outcomes: int
    value_at_risk: float
    expected_shortfall: float
    notes: tuple[str, ...] = ()


def loss_of(profits: Floats, confidence: float) -> tuple[float, float]:
    """Value at risk and expected shortfall of equally likely profits, shape (outcomes,).

    The first between the two outcomes at the edge, the second the mean of the outcomes up to it.
    Raises CannotMeasure for no outcome, for one that is no number, and for a confidence outside
    one half to one.
    """
    _checked(confidence)
    if not len(profits) or not np.isfinite(profits).all():
        raise CannotMeasure("No loss can be measured: there are no outcomes, or not all are known.")
    tail = 1.0 - confidence
    edge = float(np.percentile(profits, 100.0 * tail))
    # A hair is added, since 1 - 0.9 is a little less than a tenth.
    worst = np.sort(profits)[: int((len(profits) - 1) * tail + 1e-9) + 1]
    return -edge, -float(worst.mean())


def historical(
    lots: Sequence[HeldLot], rate: float, table: ReturnTable, confidence: float, days: int = 1
) -> LossMeasured:
    """What the book would have lost had each stretch of `days` in the table come next.

    Every lot is revalued in full: spots by the symbol's own return, volatilities by VIX's, time
    by `days`. Raises CannotMeasure for fewer than 30 stretches.
    """
    _checked(confidence)
    stretches = len(table.dates) - days + 1
    if stretches < _OUTCOMES_MIN:
        raise CannotMeasure(
            f"Prices of {_days(len(table.dates))} are too few to look {_days(days)} ahead: give "
            f"at least {_OUTCOMES_MIN + days - 1}, for instance a longer history by --data."
        )

    def together(returns: Floats) -> Floats:
        summed = np.lib.stride_tricks.sliding_window_view(returns, days).sum(axis=1)
        return np.asarray(np.expm1(summed))

    moves, notes = _moves_of(lots, table)
    shocks = Shocks(
        moves={symbol: together(returns) for symbol, returns in moves.items()},
        others=together(table.market),
        factors=together(table.volatility) + 1.0,
        rate_changes=np.zeros(stretches),
        years_passed=days / SESSIONS_PER_YEAR,
    )
    if stretches * (1.0 - confidence) < 1.0:
        told = (
            f"Of {stretches} outcomes not one in {1.0 / (1.0 - confidence):,.0f} can be told: the "
            "historical loss is about the worst of them."
        )
        notes = (*notes, told)
    return _measured("historical", lots, rate, shocks, confidence, days, notes)


def simulated(
    lots: Sequence[HeldLot],
    rate: float,
    table: ReturnTable,
    confidence: float,
    generator: Generator,
    days: int = 1,
    scenarios: int = _SIMULATED_AT_ONCE,
) -> LossMeasured:
    """As `historical`, over scenarios drawn from Student's t with the table's covariance.

    Five degrees of freedom, no drift; symbols and VIX move together as they did. A singular
    covariance (one asset twice, constant prices) is drawn from as it is and said so.
    """
    _checked(confidence)
    moves, notes = _moves_of(lots, table)
    names = sorted(moves)
    columns = [moves[name] for name in names] + [table.market, table.volatility]
    covariance, rank = _covariance(columns)
    if rank < len(columns):
        notes = (*notes, _singular(len(columns) - rank))
    drawn = _drawn(covariance, scenarios, generator) * math.sqrt(days)
    shocks = Shocks(
        moves={name: np.expm1(drawn[place]) for place, name in enumerate(names)},
        others=np.expm1(drawn[-2]),
        factors=np.exp(drawn[-1]),
        rate_changes=np.zeros(scenarios),
        years_passed=days / SESSIONS_PER_YEAR,
    )
    return _measured("simulated", lots, rate, shocks, confidence, days, notes)


def parametric(
    lots: Sequence[HeldLot], rate: float, table: ReturnTable, confidence: float, days: int = 1
) -> LossMeasured:
    """Delta, gamma, vega and theta under normal returns, by Cornish and Fisher's expansion.

    The four moments of the quadratic form are exact (Mina and Ulmer, "Delta-gamma four ways",
    1999); sensitivities are taken by revaluing a step up and down. A book too curved for the
    expansion is said to be so.
    """
    _checked(confidence)
    moves, notes = _moves_of(lots, table)
    names = sorted(moves)
    covariance, rank = _covariance(
        [*(moves[name] for name in names), table.market, table.volatility]
    )
    if rank < len(covariance):
        notes = (*notes, _singular(len(covariance) - rank))
    covariance = covariance * days
    delta, gamma, drift = _sensitivities(lots, rate, names, days)
    mean, deviation, skew, excess = _moments(delta, gamma, drift, covariance)
    tail = 1.0 - confidence
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    inside = normal_quantile(0.5 * tail * (nodes + 1.0))
    edge = float(_expanded(normal_quantile(np.array([tail])), skew, excess)[0])
    beyond = float(_expanded(inside, skew, excess) @ weights) / 2.0
    if _is_too_curved(skew, excess):
        curved = f"skew {skew:.1f}, excess kurtosis {excess:.1f}"
        notes = (*notes, f"Too curved for the formula ({curved}): trust the revaluations.")
    return LossMeasured(
        "parametric",
        confidence,
        days,
        0,
        -(mean + deviation * edge),
        -(mean + deviation * beyond),
        notes,
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _checked(confidence: float) -> None:
    if not 0.5 < confidence < 1.0:  # noqa: PLR2004 - a half is the middle, not a tail
        raise CannotMeasure(
            f"{confidence} is no confidence of a loss: give one between 0.5 and 1, such as 0.99."
        )


def _moves_of(
    lots: Sequence[HeldLot], table: ReturnTable
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Each underlying's own returns, and sentences about those that have none or never moved.

    The index itself moves as all others do, and is no series of its own beside it.
    """
    if not np.isfinite(table.market).all() or not np.isfinite(table.volatility).all():
        raise CannotMeasure(
            f"The returns of {table.index} or of VIX are not all known: name a history that has "
            "both, such as one with the index's closes."
        )
    found: dict[str, Floats] = {}
    foreign: list[str] = []
    notes: list[str] = []
    for lot in lots:
        is_market = lot.is_of_volatility or lot.underlying == table.index
        if is_market or lot.underlying in found or lot.underlying in foreign:
            continue
        returns = table.of(lot.underlying)
        if returns is None:
            foreign.append(lot.underlying)
        else:
            found[lot.underlying] = returns
    if foreign:
        named = ", ".join(sorted(foreign))
        words = "has no returns on all days, so it moves"
        if len(foreign) > 1:
            words = "have no returns on all days, so they move"
        notes.append(f"{named} {words} as {table.index} does.")
    still = sorted(name for name, each in found.items() if np.abs(each).max(initial=0.0) == 0.0)
    if still:
        notes.append(
            f"The prices of {', '.join(still)} never moved in the history: its loss is understated."
        )
    if not lots:
        notes.append("Nothing but cash is held, so nothing can be lost to the market.")
    return found, tuple(notes)


def _measured(
    way: str,
    lots: Sequence[HeldLot],
    rate: float,
    shocks: Shocks,
    confidence: float,
    days: int,
    notes: tuple[str, ...],
) -> LossMeasured:
    profits = gains_under(lots, rate, shocks).sum(axis=0)
    lost, beyond = loss_of(profits, confidence)
    return LossMeasured(way, confidence, days, len(profits), lost, beyond, notes)


def _covariance(columns: Sequence[Floats]) -> tuple[Floats, int]:
    """Covariance around zero and its rank; raises CannotMeasure for too few days."""
    rows = np.array(columns)
    if rows.shape[1] < _OUTCOMES_MIN:
        raise CannotMeasure(
            f"Prices of {_days(rows.shape[1])} are too few to say how prices move together: give "
            f"at least {_OUTCOMES_MIN}."
        )
    found = rows @ rows.T / rows.shape[1]
    scale = np.sqrt(np.maximum(np.diag(found), _MOVED_LEAST))
    return found, int(np.linalg.matrix_rank(found / np.outer(scale, scale), tol=1e-9))


def _singular(short: int) -> str:
    return (
        f"{short} of the series followed from the others or never moved (a singular covariance): "
        "they were moved along."
    )


def _drawn(covariance: Floats, scenarios: int, generator: Generator) -> Floats:
    """Student's t with this covariance; shape (series, scenarios)."""
    weights, directions = np.linalg.eigh(covariance)
    root = directions * np.sqrt(np.maximum(weights, 0.0))
    normal = generator.standard_normal((len(covariance), scenarios))
    spread = np.sqrt((_DEGREES - 2) / generator.chisquare(_DEGREES, scenarios))
    return np.asarray((root @ normal) * spread)


def _sensitivities(
    lots: Sequence[HeldLot], rate: float, names: Sequence[str], days: int
) -> tuple[Floats, Floats, float]:
    """Dollars a unit of log return (and its square) of each series, and what time alone brings.

    Series stand as in the covariance: names, then the market for all others, then VIX.
    """
    step, count = 0.01, len(names) + 2
    total = 2 * count + 2
    logs = np.zeros((count, total))
    for place in range(count):
        logs[place, 2 * place], logs[place, 2 * place + 1] = step, -step

    def gained(years_passed: float) -> Floats:
        shocks = Shocks(
            {name: np.expm1(logs[place]) for place, name in enumerate(names)},
            np.expm1(logs[-2]),
            np.exp(logs[-1]),
            np.zeros(total),
            years_passed,
        )
        return np.asarray(gains_under(lots, rate, shocks).sum(axis=0))

    now = gained(0.0)
    up, down = now[0 : 2 * count : 2], now[1 : 2 * count : 2]
    drift = float(gained(days / SESSIONS_PER_YEAR)[-1])
    return (up - down) / (2.0 * step), np.diag((up + down) / (step * step)), drift


def _moments(
    delta: Floats, gamma: Floats, drift: float, covariance: Floats
) -> tuple[float, float, float, float]:
    """Mean, deviation, skew and excess kurtosis of drift + delta x + x gamma x / 2."""
    curved = gamma @ covariance
    squared = curved @ curved
    moved = covariance @ delta
    mean = drift + 0.5 * float(np.trace(curved))
    variance = float(delta @ moved) + 0.5 * float(np.trace(squared))
    if variance <= _MOVED_LEAST:
        return mean, 0.0, 0.0, 0.0
    third = 3.0 * float(moved @ gamma @ moved) + float(np.trace(squared @ curved))
    fourth = 12.0 * float(moved @ gamma @ covariance @ gamma @ moved) + 3.0 * float(
        np.trace(squared @ squared)
    )
    return mean, math.sqrt(variance), third / variance**1.5, fourth / variance**2


def _expanded(normal: Floats, skew: float, excess: float) -> Floats:
    """Cornish and Fisher's quantile, in deviations from the mean."""
    return np.asarray(
        normal
        + (normal**2 - 1.0) * skew / 6.0
        + (normal**3 - 3.0 * normal) * excess / 24.0
        - (2.0 * normal**3 - 5.0 * normal) * skew * skew / 36.0
    )


def _is_too_curved(skew: float, excess: float) -> bool:
    """Where the expansion's quantile no longer rises throughout within four deviations."""
    a, b = skew / 6.0, excess / 24.0
    probe = np.linspace(-4.0, 4.0, 161)
    slope = 1.0 + 2.0 * a * probe + b * (3.0 * probe**2 - 3.0) - a * a * (6.0 * probe**2 - 5.0)
    return bool((slope <= 0.0).any())
