"""Bars on paper: side by side, stacked on each other, or lying in rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from reportlab.graphics.shapes import Drawing

from allusedesk.reports.chart_values import Chart, Charted, amount_of, figures_of
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.chart_pieces import Plot, box, label, rule, small_width
from allusedesk.reports.paper.type_setting import cleaned, few_lines
from allusedesk.reports.wording import shown

_HEIGHT = 116.0
_SWATCH = 7.0
_LEGEND_LEADING = 10.5
_NAME_LEADING = 8.4
_BAR_MAX = 34.0
_ROW = 12.0
_NAME_SHARE_MAX = 0.4
_NAME_LINES_MAX = 2


def drawn_bars(chart: Chart, width: float) -> Drawing:
    """Bars side by side for each category.

    Each carries its figure where there is room for all of them, else a scale stands at the left.
    """
    figures = figures_of(chart.series)
    if not figures:
        return pieces.empty_drawing(width)
    slot = width / len(chart.categories)
    bar = min(_BAR_MAX, slot * 0.72 / len(chart.series))
    widest = max(small_width(text) for text in _texts(chart))
    is_labelled = widest <= max(bar + 6, slot / len(chart.series) - 2)
    low, high = min(*figures, Decimal(0)), max(*figures, Decimal(0))
    ticks = pieces.ticks_between(low, high)
    texts = pieces.tick_texts(ticks, chart.series)
    left = 0.0 if is_labelled else max(small_width(text) for text in texts) + 6
    slot = (width - left) / len(chart.categories)
    bar = min(_BAR_MAX, slot * 0.72 / len(chart.series))
    names = _category_names(chart.categories, slot - 4)
    every = _every(names, slot)
    foot = _foot(names)
    legend = _Legend(chart, width, _swatches(chart))
    drawing = Drawing(width, _HEIGHT - _LEGEND_LEADING + foot - pieces.FOOT + legend.height)
    legend.draw(drawing)
    if is_labelled:
        low, high = (low, high) if low < high else (low, Decimal(1))
        bottom, top = foot + (9 if low < 0 else 0), drawing.height - legend.height - 10
        plot = Plot(left, width, bottom, top, low, high)
    else:
        top = drawing.height - legend.height - 4
        plot = Plot(left, width, foot + 2, top, ticks[0], ticks[-1])
        pieces.draw_scale(drawing, plot, ticks, texts)
    zero = plot.y(Decimal(0))
    drawing.add(rule(left, zero, width, zero, design.RULE, 0.5))
    for index, lines in enumerate(names):
        middle = left + (index + 0.5) * slot
        if (len(names) - 1 - index) % every == 0:
            _draw_name(drawing, lines, middle, foot - 12)
        start = middle - bar * len(chart.series) / 2
        for number, line in enumerate(chart.series):
            value = line.values[index]
            if value is not None:
                x = start + number * bar
                _draw_bar(drawing, x, bar, value, plot, number, is_labelled=is_labelled)
    return drawing


def drawn_stack(chart: Chart, width: float) -> Drawing:
    """Counts stacked on each other for each category, the first series lowest, beside a scale."""
    if not figures_of(chart.series):
        return pieces.empty_drawing(width)
    ticks = _stack_ticks(chart)
    texts = pieces.tick_texts(ticks, chart.series)
    left = max(small_width(text) for text in texts) + 6
    slot = (width - left) / len(chart.categories)
    names = _category_names(chart.categories, slot - 4)
    every = _every(names, slot)
    foot = _foot(names)
    legend = _Legend(chart, width, [pieces.shade(n) for n in range(len(chart.series))])
    drawing = Drawing(width, _HEIGHT + foot - pieces.FOOT - _LEGEND_LEADING + legend.height)
    legend.draw(drawing)
    plot = Plot(left, width, foot, drawing.height - legend.height - 4, ticks[0], ticks[-1])
    pieces.draw_scale(drawing, plot, ticks, texts)
    drawing.add(rule(left, plot.bottom, width, plot.bottom, design.RULE, 0.5))
    bar = min(46.0, slot * 0.72)
    for place, lines in enumerate(names):
        middle = left + (place + 0.5) * slot
        if (len(names) - 1 - place) % every == 0:
            _draw_name(drawing, lines, middle, foot - 12)
        below = Decimal(0)
        for number, line in enumerate(chart.series):
            value = line.values[place]
            amount = amount_of(value)
            if not amount:
                continue
            y, top = plot.y(below), plot.y(below + amount)
            drawing.add(box(middle - bar / 2, y, bar, top - y, pieces.shade(number)))
            text = shown(value)
            if top - y >= 8 and small_width(text) <= bar - 2:
                ink = design.PAPER_WHITE if _is_dark(number) else design.INK
                drawing.add(label(text, middle, (y + top) / 2 - 2, ink, anchor="middle"))
            below += amount
    return drawing


def _stack_ticks(chart: Chart) -> tuple[Decimal, ...]:
    """From zero to the highest stack; whole counts where the figures are whole."""
    high = max(_stack_sum(chart, place) for place in range(len(chart.categories)))
    if high <= pieces.TICKS_WANTED and high == high.to_integral_value():
        return tuple(Decimal(count) for count in range(int(high or 1) + 1))
    return pieces.ticks_between(Decimal(0), high)


def _foot(names: Sequence[Sequence[str]]) -> float:
    """How much room the names under the bars take."""
    return pieces.FOOT + _NAME_LEADING * (max(len(lines) for lines in names) - 1)


def drawn_rows(chart: Chart, width: float) -> list[Drawing]:
    """One level bar for each category and series, its name before it and its figure behind."""
    figures = figures_of(chart.series)
    if not figures:
        return [pieces.empty_drawing(width)]
    low, high = min(*figures, Decimal(0)), max(*figures, Decimal(0))
    if low == high:
        high = Decimal(1)
    legend = _Legend(chart, width, [pieces.shade(n) for n in range(len(chart.series))])
    widest = max(small_width(cleaned(name)) for name in chart.categories)
    name_room = min(widest + 2, width * _NAME_SHARE_MAX)
    names = [_lines_of(name, name_room) for name in chart.categories]
    heights = [max(_ROW * len(chart.series), 8.0 * len(lines) + 4) for lines in names]
    drawing = Drawing(width, math.fsum(heights) + legend.height + 4)
    legend.draw(drawing)
    text_room = max(small_width(text) for text in _texts(chart)) + 5
    left = name_room + 6 + (text_room if low < 0 else 0)
    reach = Plot(0, 0, left, width - text_room, low, high)
    zero = reach.y(Decimal(0))
    y = drawing.height - legend.height
    drawing.add(rule(zero, 2, zero, y, design.RULE, 0.5))
    edges = [y]
    for place, (lines, height) in enumerate(zip(names, heights, strict=True)):
        y -= height
        edges.append(y)
        for number, text in enumerate(lines):
            line_y = y + height / 2 - 2 + 4 * (len(lines) - 1) - 8 * number
            drawing.add(label(text, name_room, line_y, design.INK, anchor="end"))
        _draw_row(drawing, chart, place, reach, (y, height))
    return pieces.cut(drawing, edges)


def _draw_row(
    drawing: Drawing, chart: Chart, place: int, reach: Plot, band: tuple[float, float]
) -> None:
    """The bars of one category within the band, its foot and its height."""
    y, height = band
    zero = reach.y(Decimal(0))
    bar = (height - 3) / len(chart.series)
    for number, line in enumerate(chart.series):
        value = line.values[place]
        amount = amount_of(value)
        if amount is None:
            continue
        end = reach.y(amount)
        foot = y + 1.5 + bar * (len(chart.series) - 1 - number)
        colour = design.LOSS if amount < 0 else pieces.shade(number)
        wide = max(abs(end - zero), 0.6)
        drawing.add(box(min(zero, end), foot + 0.8, wide, bar - 1.6, colour))
        anchor, x = ("end", end - 3) if amount < 0 else ("start", end + 3)
        ink = design.INK if len(chart.series) == 1 or amount < 0 else design.GREY
        drawing.add(label(shown(value), x, foot + bar / 2 - 2, ink, anchor=anchor))


def _stack_sum(chart: Chart, place: int) -> Decimal:
    amounts = [amount_of(line.values[place]) or Decimal(0) for line in chart.series]
    return sum(amounts, Decimal(0))


def _texts(chart: Chart) -> list[str]:
    return [shown(value) for line in chart.series for value in line.values]


def _lines_of(name: str, width: float) -> list[str]:
    """A name in two lines at most, the second one clipped."""
    room = max(width, 12)
    return few_lines(cleaned(name), design.REGULAR, design.SIZE_SMALL, room, _NAME_LINES_MAX)


def _category_names(categories: Sequence[str], width: float) -> list[list[str]]:
    """Names in two lines where there is room for some letters, else in one."""
    if width < 24:
        return [[pieces.name_short(name)] for name in categories]
    return [_lines_of(name, width) for name in categories]


def _every(names: Sequence[Sequence[str]], slot: float) -> int:
    widest = max(small_width(line) for lines in names for line in lines)
    return max(1, math.ceil((widest + 6) / slot)) if widest > slot else 1


def _draw_name(drawing: Drawing, lines: Sequence[str], middle: float, top: float) -> None:
    half = max(small_width(line) for line in lines) / 2
    middle = min(max(middle, half), drawing.width - half)
    for number, line in enumerate(lines):
        drawing.add(label(line, middle, top - 8 * number, design.INK, anchor="middle"))


def _draw_bar(
    drawing: Drawing,
    x: float,
    width: float,
    value: Charted,
    plot: Plot,
    number: int,
    *,
    is_labelled: bool,
) -> None:
    amount = amount_of(value) or Decimal(0)
    zero, end = plot.y(Decimal(0)), plot.y(amount)
    colour, outline = _bar_colours(number, is_loss=amount < 0)
    inset = min(1.5, width / 8)
    tall = max(abs(end - zero), 0.6)
    drawing.add(box(x + inset, min(zero, end), width - 2 * inset, tall, colour, outline))
    if is_labelled:
        y = end + 3 if amount >= 0 else end - 8
        drawing.add(label(shown(value), x + width / 2, y, design.INK, anchor="middle"))


def _bar_colours(number: int, *, is_loss: bool) -> tuple[str, str]:
    """The first series is the yardstick, drawn as an outline; losses of the others are red."""
    if number == 0:
        return design.WASH, design.RULE
    colour = design.LOSS if is_loss else pieces.shade(number - 1)
    return colour, colour


def _swatches(chart: Chart) -> list[str]:
    return [_bar_colours(number, is_loss=False)[0] for number in range(len(chart.series))]


def _is_dark(number: int) -> bool:
    return pieces.shade(number) in design.SHADES_DARK


class _Legend:
    """Swatches with names and kinds, in as many lines as they need; the unit before them."""

    def __init__(self, chart: Chart, width: float, colours: Sequence[str]) -> None:
        unit = pieces.unit_of(chart.series, chart.unit)
        self._unit = cleaned(unit)
        x = small_width(self._unit) + 12 if unit else 0.0
        line = 0
        self._places: list[tuple[float, int, str, str]] = []
        for series, colour in zip(chart.series, colours, strict=True):
            kind = f" ({series.qualifier.value})"
            name = pieces.name_short(series.name, width - 40 - small_width(kind)) + kind
            wide = small_width(name) + _SWATCH + 3
            if x and x + wide > width:
                x, line = 0.0, line + 1
            self._places.append((x, line, name, colour))
            x += wide + 14
        self.height = (line + 1) * _LEGEND_LEADING + 4

    def draw(self, drawing: Drawing) -> None:
        top = drawing.height - _SWATCH - 1
        drawing.add(label(self._unit, 0, top + 1, design.GREY))
        for x, line, name, colour in self._places:
            y = top - line * _LEGEND_LEADING
            edge = design.RULE if colour == design.WASH else ""
            drawing.add(box(x, y, _SWATCH, _SWATCH, colour, edge))
            drawing.add(label(name, x + _SWATCH + 3, y + 1, design.GREY))
