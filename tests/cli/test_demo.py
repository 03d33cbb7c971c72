from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allusedesk.wiring import demonstration

Run = Callable[..., Any]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the week that is reported."""
    monkeypatch.setattr(demonstration, "FIRST", date(2012, 1, 30))


@pytest.mark.usefixtures("short")
def test_the_demonstration_leaves_everything(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = run("demo --json --out", out)
    assert (ran.code, ran.err) == (0, "")
    answer = ran.answer
    for name in ("journal", "pdf", "csv", "json"):
        assert Path(answer[name]).is_file()
        assert Path(answer[name]).is_absolute()
    assert answer["pages"]
    assert all(Path(page).read_bytes().startswith(b"\x89PNG") for page in answer["pages"])
    assert run("journal verify --json", answer["journal"]).answer["intact"] is True
    again = run("demo --out", out)
    assert again.code == 0
    assert answer["chain_head"] in again.out


def test_a_journal_of_somebody_else_is_kept(run: Run, rehearsed: Path, tmp_path: Path) -> None:
    there = shutil.copy(rehearsed, tmp_path / "rehearsal.journal")
    before = there.read_bytes()
    run("demo --out", tmp_path).refused("rehearsal.journal", "kept")
    assert there.read_bytes() == before
    there.write_text("a letter")
    run("demo --out", tmp_path).refused("kept")
    assert there.read_text() == "a letter"


def test_an_interrupted_demonstration_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(out: Path, _: object) -> None:
        (out / "rehearsal.journal").write_text("half")
        raise KeyboardInterrupt

    (tmp_path / "letter.txt").write_text("kept")
    monkeypatch.setattr(demonstration, "demonstrate", interrupted)
    assert run("demo --out", tmp_path).code == 130
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
