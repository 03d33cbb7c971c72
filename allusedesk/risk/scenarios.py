"""Named scenarios read from TOML: those of history with their sources, and a person's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Any

from allusedesk.domain.toml_text import read_toml, shortened

_FIELDS = {
    "id",
    "name",
    "first",
    "last",
    "sessions",
    "move",
    "moves",
    "volatility_from",
    "volatility_to",
    "volatility_factor",
    "rate_change",
    "source",
}
_MOVE_MAX, _FACTOR_MIN, _FACTOR_MAX, _RATE_MAX, _SESSIONS_MAX = 10.0, 0.05, 20.0, 1.0, 2_520


class ScenariosRefused(ValueError):
    """A text that holds no scenarios; the sentence names the scenario and what to correct."""


@dataclass(frozen=True, slots=True)
class MarketScenario:
    """A change of everything at once.

    `move` is the simple return of the market, `moves` those of symbols that differ from it;
    `factor` is what volatilities are multiplied by, `rate_change` is added to the rate, `sessions`
    pass. `first` and `last` are None where it never happened.
    """

    id: str
    name: str
    move: float
    factor: float = 1.0
    rate_change: float = 0.0
    sessions: int = 0
    moves: tuple[tuple[str, float], ...] = ()
    first: date | None = None
    last: date | None = None
    source: str = ""


def read_scenarios(text: str, origin: str) -> tuple[MarketScenario, ...]:
    """The scenarios of a TOML text; raises ScenariosRefused, naming `origin` and the place."""
    try:
        table = read_toml(text)
    except tomllib.TOMLDecodeError as fault:
        raise ScenariosRefused(f"{origin} is no TOML: {shortened(str(fault))}.") from fault
    rows = table.get("scenario")
    if not isinstance(rows, list) or not rows:
        raise ScenariosRefused(f"{origin} holds no [[scenario]]: give at least one with a move.")
    found = [_scenario(row, f"{origin}, scenario {place}") for place, row in enumerate(rows, 1)]
    names = [one.id for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScenariosRefused(f"{origin} has two scenarios with the id {twice!r}: rename one.")
    return tuple(found)


def _scenario(row: object, place: str) -> MarketScenario:
    if not isinstance(row, dict):
        raise ScenariosRefused(f"{place} is no table: write [[scenario]] above its lines.")
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise ScenariosRefused(f"{place}: {shortened(unknown[0], 60)} is no field of a scenario.")
    name = row.get("id")
    if not isinstance(name, str) or not name.strip():
        raise ScenariosRefused(f"{place} has no id: give it a short name.")
    moves = _own_moves(row, place)
    sessions = _number(row, "sessions", place, 0.0, _SESSIONS_MAX)
    if not sessions.is_integer():
        raise ScenariosRefused(f"{place}: sessions is no whole number: no part of a day passes.")
    return MarketScenario(
        id=name,
        name=str(row.get("name", name)),
        move=_number(row, "move", place, -1.0, _MOVE_MAX, needed=True),
        factor=_factor(row, place),
        rate_change=_number(row, "rate_change", place, -_RATE_MAX, _RATE_MAX),
        sessions=int(sessions),
        moves=tuple(
            (symbol, _number(moves, symbol, place, -1.0, _MOVE_MAX)) for symbol in sorted(moves)
        ),
        first=_day(row, "first", place),
        last=_day(row, "last", place),
        source=str(row.get("source", "")),
    )


def _own_moves(row: dict[str, Any], place: str) -> dict[str, Any]:
    """Returns of single symbols, which are written in capitals here however they came."""
    moves = row.get("moves", {})
    if not isinstance(moves, dict):
        raise ScenariosRefused(f"{place}: moves is a table of symbols and their returns.")
    found = {symbol.upper(): move for symbol, move in moves.items()}
    if len(found) != len(moves):
        raise ScenariosRefused(f"{place}: moves names a symbol twice: keep one.")
    return found


def _factor(row: dict[str, Any], place: str) -> float:
    """As given, or what VIX went to over what it came from."""
    if "volatility_from" not in row and "volatility_to" not in row:
        return _number(row, "volatility_factor", place, _FACTOR_MIN, _FACTOR_MAX, absent=1.0)
    if "volatility_factor" in row:
        raise ScenariosRefused(
            f"{place}: give volatility_factor, or volatility_from and volatility_to, not both."
        )
    before = _number(row, "volatility_from", place, 1.0, 1_000.0, needed=True)
    after = _number(row, "volatility_to", place, 1.0, 1_000.0, needed=True)
    return after / before


def _number(
    row: dict[str, Any],
    name: str,
    place: str,
    low: float,
    high: float,
    *,
    needed: bool = False,
    absent: float = 0.0,
) -> float:
    if name not in row and not needed:
        return absent
    value = row.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= float(value or 0) <= high:
        raise ScenariosRefused(
            f"{place}: {shortened(name, 60)} is no number from {low:g} to {high:g}."
        )
    return float(value or 0)


def _day(row: dict[str, Any], name: str, place: str) -> date | None:
    value = row.get(name)
    if value is None or type(value) is date:
        return value
    raise ScenariosRefused(f"{place}: {name} is no day such as 2020-03-23.")
