"""The same doors, many more cases, and others on each run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

DOORS = sorted(
    path.name
    for path in Path(__file__).parent.glob("test_*.py")
    if path.name not in ("test_long_runs.py", "test_names.py")
)


@pytest.mark.long
@pytest.mark.parametrize("door", DOORS)
def test_a_thousand_cases_of_each(door: str) -> None:
    drawn = "spoilt or any_bytes or damaged or number"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-k", drawn, f"tests/hostile/{door}"],
        cwd=ROOT,
        env={**os.environ, "FUZZ_EXAMPLES": "1000", "FUZZ_SEEDED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6_000:]
