"""The fuzzers of this folder in a process of their own, with as many cases as are asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.house.sources import ROOT

FILES = sorted(
    path.name
    for path in Path(__file__).parent.glob("test_*.py")
    if "@fuzzed" in path.read_text(encoding="utf-8")
)
# The tests that draw cases; those that try a list are the same on every run.
DRAWN = "spoilt or any_bytes or damaged or number"
_COUNTED = re.compile(r"- (\d+) passing, 0 failing")


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What one run tried: cases that held, and what was said where one did not."""

    cases: int
    fault: str


def fuzz(file: str, examples: int, number: int) -> Fuzzed:
    """Draw so many cases in each test of a file, others for each number."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "--hypothesis-show-statistics",
            f"--hypothesis-seed={number}",
            "-k",
            DRAWN,
            f"tests/hostile/{file}",
        ],
        cwd=ROOT,
        env={**os.environ, "FUZZ_EXAMPLES": str(examples), "FUZZ_SEEDED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    cases = sum(int(found) for found in _COUNTED.findall(done.stdout))
    if done.returncode == 0 and cases:
        return Fuzzed(cases, "")
    said = (done.stdout + done.stderr)[-6_000:]
    return Fuzzed(cases, f"{file}, --hypothesis-seed={number}:\n{said}")
