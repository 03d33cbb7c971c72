from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_a_pack_is_cut_and_proved(run: Run, journal: Path, tmp_path: Path) -> None:
    pack = tmp_path / "packs" / "pack.zip"
    ran = run("report regulatory --period 2012-W01 --format zip --json", journal, "--out", pack)
    assert ran.code == 0, ran.err
    assert ran.answer["period"] == "2012-W01"
    with zipfile.ZipFile(pack) as made:
        assert ran.answer["files"] == len(made.namelist())
    assert [path.name for path in pack.parent.iterdir()] == ["pack.zip"]
    proved = run("report verify --json", pack, journal)
    assert (proved.code, proved.answer["good"]) == (0, True)
    assert proved.answer["chain_head"] == ran.answer["chain_head"]


def test_a_pack_that_is_not_as_it_was_ends_with_one(
    run: Run, journal: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "pack.zip"
    assert run("report regulatory --period 2012-W01 --format zip", journal, "--out", pack).code == 0
    content = bytearray(pack.read_bytes())
    place = content.index(b"utc,new_york")
    content[place] ^= 1
    pack.write_bytes(content)
    ran = run("report verify", pack, journal)
    assert ran.code == 1
    assert "approvals.csv was altered" in ran.out
    assert len(ran.out.splitlines()) == 1


def test_what_cannot_be_cut_or_read_is_refused(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    for words, told in (
        ("report regulatory --format zip --period 2031-Q1", "was not run through"),
        ("report regulatory --format zip --period yesterday", "write one such as"),
    ):
        ran = run(words, journal, "--out", out)
        assert ran.code == 2
        assert told in ran.err
        assert not out.exists()
    ran = run("report verify", tmp_path / "none.zip", journal)
    assert (ran.code, "There is no file" in ran.err) == (2, True)
    broken = Path(shutil.copy(journal, tmp_path / "broken.journal"))
    broken.write_bytes(broken.read_bytes()[:5_000])
    assert run("report regulatory --format zip", broken, "--out", out).code == 2


def test_the_risk_report_says_what_prices_it_lacks(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "risk.json"
    assert run("report risk --period 2012-W01 --format json", journal, "--out", out).code == 0
    text = out.read_text(encoding="utf-8")
    assert "No loss could be measured at this close." in text
    assert "too few" in text
    empty = tmp_path / "empty"
    empty.mkdir()
    ran = run("report risk --period 2012-W01", journal, "--out", out, "--data", empty)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
