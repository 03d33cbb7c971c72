"""Answers to questions put to a record of a million entries (goal 500 ms each)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allusedesk.answers.answer import Conversation, Standing
from allusedesk.cli.main import main
from allusedesk.journal.read_side import ReadSide
from allusedesk.wiring.answering import Answerer, understanding
from tests.answers.long_record import told_again
from tests.house.sources import ROOT

ENTRIES = 1_000_000
QUESTIONS = (
    "how did last week go",
    "why did gen sell no puts last week",
    "which positions lose most if VIX rises 20%",
    "how far is gen from a fork",
    "show the aapl roll",
    "what did we trade last month",
    "balances",
    "best week",
    "drawdown",
    "total commissions",
)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rehearsed years told again and again, the read side caught up as a desk's is."""
    out = tmp_path_factory.mktemp("asked")
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2011-01-03 --to 2012-12-31 "
        "--rulebook constitution --symbols gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT "
        f"--capital 1000000 --approve all --seed 7 --out {out} --json"
    )
    assert main(words.split()) == 0
    path = told_again(out / "rehearsal.journal", out / "million.journal", ENTRIES, 4)
    with ReadSide.open(path) as side:
        assert side.journal.head()[0] == ENTRIES
        side.catch_up("figures")
    understanding()
    return path


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.benchmark(group="an answer from a record of 1 M entries (goal 500 ms)")
def test_an_answer_from_a_million_entries(benchmark: Any, million: Path, question: str) -> None:
    answerer = Answerer(million)
    found, _ = benchmark.pedantic(answerer.answer, (question, Conversation()), rounds=5)
    assert found.standing in {Standing.ANSWERED, Standing.NOTHING}
