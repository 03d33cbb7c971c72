"""Names that would be a formula, markup or a statement somewhere else are words here."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from allusedesk.desk import formatting
from allusedesk.journal.export import safe_cell, write_csv
from allusedesk.journal.queries.record import entries as entries_asked
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from allusedesk.reports.csv_export import as_csv, neutralised
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.statement import Column, Paragraph, Table
from tests.journal.sample_entries import entries
from tests.reports.drawn import page_texts, statement
from tests.reports.sample_week import FONTS

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|'/c calc'!A0", "-A1")
NUMBERS = ("-1", "-1.25", "1", "0.5", "-0.00")
MARKUP = ('<b>x</b> & "y"', "<img src=x>", "</para><font size=40>", "&lt;", "<a href='x'>y</a>")
STATEMENTS = ("' OR 1=1 --", '"; DROP TABLE lines; --', "x' UNION SELECT 1 --", "NEAR(", '"', "*")


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_can_be_run_by_a_spreadsheet(cell: str) -> None:
    out = io.StringIO()
    write_csv(out, ("name",), [(cell,)])
    [_, [read]] = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    for shown in (read, safe_cell(cell), neutralised(cell)):
        assert shown == "'" + cell or shown.lstrip()[:1] not in "=+-@\t\r"


@pytest.mark.parametrize("cell", NUMBERS)
def test_a_number_stays_a_number(cell: str) -> None:
    assert safe_cell(cell) == cell
    assert neutralised(cell) == cell


@pytest.mark.parametrize("name", MARKUP)
def test_markup_is_printed_as_it_is_written(name: str, tmp_path: Path) -> None:
    drawn = statement(
        Paragraph(f"Said by {name} today."),
        Table(name, (Column(name),), ((name,),)),
    )
    file = tmp_path / "week.pdf"
    file.write_bytes(printed(drawn, FONTS))
    text = "".join("".join(page_texts(file)).split())
    assert text.count("".join(name.split())) >= 3
    assert formatting.tip(name) == name or "<qt>" in formatting.tip(name)
    assert "<b>" not in formatting.tip("<b>x</b>")


@pytest.mark.parametrize("name", FORMULAS)
def test_a_statement_as_csv_holds_no_formula(name: str) -> None:
    drawn = statement(Paragraph(name), Table(name, (Column(name),), ((name,),)))
    for row in csv.reader(io.StringIO(as_csv(drawn), newline="")):
        for cell in row:
            # Spaces before it do not help: some programs drop them.
            assert cell.lstrip()[:1] not in {"=", "+", "@"}, row
            assert not cell.startswith(("-A", "-1+")), row


@pytest.mark.parametrize("words", STATEMENTS)
def test_what_is_searched_for_is_no_statement(words: str, tmp_path: Path) -> None:
    path = tmp_path / "paper.journal"
    with Journal.create(path, durable=True) as journal:
        journal.append(entries(12))
    before = path.read_bytes()
    with ReadSide.open(path) as side:
        assert list(entries_asked(side, text=words)) == []
        assert list(entries_asked(side, kind=words)) == []
        assert len(list(entries_asked(side))) == 12
    assert path.read_bytes() == before
