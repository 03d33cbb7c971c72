"""Risk and stress of a rehearsed desk, by the journal alone and by a history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.house.sources import ROOT

MARKET = ROOT / "resources" / "sample_market"


def test_the_book_is_measured_on_a_history(run: Callable[..., Ran], rehearsed: Path) -> None:
    ran = run("risk --json --at 2012-01-12 --data", MARKET, rehearsed)
    assert ran.code == 0, ran.err
    answer = ran.answer
    assert [one["way"] for one in answer["losses"]] == ["historical", "simulated", "parametric"]
    for one in answer["losses"]:
        assert one["expected_shortfall"] >= one["value_at_risk"] > 0
    assert answer["lots"] > 0
    assert {one["name"] for one in answer["edges"]} >= {"value_at_risk", "gap_10", "gap_20"}
    *single, whole = answer["beta_weighted"]
    assert whole["underlying"] == "all together"
    assert whole["weighted_delta"] == pytest.approx(sum(one["weighted_delta"] for one in single))
    for one in single:
        assert one["beta"]["index"] == "SPX"
        assert one["beta"]["sessions"] == 252
        assert one["beta"]["last"] == "2012-01-12"
        assert one["weighted_delta"] == pytest.approx(one["delta"] * one["beta"]["value"])
    assert answer["record"]["held"]["days"] == len(answer["record_days"]["held"])
    assert {one["on"] for one in answer["record_days"]["traded"]} <= {
        f"2012-01-{day:02}" for day in range(3, 13)
    }


def test_a_journal_without_a_history_says_that_it_is_short(
    run: Callable[..., Ran], rehearsed: Path
) -> None:
    ran = run("risk", rehearsed)
    assert ran.code == 0
    assert "Prices of 8 days are too few" in ran.out
    assert "no day yet for which a loss was both told and seen" in ran.out
    assert "overnight gap of 10%" in ran.out


def test_the_answer_is_the_same_every_time_and_another_with_another_seed(
    run: Callable[..., Ran], rehearsed: Path
) -> None:
    line = "risk --json --at 2012-01-12 --confidence 0.95 --days 5 --data"
    first, again = run(line, MARKET, rehearsed), run(line, MARKET, rehearsed)
    other = run(f"risk --seed 2{line[4:]}", MARKET, rehearsed)
    assert first.out == again.out
    pairs = list(zip(first.answer["losses"], other.answer["losses"], strict=True))
    assert [one == two for one, two in pairs] == [True, False, True]
    assert all(one["days"] == 5 for one in first.answer["losses"])


def test_people_read_tables(run: Callable[..., Ran], rehearsed: Path) -> None:
    out = run("risk --at 2012-01-12 --data", MARKET, rehearsed).out
    for words in (
        "VaR",
        "CVaR",
        "Kupiec",
        "left to soft",
        "Greeks by beta (on SPX, 252",
        "Ways out",
    ):
        assert words in out


def test_history_and_a_persons_own_scenarios(
    run: Callable[..., Ran], rehearsed: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[scenario]]\nid = "mine"\nmove = -0.5\nvolatility_factor = 3\n')
    ran = run("stress --json --at 2012-01-12 --scenarios", own, rehearsed)
    assert ran.code == 0, ran.err
    found = {one["scenario"]["id"]: one for one in ran.answer["scenarios"]}
    assert {"1987-10-19", "2008-10", "2020-03", "2022", "mine"} <= set(found)
    assert found["mine"]["total"] < found["1987-10-19"]["total"] < found["2018-02-05"]["total"] < 0
    assert found["mine"]["total_by_beta"] is None
    assert [one["change"] for one in ran.answer["rate_shifts"]] == [-0.02, -0.01, 0.01, 0.02]
    table = run("stress --at 2012-01-12 --data", MARKET, rehearsed).out
    assert "Black Monday" in table
    assert "nothing is rolled" in table


def test_what_cannot_be_measured_is_refused_in_a_sentence(
    run: Callable[..., Ran], rehearsed: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[[scenario]]\n")
    run("stress --scenarios", own, rehearsed).refused("has no id")
    run("stress --scenarios", tmp_path / "none.toml", rehearsed).refused("cannot be read")
    run("risk --at 2001-01-01", rehearsed).refused("No desk is on record by then")
    run("risk --confidence 1", rehearsed).refused("between 0.5 and 1")
    run("risk --days 21", rehearsed).refused("at most 20")
    run("risk", tmp_path / "none.journal").refused("none.journal")
    run("risk --data", tmp_path / "nowhere", rehearsed).refused("nowhere")
    shares = MARKET / "shares" / "stocks_2006_2013.csv.gz"
    run("risk --data", shares, rehearsed).refused("or leave --data out to measure by what")
