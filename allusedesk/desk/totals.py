"""The line under a table: what its rows come to, overall and sleeve by sleeve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allusedesk.desk import formatting

_SLEEVES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that is added up: its name, its value in a row, and whether it shows its sign."""

    name: str
    value: Callable[[Any], Decimal | float | None]
    decimals: int = 2
    is_signed: bool = False


def totals_of(
    rows: Sequence[Any], account_of: Callable[[Any], str], noun: str, figures: Sequence[Figure]
) -> str:
    """`3 lots, value -1,200.00, ...` for all rows, then for each sleeve, the largest first."""
    if not rows:
        return ""
    by_account: dict[str, list[Any]] = {}
    for row in rows:
        by_account.setdefault(account_of(row), []).append(row)
    parts = [f"All: {_sum(rows, noun, figures)}"]
    if len(by_account) > 1:
        accounts = sorted(by_account, key=lambda name: (-len(by_account[name]), name))
        parts += [
            f"{name}: {_sum(by_account[name], noun, figures)}" for name in accounts[:_SLEEVES_SHOWN]
        ]
        if len(accounts) > _SLEEVES_SHOWN:
            parts.append(f"and {len(accounts) - _SLEEVES_SHOWN} more sleeves")
    return "   |   ".join(parts)


def _sum(rows: Sequence[Any], noun: str, figures: Sequence[Figure]) -> str:
    said = [f"{len(rows):,} {noun}{'' if len(rows) == 1 else 's'}"]
    for figure in figures:
        whole = Decimal(0)
        for row in rows:
            value = figure.value(row)
            if value is not None:
                whole += value if isinstance(value, Decimal) else Decimal(str(value))
        text = formatting.number(whole, figure.decimals, signed=figure.is_signed)
        said.append(f"{figure.name} {text}")
    return ", ".join(said)
