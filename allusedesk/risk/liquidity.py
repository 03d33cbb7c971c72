"""How long the book would take to close, and what the spread would cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import CENT, Money, Price

# The part of a series' average daily volume that one may be without moving it much.
PARTICIPATION = 0.10


@dataclass(frozen=True, slots=True)
class Exit:
    """What getting out of one instrument takes.

    `days` at a tenth of its average daily volume, whole and at least one; None where its volume is
    not known or nothing trades. `spread_cost` is half the spread on all of it; None where a side
    is missing.
    """

    instrument: Instrument
    quantity: int
    volume_average: float | None
    days: int | None
    spread_cost: Money | None


def exit_of(
    instrument: Instrument,
    quantity_signed: int,
    volume_average: float | None,
    bid: Price | None,
    ask: Price | None,
) -> Exit:
    """What closing so many contracts or shares takes, by its own volume and its own two sides."""
    quantity = abs(quantity_signed)
    days = None
    if volume_average is not None and math.isfinite(volume_average) and volume_average > 0.0:
        days = max(math.ceil(quantity / (PARTICIPATION * volume_average)), 1)
    cost = None
    if bid is not None and ask is not None:
        half = (ask.per_unit - bid.per_unit) / 2
        whole = half * quantity * instrument.multiplier
        cost = Money(whole.quantize(CENT))
    return Exit(instrument, quantity, volume_average, days, cost)
