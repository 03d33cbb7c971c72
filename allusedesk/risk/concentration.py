"""How much of what is deployed stands in few names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concentration:
    """Shares of what is deployed, largest first.

    `herfindahl` is the sum of their squares (Hirschman and Herfindahl): 1 for one name alone;
    `names_as_if` is its inverse, the number of equal names that would be as concentrated.
    """

    shares: tuple[tuple[str, float], ...]
    herfindahl: float
    names_as_if: float


def concentration(amounts: Mapping[str, float]) -> Concentration:
    """The concentration of amounts by name; nothing deployed is not concentrated at all.

    Amounts below zero are no deployment and count as nothing.
    """
    whole = math.fsum(max(amount, 0.0) for amount in amounts.values())
    if not whole > 0.0:
        return Concentration((), 0.0, 0.0)
    shares = {name: max(amount, 0.0) / whole for name, amount in amounts.items()}
    ordered = tuple(
        sorted(
            ((name, share) for name, share in shares.items() if share > 0.0),
            key=lambda item: (-item[1], item[0]),
        )
    )
    squared = math.fsum(share * share for _, share in ordered)
    return Concentration(ordered, squared, 1.0 / squared)
