from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.house.sources import ROOT

Run = Callable[..., Ran]


@pytest.fixture
def proposed(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "proposed.toml"
    ran = run(
        "rulebook propose classic --set recovery.weeks=5 --version 1.1 --reason longer --out", path
    )
    assert ran.code == 0
    assert "recovery.weeks" in ran.out
    return path


@pytest.fixture
def rehearsed(run: Run, proposed: Path, tmp_path: Path) -> Path:
    out = tmp_path / "rehearsal"
    line = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2012-01-02 "
        "--to 2012-01-06 --symbols gen=IBM;rev=AAPL,MSFT;com=AAPL --capital 1000000 "
        "--approve none --rulebook"
    )
    assert run(line.replace("gen=IBM;rev=AAPL,MSFT;com=AAPL", "'gen=IBM;rev=MSFT;com=AAPL'"),
               proposed, "--out", out).code == 0  # fmt: skip
    return out / "rehearsal.journal"


def test_a16_a_change_without_a_rehearsal_or_a_person_is_not_approved(
    run: Run, proposed: Path, rehearsed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "approved.toml"
    untried = run("rulebook approve", proposed, "--by", "A. Trader", "--out", out)
    assert untried.code == 1
    assert "not rehearsed" in untried.out
    unasked = run("rulebook approve", proposed, "--rehearsal", rehearsed, "--out", out)
    assert unasked.code == 1
    assert "nobody approves it" in unasked.out
    assert not out.exists()

    words = ("--rehearsal", rehearsed, "--by", "A. Trader", "--out", out)
    approved = run("rulebook approve --json", proposed, *words).answer
    assert approved["approved"] is True
    assert out.read_text() == proposed.read_text()
    assert run("rulebook check", out).code == 0


def test_a16_a_rehearsal_under_another_wording_does_not_count(
    run: Run, proposed: Path, rehearsed: Path, tmp_path: Path
) -> None:
    altered = tmp_path / "altered.toml"
    altered.write_text(proposed.read_text().replace("weeks = 5", "weeks = 6"))
    out = tmp_path / "approved.toml"
    words = ("--rehearsal", rehearsed, "--by", "A. Trader", "--out", out)
    ran = run("rulebook approve", altered, *words)
    assert ran.code == 1
    assert "another wording" in ran.out
    published = run("rulebook approve", "classic", *words)
    assert published.code == 1
    assert "never changes" in published.out
    assert not out.exists()


def test_a_proposal_that_sets_nothing_is_refused(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "proposed.toml"
    line = "rulebook propose classic --version 1.1 --reason why --set"
    run(f"{line} recovery.weeks --out", out).refused("recovery.weeks")
    run(f"{line} recovery.absent=5 --out", out).refused("recovery.absent")
    assert not out.exists()
