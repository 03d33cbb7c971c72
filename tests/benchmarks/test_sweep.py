"""A sweep of two hundred backtests on two cores, beside the same in one process."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.laboratory.outcome_text import text_of
from allusedesk.laboratory.trial import TrialPlan
from allusedesk.laboratory.workers import Cluster, Processes, Serial, spread
from allusedesk.resource_files import resource_path
from allusedesk.wiring.laboratory.trials import try_plan
from tests.laboratory.clusters import scheduling, working

TRIALS, CORES = 200, 2
GROUP = "a sweep of 200 backtests on 2 cores (goal efficiency 0.85, the bytes of one process)"


def plans() -> list[TrialPlan]:
    """A week of two symbols, each with a chance of its own."""
    return [
        TrialPlan(
            data=(resource_path("sample_market"),),
            first=date(2012, 4, 2),
            last=date(2012, 4, 5),
            symbols=tuple(SymbolList(kind, ("IBM", "MSFT")) for kind in AccountKind),
            capital=Decimal(500_000),
            seed=seed,
            trend="SPY",
        )
        for seed in range(TRIALS)
    ]


@pytest.fixture(scope="module")
def alone() -> tuple[float, tuple[str, ...]]:
    """Seconds of one process that has read its market, and the texts of what it found."""
    asked = plans()
    try_plan(asked[0])
    began = perf_counter()
    found = spread(try_plan, asked, Serial())
    return perf_counter() - began, tuple(text_of(one) for one in found)


def note(benchmark: Any, alone: tuple[float, tuple[str, ...]], found: list[Any]) -> None:
    serial, texts = alone
    assert tuple(text_of(one) for one in found[-1]) == texts
    best = benchmark.stats.stats.min
    benchmark.extra_info["seconds_serial"] = serial
    benchmark.extra_info["efficiency"] = serial / (CORES * best)
    benchmark.extra_info["seconds_per_backtest"] = serial / TRIALS


@pytest.mark.benchmark(group=GROUP)
def test_sweep_on_processes(benchmark: Any, alone: tuple[float, tuple[str, ...]]) -> None:
    asked, found = plans(), []
    spread(try_plan, asked[:CORES], Processes(CORES))
    benchmark.pedantic(
        lambda: found.append(spread(try_plan, asked, Processes(CORES))), rounds=2, iterations=1
    )
    note(benchmark, alone, found)


@pytest.mark.benchmark(group=GROUP)
def test_sweep_on_a_cluster(
    benchmark: Any, alone: tuple[float, tuple[str, ...]], tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    asked, found = plans(), []
    with scheduling(tmp_path) as scheduler, working(scheduler, CORES) as cluster:
        spread(try_plan, asked[:CORES], Cluster(cluster))
        benchmark.pedantic(
            lambda: found.append(spread(try_plan, asked, Cluster(cluster))), rounds=2, iterations=1
        )
    note(benchmark, alone, found)
