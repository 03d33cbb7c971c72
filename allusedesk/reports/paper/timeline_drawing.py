"""The course of one decision on paper: an axis for milliseconds beside hours, a line an event."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing

from allusedesk.reports.chart_values import Occurrence, Timeline
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.chart_pieces import label, rule, small_width
from allusedesk.reports.paper.type_setting import cleaned, few_lines
from allusedesk.reports.wording import entry_shown, gap_shown, moment_shown

_AXIS = 21.0
_LINE = 8.6
_GAP = 9.0
_NUMBER_ROOM = 12.0
_DOT_GAP_LEAST = 9.0
_ROWS_TOGETHER = 10
_LINES_MAX = 4


def drawn_timeline(chart: Timeline, width: float) -> list[Drawing]:
    """Numbered points on the axis with how long lay between them; below, what each was.

    Along the axis a gap takes room by the logarithm of its length, so that a hundredth of a second
    and an hour can both be seen; what is written between two points is how long it was. A long
    list goes on in further drawings, so that each of them fits on a page.
    """
    if not chart.events:
        return [pieces.empty_drawing(width)]
    axis = Drawing(width, _AXIS)
    gaps = [gap_shown(gap) for gap in chart.gaps()]
    _draw_axis(axis, chart, gaps)
    rows = _rows(chart, gaps, width)
    drawings, start = [axis], 0
    while start < len(rows):
        part = rows[start : start + _ROWS_TOGETHER]
        height = math.fsum(len(row.words) for row in part) * _LINE
        drawing = Drawing(width, height)
        y = height - _LINE + 2
        for row in part:
            _draw_row(drawing, row, y)
            y -= _LINE * len(row.words)
        drawings.append(drawing)
        start += _ROWS_TOGETHER
    return drawings


@dataclass(frozen=True, slots=True)
class _Row:
    """One event as it is written, and where its columns stand."""

    number: str
    numbers: float
    moment: str
    gap: str
    entry: str
    words: tuple[str, ...]
    gap_end: float
    left: float


def _rows(chart: Timeline, gaps: Sequence[str], width: float) -> list[_Row]:
    moments = [moment_shown(one.instant) for one in chart.events]
    entries = [entry_shown(one.entry) for one in chart.events]
    numbers = max(_NUMBER_ROOM, small_width(str(len(moments))) + 7)
    gap_end = numbers + max(small_width(text) for text in moments) + _GAP
    gap_end += max(small_width(text) for text in gaps)
    left = gap_end + _GAP
    room = width - left - max(small_width(text) for text in entries) - _GAP
    return [
        _Row(
            str(place + 1),
            numbers,
            moments[place],
            gaps[place],
            entries[place],
            tuple(
                few_lines(cleaned(_words(one)), design.REGULAR, design.SIZE_SMALL, room, _LINES_MAX)
            ),
            gap_end,
            left,
        )
        for place, one in enumerate(chart.events)
    ]


def _draw_row(drawing: Drawing, row: _Row, y: float) -> None:
    drawing.add(label(row.number, row.numbers - 5, y, design.ACCENT, anchor="end"))
    drawing.add(label(row.moment, row.numbers, y, design.INK))
    drawing.add(label(row.gap, row.gap_end, y, design.GREY, anchor="end"))
    drawing.add(label(row.entry, drawing.width, y, design.GREY, anchor="end"))
    for line in row.words:
        drawing.add(label(line, row.left, y, design.INK))
        y -= _LINE


def _words(one: Occurrence) -> str:
    return f"{one.what}: {one.note}" if one.note else one.what


def _draw_axis(drawing: Drawing, chart: Timeline, gaps: Sequence[str]) -> None:
    y = drawing.height - 7
    xs = _positions(chart, 6.0, drawing.width - 6.0)
    drawing.add(rule(xs[0], y, xs[-1], y, design.RULE, 0.8))
    free_from = -math.inf
    for place, x in enumerate(xs):
        drawing.add(pieces.dot(x, y, design.ACCENT, 2.6))
        number = str(place + 1)
        if small_width(number) / 2 + 1 + free_from < x:
            drawing.add(label(number, x, y - 9.5, design.ACCENT, anchor="middle"))
            free_from = x + small_width(number) / 2
        if place and x - xs[place - 1] > small_width(gaps[place]) + 8:
            middle = (x + xs[place - 1]) / 2
            drawing.add(label(gaps[place], middle, y + 2.2, design.GREY, anchor="middle"))


def _positions(chart: Timeline, left: float, right: float) -> list[float]:
    """Each gap has room by the logarithm of its length, and so much that dots stand apart."""
    if len(chart.events) == 1:
        return [left]
    weights = [math.log1p(gap.total_seconds() * 1000) for gap in chart.gaps() if gap is not None]
    least = min(_DOT_GAP_LEAST, (right - left) / len(weights))
    spare = right - left - least * len(weights)
    whole = math.fsum(weights)
    xs = [left]
    for weight in weights:
        share = weight / whole if whole else 1 / len(weights)
        xs.append(xs[-1] + least + spare * share)
    return xs
