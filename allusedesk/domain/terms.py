"""What a person is shown before an answer, and what the answer is then bound to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Leg, NamedAmount
from allusedesk.domain.quotes import Quote


@dataclass(frozen=True, slots=True)
class Alternative:
    """What could be done instead, on the proposal's own scale; no legs for doing nothing.

    `premium` is what it brings in (paid is negative), `worst_case` its smallest profit at expiry,
    `delta` the change in value for a dollar of the underlying, in shares.
    """

    name: str
    legs: tuple[Leg, ...]
    credit_net: Price | None
    premium: Money
    worst_case: Money
    scenarios: tuple[NamedAmount, ...]
    collateral_after: Money
    probability_of_profit: Decimal | None
    delta: float | None


@dataclass(frozen=True, slots=True)
class NetGreeks:
    """Sensitivities of several positions together: delta in shares, the rest in dollars.

    Gamma is the change of delta for a dollar, theta dollars a day, vega dollars a point of
    volatility.
    """

    delta: float = 0.0
    gamma: float = 0.0
    theta: float = 0.0
    vega: float = 0.0


@dataclass(frozen=True, slots=True)
class LotSeen:
    """One lot the sleeve held of the underlying, and how many units; negative for shorts."""

    lot: PositionId
    quantity_signed: int


@dataclass(frozen=True, slots=True)
class TermsSeen:
    """What the card showed when it was answered.

    `digest` names card and quotes, `sequence` the entry after which the card was drawn. `price`
    is the net mid per share, `margin` what `quantity` of the proposal would ask for, `lots` what
    the sleeve held of its underlying, `quotes` the two sides of each leg.
    """

    digest: str
    sequence: int
    seen_at: datetime
    price: Price | None
    quantity: int
    margin: Money
    lots: tuple[LotSeen, ...]
    quotes: tuple[Quote, ...]
