from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from allusedesk.domain.toml_values import ValueReader, read_number

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    share: Decimal
    on: date | None = None


@dataclass(frozen=True)
class Outer:
    name: str
    count: int
    is_on: bool
    at: time
    colour: Colour
    parts: tuple[Inner, ...] = ()


@dataclass(frozen=True)
class Where:
    path: str = ""

    def at(self, key: str | int) -> Where:
        return Where(f"{self.path}/{key}")

    def refusal(self, reason: str) -> Exception:
        return ValueError(f"{self.path} {reason}")


WHOLE: dict[str, Any] = {
    "name": "a",
    "count": Decimal(3),
    "is_on": True,
    "at": time(9, 45),
    "colour": "blue",
    "parts": [{"share": Decimal("0.10")}, {"share": 2, "on": date(2026, 1, 5)}],
}


def read(**changes: object) -> Outer:
    table = {key: value for key, value in (WHOLE | changes).items() if value is not None}
    found: Outer = ValueReader().record(Outer, table, Where())
    return found


def test_a_table_becomes_the_value_its_types_describe() -> None:
    parts = (Inner(Decimal("0.10")), Inner(Decimal(2), date(2026, 1, 5)))
    assert read() == Outer("a", 3, True, time(9, 45), Colour.BLUE, parts)
    assert read(parts=None).parts == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "/name must be a text that says something"),
        ({"count": Decimal("3.5")}, "/count must be a whole number"),
        ({"count": 10**10}, "/count must be a whole number"),
        ({"count": True}, "/count must be a number"),
        ({"is_on": 1}, "/is_on must be true or false"),
        ({"at": NOON}, "/at must be a time of day"),
        ({"colour": "green"}, "/colour must be one of red, blue, not 'green'"),
        ({"parts": {}}, "/parts must be a list"),
        ({"parts": [{"share": "x"}]}, "/parts/0/share must be a number"),
        ({"parts": [{"share": Decimal("inf")}]}, "/parts/0/share must be a finite number"),
        ({"parts": [{"share": 1, "on": NOON}]}, "/parts/0/on must be a date"),
        ({"parts": [{"share": 1, "of": 2}]}, "/parts/0/of is unknown"),
        ({"parts": ["x"]}, "/parts/0 must be a table"),
        ({"count": None}, "/count is missing"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(**changes)


def test_a_text_may_have_its_own_way_to_write_a_kind() -> None:
    reader = ValueReader({Decimal: lambda value, place: read_number(value, place) / 100})
    assert reader.record(Inner, {"share": "5"}, Where()) == Inner(Decimal("0.05"))
