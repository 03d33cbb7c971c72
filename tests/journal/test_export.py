from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from allusedesk.journal.chain import genesis, hash_of
from allusedesk.journal.export import export_csv, export_json_lines, safe_cell
from allusedesk.journal.store import JournalReader
from tests.journal.test_queries import journal_of
from tests.journal.week_entries import recorded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return journal_of(tmp_path / "week.journal", recorded())


def test_json_lines_are_enough_to_compute_the_chain_again(path: Path) -> None:
    text = io.StringIO()
    with JournalReader.open(path) as journal:
        assert export_json_lines(journal, text) == len(recorded())
        head = journal.head()[1]
    previous = genesis(durable=False)
    for line in text.getvalue().splitlines():
        row = json.loads(line)
        assert row["hash_previous"] == previous.hex()
        previous = hash_of(
            previous,
            *(row[key] for key in ("sequence", "recorded_at", "kind", "version", "cause", "body")),
        )
        assert row["hash"] == previous.hex()
    assert previous.hex() == head


def test_the_handbooks_example_recomputes_the_chain(path: Path) -> None:
    page = (ROOT / "resources" / "handbook" / "journal.md").read_text(encoding="utf-8")
    example = page.split("```python\n")[1].split("```")[0]
    lines = path.with_name("week.jsonl")
    with JournalReader.open(path) as journal, lines.open("w") as to:
        export_json_lines(journal, to)
    run = [sys.executable, "-c", example]
    assert subprocess.run(run, cwd=path.parent, check=False).returncode == 0
    lines.write_text(lines.read_text().replace("Green", "Chop"))
    assert subprocess.run(run, cwd=path.parent, check=False, capture_output=True).returncode == 1


def test_csv_holds_a_line_for_each_entry(path: Path) -> None:
    text = io.StringIO(newline="")
    with JournalReader.open(path) as journal:
        assert export_csv(journal, text, 2, 4) == 3
    rows = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    assert rows[0][:3] == ["sequence", "recorded_at", "kind"]
    assert [row[0] for row in rows[1:]] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-12.50", "-12.50"),
        ("-", "'-"),
        ("-1-1", "'-1-1"),
        ("plain = text", "plain = text"),
        (None, ""),
        (12, "12"),
    ],
)
def test_no_cell_is_a_formula(value: object, cell: str) -> None:
    assert safe_cell(value) == cell
