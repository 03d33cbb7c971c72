"""Week by week what was forecast, and what then came: the record of advice as it was shown."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from allusedesk.domain.forecasts import CONDITION, LABEL
from allusedesk.domain.weeks import week_follows
from allusedesk.journal.read_side import ReadSide

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One thing forecast for a week: the likeliest code, and what happened with its share.

    `gain` is by how much the forecast's log score was the lower beside the base rates, in nats;
    it and `happened` are empty while nothing is known yet.
    """

    week: str
    target: str
    likeliest: str
    probability: Decimal
    happened: str
    gain: float | None


def advice_record(side: ReadSide) -> tuple[AdviceLine, ...]:
    """Every forecast that was shown, newest week first."""
    given: dict[tuple[str, str], dict[str, tuple[Decimal, Decimal]]] = {}
    told = side.rows(
        "SELECT week, target, code, probability, base_rate FROM forecasts ORDER BY sequence"
    )
    for week, target, code, probability, base in told:
        rates = given.setdefault((week, target), {})
        rates[code] = (Decimal(probability), Decimal(base))
    conditions, labels, outcomes = _conditions(side), _labels(side), _outcomes(side)
    weeks = [name for (name,) in side.rows("SELECT week FROM weeks ORDER BY week")]
    after = {week: later for week, later in pairwise(weeks) if week_follows(later, week)}
    lines = []
    for (week, target), rates in sorted(given.items(), key=lambda item: item[0][0], reverse=True):
        if target == CONDITION:
            came = conditions.get(after.get(week, ""), Counter())
        else:
            came = (labels if target == LABEL else outcomes).get(week, Counter())
        lines.append(_line(week, target, rates, came))
    return tuple(lines)


def _line(
    week: str, target: str, rates: dict[str, tuple[Decimal, Decimal]], came: Counter[str]
) -> AdviceLine:
    code = max(rates, key=lambda one: rates[one][0])
    counted = [(one, count) for one, count in came.most_common() if one in rates]
    whole = sum(count for _, count in counted)
    if not whole:
        return AdviceLine(week, target, code, rates[code][0], "", None)
    gain = math.fsum(
        count / whole * (_log(rates[one][0]) - _log(rates[one][1])) for one, count in counted
    )
    happened = ", ".join(
        one if count == whole else f"{one} {100 * count / whole:.0f}%" for one, count in counted
    )
    return AdviceLine(week, target, code, rates[code][0], happened, gain)


def _log(probability: Decimal) -> float:
    return math.log(max(float(probability), _SMALLEST))


def _conditions(side: ReadSide) -> dict[str, Counter[str]]:
    rows = side.rows(
        "SELECT week, condition FROM conditions WHERE condition IS NOT NULL ORDER BY sequence"
    )
    return {week: Counter([condition]) for week, condition in rows}


def _labels(side: ReadSide) -> dict[str, Counter[str]]:
    latest: dict[str, dict[str, str]] = {}
    for week, family, label in side.rows(
        "SELECT week, family, label FROM labels ORDER BY sequence"
    ):
        latest.setdefault(week, {})[family] = label
    return {week: Counter(by_family.values()) for week, by_family in latest.items()}


def _outcomes(side: ReadSide) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    rows = side.rows("SELECT week, outcome FROM outcomes WHERE tag != 'interim' ORDER BY sequence")
    for week, outcome in rows:
        found.setdefault(week, Counter())[outcome] += 1
    return found
