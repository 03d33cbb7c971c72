"""A real scheduler with two workers on this machine finds the bytes that one process finds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli.main import main
from allusedesk.laboratory.workers import Cluster, WorkersMissing, WorkStopped, spread
from tests.laboratory.arithmetic import slow_or_wrong
from tests.laboratory.clusters import scheduling, working

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that nobody works for yet."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with scheduling(tmp_path_factory.mktemp("cluster")) as address:
        yield address


@pytest.fixture(scope="module")
def cluster(scheduler: str) -> Iterator[str]:
    """The address of the scheduler once two workers have come to it."""
    with working(scheduler, 2) as address:
        yield address


def searched(out: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = main(
        [
            "search", "--symbols", "IBM,MSFT", "--from", "2012-01-02", "--to", "2012-01-13",
            "--try", "accounts.rev.delta.low=25,30",
            "--capital", "1000000", "--folds", "2", "--out", str(out), "--json", *words,
        ]
    )  # fmt: skip
    captured = capsys.readouterr()
    assert code == 0, captured.err
    found: dict[str, Any] = json.loads(captured.out)
    return found


def test_a_scheduler_without_workers_is_told_plainly(scheduler: str) -> None:
    with pytest.raises(WorkersMissing, match="has no workers"):
        spread(slow_or_wrong, [1], Cluster(scheduler))


def test_a_cluster_finds_the_bytes_of_one_process(
    cluster: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = searched(tmp_path, capsys)
    spread_out = searched(tmp_path, capsys, "--cluster", cluster)
    two = searched(tmp_path, capsys, "--workers", "2")
    assert alone["search"] == spread_out["search"] == two["search"]
    heads = [one["chain_head"] for one in alone["search"]["candidates"]]
    assert len(set(heads)) == 2


def test_a_cluster_can_be_stopped_and_tells_how_far_it_is(cluster: str) -> None:
    told: list[tuple[int, int]] = []
    began = time.monotonic()
    with pytest.raises(WorkStopped):
        spread(
            slow_or_wrong,
            [1, 2, 99],
            Cluster(cluster),
            told=lambda *step: told.append(step),
            is_stopped=lambda: time.monotonic() - began > 4,
        )
    assert time.monotonic() - began < 25
    assert told[-1] == (2, 3)
    with pytest.raises(ValueError, match="-3 is negative"):
        spread(slow_or_wrong, [-3], Cluster(cluster))
