"""What the desk itself saw of the market, day by day: the short rate and the trend's index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from allusedesk.journal.quote_rows import read_quote
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.scalars import read_instant

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class MarketSeen:
    """The first look of a day: the short rate a year as a fraction, and closes before it.

    `closes` are the last closes known then, by symbol, the trend's among them.
    """

    on: date
    rate: float | None
    closes: dict[str, Decimal]


def market_seen(side: ReadSide, first: int, last: int) -> tuple[MarketSeen, ...]:
    """The first look of each day among the entries, oldest first."""
    found: dict[date, dict[str, Any]] = {}
    for on, snapshot in _first_looks(side, first, last):
        found.setdefault(on, snapshot)
    return tuple(MarketSeen(on, _rate_of(one), _closes_of(one)) for on, one in found.items())


def _first_looks(side: ReadSide, first: int, last: int) -> Iterator[tuple[date, dict[str, Any]]]:
    # An alarm's id names its week and day before its last stroke, such as 2019-W01/Mon/condition.
    wanted = side.column(
        "SELECT min(sequence) FROM samples WHERE sequence BETWEEN ? AND ? "
        "AND alarm GLOB '????-W??/???/*' GROUP BY substr(alarm, 1, 12) ORDER BY min(sequence)",
        (first, last),
    )
    for sequence in wanted:
        row = next(iter(side.journal.rows(sequence, sequence)))
        day = read_instant(row.recorded_at).astimezone(_NEW_YORK).date()
        yield day, json.loads(row.body)["snapshot"]


def _rate_of(snapshot: dict[str, Any]) -> float | None:
    rate = snapshot.get("rate")
    return float(rate) if isinstance(rate, int | float) else None


def _closes_of(snapshot: dict[str, Any]) -> dict[str, Decimal]:
    closes: dict[str, Decimal] = {}
    for seen in (*snapshot.get("underlyings", ()), snapshot.get("trend")):
        if not seen or not seen.get("indicators"):
            continue
        try:
            closes[seen["symbol"]] = Decimal(seen["indicators"]["close"])
        except (InvalidOperation, KeyError, TypeError):
            continue
    return closes


def first_and_last_prices(
    side: ReadSide, first: int, last: int, looks: int = 60
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Of each symbol the close its first look in a span knew, and its quote at the last look.

    So many looks are read at either end; a symbol that none of them saw is left out.
    """
    within = "FROM samples WHERE sequence BETWEEN ? AND ? AND alarm GLOB '????-W??/???/*' "
    rising = side.column(
        f"SELECT sequence {within} ORDER BY sequence LIMIT ?", (first, last, looks)
    )
    falling = side.column(
        f"SELECT sequence {within} ORDER BY sequence DESC LIMIT ?", (first, last, looks)
    )
    closes: dict[str, Decimal] = {}
    for sequence in rising:
        closes = _closes_of(_snapshot_at(side, sequence)) | closes
    quoted: dict[str, Decimal] = {}
    for sequence in falling:
        quoted = _quotes_of(_snapshot_at(side, sequence)) | quoted
    return closes, quoted


def trend_quoted(side: ReadSide, first: int, last: int, looks: int = 5) -> Decimal | None:
    """What the trend's index was quoted at by the last of a span's looks that saw it.

    So many looks are tried; None where none of them did.
    """
    wanted = side.column(
        "SELECT sequence FROM samples WHERE sequence BETWEEN ? AND ? ORDER BY sequence DESC "
        "LIMIT ?",
        (first, last, looks),
    )
    for sequence in wanted:
        trend = _snapshot_at(side, sequence).get("trend")
        mark = read_quote(trend["quote"]).mark if trend else None
        if mark is not None:
            return mark.per_unit
    return None


def _snapshot_at(side: ReadSide, sequence: int) -> dict[str, Any]:
    row = next(iter(side.journal.rows(sequence, sequence)))
    snapshot: dict[str, Any] = json.loads(row.body)["snapshot"]
    return snapshot


def _quotes_of(snapshot: dict[str, Any]) -> dict[str, Decimal]:
    """What each underlying was quoted at: the middle, or else its last price."""
    found: dict[str, Decimal] = {}
    for seen in snapshot.get("underlyings", ()):
        mark = read_quote(seen["quote"]).mark
        if mark is not None:
            found[seen["symbol"]] = mark.per_unit
    return found
