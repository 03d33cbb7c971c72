"""Backtests, searches and comparisons as a person types them."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.cli.desk_options import symbols_by_tier
from allusedesk.cli.main import main
from allusedesk.cli.trial_options import setting
from allusedesk.journal.results import RESULTS_NAME, ResultsFile
from allusedesk.laboratory.search import run_search
from allusedesk.laboratory.search_plan import Axis, SearchPlan
from allusedesk.laboratory.workers import Serial
from allusedesk.wiring.laboratory.runs import keep_run
from tests.laboratory.arithmetic import pretend
from tests.wiring.test_laboratory_views import TRIAL, tried

SPAN = ("--symbols", "IBM", "--from", "2012-01-03", "--to", "2012-01-05")


def test_a_backtest_is_printed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", *SPAN, "--fills", "full", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    for part in ("Data used", "commissions", "tax estimate", "every quote is modelled", "run 1"):
        assert part in said
    assert "at least 8 weeks" in said
    assert main(["compare", "1", "--out", str(tmp_path)]) == 0
    again = capsys.readouterr().out
    assert again.strip() == said.rpartition("\n\nKept as")[0].strip()


def test_kept_runs_are_listed_read_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--out", str(tmp_path)]) == 0
    assert "Nothing is kept" in capsys.readouterr().out
    file = ResultsFile(tmp_path / RESULTS_NAME)
    keep_run(file, tried())
    keep_run(file, tried())
    plan = SearchPlan(TRIAL, (Axis("noise", (1, 2, 3)),), manner="random")
    keep_run(file, run_search(pretend, plan, Serial()))
    assert main(["compare", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("fills mid, default") == 2
    assert main(["compare", "1", "2", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "plans  the same" in said
    assert "chance alone could do as much" in said
    assert main(["compare", "3", "--out", str(tmp_path)]) == 0
    assert "out of sample, mean week" in capsys.readouterr().out
    assert main(["compare", "1", "2", "--json", "--out", str(tmp_path)]) == 0
    assert len(json.loads(capsys.readouterr().out)["compared"]) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["backtest", *SPAN, "--fills", "best"], "no kind of fill 'best'"),
        (["backtest", *SPAN, "--set", "accounts.gen.delta=3"], "accounts.gen.delta"),
        (["backtest", *SPAN, "--set", "nothing"], "sets no rule"),
        (["backtest", *SPAN, "--workers", "999"], "no help"),
        (["backtest", *SPAN, "--capital", "5"], "smallest start capital"),
        (["backtest", "--symbols", "IBM", "--from", "2012-01-07", "--to", "2012-01-08"], "widen"),
        (
            ["backtest", "--symbols", "IBM", "--from", "2031-01-07", "--to", "2031-02-08"],
            "prices reach",
        ),
        (["search", *SPAN, "--try", "a.b"], "names no values"),
        (["search", *SPAN, "--try", "a.b=1"], "Nothing could be tried"),
        (["search", *SPAN, "--try", "a.b=1", "--manner", "luck"], "no search by"),
        (["search", *SPAN, "--try", "a.b=1", "--cluster", "tcp://127.0.0.1:9"], "dask scheduler"),
        (["compare", "7"], "not there yet"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    typed: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("allusedesk.laboratory.workers._SECONDS_TO_CONNECT", 1)
    assert main([*typed, "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_only_backtests_stand_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ResultsFile(tmp_path / RESULTS_NAME)
    keep_run(file, tried())
    keep_run(file, run_search(pretend, SearchPlan(TRIAL, (Axis("noise", (1, 2)),)), Serial()))
    assert main(["compare", "1", "2", "--out", str(tmp_path)]) == 2
    assert "Only backtests" in capsys.readouterr().err


def test_values_are_exact() -> None:
    assert setting("costs.contract=0.650") == ("costs.contract", Decimal("0.650"))
    assert setting("a.b = true") == ("a.b", True)
    assert setting("a=classic") == ("a", "classic")
    for wrong in ("a", "=1", "a="):
        with pytest.raises(ArgumentTypeError, match="sets no rule"):
            setting(wrong)
    assert symbols_by_tier("A,B") == dict.fromkeys(("gen", "rev", "com"), ("A", "B"))
    assert symbols_by_tier("gen=A") == {"gen": ("A",)}
