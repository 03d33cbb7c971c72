"""What the desk's benchmarks share: laps of processor and wall, and rows set beside their goals."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, process_time
from typing import Any


class Watch:
    """Milliseconds since the last lap: of the processor, and on the wall."""

    def __init__(self) -> None:
        self.before = process_time(), perf_counter()

    def lap(self) -> tuple[float, float]:
        now = process_time(), perf_counter()
        passed = (now[0] - self.before[0]) * 1e3, (now[1] - self.before[1]) * 1e3
        self.before = now
        return passed


def hundredth(found: Sequence[float], share: int) -> float:
    """The figure below which so many hundredths lie."""
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


# What `machine` tells where the goals were set.
REFERENCE_NS = 25.0


def machine() -> float:
    """Nanoseconds of one turn of a bare loop, on this machine and under its load of now."""
    best = float("inf")
    for _ in range(5):
        began, total = process_time(), 0
        for number in range(200_000):
            total += number
        best = min(best, process_time() - began)
    return best / 200_000 * 1e9


def told(benchmark: Any, row: str, /, **figures: object) -> None:
    """Put a row's figures into the JSON and print them in one line, a figure beside its goal.

    A figure may be a pair: what was measured, and the goal it is held against. The row tells
    whether goals were met; it never fails, for the machine's load is nobody's fault.
    """
    figures["machine_ns_a_turn"] = machine()
    said = []
    for name, figure in figures.items():
        words = name.replace("_", " ")
        if isinstance(figure, tuple):
            measured, goal = figure
            benchmark.extra_info[name] = measured
            benchmark.extra_info[f"{name}_goal"] = goal
            said.append(f"{words} {measured:.4g} (goal {goal:g})")
            if measured > goal:
                said[-1] += " MISSED"
        else:
            benchmark.extra_info[name] = figure
            shown = f"{figure:.4g}" if isinstance(figure, float) else str(figure)
            said.append(f"{words} {shown}")
    print(f"\n{row}: " + "; ".join(said))
