"""Long columns sort as short ones do: by value, stable, nothing last."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.desk import row_order
from allusedesk.desk.row_order import order_of

NUMBERS = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-4, 4)), max_size=30),
    st.lists(st.one_of(st.none(), st.sampled_from([-1.5, 0.0, 2.25])), max_size=30),
    st.lists(
        st.one_of(st.none(), st.sampled_from([Decimal("-1.10"), Decimal("0.3"), Decimal(7)])),
        max_size=30,
    ),
    st.lists(st.one_of(st.none(), st.sampled_from(["b", "a", "c"])), max_size=30),
)


def plainly(values: list[Any], *, is_falling: bool) -> list[int]:
    known = [place for place, value in enumerate(values) if value is not None]
    known.sort(key=lambda place: values[place], reverse=is_falling)
    return known + [place for place, value in enumerate(values) if value is None]


@pytest.mark.parametrize("least", [0, 1_000])
@settings(max_examples=60)
@given(values=NUMBERS, is_falling=st.booleans())
def test_long_and_short_columns_are_ordered_alike(
    least: int, values: list[Any], *, is_falling: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_order, "_ARRAY_FROM", least)
        assert order_of(values, is_falling=is_falling) == plainly(values, is_falling=is_falling)
