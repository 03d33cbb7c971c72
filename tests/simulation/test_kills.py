"""Desks killed by SIGKILL, at every write point and at random, lose and double nothing.

Two ways: the simulation's desk, whose broker lives on in another process; and the paper desk as
it is started by the command line, whose broker is rebuilt from its journal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from allusedesk.engine.reopening import reopened
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.simulation.invariants import Watcher

ROOT = Path(__file__).resolve().parents[2]
PAPER = """
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.resource_files import resource_path
from allusedesk.wiring.paper_desk import build_paper_desk
from allusedesk.wiring.requests import RehearsalRequest
import asyncio
symbols = (
    SymbolList(AccountKind.GENERATION, ("AAPL", "IBM")),
    SymbolList(AccountKind.REVENUE, ("MSFT", "IBM")),
    SymbolList(AccountKind.COMPOUNDING, ("MSFT", "AAPL")),
)
request = RehearsalRequest(
    (resource_path("sample_market"),), date(2008, 1, 14), date(2008, 12, 31), "classic",
    symbols, Decimal(300000), "all", 1, Path(sys.argv[1]),
)
desk = build_paper_desk(request, None)
print("ready", flush=True)
asyncio.run(desk.run())
"""


def started(folder: Path) -> subprocess.Popen[str]:
    """A process with a paper desk that has opened its journal and goes to work."""
    process = subprocess.Popen(
        [sys.executable, "-c", PAPER, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _killed_and_resumed(folder: Path, kills: int, seed: int) -> None:
    delays = np.random.default_rng(seed).uniform(0.02, 0.6, size=kills)
    heads: list[str] = []
    for delay in delays.tolist():
        process = started(folder)
        time.sleep(delay)
        kill(process)
        path = folder / "paper.journal"
        found = verify(path, heads[-1] if heads else None)
        assert found.is_intact, found.sentence
        heads.append(found.chain_head)
    with JournalReader.open(folder / "paper.journal") as journal:
        entries = list(journal.read())
    state, missing = reopened(entries)
    watcher = Watcher(is_strict_about_state=False)
    for entry in (*entries, *missing):
        watcher.take(entry)
    watcher.check_weeks()
    assert watcher.state == state
    assert not state.halted_by
    assert len(set(heads)) == kills


def _kill_at_points(folder: Path, seed: int, kills: int) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.simulation.killing", str(folder), str(seed), str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told: dict[str, object] = json.loads(ended.stdout)
    assert not told["broken"], told["broken"]
    assert ended.returncode == 0, ended.stderr
    assert told["kills"] == kills
    return told


def test_four_kills_of_a_paper_desk_lose_nothing(tmp_path: Path) -> None:
    _killed_and_resumed(tmp_path, 4, 1)


def test_ten_kills_at_points_of_writing_and_sending_lose_nothing(tmp_path: Path) -> None:
    points = _kill_at_points(tmp_path, 3, 10)["points"]

    assert isinstance(points, dict)
    assert len(points) >= 3


@pytest.mark.long
def test_twenty_kills_of_a_paper_desk_lose_nothing(tmp_path: Path) -> None:
    _killed_and_resumed(tmp_path, 20, 2)


@pytest.mark.long
def test_fifty_kills_pass_through_every_kind_of_point(tmp_path: Path) -> None:
    points = _kill_at_points(tmp_path, 1, 50)["points"]

    assert isinstance(points, dict)
    assert {"before place_order", "after place_order", "before look_up"} <= set(points)
    for kind in ("AlarmRang", "BrokerReported", "DeskResumed"):
        assert {f"before {kind} is written", f"after {kind} is written"} <= set(points)
    assert len(points) > 20


def test_a_journal_of_a_killed_desk_is_opened_again_for_writing(tmp_path: Path) -> None:
    process = started(tmp_path)
    time.sleep(0.3)
    kill(process)
    journal = Journal.open(tmp_path / "paper.journal")
    entries = list(journal.read())
    _, missing = reopened(entries)
    journal.append(missing)
    journal.close()

    assert verify(tmp_path / "paper.journal").is_intact
