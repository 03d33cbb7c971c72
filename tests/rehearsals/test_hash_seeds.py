"""Two processes whose text hashes differ make one record of the same inputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SCRIPT = """
import sys
from datetime import date
from pathlib import Path
from allusedesk.wiring.rehearsal import rehearse
from tests.rehearsals.real_market import asked
data, out = map(Path, sys.argv[1:])
request = asked(data, date(2013, 1, 2), date(2013, 2, 1), out)
print(rehearse(request).chain_head)
"""


def chain_head(seed: str, data: Path, out: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, data, out],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.long
def test_a_record_does_not_depend_on_hashes(shared_data: Path, tmp_path: Path) -> None:
    heads = {chain_head(seed, shared_data, tmp_path / seed) for seed in ("1", "2")}
    assert len(heads) == 1
