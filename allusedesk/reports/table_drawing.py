"""A table on paper: columns fitted to it, the head repeated, no row beyond its edge."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from allusedesk.reports import page_design as design
from allusedesk.reports.statement import Alignment, Cell, Column, Table
from allusedesk.reports.type_setting import broken, cleaned, width_of
from allusedesk.reports.wording import shown, sign_of

_GAP = 7.0
_INSET = 3.0
_PAD = 2.6
_INDENT = 10.0
_DETAIL_GAP = 1.2
_LEADING = design.SIZE_TABLE * design.LEADING
_DETAIL_LEADING = design.SIZE_DETAIL * design.LEADING
_TITLE_HEIGHT = design.SIZE_HEADING * design.LEADING + 5
_TEXT_WIDTH_MIN = 34.0
# Words up to this width are not broken, unless the columns leave no other way.
_WORD_WIDTH_MAX = 80.0
_UNIT_SIZE = design.SIZE_DETAIL - 0.5
# A table up to this height is not torn apart; a longer one begins with a few rows.
_HEIGHT_WHOLE_MAX = 210.0
_STRIPS_FIRST = 3
# A row with more lines than this is set as several, so that it fits on any page.
_LINES_PER_STRIP_MAX = 24


@dataclass(frozen=True, slots=True)
class _Strip:
    """One row, or a part of a very long one: lines by main column, and detail lines below."""

    lines: tuple[tuple[str, ...], ...]
    details: tuple[str, ...]
    signs: tuple[int, ...]
    ends_row: bool
    is_total: bool

    @property
    def height(self) -> float:
        deepest = max((len(lines) for lines in self.lines), default=0)
        pad = _PAD * 2 if self.ends_row else _PAD
        below = len(self.details) * _DETAIL_LEADING + _DETAIL_GAP if self.details else 0
        return deepest * _LEADING + below + pad


class TableOnPaper(Flowable):  # type: ignore[misc]
    """A table as ReportLab places it; what does not fit goes on under a repeated head."""

    def __init__(self, table: Table, width: float) -> None:
        super().__init__()
        self._table = table
        self._width_given = width
        self._columns = [column for column in table.columns if not column.is_detail]
        self._widths = _fitted_widths(table, width)
        self._strips = _strips_of(table, self._widths, width)
        self._head = tuple(
            tuple(broken(cleaned(column.title), design.BOLD, design.SIZE_TABLE, size))
            for column, size in zip(self._columns, self._widths, strict=True)
        )
        self._units = tuple(
            _unit_lines(column, size)
            for column, size in zip(self._columns, self._widths, strict=True)
        )
        self._is_continued = False

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        body = math.fsum(strip.height for strip in self._strips) or _LEADING + _PAD
        return self._width_given, self._head_height() + body + 6

    def split(self, width: float, height: float) -> list[TableOnPaper]:  # noqa: ARG002
        room = height - self._head_height() - 6
        fits = 0
        while fits < len(self._strips) and self._strips[fits].height <= room:
            room -= self._strips[fits].height
            fits += 1
        if fits == len(self._strips):
            return [self]
        if fits > 1 and len(self._strips) - fits == 1:
            fits -= 1
        if fits <= 0 or self.wrap(0, 0)[1] <= _HEIGHT_WHOLE_MAX:
            return []
        return [self._part(slice(0, fits)), self._part(slice(fits, None), is_continued=True)]

    def height_kept(self) -> float:
        """How much of the table stays together: all of a short one, else its first rows."""
        whole = self.wrap(0, 0)[1]
        if whole <= _HEIGHT_WHOLE_MAX:
            return whole
        first = [strip.height for strip in self._strips[:_STRIPS_FIRST]]
        return self._head_height() + math.fsum(first) + 6

    def draw(self) -> None:
        canvas = self.canv
        top = self.wrap(0, 0)[1]
        top = self._draw_head(canvas, top)
        if not self._strips:
            canvas.setFillColor(HexColor(design.GREY))
            canvas.setFont(design.REGULAR, design.SIZE_TABLE)
            canvas.drawString(_INSET, top - _LEADING, cleaned(self._table.empty))
        for strip in self._strips:
            self._draw_strip(canvas, strip, top)
            top -= strip.height

    def _part(self, rows: slice, *, is_continued: bool = False) -> TableOnPaper:
        part = TableOnPaper.__new__(TableOnPaper)
        Flowable.__init__(part)
        part.__dict__.update(
            _table=self._table,
            _width_given=self._width_given,
            _columns=self._columns,
            _widths=self._widths,
            _strips=self._strips[rows],
            _head=self._head,
            _units=self._units,
            _is_continued=is_continued or self._is_continued,
        )
        return part

    def _head_height(self) -> float:
        titled = _TITLE_HEIGHT if self._table.title else 0
        if not self._strips:
            return titled
        deepest = max(len(lines) for lines in self._head)
        return titled + deepest * _LEADING + self._units_height() + 2 * _PAD

    def _units_height(self) -> float:
        return max(len(lines) for lines in self._units) * _DETAIL_LEADING

    def _draw_head(self, canvas: Canvas, top: float) -> float:
        if self._table.title:
            canvas.setFillColor(HexColor(design.INK))
            canvas.setFont(design.BOLD, design.SIZE_HEADING)
            title = cleaned(self._table.title)
            canvas.drawString(0, top - design.SIZE_HEADING, title)
            if self._is_continued:
                after = width_of(title, design.BOLD, design.SIZE_HEADING) + 4
                canvas.setFillColor(HexColor(design.PALE))
                canvas.setFont(design.REGULAR, design.SIZE_DETAIL)
                canvas.drawString(after, top - design.SIZE_HEADING, "continued")
            top -= _TITLE_HEIGHT
        if not self._strips:
            return top
        bottom = top - (self._head_height() - (_TITLE_HEIGHT if self._table.title else 0))
        canvas.setFillColor(HexColor(design.WASH))
        canvas.rect(0, bottom, self._width_given, top - bottom, stroke=0, fill=1)
        self._rule(canvas, top, design.ACCENT, 0.9)
        self._rule(canvas, bottom, design.RULE, 0.4)
        x = _INSET
        below = bottom + _PAD + 1.6 + self._units_height()
        for column, size, lines, units in zip(
            self._columns, self._widths, self._head, self._units, strict=True
        ):
            right = column.alignment is Alignment.RIGHT
            canvas.setFillColor(HexColor(design.INK))
            canvas.setFont(design.BOLD, design.SIZE_TABLE)
            for number, line in enumerate(reversed(lines)):
                _draw_aligned(canvas, line, x, below + number * _LEADING, size, right=right)
            canvas.setFillColor(HexColor(design.GREY))
            canvas.setFont(design.REGULAR, _UNIT_SIZE)
            for number, line in enumerate(units, start=1):
                _draw_aligned(canvas, line, x, below - number * _DETAIL_LEADING, size, right=right)
            x += size + _GAP
        return bottom

    def _draw_strip(self, canvas: Canvas, strip: _Strip, top: float) -> None:
        font = design.BOLD if strip.is_total else design.REGULAR
        canvas.setFont(font, design.SIZE_TABLE)
        x = _INSET
        first = top - _PAD - design.SIZE_TABLE
        for column, size, lines, sign in zip(
            self._columns, self._widths, strip.lines, strip.signs, strict=True
        ):
            colour = {1: design.GAIN, -1: design.LOSS}.get(sign, design.INK)
            canvas.setFillColor(HexColor(colour))
            for number, line in enumerate(lines):
                y = first - number * _LEADING
                right = column.alignment is Alignment.RIGHT
                _draw_aligned(canvas, line, x, y, size, right=right)
            x += size + _GAP
        deepest = max((len(lines) for lines in strip.lines), default=0)
        y = top - _PAD - deepest * _LEADING - design.SIZE_DETAIL - _DETAIL_GAP
        canvas.setFillColor(HexColor(design.GREY))
        canvas.setFont(design.REGULAR, design.SIZE_DETAIL)
        for line in strip.details:
            canvas.drawString(_INDENT, y, line)
            y -= _DETAIL_LEADING
        if strip.is_total:
            self._rule(canvas, top, design.RULE, 0.6)
        if strip.ends_row:
            self._rule(canvas, top - strip.height, design.HAIRLINE, 0.35)

    def _rule(self, canvas: Canvas, y: float, colour: str, thickness: float) -> None:
        canvas.setStrokeColor(HexColor(colour))
        canvas.setLineWidth(thickness)
        canvas.line(0, y, self._width_given, y)


def _draw_aligned(
    canvas: Canvas, text: str, x: float, y: float, width: float, *, right: bool
) -> None:
    if right:
        canvas.drawRightString(x + width, y, text)
    else:
        canvas.drawString(x, y, text)


def _units_of(column: Column) -> list[str]:
    qualifier = column.qualifier.value if column.qualifier else ""
    return [part for part in (column.unit, qualifier) if part]


def _unit_lines(column: Column, width: float) -> list[str]:
    """Unit and qualifier on one line where they fit, else below each other."""
    parts = _units_of(column)
    whole = ", ".join(parts)
    return [whole] if whole and width_of(whole, design.REGULAR, _UNIT_SIZE) <= width else parts


def _cell_text(column: Column, cell: Cell) -> str:
    return cleaned(shown(cell, is_signed=column.is_signed))


def _strips_of(table: Table, widths: list[float], width: float) -> list[_Strip]:
    strips = [strip for row in table.rows for strip in _row_strips(table, row, widths, width)]
    if table.totals:
        strips += _row_strips(table, table.totals, widths, width, is_total=True)
    return strips


def _row_strips(
    table: Table,
    row: tuple[Cell, ...],
    widths: list[float],
    width: float,
    *,
    is_total: bool = False,
) -> list[_Strip]:
    pairs = list(zip(table.columns, row, strict=True))
    main = [(column, cell) for column, cell in pairs if not column.is_detail]
    font = design.BOLD if is_total else design.REGULAR
    lines = []
    for (column, cell), size in zip(main, widths, strict=True):
        text = "" if is_total and cell is None else _cell_text(column, cell)
        lines.append(broken(text, font, design.SIZE_TABLE, size))
    signs = tuple(sign_of(cell) if column.is_signed else 0 for column, cell in main)
    said = [
        f"{column.title}: {_cell_text(column, cell)}{_detail_unit(column)}"
        for column, cell in pairs
        if column.is_detail and cell not in (None, "")
    ]
    room = width - _INDENT - _INSET
    details = broken("  ·  ".join(said), design.REGULAR, design.SIZE_DETAIL, room) if said else []
    return list(_cut(lines, details, signs, is_total=is_total))


def _detail_unit(column: Column) -> str:
    units = _units_of(column)
    return f" ({', '.join(units)})" if units else ""


def _cut(
    lines: list[list[str]], details: list[str], signs: tuple[int, ...], *, is_total: bool
) -> list[_Strip]:
    """The row as one strip, or a very long one as several."""
    most = _LINES_PER_STRIP_MAX
    deepest = max((len(column) for column in lines), default=0)
    parts: list[tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = [
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
        _Strip(cells, below, signs, number == last, is_total)
        for number, (cells, below) in enumerate(parts)
    ]


def _fitted_widths(table: Table, width: float) -> list[float]:
    """Widths of the main columns: as wide as they like, text giving way where room is short."""
    columns = [
        (index, column) for index, column in enumerate(table.columns) if not column.is_detail
    ]
    room = width - 2 * _INSET - _GAP * (len(columns) - 1)
    wishes, least = [], []
    for index, column in columns:
        texts = [_cell_text(column, row[index]) for row in table.rows]
        sizes = [width_of(text, design.REGULAR, design.SIZE_TABLE) for text in texts]
        widest = max(sizes, default=0.0)
        if table.totals and table.totals[index] is not None:
            total = _cell_text(column, table.totals[index])
            widest = max(widest, width_of(total, design.BOLD, design.SIZE_TABLE))
        word = _widest_word(column)
        wishes.append(max(widest, word))
        is_text = any(isinstance(row[index], str) for row in table.rows)
        if is_text:
            longest = max((_longest_word(text) for text in texts), default=0.0)
            least.append(max(word, min(longest, _WORD_WIDTH_MAX), min(widest, _TEXT_WIDTH_MIN)))
        else:
            least.append(wishes[-1])
    return _shared(wishes, least, [column for _, column in columns], room)


def _longest_word(text: str) -> float:
    word = max(text.split(" "), key=len)
    return width_of(word, design.REGULAR, design.SIZE_TABLE) + 0.1


def _widest_word(column: Column) -> float:
    words = [width_of(word, design.BOLD, design.SIZE_TABLE) for word in column.title.split(" ")]
    units = [width_of(part, design.REGULAR, _UNIT_SIZE) for part in _units_of(column)]
    return max([*words, *units]) + 0.1


def _shared(
    wishes: list[float], least: list[float], columns: list[Column], room: float
) -> list[float]:
    wanted = math.fsum(wishes)
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
