"""Ranges a rulebook speaks in: deltas, days to expiry, and fractions with open or closed ends."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DeltaBand:
    """Deltas x 100, unsigned, both ends included."""

    low: Decimal
    high: Decimal

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2

    def shifted(self, shift: Decimal) -> DeltaBand:
        return DeltaBand(self.low + shift, self.high + shift)

    def holds(self, delta: Decimal) -> bool:
        return self.low <= delta <= self.high


@dataclass(frozen=True, slots=True)
class DayBand:
    """Calendar days to expiry, both ends included."""

    low: int
    high: int

    def holds(self, days: int) -> bool:
        return self.low <= days <= self.high


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of fractions; None is without end, and each end says whether it belongs to it."""

    low: Decimal | None
    high: Decimal | None
    holds_low: bool
    holds_high: bool

    def holds(self, part: Decimal, whole: Decimal) -> bool:
        """Tell whether `part / whole` lies inside, by products, so that a limit stays exact."""
        if self.low is not None:
            floor = self.low * whole
            if part < floor or (part == floor and not self.holds_low):
                return False
        if self.high is not None:
            ceiling = self.high * whole
            if part > ceiling or (part == ceiling and not self.holds_high):
                return False
        return True

    def __str__(self) -> str:
        left = f"{'[' if self.holds_low else '('}{'-inf' if self.low is None else self.low}"
        right = f"{'inf' if self.high is None else self.high}{']' if self.holds_high else ')'}"
        return f"{left}, {right}"
