"""What trades towards target weights are weighed by, wherever they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RebalanceTerms:
    """Fractions, but for `lot` (shares traded together) and `risk_aversion` (of a drift's risk).

    `band` is the drift of a weight that is borne, `half_spread` the part of a price that a trade
    loses where no quote tells it; the rates tax gains of a year or less, and longer ones.
    """

    band: Decimal = Decimal("0.05")
    lot: int = 1
    half_spread: Decimal = Decimal("0.0002")
    risk_aversion: Decimal = Decimal(4)
    short_rate: Decimal = Decimal("0.32")
    long_rate: Decimal = Decimal("0.15")


USUAL_TERMS = RebalanceTerms()
