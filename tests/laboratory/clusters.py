"""A Dask scheduler and workers as processes of this machine, ended when the block ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.sources import ROOT

WAIT_SECONDS = 60


def started(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def scheduling(folder: Path) -> Iterator[str]:
    """The address of a scheduler that nobody works for yet."""
    file = folder / "scheduler.json"
    process = started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(file),
    )  # fmt: skip
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not file.exists() or not file.read_text():
            assert time.monotonic() < until, "the scheduler never began"
            assert process.poll() is None, "the scheduler ended"
            time.sleep(0.1)
        yield str(json.loads(file.read_text())["address"])
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def working(scheduler: str, count: int) -> Iterator[str]:
    """The address of the scheduler once so many workers have come to it."""
    from distributed import Client

    workers = [
        started(
            "worker", scheduler, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
            "--no-dashboard", "--name", f"worker-{number}",
        )
        for number in range(count)
    ]  # fmt: skip
    try:
        with Client(scheduler, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=WAIT_SECONDS)
        yield scheduler
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(10)
