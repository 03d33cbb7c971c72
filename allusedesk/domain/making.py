"""Copies of frozen values, to be changed before anyone sees them.

A frozen dataclass sets each of its fields past its own lock, which takes ten times as long as to
set one that has none; and a desk copies its large state with every entry. The twin of a class has
the same slots without a lock, above the same bases. A copy is filled in as the twin and then
becomes what it is, which Python allows between classes of one layout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from functools import cache
from operator import attrgetter
from typing import Any


@cache
def copier_of(kind: type) -> Callable[[object], Any]:
    """A function that copies a value of a frozen slotted dataclass into a fresh twin of it.

    The twin may be written to; it is no value before its `__class__` is set to `kind`.
    """
    names = [field.name for field in fields(kind)]
    twin = make_dataclass(
        kind.__name__, names, bases=kind.__bases__, slots=True, eq=False, repr=False
    )
    if not names:
        return lambda _value: twin()
    values_of = attrgetter(*names)
    if len(names) == 1:
        return lambda value: twin(values_of(value))
    return lambda value: twin(*values_of(value))
