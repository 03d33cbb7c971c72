from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import REHEARSAL
from tests.house.sources import ROOT

Run = Callable[..., Any]
COUNTS = ("weeks", "proposals", "orders", "fills", "forks", "merges")


def test_the_answer_holds_all_that_came_of_it(run: Run, rehearsed: Path, tmp_path: Path) -> None:
    ran = run(f"{REHEARSAL} --json --out", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.answer
    assert all(isinstance(answer[name], int) for name in COUNTS)
    assert answer["weeks"] == 2
    assert answer["proposals"] > 0
    assert answer["fills"] > 0
    assert set(answer["equity_start"]) == {"F1.gen", "F1.rev", "F1.com"}
    assert sum(Decimal(text) for text in answer["equity_start"].values()) == 1_000_000
    assert sum(Decimal(text) for text in answer["equity_end"].values()) > 900_000
    assert 0 <= Decimal(answer["max_drawdown"]) < 1
    assert Decimal(answer["modelled_quotes_share"]) == 1
    assert set(answer["weekly_return"]) == set(answer["equity_end"])
    assert {"refused", "outcomes", "labels", "conditions", "weekly_target"} <= set(answer)
    assert Path(answer["journal"]) == (tmp_path / "out" / "rehearsal.journal").resolve()
    assert any("VIX" in choice for choice in answer["choices"])
    same = run("journal verify --json", rehearsed).answer["chain_head"]
    assert answer["chain_head"] == same


def test_another_seed_makes_another_journal(run: Run, rehearsed: Path, tmp_path: Path) -> None:
    other = run(f"{REHEARSAL} --json --seed 8 --out", tmp_path).answer["chain_head"]
    assert other != run("journal verify --json", rehearsed).answer["chain_head"]


def test_a_replay_makes_the_same_entries(run: Run, journal: Path) -> None:
    answer = run("replay --json", journal).answer
    assert answer["same"] is True
    verified = run("journal verify --json", journal).answer
    assert (answer["entries"], answer["chain_head"]) == (
        verified["entries"],
        verified["chain_head"],
    )
    assert run("replay --rulebook classic", journal).code == 0
    run("replay --rulebook absent", journal).refused("absent")
    run("replay", journal.with_name("absent")).refused("absent")


def test_a_person_reads_choices_and_results(run: Run, tmp_path: Path) -> None:
    ran = run(f"{REHEARSAL} --approve none --out", tmp_path)
    assert ran.code == 0
    assert "Data used" in ran.out
    assert "F1.gen" in ran.out
    assert "orders" in ran.out


def test_a_policy_may_answer(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('default = "reject"\nreason = "a quiet week"\n')
    ran = run(f"{REHEARSAL} --json --approve", policy, "--out", tmp_path / "out")
    assert ran.answer["proposals"] > 0
    assert ran.answer["orders"] == 0
    policy.write_text('default = "perhaps"\n')
    run(f"{REHEARSAL} --approve", policy, "--out", tmp_path / "no").refused("perhaps")
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--from 2012-02-30", "2012-02-30"),
        ("--from 2012-03-30", "before"),
        ("--from 1950-01-02", "calendar"),
        ("--capital 5000", "10000"),
        ("--capital -5", "--capital"),
        ("--symbols gen=AAPL,AAPL", "twice"),
        ("--symbols all=AAPL", "all=AAPL"),
        ("--symbols 'gen=AAPL;gen=MSFT'", "gen=MSFT"),
        ("--symbols gen=", "no symbol"),
        ("--symbols 'gen=A B'", "A B"),
        ("--symbols gen=ZZZZ", "ZZZZ"),
        ("--approve somebody.toml", "somebody.toml"),
        ("--rulebook charter", "charter"),
        ("--data absent", "absent"),
        ("--seed x", "x"),
    ],
)
def test_what_cannot_be_rehearsed_leaves_nothing(
    run: Run, tmp_path: Path, options: str, word: str
) -> None:
    run(f"{REHEARSAL} {options} --out", tmp_path / "out").refused(word)
    assert not (tmp_path / "out").exists()


def test_a_journal_that_is_there_is_kept(run: Run, tmp_path: Path) -> None:
    there = tmp_path / "rehearsal.journal"
    there.write_text("precious")
    run(f"{REHEARSAL} --out", tmp_path).refused("rehearsal.journal", "exists")
    assert there.read_text() == "precious"
    run(f"{REHEARSAL} --out", there).refused("file")


def test_a_folder_without_what_is_needed_is_refused(run: Run, tmp_path: Path) -> None:
    shares = ROOT / "resources" / "sample_market" / "shares"
    line = REHEARSAL.replace(str(shares.parent), str(shares))
    run(f"{line} --out", tmp_path / "out").refused("VIX")
