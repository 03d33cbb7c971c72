"""A waterfall on paper: from one amount to another, each part standing where the last one ended."""

from __future__ import annotations

import math
from decimal import Decimal

from reportlab.graphics.shapes import Drawing

from allusedesk.reports.cells import Percent
from allusedesk.reports.chart_values import Step, Waterfall, amount_of
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.chart_pieces import box, label, rule, small_width
from allusedesk.reports.paper.type_setting import cleaned, few_lines
from allusedesk.reports.wording import shown

_ROW = 13.0
_NAME_SHARE_MAX = 0.36
_LINE = 8.0
_NAME_LINES_MAX = 3


def drawn_waterfall(chart: Waterfall, width: float) -> list[Drawing]:
    """Rows from top to bottom: the beginning, every part beside its running place, the end.

    Lying rows leave room for long names. The scale holds what the steps pass through, and begins
    at zero only where zero is near.
    """
    steps = (chart.begin, *chart.parts, chart.end)
    spans = _spans(chart)
    name_room = min(
        max(small_width(cleaned(step.name)) for step in steps) + 2, width * _NAME_SHARE_MAX
    )
    names = [
        few_lines(cleaned(step.name), design.REGULAR, design.SIZE_SMALL, name_room, _NAME_LINES_MAX)
        for step in steps
    ]
    heights = [max(_ROW, _LINE * len(lines) + 4) for lines in names]
    texts = [_text(step, is_part=0 < place < len(steps) - 1) for place, step in enumerate(steps)]
    text_room = max(small_width(text) for text in texts) + 8
    low, high = _reach(spans, chart)
    head = [_caption(chart, is_cut=low > 0)]
    drawing = Drawing(width, math.fsum(heights) + pieces.caption_height(head) + 2)
    pieces.draw_caption(drawing, head)
    plot = pieces.Plot(0, 0, name_room + 8, width - text_room, low, high)
    y = drawing.height - pieces.caption_height(head)
    if low <= 0 <= high:
        zero = plot.y(Decimal(0))
        drawing.add(rule(zero, 1, zero, y, design.RULE, 0.5))
    edges = [y]
    for place, (start, end) in enumerate(spans):
        height = heights[place]
        y -= height
        edges.append(y)
        for number, line in enumerate(names[place]):
            line_y = y + height / 2 - 2 + _LINE / 2 * (len(names[place]) - 1) - _LINE * number
            drawing.add(label(line, name_room, line_y, design.INK, anchor="end"))
        is_part = 0 < place < len(spans) - 1
        left, right = plot.y(max(min(start, end), low)), plot.y(max(start, end))
        colour = _colour(end - start) if is_part else design.ACCENT
        foot = y + (height - _ROW) / 2 + 2
        drawing.add(box(left, foot, max(right - left, 0.6), _ROW - 4, colour))
        if not is_part and low > 0:
            _draw_cut(drawing, left + 7, foot)
        if place < len(spans) - 1:
            joint = plot.y(end)
            drawing.add(rule(joint, foot, joint, foot - 4 - (height - _ROW), design.RULE, 0.5))
        x = right + 4
        if low <= 0 <= high and x < plot.y(Decimal(0)) + 3 < x + small_width(texts[place]) + 3:
            # The line of zero would run through the figure.
            x = plot.y(Decimal(0)) + 4
        drawing.add(label(texts[place], x, foot + 2.5, design.INK))
    return pieces.cut(drawing, edges)


def _caption(chart: Waterfall, *, is_cut: bool) -> str:
    value = chart.begin.value
    unit = "" if isinstance(value, Percent) else f"{value.currency.value}  ·  "
    cut = "  ·  the first and the last bar are cut short on the left" if is_cut else ""
    return f"{unit}{chart.qualifier.value}{cut}"


def _draw_cut(drawing: Drawing, x: float, foot: float) -> None:
    """Two strokes across a bar that does not begin at zero."""
    for shift in (0.0, 3.0):
        start = x + shift
        drawing.add(rule(start - 2, foot - 1, start + 2, foot + _ROW - 3, design.PAPER_WHITE, 1.1))


def _spans(chart: Waterfall) -> list[tuple[Decimal, Decimal]]:
    """Where each row's bar begins and ends; the first and the last stand on zero."""
    begin = amount_of(chart.begin.value) or Decimal(0)
    spans = [(Decimal(0), begin)]
    reached = begin
    for part in chart.parts:
        after = reached + (amount_of(part.value) or Decimal(0))
        spans.append((reached, after))
        reached = after
    return [*spans, (Decimal(0), reached)]


def _reach(spans: list[tuple[Decimal, Decimal]], chart: Waterfall) -> tuple[Decimal, Decimal]:
    """The scale: without the long way from zero where the parts would be slivers on it."""
    ends = [end for _, end in spans]
    low, high = min(ends), max(ends)
    spread = high - low
    if low > 0 and chart.parts and spread < low / 2:
        low -= spread / 4 or low / 20
    else:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    return (low, high) if low < high else (low, low + 1)


def _colour(moved: Decimal) -> str:
    return design.LOSS if moved < 0 else design.GAIN


def _text(step: Step, *, is_part: bool) -> str:
    return shown(step.value, is_signed=is_part)
