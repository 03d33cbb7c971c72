"""Where the journal cannot be written, nothing more is sent, and the desk says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("how", "why"),
    [("full", "disk I/O error"), ("locked", "locked"), ("readonly", "readonly")],
)
def test_a_journal_that_cannot_be_written_stops_the_sending(
    tmp_path: Path, how: str, why: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.simulation.starving", str(tmp_path), how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)

    assert "cannot be written" in told["said"]
    assert why in told["said"]
    assert "nothing may be sent" in told["said"]
    assert "start the desk again" in told["said"]
    # The third order was decided upon and could not be written down: the broker has two.
    assert told["sent"] == told["written"]
    assert len(told["sent"]) == 2
    assert told["is_intact"]
    assert told["halted_by"] == ""
    assert told["entries_at_the_end"] > told["entries"] + 100
