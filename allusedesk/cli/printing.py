"""Answers on paper: one JSON object for machines, plain lines for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import Path

from allusedesk.domain.money import Money, Price


def print_json(content: Mapping[str, object]) -> None:
    """Print one JSON object; money and other exact numbers are strings of plain digits."""
    print(json.dumps(plain(content), indent=2))


def plain(value: object) -> object:
    """A value as JSON holds it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case Money():
            return plain(value.amount)
        case Price():
            return plain(value.per_unit)
        case Enum():
            return plain(value.value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case Path():
            return str(value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in JSON.")


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns under their titles; numbers stand at the right."""
    cells = [[_shown(cell) for cell in row] for row in rows]
    widths = [
        max(len(title), *(len(row[column]) for row in cells)) if cells else len(title)
        for column, title in enumerate(titles)
    ]
    rights = [
        bool(rows) and all(isinstance(row[column], int | Decimal | Money | None) for row in rows)
        for column in range(len(titles))
    ]
    for line in ([*titles], *cells):
        placed = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, rights, strict=True)
        ]
        print("  ".join(placed).rstrip())


def print_pairs(pairs: Sequence[tuple[str, object]]) -> None:
    """Print names with their values beside them."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        print(f"{name.ljust(width)}  {_shown(value)}".rstrip())


def say(sentence: str) -> None:
    """Print a sentence for a person, apart from the answer."""
    print(sentence, file=sys.stderr)


def _shown(value: object) -> str:
    match value:
        case None:
            return "-"
        case Decimal():
            return f"{value:,f}"
        case Money():
            return f"{value.amount:,.2f}"
        case int() if not isinstance(value, bool):
            return f"{value:,d}"
        case list() | tuple():
            return ", ".join(_shown(item) for item in value) or "none"
        case _:
            return str(value)
