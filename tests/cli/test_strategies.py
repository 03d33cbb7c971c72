"""`allusedesk strategy`: listed, shown, checked, begun, rehearsed, measured and switched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allusedesk.resource_files import resource_path

Run = Callable[..., Any]

SPAN = (
    "rehearse --data resources/sample_market --from 2012-01-02 --to 2012-01-20 --rulebook classic "
    "--symbols gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT --capital 1000000 --approve all --seed 7"
)


def test_every_strategy_is_listed_and_shown_as_written(run: Run) -> None:
    listed = run("strategy list --json").answer
    names = [row["id"] for row in listed["strategies"]]
    assert len(names) == 12
    assert listed["faults"] == []
    assert all(name in run("strategies list").out for name in names)
    text = resource_path("strategies", "wheel.toml").read_text(encoding="utf-8")
    assert run("strategy show wheel@1.0").out == text
    shown = run("strategy show wheel --json").answer
    assert shown["id"] == "wheel@1.0"
    assert shown["definition"]["parts"][0]["legs"][0]["delta"] == {"low": "22", "high": "34"}
    run("strategy show absent").refused("absent", "wheel@1.0")


def test_a_definition_is_checked_with_file_and_key(run: Run, tmp_path: Path) -> None:
    wheel = resource_path("strategies", "wheel.toml")
    ran = run("strategy check", wheel)
    assert (ran.code, ran.out) == (0, "wheel@1.0 is a sound strategy.\n")
    bad = tmp_path / "bad.toml"
    bad.write_text(wheel.read_text(encoding="utf-8").replace("profit = 0.60", "profit = -1"))
    ran = run("strategy check", bad)
    assert (ran.code, ran.err) == (1, "")
    assert "bad.toml: parts[0].exit.profit must be a number" in ran.out
    assert run("strategy check --json", bad).answer["passed"] is False
    for spoilt in ("nan", "-0.25", "1e40"):
        bad.write_text(
            wheel.read_text(encoding="utf-8").replace("profit = 0.60", f"profit = {spoilt}")
        )
        said = run("strategy check", bad).out.casefold()
        assert f"not {spoilt.replace('1e40', '1e+40')}.\n" in said
    bad.write_bytes(b"\xff\xfe")
    assert "it is no text in UTF-8" in run("strategy check", bad).out
    run("strategy check", tmp_path / "absent.toml").refused("absent.toml")


def test_a_strategy_of_ones_own_begins_as_a_copy(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    assert "my-wheel@1.0" in run("strategy new my-wheel --like wheel --out", mine).out
    assert run("strategy check", mine).code == 0
    run("strategy new other --out", mine).refused("mine.toml", "kept")
    run("strategy new 'Bad Name' --out", tmp_path / "b.toml").refused("name")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("wheel@9.9=rev", "wheel@1.0"),
        ("collar@1.0=gen", "rev, com"),
        ("absent.toml=rev", "absent.toml"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(
    run: Run, tmp_path: Path, wanted: str, words: str
) -> None:
    run(f"{SPAN} --strategy {wanted} --out", tmp_path / "out").refused(words)


@pytest.mark.long
def test_a_rehearsed_strategy_is_measured_to_the_cent_and_switched_off(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    summary = run(f"{SPAN} --strategy wheel@1.0=rev --json --out", out).answer
    journal = out / "rehearsal.journal"
    found = run("strategy performance --json", journal, "--against", journal).answer
    (one,) = found["strategies"]
    assert (one["strategy"], one["account"]) == ("wheel@1.0", "F1.rev")
    gained = float(summary["equity_end"]["F1.rev"]) - float(summary["equity_start"]["F1.rev"])
    assert float(one["result"]) == pytest.approx(gained, abs=0.01)
    assert "wheel@1.0" in run("strategy performance", journal).out
    switch = f"strategy disable wheel@1.0=rev --journal {journal} --operator anna"
    assert "opens nothing more" in run(switch).out
    again = run(switch)
    assert (again.code, again.err) == (1, "")
    assert "is not switched on" in again.out
    mine, text = tmp_path / "mine.toml", run("strategy show wheel").out
    mine.write_text(text.replace('"wheel"', '"mine"'), encoding="utf-8")
    switch = f"--journal {journal} --operator anna"
    assert "may open positions" in run(f"strategy enable {mine}=rev {switch}").out
    mine.write_text(mine.read_text("utf-8").replace("low = 18", "low = 19"), encoding="utf-8")
    run(f"strategy enable {mine}=gen {switch}").refused("in F1.rev with other rules")
    assert run("journal verify", journal).code == 0
    assert run("replay", journal).code == 0
