"""A real scheduler with two workers on this machine finds the bytes that one process finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli.main import main
from allusedesk.laboratory.workers import Cluster, WorkersMissing, WorkStopped, spread
from tests.house.sources import ROOT
from tests.laboratory.arithmetic import slow_or_wrong

pytestmark = pytest.mark.long

WAIT_SECONDS = 60


def started(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that nobody works for yet."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    file = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    process = started(
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    )
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not file.exists() or not file.read_text():
            assert time.monotonic() < until, "the scheduler never began"
            assert process.poll() is None, "the scheduler ended"
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"]
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def cluster(scheduler: str) -> Iterator[str]:
    """The address of the scheduler once two workers have come to it."""
    from distributed import Client

    workers = [
        started(
            "worker", scheduler, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
            "--no-dashboard", "--name", f"worker-{number}",
        )
        for number in range(2)
    ]  # fmt: skip
    try:
        with Client(scheduler, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=WAIT_SECONDS)
        yield scheduler
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(10)


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
