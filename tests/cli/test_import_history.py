from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allusedesk.market.archive.store import opened

Run = Callable[..., Any]

BARS = """Date,Open,High,Low,Close,Volume
2026-01-05,10.00,10.50,9.90,10.20,1000
2026-01-06,10.20,10.60,10.10,10.40,1200
2026-01-07,10.40,10.70,10.30,nan,900
2026-01-08,10.50,10.80,10.40,10.60,1100
"""


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "XYZ.csv").write_text(BARS)
    return folder


def test_a_preview_lists_defects_and_writes_nothing(run: Run, prices: Path) -> None:
    answer = run("import --dry-run --json", prices).answer
    assert answer["archive"] is None
    assert [row["file"] for row in answer["taken"]] == ["prices/XYZ.csv"]
    (defect,) = [row for row in answer["defects"] if row["row"]]
    assert (defect["row"], defect["effect"]) == (4, "row refused")
    text = run("import --dry-run", prices).out
    assert "prices/XYZ.csv, row 4" in text
    assert list(prices.iterdir()) == [prices / "XYZ.csv"]


def test_files_that_say_the_same_share_one_sentence(run: Run, prices: Path) -> None:
    for number in range(4):
        (prices / f"XY{'ABCD'[number]}.csv").write_text(BARS)
    text = run("import --dry-run", prices).out
    (told,) = [line for line in text.splitlines() if "row 4" in line]
    assert told.endswith("likewise in 4 more files, 5 times in all.")
    answer = run("import --dry-run --json", prices).answer
    assert len([row for row in answer["defects"] if row["row"] == 4]) == 5


def test_an_archive_is_written_and_can_be_opened(run: Run, prices: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    ran = run("import --json", prices, "--out", archive)
    assert (ran.code, ran.answer["held"]) == (0, 1)
    (bars,) = opened(archive)
    assert bars.symbol == "XYZ"
    assert len(bars) == 3


@pytest.mark.parametrize("adjustment", ["raw", "splits", "total"])
def test_an_adjustment_can_be_declared(run: Run, prices: Path, adjustment: str) -> None:
    taken = run("import --dry-run --json --adjustment", adjustment, prices).answer["taken"]
    assert f"{adjustment} (declared)" in taken[0]["gave"]


def test_a_file_refused_whole_is_a_no_and_the_rest_is_kept(run: Run, prices: Path) -> None:
    (prices / "BAD.csv").write_bytes(BARS.replace("2026", "9999").encode())
    ran = run("import --dry-run --json", prices)
    assert ran.code == 1
    assert [row["file"] for row in ran.answer["taken"]] == ["prices/XYZ.csv"]
    assert "file refused" in {row["effect"] for row in ran.answer["defects"]}


def test_what_nobody_can_import_is_refused(run: Run, prices: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all,\nall is well.\n")
    run("import --dry-run", letter).refused("letter.txt")
    run("import --dry-run", tmp_path / "absent").refused("absent")
    run("import", prices).refused("--out")
    empty = tmp_path / "empty"
    empty.mkdir()
    run("import --dry-run", empty).refused("no file")


def test_an_archive_never_lands_among_other_files(run: Run, prices: Path) -> None:
    run("import", prices, "--out", prices).refused("other files")
    assert list(prices.iterdir()) == [prices / "XYZ.csv"]
