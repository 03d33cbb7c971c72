"""Charts as vectors: lines from left to right here, every other kind by its own hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from reportlab.graphics.shapes import Drawing

from allusedesk.reports.chart_values import (
    AnyChart,
    Chart,
    ChartKind,
    Grid,
    LossRecord,
    ProjectionFan,
    Series,
    TimeChart,
    Timeline,
    Waterfall,
    amount_of,
    figures_of,
)
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.bar_drawing import drawn_bars, drawn_rows, drawn_stack
from allusedesk.reports.paper.chart_pieces import Plot, Point
from allusedesk.reports.paper.fan_drawing import drawn_fan
from allusedesk.reports.paper.grid_drawing import drawn_grid
from allusedesk.reports.paper.time_drawing import drawn_record, drawn_time
from allusedesk.reports.paper.timeline_drawing import drawn_timeline
from allusedesk.reports.paper.waterfall_drawing import drawn_waterfall

_HEIGHT = 116.0


def drawn_chart(chart: AnyChart, width: float) -> list[Drawing]:
    """The chart in drawings below each other, `width` points wide.

    One, but for those of more rows than a page holds; a sentence where there are no figures.
    """
    match chart:
        case Chart(kind=ChartKind.ROWS):
            return drawn_rows(chart, width)
        case Waterfall():
            return drawn_waterfall(chart, width)
        case Grid():
            return drawn_grid(chart, width)
        case Timeline():
            return drawn_timeline(chart, width)
        case Chart(kind=ChartKind.BARS):
            return [drawn_bars(chart, width)]
        case Chart(kind=ChartKind.STACKED):
            return [drawn_stack(chart, width)]
        case Chart():
            return [_drawn_lines(chart, width)]
        case TimeChart():
            return [drawn_time(chart, width)]
        case ProjectionFan():
            return [drawn_fan(chart, width)]
        case LossRecord():
            return [drawn_record(chart, width)]


def ticks_of(chart: Chart) -> tuple[Decimal, ...]:
    """The round figures on the vertical axis of a line chart; none where nothing is drawn."""
    figures = figures_of(chart.series)
    return pieces.ticks_between(min(figures), max(figures)) if figures else ()


def _drawn_lines(chart: Chart, width: float) -> Drawing:
    ticks = ticks_of(chart)
    if not ticks:
        return pieces.empty_drawing(width)
    head = pieces.caption(chart.series, chart.unit, width)
    drawing = Drawing(width, _HEIGHT + pieces.caption_height(head))
    pieces.draw_caption(drawing, head)
    texts = pieces.tick_texts(ticks, chart.series)
    beyond = max(pieces.small_width(pieces.name_short(name)) for name in chart.categories) / 2
    left = max(max(pieces.small_width(text) for text in texts) + 6, beyond)
    names = [pieces.end_label(line) for line in chart.series]
    right = max(max(pieces.small_width(name) for name in names) + 8, beyond)
    plot = Plot(left, width - right, pieces.FOOT, _HEIGHT - 6, ticks[0], ticks[-1])
    pieces.draw_scale(drawing, plot, ticks, texts)
    xs = _positions(len(chart.categories), plot)
    _draw_names(drawing, chart, xs)
    ends = []
    for index, line in enumerate(chart.series):
        points = _points(line, xs, plot)
        runs = pieces.runs_without_gap(points)
        for run in runs:
            pieces.draw_run(drawing, run, pieces.shade(index), pieces.dashes_of(line.qualifier))
        if runs:
            x, y = runs[-1][-1]
            ends.append((y, x, names[index], pieces.shade(index)))
    for y, label_y, x, name, colour in pieces.spread_labels(ends, _HEIGHT - 4):
        drawing.add(pieces.rule(x + 1.5, y, plot.right + 3, label_y, design.HAIRLINE, 0.4))
        drawing.add(pieces.label(name, plot.right + 5, label_y - 2, pieces.ink_of(colour)))
    return drawing


def _positions(count: int, plot: Plot) -> list[float]:
    if count == 1:
        return [(plot.left + plot.right) / 2]
    step = (plot.right - plot.left) / (count - 1)
    return [plot.left + index * step for index in range(count)]


def _points(line: Series, xs: Sequence[float], plot: Plot) -> list[Point | None]:
    amounts = [amount_of(value) for value in line.values]
    return [
        None if amount is None else (x, plot.y(amount))
        for x, amount in zip(xs, amounts, strict=True)
    ]


def _draw_names(drawing: Drawing, chart: Chart, xs: Sequence[float]) -> None:
    """As many names of categories as stand clear of each other, the last always."""
    names = [pieces.name_short(name) for name in chart.categories]
    widest = max(pieces.small_width(name) for name in names)
    room = (xs[-1] - xs[0]) / max(len(xs) - 1, 1)
    every = max(1, math.ceil((widest + 10) / room)) if room else 1
    last = len(xs) - 1
    for index, (x, name) in enumerate(zip(xs, names, strict=True)):
        if (last - index) % every == 0:
            drawing.add(pieces.label(name, x, 2, design.GREY, anchor="middle"))
