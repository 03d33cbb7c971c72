"""Concentration by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.risk.concentration import concentration


def test_shares_largest_first_and_their_squares() -> None:
    found = concentration({"A": 20.0, "B": 60.0, "C": 20.0, "D": -5.0})
    assert found.shares == (("B", 0.6), ("A", 0.2), ("C", 0.2))
    assert found.herfindahl == pytest.approx(0.44)
    assert found.names_as_if == pytest.approx(1 / 0.44)


def test_nothing_deployed_is_not_concentrated() -> None:
    for nothing in ({}, {"A": 0.0}, {"A": -1.0}):
        assert concentration(nothing).shares == ()
        assert concentration(nothing).names_as_if == 0.0


@given(some.lists(some.floats(0.01, 1e6), min_size=1, max_size=12))
def test_never_more_names_than_there_are(amounts: list[float]) -> None:
    found = concentration({str(place): amount for place, amount in enumerate(amounts)})
    assert 1.0 - 1e-9 <= found.names_as_if <= len(amounts) + 1e-9
