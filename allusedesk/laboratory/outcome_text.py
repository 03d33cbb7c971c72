"""Outcomes as text and back: one canonical JSON, so that equal outcomes are equal bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from allusedesk.domain.money import Money

_Told = TypeVar("_Told")


class TextUnreadable(Exception):
    """A text that tells of no such value; says where it fails."""


def text_of(value: object) -> str:
    """A value of the laboratory as canonical JSON; money and other exact numbers are strings."""
    return json.dumps(_plain(value), ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def value_of(kind: type[_Told], text: str) -> _Told:
    """The value a text tells of; raises TextUnreadable where it is none of this kind."""
    try:
        told: _Told = _read(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, ArithmeticError) as fault:
        raise TextUnreadable(f"The text tells of no {kind.__name__} ({fault!r}).") from fault
    return told


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of the laboratory
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Money():
            return str(value.amount)
        case Decimal():
            return {"exact": str(value)}
        case date() | Path():
            return str(value)
        case Enum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in an outcome")


def _read(kind: Any, told: Any) -> Any:  # noqa: ANN401 - any value of the laboratory
    record: Any = kind
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        return _read_one_of(get_args(kind), told)
    if origin is tuple:
        parts = get_args(kind)
        if not isinstance(told, list):
            raise TypeError(f"{told!r} is no list")
        if len(parts) == 2 and parts[1] is Ellipsis:  # noqa: PLR2004 - a tuple of any length
            return tuple(_read(parts[0], item) for item in told)
        return tuple(_read(part, item) for part, item in zip(parts, told, strict=True))
    if is_dataclass(kind):
        if kind is Money:
            return Money(Decimal(told))
        hints = _hints(record)
        # What a run kept by an earlier version does not tell has the value it had then.
        names = [name for name in hints if name in told or name not in _with_defaults(record)]
        return record(**{name: _read(hints[name], told[name]) for name in names})
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(told)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(told)
    if type(told) is not kind and not (kind is float and type(told) is int):
        raise TypeError(f"{told!r} is no {kind.__name__}")
    return kind(told)


def _read_one_of(kinds: tuple[Any, ...], told: Any) -> Any:  # noqa: ANN401
    if told is None:
        return None
    for kind in kinds:
        record: Any = kind
        if kind is Decimal and isinstance(told, dict):
            return _READERS[Decimal](told)
        if kind is type(told):
            return told
        if is_dataclass(kind) and isinstance(told, dict) and set(told) == set(_hints(record)):
            return _read(kind, told)
    return _read(next(kind for kind in kinds if kind is not type(None)), told)


@cache
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any value of the laboratory
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


@cache
def _with_defaults(kind: Any) -> frozenset[str]:  # noqa: ANN401 - any value of the laboratory
    return frozenset(field.name for field in fields(kind) if field.default is not MISSING)


_READERS: dict[Any, Callable[[Any], Any]] = {
    Decimal: lambda told: Decimal(told["exact"]),
    date: date.fromisoformat,
    Path: Path,
}
