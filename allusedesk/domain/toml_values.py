"""Frozen values made of TOML tables, strictly by the types of their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Protocol, Self, get_args, get_origin, get_type_hints

from allusedesk.domain.toml_text import is_bounded

_LARGEST = Decimal(10) ** 9


class Place(Protocol):
    """Where in a text the reading stands, and how that text complains."""

    def at(self, key: str | int) -> Self:
        """The place of a key of this table, or of a row of this list."""

    def refusal(self, reason: str) -> Exception:
        """What to raise here; the reason goes on from the place's name: "must be a list"."""


OwnReader = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Reads tables into dataclasses; `own` reads the kinds that a text writes in its own way.

    Numbers are exact. A key that is unknown, missing without a default, or of the wrong kind is
    refused by the place it stands at.
    """

    own: Mapping[Any, OwnReader] = field(default_factory=dict)
    table: str = "must be a table"
    missing: str = "is missing"

    def record(self, kind: type[Any], value: Any, place: Place) -> Any:  # noqa: ANN401
        """The dataclass `kind` that a table holds; raises what `place` refuses with."""
        if not isinstance(value, dict):
            raise place.refusal(self.table)
        hints = get_type_hints(kind)
        known = {one.name: one for one in fields(kind)}
        for key in value:
            if key not in known:
                raise place.at(key).refusal("is unknown: take it out or correct its name")
        found = {}
        for name, one in known.items():
            if name in value:
                found[name] = self._read(hints[name], value[name], place.at(name))
            elif one.default is MISSING:
                raise place.at(name).refusal(self.missing)
        return kind(**found)

    def _read(self, kind: Any, value: Any, place: Place) -> Any:  # noqa: ANN401
        if isinstance(kind, UnionType):
            (kind,) = (part for part in get_args(kind) if part is not NoneType)
        if get_origin(kind) is tuple:
            if not isinstance(value, list):
                raise place.refusal("must be a list")
            (item, _) = get_args(kind)
            return tuple(self._read(item, part, place.at(row)) for row, part in enumerate(value))
        if kind in self.own:
            return self.own[kind](value, place)
        if is_dataclass(kind):
            return self.record(kind, value, place)  # type: ignore[arg-type]
        if issubclass(kind, Enum):
            return read_member({member.value: member for member in kind}, value, place)
        return _SIMPLE[kind](value, place)


def read_member(names: Mapping[Any, Any], value: Any, place: Place) -> Any:  # noqa: ANN401
    """What one of a few words stands for."""
    if not isinstance(value, str) or value not in names:
        known = ", ".join(str(name) for name in names)
        raise place.refusal(f"must be one of {known}, not {as_written(value)}")
    return names[value]


def as_written(value: object) -> str:
    """A value of a text as a person wrote it: a number in its digits, words in quotation marks."""
    return str(value) if isinstance(value, Decimal | date | time) else repr(value)


def read_number(value: Any, place: Place) -> Decimal:  # noqa: ANN401
    """A finite number, exact; digits may stand as text."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise place.refusal(f"must be a number, not {as_written(value)}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise place.refusal(f"must be a number, not {as_written(value)}") from None
    if not number.is_finite() or not is_bounded(number):
        raise place.refusal(f"must be a finite number, not {as_written(value)}")
    return number


def read_whole(value: Any, place: Place) -> int:  # noqa: ANN401
    """A whole number of at most a thousand million."""
    number = read_number(value, place)
    if number != number.to_integral_value() or abs(number) > _LARGEST:
        raise place.refusal(f"must be a whole number, not {as_written(value)}")
    return int(number)


def _plain(kind: type, said: str) -> OwnReader:
    def read(value: Any, place: Place) -> Any:  # noqa: ANN401
        if not isinstance(value, kind) or isinstance(value, datetime):
            raise place.refusal(f"must be {said}, not {as_written(value)}")
        return value

    return read


def _text(value: Any, place: Place) -> str:  # noqa: ANN401
    if not isinstance(value, str) or not value.strip():
        raise place.refusal("must be a text that says something")
    return value


_SIMPLE: dict[Any, OwnReader] = {
    Decimal: read_number,
    int: read_whole,
    str: _text,
    bool: _plain(bool, "true or false"),
    date: _plain(date, "a date such as 2026-01-05"),
    time: _plain(time, "a time of day such as 09:45:00"),
}
