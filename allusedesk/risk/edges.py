"""Limits with a soft edge that warns and a hard edge that stops, and what is left to each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum

from allusedesk.domain.toml_text import read_toml, shortened

# Each figure with the words it is shown by.
TITLES = {
    "value_at_risk": "value at risk",
    "expected_shortfall": "expected shortfall",
    "gap_10": "overnight gap of 10%",
    "gap_20": "overnight gap of 20%",
    "worst_scenario": "worst of the scenarios",
    "largest_name": "largest issuer",
}
NAMES = tuple(TITLES)


class EdgesRefused(ValueError):
    """A text that sets no edges; the sentence names what to correct."""


class EdgeState(Enum):
    """Where a figure stands against its two edges."""

    WITHIN = "within"
    SOFT = "beyond the soft edge"
    HARD = "BEYOND the hard edge"


@dataclass(frozen=True, slots=True)
class Edges:
    """A pair of edges for one figure, both as fractions of equity."""

    name: str
    soft: float
    hard: float


@dataclass(frozen=True, slots=True)
class Against:
    """A figure against its edges, all in fractions of equity; what is left is never negative."""

    edges: Edges
    value: float

    @property
    def title(self) -> str:
        return TITLES[self.edges.name]

    @property
    def state(self) -> EdgeState:
        if self.value > self.edges.hard:
            return EdgeState.HARD
        return EdgeState.SOFT if self.value > self.edges.soft else EdgeState.WITHIN

    @property
    def left_to_soft(self) -> float:
        return max(self.edges.soft - self.value, 0.0)

    @property
    def left_to_hard(self) -> float:
        return max(self.edges.hard - self.value, 0.0)


def read_edges(text: str, origin: str) -> tuple[Edges, ...]:
    """The edges of a TOML text, in the order of `NAMES`; raises EdgesRefused."""
    try:
        table = read_toml(text)
    except tomllib.TOMLDecodeError as fault:
        raise EdgesRefused(f"{origin} is no TOML: {shortened(str(fault))}.") from fault
    found = []
    for name in NAMES:
        row = table.get(name)
        pair = (row.get("soft"), row.get("hard")) if isinstance(row, dict) else (None, None)
        soft, hard = pair
        if (
            not isinstance(soft, float)
            or not isinstance(hard, float)
            or not 0.0 < soft <= hard <= 10.0  # noqa: PLR2004 - ten times equity is no limit
        ):
            raise EdgesRefused(
                f"{origin}: [{name}] needs soft and hard as fractions of equity, soft not above "
                "hard, such as soft = 0.05 and hard = 0.10."
            )
        found.append(Edges(name, soft, hard))
    return tuple(found)
