"""What a return above a benchmark's came of: allocation, selection and their interaction.

Brinson, Hood and Beebower, "Determinants of portfolio performance" (1986); the allocation is
measured against the benchmark's whole return, as Brinson and Fachler (1985) do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.money import Money
from allusedesk.portfolio.attribution import cents_that_sum
from allusedesk.portfolio.attribution_days import LotDay, SleeveDay

CASH = "cash"
_FINE = Decimal("0.000001")
# A return on less money than this part of the whole says nothing.
_WEIGHT_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class BrinsonGroup:
    """One group: its weight and what it added to the return, and the benchmark's there.

    `contribution` is a part of the whole return; `benchmark_return` that of the group itself.
    """

    name: str
    weight: float
    contribution: float
    benchmark_weight: float
    benchmark_return: float


@dataclass(frozen=True, slots=True)
class BrinsonPart:
    """The three effects of one group in dollars; together they are its part of the difference."""

    name: str
    allocation: Money
    selection: Money
    interaction: Money


@dataclass(frozen=True, slots=True)
class Brinson:
    """Both returns and what lies between them; all effects sum to `difference` to the cent."""

    base: Money
    whole_return: float
    benchmark_return: float
    difference: Money
    parts: tuple[BrinsonPart, ...]


def brinson(groups: Sequence[BrinsonGroup], base: Money) -> Brinson:
    """Divide the difference of two returns, in dollars of `base`.

    Weights of either side should sum to one. Where a group has no weight and still added
    something, that is selection. Raises ValueError for a base of nothing.
    """
    if base.amount <= 0:
        raise ValueError(f"A return needs capital above zero, not {base}.")
    whole = math.fsum(one.contribution for one in groups)
    benchmark = math.fsum(one.benchmark_weight * one.benchmark_return for one in groups)
    exact: list[Decimal] = []
    for one in groups:
        exact.extend(_dollars(effect, base) for effect in _effects(one, benchmark))
    difference = _dollars(whole - benchmark, base)
    # Weights that miss one by rounding leave millionths, which belong to no effect.
    exact[0] += difference - sum(exact, Decimal(0))
    cents = cents_that_sum(exact, difference)
    parts = [
        BrinsonPart(one.name, *(Money(cents[3 * place + effect]) for effect in range(3)))
        for place, one in enumerate(groups)
    ]
    return Brinson(base, whole, benchmark, Money(sum(cents, Decimal(0))), tuple(parts))


def _effects(one: BrinsonGroup, benchmark: float) -> tuple[float, float, float]:
    more = one.weight - one.benchmark_weight
    allocation = more * (one.benchmark_return - benchmark)
    earned_more = one.contribution - one.weight * one.benchmark_return
    if abs(one.weight) < _WEIGHT_LEAST:
        return allocation, earned_more, 0.0
    selection = one.benchmark_weight * earned_more / one.weight
    return allocation, selection, earned_more - selection


def groups_of(
    lots: Sequence[LotDay],
    sleeves: Sequence[SleeveDay],
    base: Money,
    benchmark_weights: Mapping[str, float],
    returns: Mapping[str, float],
) -> tuple[BrinsonGroup, ...]:
    """The desk by underlying and cash, beside a benchmark; each weight a mean over the closes.

    `returns` are those of the shares themselves; an underlying without one stands at the
    benchmark's, so that it makes no allocation.
    """
    earned: dict[str, Decimal] = {}
    for day in lots:
        earned[day.underlying] = earned.get(day.underlying, Decimal(0)) + day.whole
    earned[CASH] = sum((day.other for day in sleeves), Decimal(0))
    weights = _mean_weights(sleeves)
    benchmark = math.fsum(part * returns[name] for name, part in benchmark_weights.items())
    names = sorted({*earned, *weights, *benchmark_weights} - {CASH})
    # Measured like the rest, cash closes both sides to one.
    cash = 1.0 - math.fsum(weights.get(name, 0.0) for name in names)
    rest = 1.0 - math.fsum(benchmark_weights.get(name, 0.0) for name in names)
    found = [
        BrinsonGroup(
            name,
            weights.get(name, 0.0),
            float(earned.get(name, Decimal(0)) / base.amount),
            benchmark_weights.get(name, 0.0),
            returns.get(name, benchmark),
        )
        for name in names
    ]
    found.append(BrinsonGroup(CASH, cash, float(earned[CASH] / base.amount), rest, 0.0))
    return tuple(found)


def _mean_weights(sleeves: Sequence[SleeveDay]) -> dict[str, float]:
    equity: dict[object, Decimal] = {}
    engaged: dict[object, dict[str, Decimal]] = {}
    for day in sleeves:
        equity[day.on] = equity.get(day.on, Decimal(0)) + day.equity.amount
        mine = engaged.setdefault(day.on, {})
        for name, amount in day.engaged:
            mine[name] = mine.get(name, Decimal(0)) + amount
    parts: dict[str, list[float]] = {}
    for on, mine in engaged.items():
        for name, amount in mine.items():
            if equity[on] > 0:
                parts.setdefault(name, []).append(float(amount / equity[on]))
    return {name: math.fsum(found) / len(equity) for name, found in sorted(parts.items())}


def _dollars(part: float, base: Money) -> Decimal:
    return (Decimal(repr(part)) * base.amount).quantize(_FINE)
