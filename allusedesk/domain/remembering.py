"""What is reckoned from a frozen value alone is reckoned once, and goes when the value goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import is_
from typing import Any, Concatenate, ParamSpec, TypeVar

_Value = TypeVar("_Value", bound="Remembering")
_Wanted = ParamSpec("_Wanted")
_Found = TypeVar("_Found")


class Remembering:
    """A frozen value that keeps what its methods found.

    Nothing it is made of can change, so what was found once holds for as long as it lives. It is
    no part of the value: not of equality, text, records or copies, so that a changed copy begins
    with nothing. A method asked from two threads at once may reckon twice and finds the same.
    """

    __slots__ = ("_found",)

    _found: dict[tuple[object, ...], Any]

    def while_same(
        self,
        name: tuple[object, ...],
        parts: tuple[object, ...],
        reckon: Callable[[], _Found],
    ) -> _Found:
        """What was reckoned last under a name, while each part of it is the very same object.

        For what rests on more than the value itself; `parts` are all else that it rests on.
        """
        found = _found_of(self)
        known = found.get(name)
        if known is None or len(known[0]) != len(parts) or not all(map(is_, known[0], parts)):
            known = found[name] = parts, reckon()
        result: _Found = known[1]
        return result


def _found_of(value: Remembering) -> dict[tuple[object, ...], Any]:
    try:
        return value._found  # noqa: SLF001 - its own module.
    except AttributeError:
        found: dict[tuple[object, ...], Any] = {}
        object.__setattr__(value, "_found", found)
        return found


def reckoned_once(
    method: Callable[Concatenate[_Value, _Wanted], _Found],
) -> Callable[Concatenate[_Value, _Wanted], _Found]:
    """A method of a remembering value that is pure and takes few different arguments."""
    name = method.__name__

    @wraps(method)
    def remembered(value: _Value, /, *args: _Wanted.args, **named: _Wanted.kwargs) -> _Found:
        found = _found_of(value)
        key = (name, *args, *named.items())
        if key not in found:
            found[key] = method(value, *args, **named)
        result: _Found = found[key]
        return result

    return remembered
