"""The course of one decision on paper: an axis for milliseconds beside hours, a line an event."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reportlab.graphics.shapes import Drawing

from allusedesk.reports import chart_pieces as pieces
from allusedesk.reports import page_design as design
from allusedesk.reports.chart_pieces import label, rule, small_width
from allusedesk.reports.chart_values import Occurrence, Timeline
from allusedesk.reports.type_setting import broken, cleaned
from allusedesk.reports.wording import entry_shown, gap_shown, moment_shown

_AXIS = 21.0
_LINE = 8.6
_GAP = 9.0
_NUMBER_ROOM = 12.0
_DOT_GAP_LEAST = 9.0


def drawn_timeline(chart: Timeline, width: float) -> Drawing:
    """Numbered points on the axis with how long lay between them; below, what each was.

    Along the axis a gap takes room by the logarithm of its length, so that a hundredth of a second
    and an hour can both be seen; what is written between two points is how long it was.
    """
    if not chart.events:
        return pieces.empty_drawing(width)
    moments = [moment_shown(one.instant) for one in chart.events]
    gaps = [gap_shown(gap) for gap in chart.gaps()]
    entries = [entry_shown(one.entry) for one in chart.events]
    moment_room = max(small_width(text) for text in moments) + _GAP
    gap_room = max(small_width(text) for text in gaps) + _GAP
    entry_room = max(small_width(text) for text in entries)
    left = _NUMBER_ROOM + moment_room + gap_room
    room = width - left - entry_room - _GAP
    words = [
        broken(cleaned(_words(one)), design.REGULAR, design.SIZE_SMALL, room)
        for one in chart.events
    ]
    lines = sum(len(one) for one in words)
    drawing = Drawing(width, _AXIS + lines * _LINE + 4)
    _draw_axis(drawing, chart, gaps)
    y = drawing.height - _AXIS - _LINE
    for number, (moment, gap, entry, said) in enumerate(
        zip(moments, gaps, entries, words, strict=True), start=1
    ):
        drawing.add(label(str(number), _NUMBER_ROOM - 5, y, design.ACCENT, anchor="end"))
        drawing.add(label(moment, _NUMBER_ROOM, y, design.INK))
        gap_end = _NUMBER_ROOM + moment_room + gap_room - _GAP
        drawing.add(label(gap, gap_end, y, design.GREY, anchor="end"))
        drawing.add(label(entry, width, y, design.GREY, anchor="end"))
        for line in said:
            drawing.add(label(line, left, y, design.INK))
            y -= _LINE
    return drawing


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
