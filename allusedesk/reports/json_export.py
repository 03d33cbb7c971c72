"""The same statement as JSON: figures as exact decimal text, never as floating point."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from allusedesk.domain.money import Money, Price
from allusedesk.reports.chart_export import chart_figures
from allusedesk.reports.statement import (
    AnyChart,
    Block,
    Cell,
    Chart,
    Column,
    Heading,
    KeyFigures,
    Number,
    Paragraph,
    Percent,
    Reference,
    Statement,
    Table,
)
from allusedesk.reports.wording import exact, shown

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | None"


def write_json(statement: Statement, file: Path) -> None:
    """Write the statement to `file`; raises OSError where it cannot be written."""
    file.write_text(as_json(statement), encoding="utf-8", newline="")


def as_json(statement: Statement) -> str:
    """The statement as text; each cell has its kind, its exact value and how it was printed."""
    tree: Tree = {
        "title": statement.title,
        "subtitle": statement.subtitle,
        "mode": statement.mode,
        "rulebook": statement.rulebook,
        "period": statement.period,
        "standing": statement.standing.value,
        "version": statement.version,
        "sequence_first": statement.sequence_first,
        "sequence_last": statement.sequence_last,
        "chain_head": statement.chain_head,
        "sections": [
            {
                "title": section.title,
                **_anchor(section.anchor),
                "blocks": [_block(block) for block in section.blocks],
            }
            for section in statement.sections
        ],
    }
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _block(block: Block) -> Tree:
    match block:
        case Heading(text):
            return {"heading": text, **_anchor(block.anchor)}
        case Paragraph(text, tone):
            return {"text": text, "tone": tone.value, **_references(block)}
        case KeyFigures(figures):
            return {
                "figures": [
                    {
                        "label": figure.label,
                        **_cell(figure.value, is_signed=figure.is_signed),
                        "qualifier": figure.qualifier.value if figure.qualifier else None,
                        "note": figure.note,
                    }
                    for figure in figures
                ]
            }
        case Table():
            return _table(block)
        case Chart():
            return _chart(block)
        case _:
            return _other_chart(block)


def _anchor(anchor: str) -> dict[str, Tree]:
    return {"anchor": anchor} if anchor else {}


def _references(block: Paragraph) -> dict[str, Tree]:
    found: list[Tree] = [_cell(one) for one in block.references]
    return {"references": found} if found else {}


def _table(table: Table) -> Tree:
    return {
        "table": table.title,
        "empty": "" if table.rows else table.empty,
        "columns": [_column(column) for column in table.columns],
        "rows": [_row(table.columns, row) for row in table.rows],
        "totals": _row(table.columns, table.totals) if table.totals else [],
        **_anchor(table.anchor),
        **({"row_anchors": list(table.row_anchors)} if table.row_anchors else {}),
    }


def _column(column: Column) -> Tree:
    return {
        "title": column.title,
        "unit": column.unit,
        "qualifier": column.qualifier.value if column.qualifier else None,
    }


def _row(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> list[Tree]:
    return [
        _cell(cell, is_signed=column.is_signed) for column, cell in zip(columns, row, strict=True)
    ]


def _chart(chart: Chart) -> Tree:
    return {
        "chart": chart.title,
        "kind": chart.kind.value,
        "categories": list(chart.categories),
        "series": [
            {
                "name": line.name,
                "qualifier": line.qualifier.value,
                "values": [_cell(value) for value in line.values],
            }
            for line in chart.series
        ],
        **({"unit": chart.unit} if chart.unit else {}),
        **_anchor(chart.anchor),
    }


def _other_chart(chart: AnyChart) -> Tree:
    """A chart of any other kind: each of its figures by row and column."""
    return {
        "chart": chart.title,
        "kind": type(chart).__name__,
        "figures": [
            {
                "row": one.row,
                "column": one.column,
                "kind": _kind_of(one.cell),
                "value": None if one.cell is None else one.value,
                "shown": one.shown,
                "unit": one.unit,
                "qualifier": one.qualifier.value if one.qualifier else None,
            }
            for one in chart_figures(chart)
        ],
        **_anchor(chart.anchor),
    }


def _cell(cell: Cell, *, is_signed: bool = False) -> dict[str, Tree]:
    return {
        "kind": _kind_of(cell),
        "value": None if cell is None else exact(cell),
        "shown": shown(cell, is_signed=is_signed),
        **({"to": cell.to} if isinstance(cell, Reference) else {}),
    }


def _kind_of(cell: Cell) -> str:
    match cell:
        case Money(_, currency):
            return f"money {currency.value}"
        case Price(_, currency):
            return f"price {currency.value}"
        case Percent():
            return "fraction"
        case Number() | int():
            return "number"
        case datetime():
            return "instant"
        case date():
            return "date"
        case str():
            return "text"
        case Reference(plain):
            return _kind_of(plain)
        case None:
            return "none"
