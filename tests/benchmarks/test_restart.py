"""A paper desk that was killed: from the start of its process to its journal, book and doors."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from allusedesk.journal.store import JournalReader
from tests.simulation.test_kills import kill, started


@pytest.mark.benchmark(group="restart of a killed desk, a whole process (goal: 2 s)")
def test_restart(benchmark: Any, tmp_path: Path) -> None:
    process = started(tmp_path)
    time.sleep(5.0)
    kill(process)

    def again() -> None:
        kill(started(tmp_path))

    benchmark.pedantic(again, rounds=5)
    with JournalReader.open(tmp_path / "paper.journal") as journal:
        benchmark.extra_info["entries"] = journal.head()[0]
    benchmark.extra_info["goal_seconds"] = 2.0
