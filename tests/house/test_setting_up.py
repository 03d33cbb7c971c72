from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SCRIPT = ROOT / "packaging" / "bootstrap.sh"


def set_up(path: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SCRIPT],
        env={**os.environ, "PATH": path, "ALLUSE_NO_APT": "1", **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A search path without any Python, on a machine where no package is installed."""
    for name in ("dirname", "cat", "cksum", "id", "uname"):
        (tmp_path / name).symlink_to(Path("/usr/bin") / name)
    query = tmp_path / "dpkg-query"
    query.write_text("#!/bin/sh\nexit 1\n")
    query.chmod(0o755)
    return str(tmp_path)


def test_without_python_it_prints_the_line_to_type(bare_path: str, tmp_path: Path) -> None:
    done = set_up(bare_path, ALLUSE_VENV=str(tmp_path / "venv"), ALLUSE_PYTHON="")
    assert done.returncode == 4
    line = "    sudo apt-get install -y --no-install-recommends libglib2.0-0 "
    assert line in done.stderr
    assert "python3 python3-venv\n" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_that_will_not_do_is_refused_in_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "python3.8"
    wrong.write_text("#!/bin/sh\nexit 1\n")
    wrong.chmod(0o755)
    done = set_up(os.environ["PATH"], ALLUSE_VENV=str(tmp_path / "venv"), ALLUSE_PYTHON=str(wrong))
    assert done.returncode in {3, 4}
    assert not (tmp_path / "venv").exists()


def test_the_scripts_can_be_run_as_they_are() -> None:
    for script in (SCRIPT, ROOT / ".ci" / "run"):
        assert os.access(script, os.X_OK)


def test_a_screen_that_is_wanted_prints_the_line_and_stops_nothing(
    bare_path: str, tmp_path: Path
) -> None:
    done = set_up(
        bare_path, ALLUSE_VENV=str(tmp_path / "venv"), ALLUSE_PYTHON="", ALLUSE_SCREEN="virtual"
    )
    assert "libxcb-cursor0 " in done.stderr
    assert " xvfb xauth xdotool" in done.stderr
    assert "python3 python3-venv\n" in done.stderr


def test_no_screen_is_asked_for_where_there_is_none(bare_path: str, tmp_path: Path) -> None:
    done = set_up(
        bare_path,
        ALLUSE_VENV=str(tmp_path / "venv"),
        ALLUSE_PYTHON="",
        DISPLAY="",
        WAYLAND_DISPLAY="",
    )
    assert "libxcb-cursor0" not in done.stderr
