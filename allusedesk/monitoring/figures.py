"""A registry's series as rows, for a table, a command or a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import CollectorRegistry

_UNITS = ("seconds", "bytes", "dollars", "ratio", "contracts", "shares", "units", "points")
# Parts of a histogram, and its birthday: neither is a figure of its own.
_PARTS = ("_bucket", "_created")


@dataclass(frozen=True, slots=True)
class Figure:
    """One series: its name, its labels in their order, and its value.

    `is_count` says that it only ever rises; `unit` is what it counts in, empty for plain counts.
    `per_second` is how fast a count rose since it was read before; None where that is not known.
    """

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float
    unit: str
    is_count: bool
    meaning: str
    per_second: float | None = None

    @property
    def key(self) -> str:
        """Name and labels, as Prometheus writes them."""
        told = ",".join(f'{name}="{_escaped(value)}"' for name, value in self.labels)
        return f"{self.name}{{{told}}}" if told else self.name


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def figures(registry: CollectorRegistry) -> tuple[Figure, ...]:
    """Every series that is there now, histograms by their count and sum alone; by name."""
    return figures_of(registry.collect())


def figures_of(families: Iterable[Metric]) -> tuple[Figure, ...]:
    """As `figures`, of families from anywhere."""
    found = [
        Figure(
            sample.name,
            tuple(sorted(sample.labels.items())),
            float(sample.value),
            _unit_of(sample.name),
            sample.name.endswith(("_total", "_count", "_sum")),
            family.documentation,
        )
        for family in families
        for sample in family.samples
        if not sample.name.endswith(_PARTS)
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.labels)))


def rated(
    now: tuple[Figure, ...], before: tuple[Figure, ...], seconds: float
) -> tuple[Figure, ...]:
    """Figures with how fast their counts rose since those of so many seconds before."""
    known = {one.key: one.value for one in before if one.is_count}
    if not known or seconds <= 0:
        return now
    return tuple(
        replace(one, per_second=(one.value - known.get(one.key, 0.0)) / seconds)
        if one.is_count
        else one
        for one in now
    )


def _unit_of(name: str) -> str:
    words = name.removesuffix("_total").removesuffix("_sum").split("_")
    return words[-1] if words[-1] in _UNITS else ""
