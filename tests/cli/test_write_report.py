from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_the_last_week_is_printed(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports" / "week.pdf"
    ran = run("report weekly --period last --format pdf --json", journal, "--out", out)
    assert ran.code == 0, ran.err
    assert ran.answer["week"] == "2012-W02"
    assert out.read_bytes().startswith(b"%PDF")
    before = out.read_bytes()
    assert run("report weekly --format pdf", journal, "--out", out).code == 0
    assert out.read_bytes() == before


def test_a_week_is_written_as_csv_and_json(run: Run, journal: Path, tmp_path: Path) -> None:
    as_csv, as_json = tmp_path / "week.csv", tmp_path / "week.json"
    week = "report weekly --period 2012-W01"
    assert run(f"{week} --format csv", journal, "--out", as_csv).code == 0
    assert run(f"{week} --format json", journal, "--out", as_json).code == 0
    head = run("journal verify --json", journal).answer["chain_head"]
    assert json.loads(as_json.read_text())["chain_head"] == head
    assert head in as_csv.read_text()


def test_a_week_that_never_was_is_refused(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "week.pdf"
    run("report weekly --period 2031-W01", journal, "--out", out).refused("2031-W01")
    run("report weekly --period", "soon", journal, "--out", out).refused("soon")
    run("report weekly", tmp_path / "absent", "--out", out).refused("absent")
    run("report weekly", journal, "--out", tmp_path).refused("folder")
    run("report weekly", journal, "--out", journal).refused("journal")
    assert not list(tmp_path.glob("week*"))
