from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli.main import main
from allusedesk.journal.results import RESULTS_NAME, ResultsFile
from allusedesk.wiring.laboratory.runs import keep_run
from tests.cli.conftest import REHEARSAL
from tests.wiring.test_laboratory_views import TRIAL, tried

Run = Callable[..., Any]


def test_the_years_are_those_of_the_protocol(run: Run) -> None:
    answer = run("project --model original --capital 300000 --years 5 --json").answer
    assert [row["year"] for row in answer["years"]] == [1, 2, 3, 4, 5]
    last = answer["years"][-1]
    figures = {name: last[name] for name in ("gen", "rev", "com", "forks", "total")}
    assert figures == {
        "gen": "138239.26",
        "rev": "1051687.14",
        "com": "308550.58",
        "forks": "2181053.99",
        "total": "3679530.97",
    }
    assert last["forks_active"] == 29
    assert answer["qualifier"] == "target"


def test_a_person_is_told_that_it_is_no_promise(run: Run) -> None:
    ran = run("project --model original --capital 300000 --years 1")
    assert "503,893.35" in ran.out
    assert "not a promise" in ran.out


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--model original --capital 9999.99 --years 1", "10000"),
        ("--model original --capital 300000 --years 0", "--years"),
        ("--model original --capital 300000 --years 1.5", "1.5"),
        ("--model original --capital 300000 --years 1000", "40"),
        ("--model original --capital nan --years 1", "nan"),
        ("--model original --capital 300000", "--years"),
        ("--model dreamt --capital 300000 --years 1", "dreamt"),
        ("--model original --capital 300000 --years 1 --rulebook absent", "absent"),
    ],
)
def test_what_cannot_be_projected_is_refused(run: Run, options: str, word: str) -> None:
    run(f"project {options}").refused(word)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("record")
    assert main([*shlex.split(REHEARSAL), "--out", str(out)]) == 0
    return out / "rehearsal.journal"


REALISED = "project --model realised --capital 300000 --years 2 --paths 200 --block 1"


def test_weeks_of_a_record_are_drawn_and_written(run: Run, record: Path, tmp_path: Path) -> None:
    out = tmp_path / "told"
    line = f"{REALISED} --weeks {record} --reach 1000 --out {out} --json"
    answer = run(line).answer
    assert answer["weeks_known"] == 2
    assert answer["qualifier"] == "modelled"
    assert "2012-W01 to 2012-W02" in answer["weeks_from"]
    assert "100% modelled" in answer["weeks_from"]
    (first, last) = answer["years"]
    assert (first["original"], last["original"]) == ("503893.35", "837371.77")
    assert first["reaches_original"] == 0.0
    (reached,) = answer["reached"]
    assert (reached["total"], reached["at_end"], reached["ever"]) == ("1000", 1.0, 1.0)
    # All of 200 paths: Wilson's lower bound of 95 % is 200 / (200 + 1.96 squared).
    assert reached["at_end_bounds"] == [pytest.approx(200 / 203.841459), 1.0]
    # The cheapest put it sold was MSFT's at 26 or 27; 95 % of a sleeve may be deployed.
    assert min(float(least) for least in answer["plan"]["least"] if float(least)) in (2737, 2842)
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(written) == [f"projection.{form}" for form in ("csv", "json", "png", "svg")]
    assert json.loads(written["projection.json"]) == answer
    assert b"targets" in written["projection.svg"]
    again = tmp_path / "again"
    run(f"{REALISED} --weeks {record} --reach 1000 --out {again} --json")
    assert {path.name: path.read_bytes() for path in again.iterdir()} == written


def test_a_person_sees_where_the_weeks_come_from(run: Run, record: Path) -> None:
    ran = run(f"{REALISED} --weeks {record} --withdraw 1000 --least 'gen=1000000'")
    assert "Drawn from 2 weeks of rehearsal.journal (REHEARSAL)" in ran.out
    assert "837,372" in ran.out
    assert "gen under 1,000,000 USD (100.00% of weeks)" in ran.out
    assert "withdrawn, mean" in ran.out
    assert "0.00% (0.00 to 1.88)" in ran.out
    assert "luckier than those to come" in ran.out


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("", "--weeks"),
        ("--weeks {record} --block 13", "no two blocks of 13"),
        ("--weeks {record} --paths 1000000", "200000"),
        ("--weeks {record} --least 'gen=1;xyz=2'", "xyz"),
        ("--weeks {record} --tax 30", "0.15"),
        ("--weeks absent.journal", "absent.journal"),
    ],
)
def test_what_cannot_be_drawn_is_refused(run: Run, record: Path, options: str, word: str) -> None:
    run(f"{REALISED} {options.format(record=record)}").refused(word)


def test_weeks_of_a_kept_backtest_are_drawn(run: Run, tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / RESULTS_NAME)
    assert "keeps no backtest" in run(f"{REALISED} --weeks {file.path}").err
    keep_run(file, tried(replace(TRIAL, overrides=())))
    answer = run(f"{REALISED} --weeks {file.path} --json").answer
    assert "run 1 of the laboratory (backtest, default fills)" in answer["weeks_from"]
    assert answer["plan"]["least"] == ["0", "0", "0"]
    run(f"{REALISED} --weeks {file.path} --run 2").refused("holds no run 2")


def test_one_week_alone_is_no_record(run: Run, tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / RESULTS_NAME)
    alone = tried(replace(TRIAL, overrides=()))
    short = tuple(replace(one, weeks=one.weeks[:1]) for one in alone.outcomes)
    keep_run(file, replace(alone, outcomes=short))
    run(f"{REALISED} --weeks {file.path}").refused("every year would be that week again")
