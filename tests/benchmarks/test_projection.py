"""Ten years of ten thousand paths, and a fifth of them beside: the cost follows the paths."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from allusedesk.portfolio.projection_realised import ProjectionPlan, project_realised
from tests.protocol.examples import classic

PATHS = 10_000
# Weeks that reach half the targets on average, with the deviation of a week of rehearsals.
WEEKS = np.random.default_rng(7).normal([0.0075, 0.005, 0.0025], 0.02, size=(520, 3))
GROUP = "projection of 520 weeks with forks and merges (goal: 10,000 paths in 5 s, linear)"


def project(paths: int) -> int:
    plan = ProjectionPlan(Decimal(300_000), 10, paths=paths, tax=Decimal("0.1"))
    told = project_realised(plan, WEEKS, classic(), np.random.default_rng(1))
    return told.forks_made[2]


@pytest.mark.benchmark(group=GROUP)
def test_projection(benchmark: Any) -> None:
    assert benchmark.pedantic(project, (PATHS,), rounds=2) > 0
    benchmark.extra_info["microseconds_per_path"] = benchmark.stats.stats.min / PATHS * 1e6


@pytest.mark.benchmark(group=GROUP)
def test_projection_of_a_fifth(benchmark: Any) -> None:
    benchmark.pedantic(project, (PATHS // 5,), rounds=2)
    benchmark.extra_info["microseconds_per_path"] = benchmark.stats.stats.min / PATHS * 5e6
