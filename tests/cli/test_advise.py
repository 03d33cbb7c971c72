"""`advise` on a real market: scored, kept, checked, and refused in one sentence."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from allusedesk.cli import advise
from allusedesk.cli.main import main
from allusedesk.wiring.advice_views import AdviceRecord, TargetRecord
from tests.house.sources import ROOT

MARKET = str(ROOT / "resources/sample_market")
SPAN = ["--data", MARKET, "--from", "2010-06-01", "--to", "2012-12-28", "--trend", "SPY"]


class Bomb:
    """What would go off if anybody unpickled it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle was loaded",)


def test_a_market_is_walked_through_and_its_model_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", *SPAN, "--keep-models", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Condition after the week" in said
    assert "base rates" in said
    assert "what mostly followed" in said
    kept = tmp_path / "condition-after-the-week.json"
    assert json.loads(kept.read_text(encoding="utf-8"))["version"] == "week-type-2"
    assert main(["advise", *SPAN, "--check-models", str(tmp_path)]) == 0
    assert "the model these weeks make" in capsys.readouterr().out
    kept.write_text("{}", encoding="utf-8")
    assert main(["advise", *SPAN, "--check-models", str(tmp_path)]) == 0
    assert "The model cannot be read" in capsys.readouterr().out
    kept.write_bytes(pickle.dumps(Bomb()))
    assert main(["advise", *SPAN, "--check-models", str(tmp_path)]) == 0
    assert "holds no text" in capsys.readouterr().out
    kept.unlink()
    assert main(["advise", *SPAN, "--check-models", str(tmp_path)]) == 0
    assert "no such file" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", MARKET], "Name a --journal"),
        (["--data", MARKET, "--from", "1990-01-02", "--to", "1990-02-01"], "condition"),
    ],
)
def test_what_teaches_nothing_is_refused(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", *options]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_few_weeks_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--data", MARKET, "--from", "2012-01-03", "--to", "2012-06-29", "--trend", "SPY"]
    assert main(["advise", *few]) == 0
    assert "silent: " in capsys.readouterr().out
    assert main(["advise", *few, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["targets"][0]["score"] is None
    assert told["targets"][0]["silence"].endswith("of 50 labelled weeks are known.")


def test_a_model_that_speaks_without_a_record_is_not_called_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    young = TargetRecord("label of the week", None, None, (), None, (), "")
    silent = replace(young, silence="23 of 50 labelled weeks are known.")
    advise._print(AdviceRecord(55, "2012-W01", "2013-W03", (young, silent), None))
    said = capsys.readouterr().out
    assert "  no record yet: there is one once 13 forecast weeks are over.\n" in said
    assert "  silent: 23 of 50 labelled weeks are known.\n" in said
