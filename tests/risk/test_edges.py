"""Soft and hard edges: exactly on one is still within, and what is left counts down."""

from __future__ import annotations

import pytest

from allusedesk.risk.edges import NAMES, Against, Edges, EdgesRefused, EdgeState, read_edges
from tests.trading import ROOT


def test_those_that_ship_name_every_figure() -> None:
    path = ROOT / "resources" / "risk_limits" / "standard.toml"
    found = read_edges(path.read_text(encoding="utf-8"), path.name)
    assert tuple(one.name for one in found) == NAMES


@pytest.mark.parametrize(
    ("value", "state", "soft", "hard"),
    [
        (0.02, EdgeState.WITHIN, 0.03, 0.08),
        (0.05, EdgeState.WITHIN, 0.0, 0.05),
        (0.0500001, EdgeState.SOFT, 0.0, 0.0499999),
        (0.10, EdgeState.SOFT, 0.0, 0.0),
        (0.2, EdgeState.HARD, 0.0, 0.0),
    ],
)
def test_what_is_left_to_each(value: float, state: EdgeState, soft: float, hard: float) -> None:
    found = Against(Edges("value_at_risk", 0.05, 0.10), value)
    assert found.state is state
    assert found.title == "value at risk"
    assert (found.left_to_soft, found.left_to_hard) == pytest.approx((soft, hard))


@pytest.mark.parametrize(
    "row",
    [
        "",
        "value_at_risk = 1",
        "[value_at_risk]\nsoft = 0.2\nhard = 0.1",
        "[value_at_risk]\nsoft = 0.0\nhard = 0.1",
        "[value_at_risk]\nsoft = nan\nhard = 0.1",
        "[value_at_risk]\nhard = 0.1",
        "[value_at_risk]\nsoft = 0.1\nhard = 100.0",
        "[value_at_risk]\nsoft = 0.1",
    ],
)
def test_edges_that_are_none_are_refused(row: str) -> None:
    with pytest.raises(EdgesRefused, match="value_at_risk"):
        read_edges(row, "mine.toml")


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(EdgesRefused, match="no TOML"):
        read_edges("[", "mine.toml")
