"""Frozen values made at the speed of plain ones.

A frozen dataclass must set each of its fields past its own lock, which takes ten times as long as
to set one that has none; and a desk makes hundreds of thousands of values a year. Its twin is a
class of the same slots without a lock. A value is filled in as its twin and then becomes what it
is, which Python allows between classes of one layout; nobody ever sees the twin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar

_Kind = TypeVar("_Kind", bound=type)

# `object.__setattr__`, for the one attribute that a frozen value lets nobody set.
_become = object.__dict__["__class__"].__set__


def swift(kind: _Kind) -> _Kind:
    """Make a frozen slotted dataclass quick to construct; stands above `@dataclass`.

    What is constructed, and how, stays as the dataclass says.
    """
    names = [field.name for field in fields(kind)]
    given = [_parameter(kind, field.name) for field in fields(kind)]
    lines = [
        f"def __init__(self, {', '.join(given)}):",
        "    _become(self, _twin)",
        *(f"    self.{name} = {_value(kind, name)}" for name in names),
        "    self.__class__ = _kind",
    ]
    if hasattr(kind, "__post_init__"):
        lines.append("    self.__post_init__()")
    kind.__init__ = _made(kind, "__init__", lines)  # type: ignore[misc]
    return kind


@cache
def copier_of(kind: type) -> Callable[[object], Any]:
    """A function that copies a value of a frozen slotted dataclass into a fresh twin of it.

    The twin may be written to; it is no value before its `__class__` is set to `kind`.
    """
    lines = ["def __copy__(value):", "    twin = _new(_twin)"]
    lines += [f"    twin.{field.name} = value.{field.name}" for field in fields(kind)]
    lines.append("    return twin")
    return _made(kind, "__copy__", lines)


@cache
def _twin_of(kind: type) -> type:
    return type(kind.__name__, (), {"__slots__": kind.__slots__})  # type: ignore[attr-defined]


def _parameter(kind: type, name: str) -> str:
    """A field as a parameter: required, or with the default the dataclass gives it."""
    field = kind.__dataclass_fields__[name]  # type: ignore[attr-defined]
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return f"{name}=_default_{name}" if has_default else name


def _value(kind: type, name: str) -> str:
    """What a field is set to: its parameter, or a fresh default where it was left out."""
    if kind.__dataclass_fields__[name].default_factory is MISSING:  # type: ignore[attr-defined]
        return name
    return f"_factory_{name}() if {name} is _default_{name} else {name}"


def _made(kind: type, name: str, lines: list[str]) -> Callable[..., Any]:
    """The function of this name that the lines define."""
    known: dict[str, Any] = {
        "_become": _become,
        "_new": object.__new__,
        "_twin": _twin_of(kind),
        "_kind": kind,
    }
    for field in fields(kind):
        known[f"_default_{field.name}"] = field.default
        known[f"_factory_{field.name}"] = field.default_factory
    # Only names of fields enter the text, and those are the source's own.
    exec("\n".join(lines), known)  # noqa: S102
    made: Callable[..., Any] = known[name]
    made.__qualname__ = f"{kind.__qualname__}.{name}"
    return made
