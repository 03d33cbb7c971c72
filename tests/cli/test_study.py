from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.house.sources import ROOT

Run = Callable[..., Any]

MARKET = ROOT / "resources" / "sample_market"
SMALL = """
capital = 300000
seed = 1
trend = "SPY"
left_out = []
spoilt = []
premiums = []

[[spans]]
name = "a quarter"
rulebook = "classic"
first = 2012-01-03
last = 2012-03-02
gen = []
rev = ["MSFT"]
com = []
fills = ["default"]
"""


def test_a_study_is_kept_and_goes_on(run: Run, tmp_path: Path) -> None:
    definition = tmp_path / "small.toml"
    definition.write_text(SMALL, encoding="utf-8")
    line = f"study --data {MARKET} --study {definition} --out {tmp_path / 'out'}"
    answer = run(f"{line} --json").answer
    assert (answer["trials"], answer["weeks"]) == (1, 9)
    page = tmp_path / "out" / "study.md"
    told = page.read_text(encoding="utf-8")
    assert "Rev of classic" in told
    # The sample has the S&P 500 index in SPY's place, and says nothing of SPY.
    assert "Holding SPY" not in told
    assert "Gen of classic" not in told
    kept = tmp_path / "out" / "trials" / "classic-a quarter-default.json"
    before = kept.stat().st_mtime_ns
    ran = run(line)
    assert f"Trials kept in {tmp_path / 'out'}: 1" in ran.out
    assert kept.stat().st_mtime_ns == before
    assert page.read_text(encoding="utf-8") == told
    kept.write_text("{", encoding="utf-8")
    run(line)
    assert page.read_text(encoding="utf-8") == told
    # The page looks at prices beside those of the trials that are kept.
    (tmp_path / "empty").mkdir()
    run(line.replace(str(MARKET), str(tmp_path / "empty"))).refused("bars of SPY")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--data absent --out out", "absent"),
        (f"--data {MARKET} --study nothing --out out", "real_prices, sample"),
        (f"--data {MARKET} --out out", "NVDA"),
        (f"--data {MARKET} --out out --workers 0", "--workers"),
        (f"--data {MARKET} --out out --workers 999", "256 at most"),
    ],
)
def test_what_cannot_be_studied_is_refused(
    run: Run, options: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(f"study {options}").refused(word)
