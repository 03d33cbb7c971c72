"""The order of rows by the values of a column, also where there are a hundred thousand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

# From here on an array sorts faster than it takes to make one.
_ARRAY_FROM = 5_000
_NUMBERS = frozenset({int, float, Decimal})


def order_of(values: list[Any], *, is_falling: bool) -> list[int]:
    """The places of these values in their order, equal ones as they stand, None ones last."""
    places: Sequence[int] = range(len(values))
    last: list[int] = []
    if None in values:
        last = [place for place in places if values[place] is None]
        places = [place for place in places if values[place] is not None]
    if not places:
        return last
    kind = type(values[places[0]])
    if kind in _NUMBERS and len(places) >= _ARRAY_FROM:
        return _by_array(values, places, is_falling=is_falling) + last
    if kind is Decimal:
        # Decimals compare slowly; as floats they keep their order.
        values = [value if value is None else float(value) for value in values]
    return sorted(places, key=values.__getitem__, reverse=is_falling) + last


def _by_array(values: list[Any], places: Sequence[int], *, is_falling: bool) -> list[int]:
    # NumPy is loaded with the first long table, not with the window.
    import numpy as np

    known = values if len(places) == len(values) else [values[place] for place in places]
    figures = np.fromiter(map(float, known), dtype=np.float64, count=len(known))
    order = np.argsort(-figures if is_falling else figures, kind="stable").tolist()
    return order if known is values else [places[number] for number in order]
