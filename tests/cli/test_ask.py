from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_an_answer_cites_entries(run: Run, rehearsed: Path) -> None:
    ran = run('ask "what are the accounts worth" --journal', rehearsed)
    assert ran.code == 0
    assert "equity was $" in ran.out
    assert "entries" in ran.out


def test_json_has_sentences_with_parts_and_entries(run: Run, rehearsed: Path) -> None:
    ran = run('ask "total commissions" --json --journal', rehearsed)
    answer = json.loads(ran.out)
    assert (ran.code, answer["standing"], answer["intent"]) == (0, "answered", "commissions")
    assert answer["entries"]
    figures = [part for part in answer["sentences"][0]["parts"] if isinstance(part, dict)]
    assert all(part["entries"] and part["nature"] == "measured" for part in figures)


def test_the_question_before_is_kept_in_mind(run: Run, rehearsed: Path) -> None:
    ran = run('ask "and for rev?" --after "balance of gen" --json --journal', rehearsed)
    answer = json.loads(ran.out)
    assert answer["intent"] == "balance"
    assert {row[0] for row in answer["table"]["rows"]} == {"F1.rev"}


@pytest.mark.parametrize("question", ["tell me a joke", "sell 10 puts", "was the desk ever halted"])
def test_no_answer_is_exit_one(run: Run, rehearsed: Path, question: str) -> None:
    ran = run(f'ask "{question}" --journal', rehearsed)
    assert ran.code == 1
    assert ran.out


def test_no_journal_is_refused_in_a_sentence(run: Run, tmp_path: Path) -> None:
    ran = run("ask balance --journal", tmp_path / "none.journal")
    assert ran.code == 2
    assert ran.out == ""
