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

from allusedesk.journal.store import JournalReader
from tests.cli.conftest import REHEARSAL
from tests.doors.servers.tws import TwsServer
from tests.house.sources import ROOT

Run = Callable[..., Any]
PAPER = REHEARSAL.replace("rehearse --data", "run --paper --headless --feed")


def test_a_paper_desk_runs_to_its_end_and_goes_on(run: Run, tmp_path: Path) -> None:
    week = PAPER.replace("--to 2012-01-13", "--to 2012-01-06")
    first = run(f"{week} --speed max --json --out", tmp_path)
    assert first.code == 0, first.err
    assert (first.answer["mode"], first.answer["weeks"]) == ("PAPER", 1)
    assert (first.answer["resumed"], first.answer["finished"]) == (False, True)
    assert list((tmp_path / "reports").glob("*.pdf"))
    second = run(f"{PAPER} --speed max --json --out", tmp_path)
    assert second.code == 0, second.err
    assert (second.answer["resumed"], second.answer["weeks"]) == (True, 2)
    assert run("journal verify", second.answer["journal"]).code == 0
    assert run("replay", second.answer["journal"]).code == 0


def test_ctrl_c_ends_it_whole(run: Run, tmp_path: Path) -> None:
    words = [*shlex.split(PAPER), "--speed", "20000", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "allusedesk", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    journal, waited = tmp_path / "paper.journal", 0.0
    while not journal.exists() and waited < 60:
        time.sleep(0.05)
        waited += 0.05
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "goes on from there" in complained
    assert len(complained.splitlines()) == 1
    assert run("journal verify", journal).code == 0


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (PAPER.replace("--paper ", ""), "--paper"),
        (PAPER.replace("--headless ", ""), "--headless"),
        (f"{PAPER} --speed 0", "--speed"),
        (f"{PAPER} --speed fast", "max"),
        (f"{PAPER} --feed absent", "absent"),
        (f"{PAPER} --symbols gen=ZZZZ", "ZZZZ"),
    ],
)
def test_what_cannot_be_run_is_refused(run: Run, tmp_path: Path, line: str, word: str) -> None:
    run(f"{line} --out", tmp_path / "out").refused(word)


LIVE = "run --live --headless --feed interactive_brokers --capital 100000"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (LIVE, "--broker"),
        (f"{LIVE} --broker alpaca --approve all", "--approve"),
        (f"{LIVE} --broker alpaca --from 2024-01-01", "--from"),
        (LIVE.replace("interactive_brokers", "nowhere"), "nowhere"),
        (LIVE.replace("--live", "--live --paper"), "--paper"),
        (LIVE.replace("--feed interactive_brokers", ""), "--feed"),
        (f"{PAPER} --broker alpaca", "--live"),
        ("run --paper --headless --feed alpaca --capital 100000", "Connections"),
        ("run --paper --headless --capital 100000", "--feed"),
        ("run --paper --headless --feed x --capital 100000 --approve all", "--from"),
        (LIVE.replace("--headless ", "") + " --broker alpaca", "--headless"),
    ],
)
def test_a_live_desk_that_cannot_be_run_is_refused_in_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, word: str
) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path / "home"))
    run(f"{line} --out", tmp_path / "out").refused(word)
    assert not (tmp_path / "out" / "live.journal").exists()


def test_a_live_desk_runs_until_ctrl_c_and_compares_both_sides(tmp_path: Path) -> None:
    with TwsServer() as server, TwsServer() as quotes:
        here = 'host = "127.0.0.1"\nname = "interactive_brokers"'
        home = tmp_path / "home"
        home.mkdir()
        (home / "settings.toml").write_text(
            f"[broker]\n{here}\nport = {server.port}\n[feed]\n{here}\nport = {quotes.port}\n"
        )
        words = [*shlex.split(LIVE), "--broker", "interactive_brokers", "--out", str(tmp_path)]
        process = subprocess.Popen(
            [sys.executable, "-m", "allusedesk", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "ALLUSEDESK_HOME": str(home)},
        )
        assert server.wait_until(lambda: server.connections > 0, 60)
        journal, waited = tmp_path / "live.journal", 0.0
        while waited < 30 and not _kinds(journal) >= {"DeskReconciled"}:
            time.sleep(0.1)
            waited += 0.1
        os.kill(process.pid, signal.SIGINT)
        told, complained = process.communicate(timeout=60)
    assert process.returncode == 130, complained
    assert "LIVE: interactive_brokers" in complained
    assert told.startswith("LIVE\n")
    assert _kinds(journal) >= {"DeskOpened", "DeskReconciled"}
    assert not _kinds(journal) & {"OrderWritten", "DeskHalted"}


def _kinds(journal: Path) -> set[str]:
    if not journal.exists():
        return set()
    with JournalReader.open(journal) as reader:
        return {row.kind for row in reader.rows()}
