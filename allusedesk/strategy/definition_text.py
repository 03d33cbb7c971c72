"""A strategy's text to its definition: strict, exact, each error naming the file and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from allusedesk.domain.instruments import Right
from allusedesk.domain.proposals import Side
from allusedesk.domain.toml_text import exact_number, is_bounded, read_toml, shortened
from allusedesk.strategy.definition import Band, Definition
from allusedesk.strategy.definition_check import contradictions

_LARGEST = Decimal(10) ** 9
_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")


class DefinitionRefused(Exception):
    """A text that is no strategy; says in which file, at which key, and why."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file the reading stands, and how to complain about it."""

    origin: str
    path: str = ""

    def at(self, key: str | int) -> _Place:
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else key
        return _Place(self.origin, f"{self.path}{step}")

    def refusal(self, reason: str) -> DefinitionRefused:
        where = f"{shortened(self.path)} " if self.path else "it "
        return DefinitionRefused(f"{self.origin}: {where}{shortened(reason)}.")


def parse_definition(text: str, origin: str) -> Definition:
    """The strategy a TOML text defines, its numbers exact; `origin` names the text in refusals.

    Raises DefinitionRefused for a text that is no TOML, for a key that is unknown, missing or of
    the wrong kind, and for a definition that contradicts itself.
    """
    root = _Place(origin)
    try:
        table = read_toml(text, exact_number)
    except tomllib.TOMLDecodeError as error:
        reason = str(error).strip().rstrip(".")
        raise DefinitionRefused(f"{origin} is no TOML: {shortened(reason)}.") from error
    found: Definition = _read_record(Definition, table, root)
    if not _NAME.fullmatch(found.name):
        raise root.at("name").refusal("must be small letters, digits and hyphens")
    if not _VERSION.fullmatch(found.version):
        raise root.at("version").refusal('must be two numbers such as "1.0"')
    for key, reason in contradictions(found):
        raise _Place(origin, key).refusal(reason)
    return found


@lru_cache(maxsize=64)
def definition_on_record(text: str) -> Definition:
    """The definition behind a text that a journal holds; raises as `parse_definition` does."""
    return parse_definition(text, "The strategy's text")


def _read_record(kind: type[Any], value: Any, place: _Place) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        raise place.refusal("must be a table")
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    for key in value:
        if key not in known:
            raise place.at(key).refusal("is unknown: take it out or correct its name")
    found = {}
    for name, field in known.items():
        if name in value:
            found[name] = _read(hints[name], value[name], place.at(name))
        elif field.default is MISSING:
            raise place.at(name).refusal("is missing")
    return kind(**found)


def _read(kind: Any, value: Any, place: _Place) -> Any:  # noqa: ANN401
    if isinstance(kind, UnionType):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise place.refusal("must be a list")
        (item, _) = get_args(kind)
        return tuple(_read(item, part, place.at(row)) for row, part in enumerate(value))
    if kind is Band:
        return _band(value, place)
    if is_dataclass(kind):
        return _read_record(kind, value, place)  # type: ignore[arg-type]
    if issubclass(kind, Enum):
        return _member(kind, value, place)
    return _SIMPLE[kind](value, place)


def _band(value: Any, place: _Place) -> Band:  # noqa: ANN401
    band: Band = _read_record(Band, value, place)
    if band.low > band.high:
        raise place.refusal(f"goes from {band.low} to {band.high}: low must not be above high")
    return band


def _member(kind: type[Enum], value: Any, place: _Place) -> Enum:  # noqa: ANN401
    # Rights and sides are written in words, not by the letters and signs of records.
    is_named = kind in (Right, Side)
    names = {member.name.lower() if is_named else member.value: member for member in kind}
    if not isinstance(value, str) or value not in names:
        raise place.refusal(f"must be one of {', '.join(names)}, not {value!r}")
    return names[value]


def _number(value: Any, place: _Place) -> Decimal:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise place.refusal(f"must be a number, not {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise place.refusal(f"must be a number, not {value!r}") from None
    if not number.is_finite() or not is_bounded(number) or not 0 <= number <= _LARGEST:
        raise place.refusal(f"must be a number from zero to {_LARGEST:,}, not {value!r}")
    return number


def _whole(value: Any, place: _Place) -> int:  # noqa: ANN401
    number = _number(value, place)
    if number != number.to_integral_value():
        raise place.refusal(f"must be a whole number, not {value!r}")
    return int(number)


def _plain(kind: type, said: str) -> Callable[[Any, _Place], Any]:
    def read(value: Any, place: _Place) -> Any:  # noqa: ANN401
        if not isinstance(value, kind):
            raise place.refusal(f"must be {said}, not {value!r}")
        return value

    return read


def _text(value: Any, place: _Place) -> str:  # noqa: ANN401
    if not isinstance(value, str) or not value.strip():
        raise place.refusal("must be a text that says something")
    return value


_SIMPLE: dict[Any, Callable[[Any, _Place], Any]] = {
    Decimal: _number,
    int: _whole,
    str: _text,
    bool: _plain(bool, "true or false"),
    time: _plain(time, "a time of day such as 10:15:00"),
}
