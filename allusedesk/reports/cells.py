"""What one cell of a statement can hold, and what kind of figure it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from allusedesk.domain.money import Money, Price


class Qualifier(Enum):
    """What kind of figure it is; every figure says one of these."""

    MEASURED = "measured"
    TARGET = "target"
    MODELLED = "modelled"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Percent:
    """A fraction shown as per cent: 0.015 is 1.50%."""

    fraction: Decimal


@dataclass(frozen=True, slots=True)
class Number:
    """A plain number, shown with a fixed count of decimals."""

    value: Decimal
    decimals: int = 2


Plain: TypeAlias = Money | Price | Percent | Number | int | date | datetime | str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell or words that lead to another place of the same file.

    `to` is the `anchor` of a section, heading, table, row or chart, or else a section's title.
    A reference to a place the statement does not have is written as plain text.
    """

    value: Plain
    to: str


Cell: TypeAlias = Plain | Reference
