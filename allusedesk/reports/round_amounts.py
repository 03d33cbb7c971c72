"""Round amounts along a logarithmic axis, and amounts in three digits."""

from __future__ import annotations

import math

_TICKS_MAX = 9


def money_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round amounts of a logarithmic axis from at or under `low` to at or over `high`."""
    for factors in ((1, 2, 5), (1, 3), (1,)):
        exponent = math.floor(math.log10(low))
        found: list[float] = []
        while not found or found[-1] < high:
            found += [factor * 10.0**exponent for factor in factors]
            exponent += 1
        first = max(place for place, tick in enumerate(found) if tick <= low or place == 0)
        last = min(place for place, tick in enumerate(found) if tick >= high)
        ticks = tuple(found[first : last + 1])
        if len(ticks) <= _TICKS_MAX:
            break
    return ticks


def short_money(amount: float) -> str:
    """An amount of dollars in three digits, such as $1.25M."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if amount >= size:
            return f"${amount / size:.3g}{letter}"
    return f"${amount:.0f}"
