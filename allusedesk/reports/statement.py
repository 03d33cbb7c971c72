"""`Statement`: headings, figures, tables and charts as values, before anybody draws them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from allusedesk.domain.money import Money, Price


class Qualifier(Enum):
    """What kind of figure it is; every figure says one of these."""

    MEASURED = "measured"
    TARGET = "target"
    MODELLED = "modelled"
    ESTIMATE = "estimate"


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
class Percent:
    """A fraction shown as per cent: 0.015 is 1.50%."""

    fraction: Decimal


@dataclass(frozen=True, slots=True)
class Number:
    """A plain number, shown with a fixed count of decimals."""

    value: Decimal
    decimals: int = 2


Cell = Money | Price | Percent | Number | int | date | datetime | str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str
    tone: Tone = Tone.PLAIN


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

    Raises ValueError where a row has more or fewer cells than there are columns.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None."
    totals: tuple[Cell, ...] = ()

    def __post_init__(self) -> None:
        for row in (*self.rows, *((self.totals,) if self.totals else ())):
            if len(row) != len(self.columns):
                message = (
                    f"The table {self.title!r} has {len(self.columns)} columns, "
                    f"but one of its rows has {len(row)} cells."
                )
                raise ValueError(message)


class ChartKind(Enum):
    """Lines over time, or bars side by side for each category."""

    LINES = "lines"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars; None where there is no figure."""

    name: str
    values: tuple[Money | Percent | None, ...]
    qualifier: Qualifier


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the same categories, all of one kind of figure.

    Raises ValueError where a series has more or fewer values than there are categories.
    """

    title: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        for line in self.series:
            if len(line.values) != len(self.categories):
                message = (
                    f"The chart {self.title!r} has {len(self.categories)} categories, "
                    f"but {line.name!r} has {len(line.values)} values."
                )
                raise ValueError(message)


Block = Heading | Paragraph | KeyFigures | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a statement, with its bookmark."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One report, whole: where its figures come from, and the figures.

    `sequence_first` and `sequence_last` are the journal's entries it covers, `chain_head` the
    hash of the last entry it could see, in 64 hexadecimal digits. `version` is 0 while the period
    still runs.
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

    @property
    def chain_head_short(self) -> str:
        """The first sixteen digits, for footers."""
        return self.chain_head[:16]
