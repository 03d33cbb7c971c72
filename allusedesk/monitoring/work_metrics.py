"""How long the engine's work takes, from timings it keeps itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from allusedesk.monitoring.tallies import PREFIX


class Timed(Protocol):
    """Timings of one thing; `buckets` has one more count than there are edges."""

    count: int
    seconds: float
    buckets: list[int]


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: its name without unit, what it is, and its timings by label.

    `label` is empty where there is but one, under the empty name.
    """

    name: str
    text: str
    timings: dict[str, Timed]
    label: str = ""


class WorkMetrics(Collector):
    """Histograms of all kinds of work that `works` tells when asked; seconds by `edges`."""

    def __init__(
        self,
        registry: CollectorRegistry,
        edges: Sequence[float],
        works: Callable[[], Iterable[Work]],
    ) -> None:
        self._edges = [*(f"{edge:g}" for edge in edges), "+Inf"]
        self._works = works
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Every kind of work that was done at all, for the registry."""
        for work in self._works():
            labels = [work.label] if work.label else []
            found = HistogramMetricFamily(f"{PREFIX}{work.name}_seconds", work.text, labels=labels)
            for name, timing in sorted(work.timings.copy().items()):
                if timing.count:
                    counts = accumulate(timing.buckets)
                    buckets = list(zip(self._edges, map(float, counts), strict=True))
                    found.add_metric([name] if labels else [], buckets, timing.seconds)
            if found.samples:
                yield found
