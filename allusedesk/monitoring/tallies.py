"""Counts, spans and levels by label: cheap to write on a hot path, read whole from any thread."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

PREFIX = "allusedesk_"
_Key = tuple[str, ...]


class Tally:
    """A counter; a series begins with its first count, so that none stands for nothing.

    `name` says what is counted and its unit, without the ending `_total`.
    """

    def __init__(self, name: str, text: str, labels: _Key = ()) -> None:
        self._name, self._text, self._labels = PREFIX + name, text, labels
        self._counts: dict[_Key, float] = {}

    def add(self, *key: str, amount: float = 1.0) -> None:
        """Count one more, or so much more, under these labels."""
        self._counts[key] = self._counts.get(key, 0.0) + amount

    def family(self) -> Metric:
        """What was counted so far."""
        found = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for key, count in sorted(self._counts.copy().items()):
            found.add_metric(key, count)
        return found


class Span:
    """How often and how long, in the desk's own time; `name` ends in the unit."""

    def __init__(self, name: str, text: str, labels: _Key = ()) -> None:
        self._name, self._text, self._labels = PREFIX + name, text, labels
        self._sums: dict[_Key, tuple[int, float]] = {}

    def add(self, *key: str, amount: float) -> None:
        """One more, so long."""
        count, whole = self._sums.get(key, (0, 0.0))
        self._sums[key] = (count + 1, whole + amount)

    def family(self) -> Metric:
        """Counts and sums so far."""
        found = SummaryMetricFamily(self._name, self._text, labels=self._labels)
        for key, (count, whole) in sorted(self._sums.copy().items()):
            found.add_metric(key, count, whole)
        return found


class Level:
    """A figure as it stands; `name` ends in the unit."""

    def __init__(self, name: str, text: str, labels: _Key = ()) -> None:
        self._name, self._text, self._labels = PREFIX + name, text, labels
        self._values: dict[_Key, float] = {}

    def set(self, *key: str, value: float) -> None:
        """The figure under these labels is this now."""
        self._values[key] = value

    def set_all(self, values: dict[_Key, float]) -> None:
        """These are all figures there are; whatever is not among them is gone."""
        self._values = dict(values)

    def family(self) -> Metric:
        """The figures now."""
        found = GaugeMetricFamily(self._name, self._text, labels=self._labels)
        for key, value in sorted(self._values.copy().items()):
            found.add_metric(key, value)
        return found


Series = Tally | Span | Level


class Shelf(Collector):
    """Series that a registry collects together."""

    def __init__(self) -> None:
        self._series: list[Series] = []

    def put(self, *series: Series) -> None:
        """Collect these too."""
        self._series.extend(series)

    def collect(self) -> Iterable[Metric]:
        """Every series as it stands, for the registry."""
        return [family for one in self._series if (family := one.family()).samples]
