"""How well a measured value at risk kept its word: tests of its record, day by day.

An exception is a day whose loss was larger than the value at risk told for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import pairwise

# Zones of the Basel Committee ("Supervisory framework for the use of backtesting", January 1996):
# green below 95% of the distribution of exceptions under a right model, red from 99.99% on.
_YELLOW_FROM, _RED_FROM = 0.95, 0.9999
# What the Committee adds to the multiplier of capital, for 250 days at 99%, by exceptions.
_ADDED = (0.0, 0.0, 0.0, 0.0, 0.0, 0.40, 0.50, 0.65, 0.75, 0.85, 1.0)
_DAYS_OF_BASEL, _TAIL_OF_BASEL = 250, 0.01


class Zone(Enum):
    """The traffic light."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class VarDay:
    """What was told for a day at the close before it, and what came; `outcome` is signed."""

    on: date
    value_at_risk: float
    outcome: float

    @property
    def is_exception(self) -> bool:
        return self.outcome < -self.value_at_risk


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A likelihood ratio and how likely one as large is where the model is right."""

    ratio: float
    probability: float


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """The zone, the probability of at most so many exceptions, and what Basel adds.

    `added` is None unless the record is 250 days at 99%, for which alone it is defined.
    """

    zone: Zone
    cumulative: float
    added: float | None


@dataclass(frozen=True, slots=True)
class VarRecord:
    """The verdict on a record: `expected` exceptions, those that came, and the tests of them."""

    days: int
    exceptions: int
    expected: float
    coverage: Likelihood
    independence: Likelihood
    conditional: Likelihood
    light: TrafficLight


def judge_record(days: Sequence[VarDay], confidence: float) -> VarRecord:
    """All tests of a record in order of its days; raises ValueError for an empty one."""
    hits = [day.is_exception for day in days]
    count, tail = sum(hits), 1.0 - confidence
    if not days:
        raise ValueError(
            "There is no day yet for which a loss was both told and seen: rehearse or trade on."
        )
    coverage = proportion_of_failures(len(days), count, tail)
    independence = independence_of(hits)
    return VarRecord(
        days=len(days),
        exceptions=count,
        expected=len(days) * tail,
        coverage=coverage,
        independence=independence,
        conditional=conditional_coverage(coverage, independence),
        light=traffic_light(len(days), count, tail),
    )


def proportion_of_failures(days: int, exceptions: int, tail: float) -> Likelihood:
    """Kupiec's test: whether exceptions are as many as `tail` of the days (1995).

    One degree of freedom. Raises ValueError for counts that are none and a tail outside 0 to 1.
    """
    _checked(days, exceptions, tail)
    told = _log(exceptions, tail) + _log(days - exceptions, 1.0 - tail)
    share = exceptions / days
    seen = _log(exceptions, share) + _log(days - exceptions, 1.0 - share)
    return _of_one(-2.0 * (told - seen))


def independence_of(hits: Sequence[bool]) -> Likelihood:
    """Christoffersen's test: whether an exception makes another on the next day likelier (1998).

    One degree of freedom; where there is no exception before the last day nothing can be said,
    and the ratio is 0.
    """
    pairs = list(pairwise(hits))
    counts = dict.fromkeys(((False, False), (False, True), (True, False), (True, True)), 0)
    for before, after in pairs:
        counts[before, after] += 1
    after_calm = counts[False, False] + counts[False, True]
    after_hit = counts[True, False] + counts[True, True]
    if not after_calm or not after_hit:
        return Likelihood(0.0, 1.0)
    came = counts[False, True] + counts[True, True]
    share = came / len(pairs)
    alike = _log(len(pairs) - came, 1.0 - share) + _log(came, share)
    calm, hit = counts[False, True] / after_calm, counts[True, True] / after_hit
    apart = (
        _log(counts[False, False], 1.0 - calm)
        + _log(counts[False, True], calm)
        + _log(counts[True, False], 1.0 - hit)
        + _log(counts[True, True], hit)
    )
    return _of_one(-2.0 * (alike - apart))


def conditional_coverage(coverage: Likelihood, independence: Likelihood) -> Likelihood:
    """Christoffersen's joint test: right in number and independent; two degrees of freedom."""
    ratio = coverage.ratio + independence.ratio
    return Likelihood(ratio, math.exp(-ratio / 2.0))


def traffic_light(days: int, exceptions: int, tail: float) -> TrafficLight:
    """The Basel Committee's zone; raises ValueError as `proportion_of_failures`."""
    _checked(days, exceptions, tail)
    cumulative = math.fsum(
        math.exp(
            math.log(math.comb(days, count)) + _log(count, tail) + _log(days - count, 1 - tail)
        )
        for count in range(exceptions + 1)
    )
    zone = Zone.GREEN
    # A record too short for the distribution is no worse for having no more than it should.
    if cumulative >= _YELLOW_FROM and exceptions > days * tail:
        zone = Zone.RED if cumulative >= _RED_FROM else Zone.YELLOW
    is_basel = days == _DAYS_OF_BASEL and math.isclose(tail, _TAIL_OF_BASEL)
    added = _ADDED[min(exceptions, len(_ADDED) - 1)] if is_basel else None
    return TrafficLight(zone, min(cumulative, 1.0), added)


def _checked(days: int, exceptions: int, tail: float) -> None:
    if not 0 < tail < 1:
        raise ValueError(f"{tail} is no tail of a distribution: give one between 0 and 1.")
    if not 0 <= exceptions <= days or not days:
        raise ValueError(f"{exceptions} exceptions in {days} days cannot be: count again.")


def _log(count: int, probability: float) -> float:
    """The logarithm of a probability to the power of a count; nothing to the power of nothing."""
    return count * math.log(probability) if count else 0.0


def _of_one(ratio: float) -> Likelihood:
    """With one degree of freedom; rounding alone can make a ratio negative."""
    ratio = max(0.0, ratio)
    return Likelihood(ratio, math.erfc(math.sqrt(ratio / 2.0)))
