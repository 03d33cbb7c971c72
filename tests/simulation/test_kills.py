"""A real process, killed in the middle of its work, leaves a journal that is whole and goes on."""

from __future__ import annotations

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


def _start(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PAPER, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def _killed_and_resumed(folder: Path, kills: int, seed: int) -> None:
    delays = np.random.default_rng(seed).uniform(0.02, 0.6, size=kills)
    heads: list[str] = []
    for delay in delays.tolist():
        process = _start(folder)
        time.sleep(delay)
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
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


def test_ten_kills_of_a_paper_desk_lose_nothing(tmp_path: Path) -> None:
    _killed_and_resumed(tmp_path, 10, 1)


@pytest.mark.long
def test_fifty_kills_of_a_paper_desk_lose_nothing(tmp_path: Path) -> None:
    _killed_and_resumed(tmp_path, 50, 2)


def test_a_journal_of_a_killed_desk_is_opened_again_for_writing(tmp_path: Path) -> None:
    process = _start(tmp_path)
    time.sleep(0.3)
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    journal = Journal.open(tmp_path / "paper.journal")
    entries = list(journal.read())
    _, missing = reopened(entries)
    journal.append(missing)
    journal.close()

    assert verify(tmp_path / "paper.journal").is_intact
