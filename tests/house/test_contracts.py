"""The import contracts hold, and each kind of violation is seen to break its contract."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT, package_modules

LAYERS = "A stage imports only what lies upstream of it"
CORE = "The core touches nothing outside"
JOURNAL = "The journal knows facts, not opinions"
ARRAYS = "Words, rules and record need no arrays"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    # The folder is put first, so that a copy is read in place of the checkout.
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def broken(folder: Path) -> set[str]:
    return set(re.findall(r"^(.+) BROKEN(?: \(.*\))?$", lint(folder).stdout, flags=re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in package_modules().values():
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("protocol/intruder.py", "import asyncio", CORE),
        ("risk/intruder.py", "import pathlib", CORE),
        ("protocol/intruder.py", "import allusedesk.market", LAYERS),
        ("domain/intruder.py", "import numpy", ARRAYS),
        ("journal/intruder.py", "import allusedesk.execution", JOURNAL),
        ("annexe/__init__.py", "", LAYERS),
    ],
)
def test_a_violation_breaks_its_contract(copy: Path, module: str, line: str, contract: str) -> None:
    intruder = copy / "allusedesk" / module
    intruder.parent.mkdir(exist_ok=True)
    intruder.write_text(f"{line}\n")
    assert contract in broken(copy)
