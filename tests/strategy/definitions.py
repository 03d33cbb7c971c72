"""Definitions and looks that tests of strategies are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import Greeks, MarketSnapshot, Quote
from allusedesk.strategy.definition import Definition
from allusedesk.strategy.definition_text import parse_definition
from allusedesk.strategy.standing import Scene, Standing
from tests.trading import DAY, REV, ROOT, classic, dollars, quote, snapshot

EXPIRY = DAY + timedelta(days=38)
FOLDER = ROOT / "resources" / "strategies"


def shipped(name: str) -> Definition:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return parse_definition(text, f"{name}.toml")


def quoted(
    right: Right, strike: int, delta: float, mid: str, expiry: date = EXPIRY, **changes: Any
) -> Quote:
    """A quote of AAPL with two cents between its sides."""
    option = OptionContract("AAPL", expiry, right, Decimal(strike))
    middle = Decimal(mid)
    signed = -delta if right is Right.PUT else delta
    seen = quote(
        option,
        str(middle - Decimal("0.01")),
        str(middle + Decimal("0.01")),
        greeks=Greeks(signed, 0.01, -0.01, 0.1, 0.2),
    )
    return replace(seen, **changes)


def chain(*, at: date = EXPIRY) -> tuple[Quote, ...]:
    """Puts and calls around a spot of 101, a dollar apart, each cheaper the farther out."""
    rows = []
    for step in range(1, 13):
        mid = str(Decimal("3.00") * (Decimal("0.8") ** step))[:4]
        delta = 0.40 * 0.88**step
        rows.append(quoted(Right.PUT, 101 - step, delta, mid, at))
        rows.append(quoted(Right.CALL, 101 + step, delta, mid, at))
    return tuple(rows)


def look(*quotes: Quote, **changes: Any) -> MarketSnapshot:
    return snapshot(*(quotes or chain()), **changes)


def scene(seen: MarketSnapshot, **changes: Any) -> Scene:
    return replace(Scene(seen, DAY, DAY + timedelta(days=1), classic()), **changes)


def standing(definition: Definition, **changes: Any) -> Standing:
    usual = Standing(definition, REV, ("AAPL",), dollars(300_000), dollars(280_000))
    return replace(usual, **changes)
