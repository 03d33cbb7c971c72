"""The rows of a table as lines that fit: how wide each column is, and in which size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.text_drawing import Line, TextStyle, lines_of
from allusedesk.reports.paper.type_setting import broken, cleaned, width_of
from allusedesk.reports.statement import Alignment, Cell, Column, Reference, Table
from allusedesk.reports.wording import shown, sign_of

_GAP = 7.0
# Between figures that end and a text that begins.
_GAP_WIDE = 13.0
INSET = 3.0
PAD = 2.6
INDENT = 10.0
DETAIL_GAP = 1.2
DETAIL_LEADING = design.SIZE_DETAIL * design.LEADING
DETAIL = TextStyle(design.REGULAR, design.SIZE_DETAIL, design.GREY)
_TEXT_WIDTH_MIN = 34.0
# Words up to this width are not broken, unless the columns leave no other way.
_WORD_WIDTH_MAX = 80.0
# Tables with many columns are set smaller; those that still do not fit print some below the row.
_SIZES = (design.SIZE_TABLE, 6.3, 5.7)
# A row with more lines than this is set as several, so that it fits on any page.
_LINES_PER_STRIP_MAX = 24


@dataclass(frozen=True, slots=True)
class Strip:
    """One row, or a part of a very long one: lines by main column, and detail lines below.

    `targets` are the places its cells lead to, empty where they lead nowhere; `place` is its own.
    """

    lines: tuple[tuple[str, ...], ...]
    details: tuple[Line, ...]
    signs: tuple[int, ...]
    targets: tuple[str, ...]
    place: str
    height: float
    ends_row: bool
    is_total: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """How a table is set: its columns beside each other, their widths, and the size of type.

    `gaps` are what is left free behind each of them.
    """

    columns: tuple[Column, ...]
    main: tuple[int, ...]
    widths: tuple[float, ...]
    gaps: tuple[float, ...]
    size: float

    @property
    def leading(self) -> float:
        """From one line of a row to the next."""
        return self.size * design.LEADING

    @property
    def unit_size(self) -> float:
        """The size of units under the titles."""
        return self.size - 1.3


@dataclass(frozen=True, slots=True)
class _Written:
    """The cells of a table as text with their widths in its ordinary size."""

    texts: tuple[tuple[str, ...], ...]
    widths: tuple[tuple[float, ...], ...]


def set_table(
    table: Table, width: float, places: Mapping[str, str]
) -> tuple[Setting, tuple[Strip, ...]]:
    """The columns fitted to the width, and every row in lines."""
    written = _written(table)
    setting = _fitted(table, written, width)
    strips: list[Strip] = []
    rows = (*table.rows, table.totals) if table.totals else table.rows
    for number, row in enumerate(rows):
        is_total = number == len(table.rows)
        anchor = table.row_anchors[number] if table.row_anchors and not is_total else ""
        place = places.get(anchor, "")
        texts, widths = written.texts[number], written.widths[number]
        strips += _row_strips(
            setting, row, (texts, widths), width, places, place=place, is_total=is_total
        )
    return setting, tuple(strips)


def title_lines(setting: Setting) -> tuple[tuple[str, ...], ...]:
    """The titles of the columns beside each other."""
    return tuple(
        tuple(broken(cleaned(setting.columns[place].title), design.BOLD, setting.size, size))
        for place, size in zip(setting.main, setting.widths, strict=True)
    )


def unit_lines(setting: Setting) -> tuple[tuple[str, ...], ...]:
    """Unit and qualifier of each column on one line where they fit, else below each other."""
    found = []
    for place, width in zip(setting.main, setting.widths, strict=True):
        parts = _units_of(setting.columns[place])
        whole = ", ".join(parts)
        fits = whole and width_of(whole, design.REGULAR, setting.unit_size) <= width
        found.append((whole,) if fits else tuple(parts))
    return tuple(found)


def _units_of(column: Column) -> list[str]:
    qualifier = column.qualifier.value if column.qualifier else ""
    return [part for part in (column.unit, qualifier) if part]


def _written(table: Table) -> _Written:
    texts = [_row_texts(table.columns, row) for row in table.rows]
    font_of = [design.REGULAR] * len(texts)
    if table.totals:
        total = _row_texts(table.columns, table.totals)
        blanks = [
            "" if cell is None else text for cell, text in zip(table.totals, total, strict=True)
        ]
        texts.append(tuple(blanks))
        font_of.append(design.BOLD)
    widths = tuple(
        tuple(width_of(text, font, design.SIZE_TABLE) for text in row)
        for row, font in zip(texts, font_of, strict=True)
    )
    return _Written(tuple(texts), widths)


def _row_texts(columns: Sequence[Column], row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(
        cleaned(shown(cell, is_signed=column.is_signed))
        for column, cell in zip(columns, row, strict=True)
    )


def _fitted(table: Table, written: _Written, width: float) -> Setting:
    """The largest size in which no figure is broken, or columns given up for lines below."""
    columns = list(table.columns)
    main = [place for place, column in enumerate(columns) if not column.is_detail]
    wishes = {place: _wish(table, written, place) for place in main}
    while True:
        gaps = _gaps([columns[place] for place in main])
        room = width - 2 * INSET - math.fsum(gaps)
        whole = [
            size
            for size in _SIZES[:2]
            if math.fsum(wishes[place][0] for place in main) * size / design.SIZE_TABLE <= room
        ]
        for size in whole or _SIZES:
            scale = size / design.SIZE_TABLE
            least = [wishes[place][1] * scale for place in main]
            if math.fsum(least) <= room or len(main) == 1:
                wanted = [wishes[place][0] * scale for place in main]
                kept = [columns[place] for place in main]
                widths = tuple(_shared(wanted, least, kept, room))
                return Setting(tuple(columns), tuple(main), widths, gaps, size)
        given = _given_up(table, main, columns)
        columns[given] = replace(columns[given], is_detail=True)
        main.remove(given)


def _gaps(columns: Sequence[Column]) -> tuple[float, ...]:
    """Behind figures at the right of their column a text needs more room; none behind the last."""
    if not columns:
        return ()
    found = [
        _GAP_WIDE
        if left.alignment is Alignment.RIGHT and right.alignment is Alignment.LEFT
        else _GAP
        for left, right in pairwise(columns)
    ]
    return (*found, 0.0)


def _given_up(table: Table, main: Sequence[int], columns: Sequence[Column]) -> int:
    """The column printed below its row next: the last of text, else the last; never the first."""
    later = list(main[1:])
    texts = [
        place
        for place in later
        if columns[place].alignment is Alignment.LEFT
        and any(isinstance(row[place], str) for row in table.rows)
    ]
    return (texts or later)[-1]


def _wish(table: Table, written: _Written, place: int) -> tuple[float, float]:
    """How wide a column would like to be, and how wide at least."""
    column = table.columns[place]
    widest = max((row[place] for row in written.widths), default=0.0)
    word = _widest_word(column)
    wish = max(widest, word)
    if not any(_is_text(row[place]) for row in table.rows):
        return wish, wish
    if widest <= _TEXT_WIDTH_MIN:
        return wish, wish
    longest = max((_longest_word(row[place]) for row in written.texts), default=0.0)
    return wish, max(word, min(longest, _WORD_WIDTH_MAX), min(widest, _TEXT_WIDTH_MIN))


def _is_text(cell: Cell) -> bool:
    return isinstance(cell.value if isinstance(cell, Reference) else cell, str)


def _longest_word(text: str) -> float:
    word = max(text.split(" "), key=len)
    return width_of(word, design.REGULAR, design.SIZE_TABLE) + 0.1


def _widest_word(column: Column) -> float:
    size, unit_size = design.SIZE_TABLE, design.SIZE_TABLE - 1.3
    words = [width_of(word, design.BOLD, size) for word in cleaned(column.title).split(" ")]
    units = [width_of(part, design.REGULAR, unit_size) for part in _units_of(column)]
    return min(max([*words, *units]), _WORD_WIDTH_MAX) + 0.1


def _shared(
    wishes: Sequence[float], least: Sequence[float], columns: Sequence[Column], room: float
) -> list[float]:
    wanted = math.fsum(wishes)
    if not wishes:
        return []
    if wanted <= room:
        weights = [
            wish * (1 if column.alignment is Alignment.RIGHT else 2)
            for wish, column in zip(wishes, columns, strict=True)
        ]
        spare = (room - wanted) / math.fsum(weights)
        return [wish + spare * weight for wish, weight in zip(wishes, weights, strict=True)]
    floor = math.fsum(least)
    if floor >= room:
        return [size * room / floor for size in least]
    give = (wanted - room) / (wanted - floor)
    return [wish - give * (wish - low) for wish, low in zip(wishes, least, strict=True)]


def _row_strips(
    setting: Setting,
    row: Sequence[Cell],
    written: tuple[Sequence[str], Sequence[float]],
    width: float,
    places: Mapping[str, str],
    *,
    place: str,
    is_total: bool,
) -> list[Strip]:
    texts, widths = written
    font = design.BOLD if is_total else design.REGULAR
    scale = setting.size / design.SIZE_TABLE
    lines = [
        [texts[n]] if widths[n] * scale <= size else broken(texts[n], font, setting.size, size)
        for n, size in zip(setting.main, setting.widths, strict=True)
    ]
    signs = tuple(sign_of(row[n]) if setting.columns[n].is_signed else 0 for n in setting.main)
    targets = tuple(_target(row[n], places) for n in setting.main)
    details = _details(setting, row, texts, width, places)
    whole = Strip((), (), signs, targets, place, 0.0, ends_row=True, is_total=is_total)
    return list(_cut(whole, lines, details, setting))


def _target(cell: Cell, places: Mapping[str, str]) -> str:
    return places.get(cell.to, "") if isinstance(cell, Reference) else ""


def _details(
    setting: Setting,
    row: Sequence[Cell],
    texts: Sequence[str],
    width: float,
    places: Mapping[str, str],
) -> list[Line]:
    said, references = [], []
    for column, cell, text in zip(setting.columns, row, texts, strict=True):
        if not column.is_detail or cell in (None, ""):
            continue
        said.append(f"{cleaned(column.title)}: {text}{_detail_unit(column)}")
        if isinstance(cell, Reference):
            references.append(cell)
    if not said:
        return []
    return lines_of("  ·  ".join(said), references, places, DETAIL, width - INDENT - INSET)


def _detail_unit(column: Column) -> str:
    units = _units_of(column)
    return f" ({', '.join(units)})" if units else ""


def _cut(
    whole: Strip, lines: Sequence[Sequence[str]], details: Sequence[Line], setting: Setting
) -> list[Strip]:
    """The row as one strip, or a very long one as several."""
    most = _LINES_PER_STRIP_MAX
    deepest = max((len(column) for column in lines), default=0)
    parts: list[tuple[tuple[tuple[str, ...], ...], tuple[Line, ...]]] = [
        (tuple(tuple(column[start : start + most]) for column in lines), ())
        for start in range(0, deepest, most)
    ]
    chunks = [tuple(details[start : start + most]) for start in range(0, len(details), most)]
    if parts and chunks:
        parts[-1] = (parts[-1][0], chunks.pop(0))
    empty: tuple[tuple[str, ...], ...] = tuple(() for _ in lines)
    parts += [(empty, chunk) for chunk in chunks]
    last = len(parts) - 1
    return [
        replace(
            whole,
            lines=cells,
            details=below,
            place=whole.place if number == 0 else "",
            height=_height(cells, below, setting, ends_row=number == last),
            ends_row=number == last,
        )
        for number, (cells, below) in enumerate(parts)
    ]


def _height(
    lines: Sequence[Sequence[str]], details: Sequence[Line], setting: Setting, *, ends_row: bool
) -> float:
    deepest = max((len(column) for column in lines), default=0)
    pad = PAD * 2 if ends_row else PAD
    below = len(details) * DETAIL_LEADING + DETAIL_GAP if details else 0
    return deepest * setting.leading + below + pad
