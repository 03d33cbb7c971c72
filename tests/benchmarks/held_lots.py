"""Positions for a large table, and pictures of them as their quotes change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import Greeks, Quote
from allusedesk.engine.snapshot_lots import HeldLot, LotGreeks
from tests.trading import NOON, lot

EXPIRY = date(2013, 2, 15)
_GREEKS = Greeks(-0.3, 0.02, -0.05, 0.1, 0.25)


def held_lots(count: int) -> list[HeldLot]:
    """So many short puts, each with a quote, greeks and all that Positions shows."""
    return [_held(number) for number in range(count)]


def _held(number: int) -> HeldLot:
    option = OptionContract(f"S{number:04d}", EXPIRY, Right.PUT, Decimal(50 + number % 100))
    quote = Quote(
        option, Price(Decimal("1.20")), Price(Decimal("1.30")), None, NOON, greeks=_GREEKS
    )
    return HeldLot(
        lot=lot(option, -3, id=PositionId(f"lot-{number}")),
        quote=quote,
        value=Money(Decimal(-375)),
        unrealised=Money(Decimal(25)),
        is_marked=True,
        level="L0",
        spot=Price(Decimal(100)),
        earned=Decimal("0.06"),
        greeks=LotGreeks(90.0, -6.0, 15.0, -30.0),
        greeks_at=NOON,
        distance=Decimal("0.05"),
        distance_atr=Decimal("1.2"),
        probability_assigned=0.21,
        collateral=Money(Decimal(15_000)),
    )


def pictures_of(held: list[HeldLot], quotes: int, count: int) -> list[tuple[HeldLot, ...]]:
    """Pictures one after another, so many quotes between two; what had none is the same object."""
    rng = np.random.default_rng(5)
    now, found = list(held), []
    for number in range(count):
        at = NOON + timedelta(milliseconds=50 * (number + 1))
        for place in rng.integers(0, len(held), quotes):
            now[place] = _quoted(now[place], at, number)
        found.append(tuple(now))
    return found


def _quoted(held: HeldLot, at: datetime, number: int) -> HeldLot:
    cents = Decimal(100 + number % 50).scaleb(-2)
    assert held.quote is not None
    bid, ask = Price(cents), Price(cents + Decimal("0.10"))
    quote = replace(held.quote, bid=bid, ask=ask, quoted_at=at)
    worth = -300 * (cents + Decimal("0.05"))
    return replace(held, quote=quote, value=Money(worth), unrealised=Money(worth + 400))
