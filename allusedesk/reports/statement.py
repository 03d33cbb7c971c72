"""`Statement`: headings, figures, tables and charts as values, before anybody draws them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from allusedesk.reports.cells import Cell, Number, Percent, Qualifier, Reference
from allusedesk.reports.chart_values import (
    AnyChart,
    Chart,
    ChartKind,
    Grid,
    LossRecord,
    Occurrence,
    ProjectionFan,
    Series,
    Step,
    TimeChart,
    Timeline,
    Waterfall,
)

__all__ = [
    "Alignment",
    "AnyChart",
    "Block",
    "Cell",
    "Chart",
    "ChartKind",
    "Column",
    "Figure",
    "Grid",
    "Heading",
    "KeyFigures",
    "LossRecord",
    "Number",
    "Occurrence",
    "Paragraph",
    "Percent",
    "ProjectionFan",
    "Qualifier",
    "Reference",
    "Section",
    "Series",
    "Standing",
    "Statement",
    "Step",
    "Table",
    "TimeChart",
    "Timeline",
    "Tone",
    "Waterfall",
]


class Alignment(Enum):
    """On which side of its column a cell stands."""

    LEFT = "left"
    RIGHT = "right"


class Tone(Enum):
    """How loudly a paragraph speaks."""

    PLAIN = "plain"
    NOTE = "note"
    WARNING = "warning"


class Standing(Enum):
    """Whether a report may still change: assignments are known only the session after."""

    PROVISIONAL = "provisional"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part of a section, one level below it among the bookmarks."""

    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences.

    A reference is drawn where its words first stand in the text, or else behind the text.
    """

    text: str
    tone: Tone = Tone.PLAIN
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure worth its own place; text figures (a condition, a label) have no qualifier.

    A signed figure carries its plus or minus.
    """

    label: str
    value: Cell
    qualifier: Qualifier | None = None
    note: str = ""
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """A row of figures, most important first."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `unit` and `qualifier` hold for every cell of it. A detail column is printed below its row
    instead of beside it, so that long texts leave the figures room.
    """

    title: str
    alignment: Alignment = Alignment.LEFT
    unit: str = ""
    qualifier: Qualifier | None = None
    is_signed: bool = False
    is_detail: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; `totals` is one more row, set apart.

    `anchor` is what a reference to the table leads to, `row_anchors` the same for each row, empty
    where none is wanted. Raises ValueError where a row has more or fewer cells than there are
    columns, or the anchors of the rows are not as many as the rows.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None."
    totals: tuple[Cell, ...] = ()
    anchor: str = ""
    row_anchors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.row_anchors and len(self.row_anchors) != len(self.rows):
            message = f"The table {self.title!r} has not as many anchors as rows."
            raise ValueError(message)
        for row in (*self.rows, *((self.totals,) if self.totals else ())):
            if len(row) != len(self.columns):
                message = (
                    f"The table {self.title!r} has {len(self.columns)} columns, "
                    f"but one of its rows has {len(row)} cells."
                )
                raise ValueError(message)


Block: TypeAlias = Heading | Paragraph | KeyFigures | Table | AnyChart


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a statement, with its bookmark; its title is an anchor by itself."""

    title: str
    blocks: tuple[Block, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One report, whole: where its figures come from, and the figures.

    `sequence_first` and `sequence_last` are the journal's entries it covers, `chain_head` the
    hash of the last entry it could see, in 64 hexadecimal digits. `version` is 0 while the period
    still runs; `awaited` is what a provisional one of a period that is over still waits for.
    """

    title: str
    subtitle: str
    mode: str
    rulebook: str
    period: str
    chain_head: str
    sequence_first: int
    sequence_last: int
    standing: Standing
    version: int
    sections: tuple[Section, ...]
    awaited: str = "assignments are not known yet"

    @property
    def chain_head_short(self) -> str:
        """The first sixteen digits, for footers."""
        return self.chain_head[:16]

    def anchors(self) -> tuple[str, ...]:
        """Every place a reference can lead to, in their order; sections by their titles too."""
        found: list[str] = []
        for section in self.sections:
            found += [section.title, section.anchor]
            for block in section.blocks:
                if not isinstance(block, Paragraph | KeyFigures):
                    found.append(block.anchor)
                if isinstance(block, Table):
                    found += block.row_anchors
        return tuple(dict.fromkeys(anchor for anchor in found if anchor))

    def references(self) -> tuple[Reference, ...]:
        """Every reference of a cell or a paragraph, in their order."""
        found: list[Reference] = []
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    found += block.references
                elif isinstance(block, Table):
                    cells = (cell for row in (*block.rows, block.totals) for cell in row)
                    found += [cell for cell in cells if isinstance(cell, Reference)]
        return tuple(found)
