"""How long the engine takes to be there, without Qt and what only reports need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.sources import ROOT

WAYS = {
    "the engine with its wiring": "import allusedesk.wiring.rehearsal",
    "limit: numpy, scipy.special, asyncio, sqlite3": (
        "import asyncio, sqlite3, numpy, scipy.special"
    ),
    "limit: the interpreter alone": "pass",
}


@pytest.mark.benchmark(group="engine import without Qt (goal 0.4 s)")
@pytest.mark.parametrize("way", WAYS)
def test_import(benchmark: Any, way: str, tmp_path: Path) -> None:
    # An installed program has its bytecode beside it; the warm-up puts it where it is found
    # even in surroundings that are told to write none.
    surroundings = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", WAYS[way]]
    benchmark.pedantic(
        lambda: subprocess.run(command, cwd=ROOT, env=surroundings, check=True),
        rounds=7,
        warmup_rounds=1,
    )
