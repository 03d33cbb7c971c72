from __future__ import annotations

import csv
import re
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.reports.csv_export import COLUMNS, as_csv, neutralised, write_csv
from allusedesk.reports.statement import Column, Figure, KeyFigures, Paragraph, Qualifier, Table
from tests.reports.drawn import statement, usd

NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?%?")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "-1+2"],
)
def test_formulas_are_neutralised(text: str) -> None:
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-1234.5", "+0.5", "-1,234.50", "+0.70%", "\u22125", "plain", "", "1-2"]
)
def test_numbers_and_plain_words_stay_as_they_are(text: str) -> None:
    assert neutralised(text) == text


@given(st.lists(st.text("=+-@\t\r\n ,\"';aé1", max_size=12), min_size=1, max_size=8))
def test_no_cell_of_any_text_acts_as_a_formula(texts: list[str]) -> None:
    table = Table("T", (Column("Word"),), tuple((text,) for text in texts))
    found = csv.reader(StringIO(as_csv(statement(table)), newline=""))
    for cell in (cell for row in found for cell in row):
        is_open = cell.lstrip()[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r"}
        assert not is_open or NUMBER.fullmatch(cell)


def test_a_figure_stands_exact_and_as_printed_with_unit_and_qualifier() -> None:
    column = Column("Cash", unit="USD", qualifier=Qualifier.MODELLED, is_signed=True)
    rows = rows_of(as_csv(statement(Table("Orders", (column,), ((usd("-1234.5678"),),)))))
    found = rows[-1]
    assert tuple(found) == COLUMNS
    assert found == {
        "section": "Part 1",
        "part": "Orders",
        "row": "1",
        "column": "Cash",
        "value": "-1234.5678",
        "shown": "\u22121,234.57",
        "unit": "USD",
        "qualifier": "modelled",
    }


def test_mode_chain_head_and_standing_come_first(tmp_path: Path) -> None:
    file = tmp_path / "week.csv"
    write_csv(statement(Paragraph("Quiet.")), file)
    rows = {row["column"]: row["value"] for row in rows_of(file.read_text(encoding="utf-8"))}
    assert rows["mode"] == "PAPER"
    assert rows["standing"] == "provisional"
    assert rows["chain head"] == "0123456789abcdef" * 4
    assert rows["text"] == "Quiet."


def test_key_figures_and_their_notes_are_lines_of_their_own() -> None:
    block = KeyFigures((Figure("Realised", usd("5"), Qualifier.MEASURED, "after costs"),))
    rows = rows_of(as_csv(statement(block)))
    assert [row["shown"] for row in rows[-2:]] == ["5.00", "after costs"]
    assert Decimal(rows[-2]["value"]) == 5
