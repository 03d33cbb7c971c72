"""In which rules two rulebooks differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum

from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_ranges import Interval

ABSENT = "-"


def differences(one: Rulebook, other: Rulebook) -> tuple[tuple[str, str, str], ...]:
    """Rule, value in the one, value in the other; `-` where a rulebook has no such rule."""
    return tuple(_differing("", one, other))


def _differing(path: str, one: object, other: object) -> Iterator[tuple[str, str, str]]:
    if one == other:
        return
    left, right = _parts(one), _parts(other)
    if left is None and right is None:
        yield path, _shown(one), _shown(other)
        return
    left, right = left or {}, right or {}
    for name in dict.fromkeys((*left, *right)):
        step = f"{path}.{name}" if path and not name.startswith("[") else f"{path}{name}"
        yield from _differing(step, left.get(name), right.get(name))


def _parts(value: object) -> dict[str, object] | None:
    """What a value is made of, where its parts are worth comparing one by one."""
    if is_dataclass(value) and not isinstance(value, Interval):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, tuple) and any(is_dataclass(item) for item in value):
        return {f"[{row}]": item for row, item in enumerate(value)}
    return None


def _shown(value: object) -> str:
    match value:
        case None:
            return ABSENT
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(_shown(item) for item in value) or "none"
        case _:
            return str(value)
