"""The same statement as columns, for a spreadsheet, with every figure exact and as printed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from allusedesk.reports.chart_export import chart_figures
from allusedesk.reports.statement import (
    AnyChart,
    Block,
    Cell,
    Figure,
    Heading,
    KeyFigures,
    Paragraph,
    Qualifier,
    Statement,
    Table,
)
from allusedesk.reports.wording import exact, is_figure, shown

COLUMNS = (
    "section",
    "part",
    "row",
    "column",
    "value",
    "shown",
    "unit",
    "qualifier",
)

# What a spreadsheet would take for a formula, in either width; blanks may stand before it.
_FORMULA = re.compile("^[\\s\\x00-\\x1f]*[=+\\-@\\t\\r\uff1d\uff0b\uff0d\uff20]")
_PLAIN_NUMBER = re.compile(r"^[+-]?\d[\d,]*(\.\d+)?%?$")

_Row = tuple[str, ...]


def write_csv(statement: Statement, file: Path) -> None:
    """Write the statement to `file`; raises OSError where it cannot be written."""
    file.write_text(as_csv(statement), encoding="utf-8", newline="")


def as_csv(statement: Statement) -> str:
    """One line a figure or text; no cell of it can act as a formula in a spreadsheet."""
    target = StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(statement):
        writer.writerow([neutralised(cell) for cell in row])
    return target.getvalue()


def neutralised(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    if _FORMULA.match(text) and not _PLAIN_NUMBER.match(text):
        return f"'{text}"
    return text


def _rows(statement: Statement) -> Iterator[_Row]:
    for name, value in (
        ("title", statement.title),
        ("subtitle", statement.subtitle),
        ("mode", statement.mode),
        ("rulebook", statement.rulebook),
        ("period", statement.period),
        ("standing", statement.standing.value),
        ("version", statement.version),
        ("first entry", statement.sequence_first),
        ("last entry", statement.sequence_last),
        ("chain head", statement.chain_head),
    ):
        yield ("Statement", "", "", name, *_cell(value))
    for section in statement.sections:
        for block in section.blocks:
            yield from _block_rows(section.title, block)


def _block_rows(section: str, block: Block) -> Iterator[_Row]:
    match block:
        case Heading(text):
            yield (section, text, "", "heading", *_cell(text))
        case Paragraph(text):
            yield (section, "", "", "text", *_cell(text))
            for one in block.references:
                if shown(one.value) not in text:
                    yield (section, "", "", "see", *_cell(one))
        case KeyFigures(figures):
            for figure in figures:
                yield from _figure_rows(section, figure)
        case Table():
            yield from _table_rows(section, block)
        case _:
            yield from _chart_rows(section, block)


def _figure_rows(section: str, figure: Figure) -> Iterator[_Row]:
    cell = _cell(figure.value, "", figure.qualifier, is_signed=figure.is_signed)
    yield (section, "", "", figure.label, *cell)
    if figure.note:
        yield (section, "", "", f"{figure.label}, note", *_cell(figure.note))


def _table_rows(section: str, table: Table) -> Iterator[_Row]:
    if not table.rows:
        yield (section, table.title, "", "text", *_cell(table.empty))
    named = [(str(number), row) for number, row in enumerate(table.rows, start=1)]
    if table.totals:
        named.append(("total", table.totals))
    for name, row in named:
        for column, value in zip(table.columns, row, strict=True):
            if value is None and name == "total":
                continue
            qualifier = column.qualifier if is_figure(value) or column.unit else None
            cell = _cell(value, column.unit, qualifier, is_signed=column.is_signed)
            yield (section, table.title, name, column.title, *cell)


def _chart_rows(section: str, chart: AnyChart) -> Iterator[_Row]:
    for one in chart_figures(chart):
        said = one.qualifier.value if one.qualifier is not None else ""
        yield (section, chart.title, one.row, one.column, one.value, one.shown, one.unit, said)


def _cell(
    value: Cell,
    unit: str = "",
    qualifier: Qualifier | None = None,
    *,
    is_signed: bool = False,
) -> tuple[str, str, str, str]:
    said = qualifier.value if qualifier is not None else ""
    return exact(value), shown(value, is_signed=is_signed), unit, said
