"""The cost of an order does not grow with the orders before it."""

from __future__ import annotations

import sys

from tests.benchmarks.round_trips import RoundTrips


def calls_made(trips: RoundTrips, count: int) -> int:
    """Function calls of the interpreter: a measure of work that no busy machine can disturb."""
    made = 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event == "call"

    sys.setprofile(count_call)
    try:
        trips.trade(count)
    finally:
        sys.setprofile(None)
    return made


def test_an_order_costs_the_same_after_a_thousand_others() -> None:
    trips = RoundTrips()
    trips.trade(2)
    early = calls_made(trips, 20)
    trips.trade(1_000)
    late = calls_made(trips, 20)
    assert late <= early * 1.02
