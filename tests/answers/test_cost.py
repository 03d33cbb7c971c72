"""What an answer costs does not grow with the record: counted in steps, not in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allusedesk.answers.answer import Conversation
from allusedesk.answers.answering import answer
from allusedesk.journal.chain import Row
from allusedesk.journal.read_side import ReadSide
from allusedesk.wiring.answering import understanding
from allusedesk.wiring.risk_of_record import RiskOfRecord
from tests.answers.long_record import told_again

TELLINGS = 3
# A row of the journal is read by its number; so many are enough for any answer.
ROWS_MAX = 1_500
OF_A_WEEK = (
    "how did last week go",
    "what happened last week",
    "outcomes last week",
    "market condition",
    "why did gen sell no puts last week",
    "what did we trade last week",
    "what was proposed last week",
    "what is due next",
)
OF_NOW = ("balances", "free cash", "open positions", "what expires next", "what if prices fall 10%")


@pytest.fixture(scope="module")
def longer(journal: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weeks told three times, four years apart: whole tellings, so the end is alike."""
    with ReadSide.open(journal) as side:
        entries = side.journal.head()[0]
    once = 4
    path = tmp_path_factory.mktemp("longer") / "longer.journal"
    return told_again(journal, path, TELLINGS * entries - (TELLINGS - 1) * once, 4)


def cost(journal: Path, question: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Hundreds of steps that SQLite took over the tables, and rows read from the journal."""
    steps, rows = 0, 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with ReadSide.open(journal) as side:
        side.catch_up("figures")
        side._tables.set_progress_handler(step, 100)
        whole = side.journal.rows

        def counted(first: int = 1, last: int | None = None) -> Iterator[Row]:
            nonlocal rows
            for row in whole(first, last):
                rows += 1
                yield row

        monkeypatch.setattr(side.journal, "rows", counted)
        found, _ = answer(question, Conversation(), side, understanding(), RiskOfRecord(side))
        assert found.text
    return steps, rows


@pytest.mark.parametrize("question", [*OF_A_WEEK, *OF_NOW])
def test_a_longer_record_costs_a_question_of_now_no_more(
    journal: Path, longer: Path, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, rows = cost(journal, question, monkeypatch)
    steps_longer, rows_longer = cost(longer, question, monkeypatch)
    assert rows_longer <= ROWS_MAX
    assert rows_longer <= 2 * rows + 100
    # Tables without an index on what is asked are small ones: linear at most, and slightly so.
    assert steps_longer <= 2 * steps + 100


def test_no_question_reads_the_journal_through(
    longer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in ("var", "best trade", "commissions", "who approved the aapl put", "slippage"):
        assert cost(longer, question, monkeypatch)[1] <= 6_000
