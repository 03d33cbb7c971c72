"""Orders through risk, ticket, lifecycle, simulated fill and book: cost flat as they grow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.round_trips import RoundTrips, dispatch_only


@pytest.mark.benchmark(group="order round trip without disk (goal 150 us an order, flat)")
@pytest.mark.parametrize("count", [500, 5_000, 50_000])
def test_round_trip(benchmark: Any, count: int) -> None:
    trips = RoundTrips()
    benchmark.pedantic(trips.trade, args=(count,), rounds=1, iterations=1)
    benchmark.extra_info["microseconds_per_order"] = benchmark.stats.stats.min / count * 1e6
    assert trips.done == count


@pytest.mark.benchmark(group="order round trip without disk (goal 150 us an order, flat)")
def test_limit_of_six_values_made(benchmark: Any) -> None:
    benchmark(dispatch_only, 500)
    benchmark.extra_info["microseconds_per_order"] = benchmark.stats.stats.min / 500 * 1e6
