from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli import explanations
from allusedesk.cli.command_parser import negatives_joined
from tests.cli.conftest import REHEARSAL
from tests.house.sources import ROOT

Run = Callable[..., Any]
COMMAND = [sys.executable, "-m", "allusedesk"]


def started(line: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *shlex.split(line)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize("line", ["", "explain", "journal", "report", "rulebook"])
def test_without_a_command_the_help_is_shown(run: Run, line: str) -> None:
    ran = run(line)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: allusedesk" in ran.err


@pytest.mark.parametrize("line", ["--help", "explain order --help", "journal export -h"])
def test_help_shows_an_example(run: Run, line: str) -> None:
    ran = run(line)
    assert ran.code == 0
    assert "example:\n  allusedesk " in ran.out


@pytest.mark.parametrize(
    "line",
    [
        "--json explain roll --credit 1 --cost 0",
        "explain --json roll --credit 1 --cost 0",
        "explain roll --json --credit 1 --cost 0",
        "explain roll --credit 1 --cost 0 --json",
    ],
)
def test_json_may_stand_anywhere(run: Run, line: str) -> None:
    assert run(line).answer["verdict"] == "unfavourable"


def test_options_are_never_guessed_from_their_beginning(run: Run) -> None:
    run("explain roll --credit 1 --cos 0").refused("--cos")


def test_negative_numbers_are_no_options() -> None:
    typed = ["--cost", "-1e-2", "--price", "-inf", "--closing", "-5", "show", "--", "-3"]
    assert negatives_joined(typed) == [
        "--cost=-1e-2",
        "--price=-inf",
        "--closing=-5",
        "show",
        "--",
        "-3",
    ]


def test_help_is_there_at_once_and_loads_no_large_library() -> None:
    code = (
        "import sys\nfrom allusedesk.cli.main import main\nmain(['--help'])\n"
        "large = {'numpy', 'scipy', 'pydantic', 'reportlab', 'rich', 'sqlite3', 'asyncio'}\n"
        "assert not large & set(sys.modules), large & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_reader_that_has_enough_ends_it_quietly(rehearsed: Path) -> None:
    process = started(f"journal export {rehearsed}")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = REHEARSAL.replace("--to 2012-01-13", "--to 2012-12-28")
    process = started(f"{line} --out {out}", start_new_session=True)
    waited = 0.0
    while not (out / "rehearsal.journal").exists() and waited < 60:
        time.sleep(0.05)
        waited += 0.05
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGINT)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (said, len(complained.splitlines())) == ("", 1)
    assert "Ctrl-C" in complained
    assert not out.exists()


def test_a_folder_that_cannot_be_written_is_told(run: Run, journal: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here")
    run("report weekly", journal, "--out", blocked / "week.pdf").refused(str(blocked))


def test_an_interrupt_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explanations, "explained", interrupted)
    ran = run("explain roll --credit 1 --cost 0")
    assert ran.code == 130
    assert len(ran.err.splitlines()) == 1
