"""Costs per item as the items grow: a small table on the screen, the same numbers in the JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Any


def seconds_of(run: Callable[[], object], rounds: int = 1) -> float:
    """The shortest of a few rounds, in seconds of this process's own time."""
    found = []
    for _ in range(rounds):
        start = process_time()
        run()
        found.append(process_time() - start)
    return min(found)


def latencies_of(run: Callable[[], object], count: int) -> list[float]:
    """How long each of `count` runs took by the wall's clock, in seconds, shortest first."""
    found = []
    for _ in range(count):
        start = perf_counter()
        run()
        found.append(perf_counter() - start)
    return sorted(found)


def note_percentiles(benchmark: Any, found: Sequence[float], goals: str) -> None:
    """Put the median and the 99th percentile of sorted seconds beside their goals."""
    middle, high = found[len(found) // 2], found[len(found) * 99 // 100]
    benchmark.extra_info["milliseconds_p50"] = middle * 1e3
    benchmark.extra_info["milliseconds_p99"] = high * 1e3
    print(f"\n{benchmark.group}: p50 {middle * 1e3:.3f} ms, p99 {high * 1e3:.3f} ms; {goals}")


def note_curve(
    benchmark: Any, what: str, unit: str, sizes: Sequence[object], costs: Sequence[float]
) -> None:
    """Put the cost of one item at each size into the JSON, and print it as a row."""
    curve = {str(size): cost for size, cost in zip(sizes, costs, strict=True)}
    benchmark.extra_info[f"{what} ({unit})"] = curve
    benchmark.extra_info[f"{what}: largest over smallest"] = costs[-1] / costs[0]
    shown = "   ".join(f"{size}: {cost:.4g}" for size, cost in curve.items())
    print(f"\n{what} ({unit}):   {shown}")
