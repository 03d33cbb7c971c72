"""Values with some of their fields changed, made twice as fast as the standard library does.

A desk folds tens of thousands of facts a year, each of them into a copy of a large state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The original, so that a type checker knows the fields each call may change.
    from dataclasses import replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:  # noqa: ANN401 - any class, as the original
        """As `dataclasses.replace`, for classes of several fields that all are positional.

        Raises KeyError for a field the class does not have.
        """
        places, values_of = _layout(type(value))
        values = list(values_of(value))
        for name, change in changes.items():
            values[places[name]] = change
        return type(value)(*values)


__all__ = ["replace"]


@cache
def _layout(kind: type) -> tuple[dict[str, int], Callable[[object], tuple[object, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return {name: place for place, name in enumerate(names)}, attrgetter(*names)
