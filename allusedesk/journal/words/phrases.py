"""Phrases that many sentences of the record share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from allusedesk.domain.events import ProposalApproved
from allusedesk.domain.money import Price
from allusedesk.domain.proposals import Leg, Side

_SHOWN_MAX = 6


def legs_in_words(legs: Sequence[Leg]) -> str:
    """What an order or a proposal trades, such as `sell AAPL 2026-02-13 260 put`."""
    return listed(
        f"{'buy' if leg.side is Side.BUY else 'sell'} {leg.instrument}"
        f"{' to close' if leg.closes else ''}"
        for leg in legs
    )


def listed(parts: Iterable[str], most: int = _SHOWN_MAX) -> str:
    """At most so many of the parts, and how many are left out; `nothing` for none."""
    shown = list(parts)
    if len(shown) > most:
        shown = [*shown[:most], f"and {len(shown) - most} more"]
    return ", ".join(shown) or "nothing"


def net_in_words(price: Price | None) -> str:
    """A net price a share as what it is to us: a credit or a debit."""
    if price is None:
        return "no price"
    return f"a credit of {price}" if price.per_unit >= 0 else f"a debit of {-price.per_unit}"


def percent(fraction: Decimal) -> str:
    """A fraction as per cent, to two digits."""
    return f"{fraction * 100:.2f}%"


def because(reason: str) -> str:
    """A reason in brackets behind a sentence; empty where there is none."""
    return f" ({reason})" if reason else ""


def edited(quantity: int | None, limit: Price | None) -> str:
    """What a person changed in an approval; empty where nothing was."""
    smaller = "" if quantity is None else f", for {quantity} only"
    return smaller if limit is None else f"{smaller}, at {limit} or better"


def decided_by(event: ProposalApproved) -> str:
    """Who approved: one person, two of them, or what stood in for a person."""
    second = f" and {event.countersigned_by}" if event.countersigned_by else ""
    return f"{event.granted_by}{second}"
