"""Target weights under the protocol's caps: skfolio solves, this module asks and checks.

Minimum variance and maximum Sharpe ratio are Markowitz's (1952) and Sharpe's (1966), minimum CVaR
Rockafellar and Uryasev's (2000), risk budgeting gives each asset the same part of the variance
(Maillard, Roncalli and Teiletche, 2010), hierarchical risk parity is Lopez de Prado's (2016).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from allusedesk.market.indicators import SESSIONS_PER_YEAR

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TAIL = 0.05
_FINEST = Decimal("0.000001")
_ROWS_MIN = 2
# Less than a quarter of a year.
_ROWS_TRUSTED = 60
# A weight this near its cap is held by it: a solver stops a little before its bounds.
_NEAR = Decimal("0.00002")
_ALIKE = 1e-10
_STILL = 1e-12


class Method(Enum):
    """How weights are chosen."""

    MINIMUM_VARIANCE = "minimum variance"
    MINIMUM_CVAR = "minimum CVaR"
    RISK_BUDGETING = "risk budgeting"
    HIERARCHICAL_RISK_PARITY = "hierarchical risk parity"
    MAXIMUM_SHARPE = "maximum Sharpe"
    EQUAL_WEIGHT = "equal weight"


class CannotConstruct(Exception):
    """No weights follow from what was given; one plain sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class SimpleReturns:
    """Returns of one period each, simple: `values` has shape (rows, assets), NaN where missing."""

    names: tuple[str, ...]
    days: tuple[date, ...]
    values: Floats


@dataclass(frozen=True, slots=True)
class Caps:
    """What may be placed: `symbol` is the most of equity in one (or None), `buffer` stays cash."""

    symbol: Decimal | None
    buffer: Decimal


@dataclass(frozen=True, slots=True)
class Weight:
    """One asset: its part of equity, its part of the variance, and whether the cap held it."""

    name: str
    weight: Decimal
    risk_share: float
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the weights would have done over the rows used, cash earning nothing.

    `mean_year` and `volatility_year` are fractions a year of 252 sessions, `cvar` the mean loss of
    the worst 5 % of rows, `concentration` the Herfindahl index of the part that is placed (1: all
    in one), `names_effective` its inverse.
    """

    rows: int
    mean_year: float
    volatility_year: float
    cvar: float
    concentration: float
    names_effective: float


@dataclass(frozen=True, slots=True)
class Construction:
    """Weights of equity in the order of the table's names; with `cash` they sum to one."""

    method: Method
    weights: tuple[Weight, ...]
    cash: Decimal
    evidence: Evidence
    notes: tuple[str, ...]


def construct(
    table: SimpleReturns, method: Method, caps: Caps, rate_year: float = 0.0
) -> Construction:
    """Choose weights; `rate_year` is what cash earns a year, for the Sharpe ratio alone.

    Rows with a missing return are left out. The same table in another order of its assets gives
    the same weights. Raises CannotConstruct for tables from which no weights follow.
    """
    order = sorted(range(len(table.names)), key=lambda place: table.names[place])
    names = tuple(table.names[place] for place in order)
    values, notes = _complete(table, order)
    placed, bound = _placeable(len(names), caps)
    notes.extend(_check(names, values, method))
    at_bound = caps.symbol is not None and placed == caps.symbol * len(names)
    if at_bound or len(names) == 1:
        shares = np.full(len(names), 1.0 / len(names))
    else:
        shares = _solved(values, method, float(bound), rate_year)
    weights = _exact(shares, placed, caps.symbol)
    if len(names) == 1:
        notes.append(f"{names[0]} is the only asset: there is nothing to choose between.")
    if at_bound and placed < 1 - caps.buffer:
        noun = "symbol" if len(names) == 1 else "symbols"
        notes.append(
            f"{len(names)} {noun} at {_percent(caps.symbol)} each place "
            f"{_percent(placed)} at most: the rest stays cash."
        )
    shares_of_risk = _risk_shares(values, weights)
    rows = {
        name: Weight(
            name,
            weight,
            risk,
            caps.symbol is not None and weight >= caps.symbol - _NEAR,
        )
        for name, weight, risk in zip(names, weights, shares_of_risk, strict=True)
    }
    return Construction(
        method,
        tuple(rows[name] for name in table.names),
        1 - sum(weights, Decimal(0)),
        _evidence(values, weights),
        tuple(notes),
    )


def _complete(table: SimpleReturns, order: Sequence[int]) -> tuple[Floats, list[str]]:
    """The rows in which every asset has a return, columns in `order`."""
    names = table.names
    if not names:
        raise CannotConstruct("No asset was named: name at least one symbol with prices.")
    if len(set(names)) != len(names):
        raise CannotConstruct("A symbol is named twice: name each one once.")
    values = np.asarray(table.values, dtype=np.float64)
    if values.shape != (len(table.days), len(names)):
        raise CannotConstruct(
            f"The returns have the shape {values.shape}, but {len(table.days)} days and "
            f"{len(names)} names belong to them."
        )
    if not len(table.days):
        raise CannotConstruct(
            "The span holds no return: choose days on which all of the symbols have prices."
        )
    finite = np.isfinite(values)
    bare = [name for place, name in enumerate(names) if not finite[:, place].any()]
    if bare:
        raise CannotConstruct(
            f"No price in the span is known of {', '.join(bare)}: leave it out, or choose other "
            "days."
        )
    whole = np.asarray(finite.all(axis=1))
    left_out = int((~whole).sum())
    notes = []
    if left_out:
        notes.append(f"{left_out} of {len(whole)} rows lack a price and were left out.")
    rows = int(whole.sum())
    if rows < _ROWS_MIN:
        raise CannotConstruct(
            f"All {len(names)} symbols have returns on {rows} of the days alone: "
            "choose a longer span, or leave out the symbol with the shortest history."
        )
    if rows < _ROWS_TRUSTED:
        notes.append(f"{rows} days are few: weights and figures a year change with each day more.")
    return np.ascontiguousarray(values[whole][:, list(order)]), notes


def _placeable(assets: int, caps: Caps) -> tuple[Decimal, Decimal]:
    """The part of equity that may be placed, and the cap as a part of that."""
    free = 1 - caps.buffer
    if free <= 0:
        raise CannotConstruct(
            f"The buffer of {_percent(caps.buffer)} leaves nothing to place: name a smaller one."
        )
    if caps.symbol is None:
        return free, Decimal(1)
    if caps.symbol <= 0:
        raise CannotConstruct(
            f"A cap of {_percent(caps.symbol)} per symbol places nothing: name a larger one."
        )
    placed = min(free, caps.symbol * assets)
    return placed, min(Decimal(1), caps.symbol / placed)


def _check(names: Sequence[str], values: Floats, method: Method) -> list[str]:
    """Refuse what the method cannot tell apart, and note what it can only just."""
    if method is Method.EQUAL_WEIGHT or len(names) == 1:
        return []
    spread = values.std(axis=0)
    still = [name for name, one in zip(names, spread, strict=True) if one < _STILL]
    if still:
        raise CannotConstruct(
            f"The price of {', '.join(still)} never moves in the span, so it has no risk to weigh: "
            "leave it out, or ask for equal weight."
        )
    what = _singular(names, values, spread)
    if not what:
        return []
    if method in {Method.MINIMUM_CVAR, Method.HIERARCHICAL_RISK_PARITY}:
        return [f"{what}: of weights that are equally good, one was taken."]
    raise CannotConstruct(
        f"{what}, so weights are not determined: choose a longer span or fewer symbols, or ask "
        "for hierarchical risk parity."
    )


def _singular(names: Sequence[str], values: Floats, spread: Floats) -> str:
    """Why the assets' covariance cannot be inverted; nothing where it can."""
    if len(values) <= len(names):
        return f"{len(values)} rows say too little about how {len(names)} assets move together"
    standard = (values - values.mean(axis=0)) / spread
    correlation = standard.T @ standard / len(values)
    for place in range(1, len(names)):
        alike = np.flatnonzero(np.abs(correlation[place, :place]) > 1.0 - _ALIKE)
        if alike.size:
            other = int(alike[0])
            how = "alike" if correlation[place, other] > 0.0 else "opposite"
            return f"{names[other]} and {names[place]} move exactly {how}"
    if float(np.linalg.eigvalsh(correlation)[0]) < _ALIKE:
        return "One of the assets is a mix of the others (their covariance is singular)"
    return ""


def _solved(values: Floats, method: Method, cap: float, rate_year: float) -> Floats:
    """Parts of what is placed, none above `cap`, that sum to one."""
    if method is Method.EQUAL_WEIGHT:
        return np.full(values.shape[1], 1.0 / values.shape[1])
    if method is Method.MAXIMUM_SHARPE:
        _check_earnings(values.mean(axis=0), cap, rate_year / SESSIONS_PER_YEAR)
    # skfolio takes seconds to load, which only a solution is worth.
    from skfolio.exceptions import OptimizationError, SolverError

    # Returns near one make the solver's tolerances mean the same for every table.
    scale = float(np.median(values.std(axis=0)))
    model = _model(method, cap, rate_year / SESSIONS_PER_YEAR / scale)
    try:
        with warnings.catch_warnings():
            # What it warns of, a covariance it has to mend, is in our own notes already.
            warnings.simplefilter("ignore", UserWarning)
            found = model.fit(values / scale).weights_
    except (OptimizationError, SolverError) as fault:
        raise CannotConstruct(
            f"The solver found no weights for {method.value} under a cap of {cap:.2%} of what is "
            "placed: choose a longer span or another method."
        ) from fault
    return np.asarray(found, dtype=np.float64)


def _check_earnings(means: Floats, cap: float, rate: float) -> None:
    """Refuse a maximum Sharpe ratio where no mix under the cap earned more than cash."""
    told = "so no Sharpe ratio is above zero: choose another method or another span."
    if float(means.max()) <= rate:
        raise CannotConstruct(f"No asset earned more than cash in the span, {told}")
    ordered = np.sort(means)[::-1]
    parts = np.clip(1.0 - cap * np.arange(len(means)), 0.0, cap)
    if float(parts @ ordered) <= rate:
        raise CannotConstruct(
            f"Under a cap of {cap:.2%} of what is placed no mix earned more than cash in the "
            f"span, {told}"
        )


def _model(method: Method, cap: float, rate: float) -> Any:  # noqa: ANN401
    from skfolio import RiskMeasure
    from skfolio.optimization import (
        HierarchicalRiskParity,
        MeanRisk,
        ObjectiveFunction,
        RiskBudgeting,
    )

    limits = {"min_weights": 0.0, "max_weights": cap}
    match method:
        case Method.RISK_BUDGETING:
            return RiskBudgeting(risk_measure=RiskMeasure.VARIANCE, **limits)
        case Method.HIERARCHICAL_RISK_PARITY:
            return HierarchicalRiskParity(risk_measure=RiskMeasure.VARIANCE, **limits)
        case Method.MAXIMUM_SHARPE:
            return MeanRisk(
                objective_function=ObjectiveFunction.MAXIMIZE_RATIO,
                risk_measure=RiskMeasure.STANDARD_DEVIATION,
                risk_free_rate=rate,
                **limits,
            )
        case Method.MINIMUM_CVAR:
            return MeanRisk(risk_measure=RiskMeasure.CVAR, cvar_beta=1.0 - TAIL, **limits)
        case _:
            return MeanRisk(risk_measure=RiskMeasure.VARIANCE, **limits)


def _exact(shares: Floats, placed: Decimal, cap: Decimal | None) -> list[Decimal]:
    """Parts of equity to a millionth that sum to `placed`, none above `cap`.

    Solvers end a hair beside their bounds, and other machines another hair: a millionth of equity
    is finer than any lot, and coarser than that.
    """
    whole = placed.quantize(_FINEST, ROUND_FLOOR)
    most = whole if cap is None else min(whole, cap.quantize(_FINEST, ROUND_FLOOR))
    read = [max(Decimal(repr(round(float(share), 9))), Decimal(0)) for share in shares]
    of_all = sum(read, Decimal(0))
    exact = [min(one * whole / of_all, most) for one in read]
    rounded = [one.quantize(_FINEST, ROUND_FLOOR) for one in exact]
    # What rounding left goes, a millionth at a time, to those that lost most; ties by their order.
    left = whole - sum(rounded, Decimal(0))
    order = sorted(range(len(exact)), key=lambda place: rounded[place] - exact[place])
    while left > 0:
        for place in order:
            if left > 0 and rounded[place] < most:
                rounded[place] += _FINEST
                left -= _FINEST
        if all(one >= most for one in rounded):
            break
    return rounded


def _risk_shares(values: Floats, weights: Sequence[Decimal]) -> list[float]:
    """Each asset's part of the variance; nothing where there is none."""
    parts = np.array([float(one) for one in weights])
    if len(values) <= 1:
        return [0.0] * len(weights)
    covariance = np.atleast_2d(np.cov(values, rowvar=False))
    pulled = parts * (covariance @ parts)
    whole = math.fsum(pulled.tolist())
    if whole <= 0.0:
        return [0.0] * len(weights)
    return [one / whole for one in pulled.tolist()]


def _evidence(values: Floats, weights: Sequence[Decimal]) -> Evidence:
    parts = np.array([float(one) for one in weights])
    earned = (values @ parts).tolist()
    rows = len(earned)
    mean = math.fsum(earned) / rows
    variance = math.fsum((one - mean) ** 2 for one in earned) / (rows - 1)
    placed = math.fsum(parts.tolist())
    held = math.fsum((one / placed) ** 2 for one in parts.tolist())
    return Evidence(
        rows,
        mean * SESSIONS_PER_YEAR,
        math.sqrt(variance * SESSIONS_PER_YEAR),
        conditional_loss(earned),
        held,
        1.0 / held,
    )


def conditional_loss(returns: Sequence[float]) -> float:
    """The mean loss of the worst 5 % of returns, the last of them counted in part.

    Rockafellar and Uryasev's CVaR of a sample; above zero is a loss.
    """
    ordered = sorted(returns)
    share = TAIL * len(ordered)
    whole = math.floor(share)
    rest = share - whole
    worst = ordered[:whole]
    tail = math.fsum(worst) + (ordered[whole] * rest if rest else 0.0)
    return -tail / share


def _percent(part: Decimal | None) -> str:
    return f"{(part or Decimal(0)) * 100:.2f} %"
