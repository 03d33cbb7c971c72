"""A table on paper: columns fitted to it, the head repeated, no row beyond its edge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.page_places import PlacedCanvas, link
from allusedesk.reports.paper.table_rows import (
    DETAIL,
    DETAIL_GAP,
    DETAIL_LEADING,
    INDENT,
    INSET,
    PAD,
    Strip,
    set_table,
    title_lines,
    unit_lines,
)
from allusedesk.reports.paper.text_drawing import TITLE_LINES_MAX, draw_line, enter_place, underline
from allusedesk.reports.paper.type_setting import (
    broken,
    cleaned,
    few_lines,
    put,
    put_right,
    width_of,
)
from allusedesk.reports.statement import Alignment, Table

_TITLE_LEADING = design.SIZE_HEADING * design.LEADING
_EMPTY_LEADING = design.SIZE_TABLE * design.LEADING
# A table up to this height is not torn apart; a longer one begins with a few rows.
_HEIGHT_WHOLE_MAX = 210.0
_STRIPS_FIRST = 3
# Kept free behind a title for the word `continued`.
_CONTINUED_ROOM = 40.0
# What the parts of a table have together; ReportLab keeps marks of its own on each.
_SHARED = (
    "_table",
    "_width_given",
    "_key",
    "_setting",
    "_strips",
    "_ends",
    "_titles",
    "_units",
    "_title",
    "_empty",
)
_COLOURS = {1: design.GAIN, -1: design.LOSS}


class TableOnPaper(Flowable):  # type: ignore[misc]
    """A table as ReportLab places it; what does not fit goes on under a repeated head.

    Parts of it share the rows, and heights are added up once, so that a table of thousands of rows
    takes no more for each of them than a short one.
    """

    def __init__(self, table: Table, width: float, places: Mapping[str, str], key: str) -> None:
        super().__init__()
        self._table = table
        self._width_given = width
        self._key = key
        self._setting, self._strips = set_table(table, width, places)
        self._ends = [0.0, *accumulate(strip.height for strip in self._strips)]
        self._first, self._after = 0, len(self._strips)
        self._titles = title_lines(self._setting)
        self._units = unit_lines(self._setting)
        title = cleaned(table.title)
        room = width - _CONTINUED_ROOM
        self._title = few_lines(title, design.BOLD, design.SIZE_HEADING, room, TITLE_LINES_MAX)
        self._empty = broken(
            cleaned(table.empty), design.REGULAR, design.SIZE_TABLE, width - 2 * INSET
        )
        self._is_continued = False

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        body = self._ends[self._after] - self._ends[self._first]
        return self._width_given, self._head_height() + (body or self._empty_height()) + 6

    def split(self, width: float, height: float) -> list[TableOnPaper]:  # noqa: ARG002
        room = height - self._head_height() - 6 + self._ends[self._first]
        fits = bisect_right(self._ends, room, self._first + 1) - 1 - self._first
        count = self._after - self._first
        if fits >= count:
            # A table without rows is not torn: where it does not fit it goes to the next page.
            return [self] if count else []
        if fits > 1 and count - fits == 1:
            fits -= 1
        if fits <= 0 or self.wrap(0, 0)[1] <= _HEIGHT_WHOLE_MAX:
            return []
        middle = self._first + fits
        return [
            self._part(self._first, middle, is_continued=self._is_continued),
            self._part(middle, self._after, is_continued=True),
        ]

    def getSpaceBefore(self) -> float:  # noqa: N802
        return 4.0 if self._table.title and not self._is_continued else 0.0

    def height_kept(self) -> float:
        """How much of the table stays together: all of a short one, else its first rows."""
        whole = self.wrap(0, 0)[1]
        if whole <= _HEIGHT_WHOLE_MAX:
            return whole
        first = min(self._first + _STRIPS_FIRST, self._after)
        return self._head_height() + self._ends[first] - self._ends[self._first] + 6

    def draw(self) -> None:
        canvas = self.canv
        top = self.wrap(0, 0)[1]
        if not self._is_continued:
            title = cleaned(self._table.title)
            enter_place(canvas, title, self._key, top, is_entered=bool(title))
        top = self._draw_head(canvas, top)
        if not self._strips:
            canvas.setFillColor(HexColor(design.GREY))
            for number, line in enumerate(self._empty, start=1):
                y = top - number * _EMPTY_LEADING
                put(canvas, line, INSET, y, design.REGULAR, design.SIZE_TABLE)
        for strip in self._strips[self._first : self._after]:
            self._draw_strip(canvas, strip, top)
            top -= strip.height

    def _part(self, first: int, after: int, *, is_continued: bool) -> TableOnPaper:
        part = TableOnPaper.__new__(TableOnPaper)
        Flowable.__init__(part)
        kept = {name: self.__dict__[name] for name in _SHARED}
        part.__dict__.update(kept, _first=first, _after=after, _is_continued=is_continued)
        return part

    def _titled(self) -> float:
        return len(self._title) * _TITLE_LEADING + 5 if self._table.title else 0.0

    def _empty_height(self) -> float:
        return len(self._empty) * _EMPTY_LEADING + PAD

    def _head_height(self) -> float:
        if not self._strips:
            return self._titled()
        deepest = max((len(lines) for lines in self._titles), default=0)
        return self._titled() + deepest * self._setting.leading + self._units_height() + 2 * PAD

    def _units_height(self) -> float:
        return max((len(lines) for lines in self._units), default=0) * DETAIL_LEADING

    def _draw_title(self, canvas: Canvas, top: float) -> None:
        y = top - design.SIZE_HEADING
        for line in self._title:
            canvas.setFillColor(HexColor(design.INK))
            put(canvas, line, 0, y, design.BOLD, design.SIZE_HEADING)
            y -= _TITLE_LEADING
        if self._is_continued:
            after = width_of(self._title[-1], design.BOLD, design.SIZE_HEADING) + 4
            canvas.setFillColor(HexColor(design.GREY))
            put(canvas, "continued", after, y + _TITLE_LEADING, design.REGULAR, design.SIZE_DETAIL)

    def _draw_head(self, canvas: Canvas, top: float) -> float:
        if self._table.title:
            self._draw_title(canvas, top)
            top -= self._titled()
        if not self._strips:
            return top
        setting = self._setting
        bottom = top - (self._head_height() - self._titled())
        canvas.setFillColor(HexColor(design.WASH))
        canvas.rect(0, bottom, self._width_given, top - bottom, stroke=0, fill=1)
        self._rule(canvas, top, design.ACCENT, 0.9)
        self._rule(canvas, bottom, design.RULE, 0.4)
        x = INSET
        below = bottom + PAD + 1.6 + self._units_height()
        for place, width, gap, lines, units in zip(
            setting.main, setting.widths, setting.gaps, self._titles, self._units, strict=True
        ):
            is_right = setting.columns[place].alignment is Alignment.RIGHT
            write, edge = (put_right, x + width) if is_right else (put, x)
            canvas.setFillColor(HexColor(design.INK))
            for number, line in enumerate(reversed(lines)):
                y = below + number * setting.leading
                write(canvas, line, edge, y, design.BOLD, setting.size)
            canvas.setFillColor(HexColor(design.GREY))
            for number, line in enumerate(units, start=1):
                y = below - number * DETAIL_LEADING
                write(canvas, line, edge, y, design.REGULAR, setting.unit_size)
            x += width + gap
        return bottom

    def _draw_strip(self, canvas: Canvas, strip: Strip, top: float) -> None:
        setting = self._setting
        if strip.place and isinstance(canvas, PlacedCanvas):
            canvas.mark(strip.place, 0, top + setting.leading)
        font = design.BOLD if strip.is_total else design.REGULAR
        x = INSET
        first = top - PAD - setting.size
        for place, width, gap, lines, sign, target in zip(
            setting.main,
            setting.widths,
            setting.gaps,
            strip.lines,
            strip.signs,
            strip.targets,
            strict=True,
        ):
            colour = design.LINK if target else _COLOURS.get(sign, design.INK)
            canvas.setFillColor(HexColor(colour))
            is_right = setting.columns[place].alignment is Alignment.RIGHT
            write, edge = (put_right, x + width) if is_right else (put, x)
            for number, line in enumerate(lines):
                write(canvas, line, edge, first - number * setting.leading, font, setting.size)
                if target and line:
                    wide = width_of(line, font, setting.size)
                    start = edge - wide if is_right else edge
                    y = first - number * setting.leading
                    underline(canvas, start, y, wide)
                    link(canvas, target, start, y - 2, wide, setting.leading)
            x += width + gap
        deepest = max((len(lines) for lines in strip.lines), default=0)
        y = top - PAD - deepest * setting.leading - design.SIZE_DETAIL - DETAIL_GAP
        for detail in strip.details:
            draw_line(canvas, detail, INDENT, y, DETAIL)
            y -= DETAIL_LEADING
        if strip.is_total:
            self._rule(canvas, top, design.RULE, 0.6)
        if strip.ends_row:
            self._rule(canvas, top - strip.height, design.HAIRLINE, 0.35)

    def _rule(self, canvas: Canvas, y: float, colour: str, thickness: float) -> None:
        canvas.setStrokeColor(HexColor(colour))
        canvas.setLineWidth(thickness)
        canvas.line(0, y, self._width_given, y)
