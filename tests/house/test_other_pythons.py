"""The same inputs and the same seed give the same record on every Python the desk supports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT, package_modules

OTHERS = [f"3.{minor}" for minor in (11, 12, 13) if minor != sys.version_info.minor]


def interpreter(version: str) -> str | None:
    """A Python of this version that runs, from the search path or from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True)
    for candidate in (f"python{version}", *map(str, kept)):
        try:
            done = subprocess.run([candidate, "-c", ""], capture_output=True, check=False)
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return candidate
    return None


def chain_head(program: Path, out: Path) -> str:
    done = subprocess.run(
        [program, "demo", "--out", out, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    head = json.loads(done.stdout)["chain_head"]
    assert isinstance(head, str)
    return head


@pytest.mark.long
@pytest.mark.skipif("allusedesk.__main__" not in package_modules(), reason="no command line yet")
@pytest.mark.parametrize("version", OTHERS)
def test_another_python_keeps_the_same_record(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed here, so it cannot be compared.")
    venv = ROOT / f".venv-{version}"
    subprocess.run(
        ["sh", "packaging/bootstrap.sh"],
        cwd=ROOT,
        env={**os.environ, "ALLUSE_PYTHON": python, "ALLUSE_VENV": str(venv)},
        check=True,
    )
    here = chain_head(Path(sys.executable).parent / "allusedesk", tmp_path / "here")
    assert chain_head(venv / "bin" / "allusedesk", tmp_path / "there") == here
