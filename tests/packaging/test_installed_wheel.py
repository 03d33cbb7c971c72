"""The wheel, put by pip with every extra into an environment that has nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.packaging.clean_root import is_of_this_tree

EXTRAS = "ibkr,alpaca,cluster"
_WAIT_SECONDS = 1500


def built() -> Path:
    (wheel,) = (ROOT / "dist").glob("allusedesk-*-py3-none-any.whl")
    return wheel


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    subprocess.run(
        [
            *(folder / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet"),
            *("--only-binary", ":all:", f"{built()}[{EXTRAS}]"),
        ],
        check=True,
        timeout=_WAIT_SECONDS,
    )
    return folder / "venv" / "bin" / "allusedesk"


def run(program: Path, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [program, *words],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_WAIT_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_it_finds_all_it_needs_far_from_the_checkout(program: Path, tmp_path: Path) -> None:
    findings = json.loads(run(program, tmp_path, "check", "--json"))["checks"]
    assert [one for one in findings if not one["passed"]] == []


def test_the_extras_bring_their_clients(program: Path, tmp_path: Path) -> None:
    code = "import ib_async, alpaca, distributed, allusedesk; print(allusedesk.__path__[0])"
    done = subprocess.run(
        [program.with_name("python"), "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(ROOT) not in done.stdout


def test_the_demo_writes_what_the_source_tree_writes(program: Path, tmp_path: Path) -> None:
    there = json.loads(run(program, tmp_path, "--json", "demo", "--window", "--out", "demo"))
    here = subprocess.run(
        [sys.executable, "-m", "allusedesk", "--json", "demo", "--out", tmp_path / "here"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ours = json.loads(here.stdout)
    assert there["chain_head"] == ours["chain_head"]
    assert there["window"]
    if not is_of_this_tree(built()):
        pytest.skip("The wheel is older than the tree, so pages may differ: make wheel.")
    assert Path(there["pdf"]).read_bytes() == Path(ours["pdf"]).read_bytes()


def test_a_search_is_spread_over_two_processes(program: Path, tmp_path: Path) -> None:
    run(
        program,
        tmp_path,
        *("search", "--symbols", "MSFT", "--from", "2012-01-02", "--to", "2012-01-13"),
        *("--try", "accounts.rev.delta.low=25,30", "--workers", "2", "--out", "found"),
    )
    assert (tmp_path / "found").is_dir()
