"""Charts as vectors: lines that carry their names, bars that carry their figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from allusedesk.domain.money import Money
from allusedesk.reports import page_design as design
from allusedesk.reports.statement import Cell, Chart, ChartKind, Percent, Series
from allusedesk.reports.type_setting import cleaned, width_of
from allusedesk.reports.wording import MINUS, shown

_HEIGHT = 116.0
_LEGEND = 15.0
_FOOT = 14.0
_TICKS_WANTED = 4
_LABEL_GAP = 8.6
_NAME_LENGTH_MAX = 26


@dataclass(frozen=True, slots=True)
class _Plot:
    """The rectangle of the plot and the scale of its vertical axis."""

    left: float
    right: float
    bottom: float
    top: float
    low: Decimal
    high: Decimal

    def y(self, value: Decimal) -> float:
        share = float((value - self.low) / (self.high - self.low))
        return self.bottom + share * (self.top - self.bottom)


def drawn_chart(chart: Chart, width: float) -> Drawing:
    """The chart in its own drawing, `width` points wide."""
    drawing = Drawing(width, _HEIGHT)
    if chart.kind is ChartKind.LINES:
        _draw_lines(drawing, chart, width)
    else:
        _draw_bars(drawing, chart, width)
    return drawing


def ticks_of(chart: Chart) -> tuple[Decimal, ...]:
    """The round figures on the vertical axis of a line chart; none where nothing is drawn."""
    figures = _figures(chart)
    if not figures:
        return ()
    low, high = min(figures), max(figures)
    if low == high:
        pad = abs(low) / 20 or Decimal(1)
        low, high = low - pad, high + pad
    step = _round_step((high - low) / _TICKS_WANTED)
    first = (low / step).to_integral_value("ROUND_FLOOR") * step
    ticks = [first]
    while ticks[-1] < high:
        ticks.append(ticks[-1] + step)
    return tuple(ticks)


def tick_text(chart: Chart, tick: Decimal) -> str:
    """A figure of the axis as it is written, money without its cents where it has none."""
    if any(isinstance(value, Percent) for line in chart.series for value in line.values):
        return shown(Percent(tick))
    digits = 0 if tick == tick.to_integral_value() else 2
    return f"{MINUS if tick < 0 else ''}{abs(tick):,.{digits}f}"


def _round_step(wanted: Decimal) -> Decimal:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that reaches what is wanted."""
    power = Decimal(1).scaleb(wanted.adjusted())
    for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)):
        if factor * power >= wanted:
            return factor * power
    return power * 10


def _amount(cell: Money | Percent | None) -> Decimal | None:
    match cell:
        case None:
            return None
        case Money(amount):
            return amount
        case Percent(fraction):
            return fraction


def _figures(chart: Chart) -> list[Decimal]:
    found = [_amount(value) for line in chart.series for value in line.values]
    return [value for value in found if value is not None]


def _draw_lines(drawing: Drawing, chart: Chart, width: float) -> None:
    ticks = ticks_of(chart)
    if not ticks:
        return
    texts = [tick_text(chart, tick) for tick in ticks]
    dates = [
        width_of(cleaned(name), design.REGULAR, design.SIZE_SMALL) for name in chart.categories
    ]
    beyond = max(dates) / 2
    labels = [width_of(text, design.REGULAR, design.SIZE_SMALL) for text in texts]
    left = max(max(labels) + 6, beyond)
    names = [_end_label(line) for line in chart.series]
    ends_at = [width_of(name, design.REGULAR, design.SIZE_SMALL) for name in names]
    right = max(max(ends_at) + 8, beyond)
    plot = _Plot(left, width - right, _FOOT, _HEIGHT - 6, ticks[0], ticks[-1])
    for tick, text in zip(ticks, texts, strict=True):
        y = plot.y(tick)
        drawing.add(_line(plot.left, y, plot.right, y, design.HAIRLINE, 0.4))
        drawing.add(_text(text, plot.left - 4, y - 2, design.GREY, anchor="end"))
    xs = _positions(len(chart.categories), plot)
    _draw_dates(drawing, chart, xs)
    ends = []
    for index, line in enumerate(chart.series):
        colour = design.SHADES[index % len(design.SHADES)]
        points = _points(line, xs, plot)
        if not points:
            continue
        for run in _runs(points):
            _draw_run(drawing, run, colour)
        x, y = next(point for point in reversed(points) if point is not None)
        ends.append((y, x, names[index], colour))
    for y, label_y, x, name, colour in _spread(ends):
        drawing.add(_line(x + 1.5, y, plot.right + 3, label_y, design.HAIRLINE, 0.4))
        drawing.add(_text(name, plot.right + 5, label_y - 2, colour))


def _end_label(line: Series) -> str:
    last = next((value for value in reversed(line.values) if value is not None), None)
    return f"{_short(line.name)}  {shown(last)}"


def _short(name: str) -> str:
    name = cleaned(name)
    return name if len(name) <= _NAME_LENGTH_MAX else name[: _NAME_LENGTH_MAX - 1] + "…"


def _positions(count: int, plot: _Plot) -> list[float]:
    if count == 1:
        return [(plot.left + plot.right) / 2]
    step = (plot.right - plot.left) / (count - 1)
    return [plot.left + index * step for index in range(count)]


def _points(line: Series, xs: list[float], plot: _Plot) -> list[tuple[float, float] | None]:
    values = [_amount(value) for value in line.values]
    points = [
        None if value is None else (x, plot.y(value)) for x, value in zip(xs, values, strict=True)
    ]
    return points if any(point is not None for point in points) else []


def _runs(points: list[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Stretches without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _draw_run(drawing: Drawing, run: list[tuple[float, float]], colour: str) -> None:
    if len(run) > 1:
        drawing.add(
            PolyLine(
                [figure for point in run for figure in point],
                strokeColor=HexColor(colour),
                strokeWidth=1.2,
                strokeLineJoin=1,
            )
        )
    x, y = run[-1]
    drawing.add(Circle(x, y, 1.7, fillColor=HexColor(colour), strokeColor=None))


def _spread(
    ends: list[tuple[float, float, str, str]],
) -> list[tuple[float, float, float, str, str]]:
    """Labels at the ends of lines, moved up where two would lie on each other."""
    placed = []
    last = -math.inf
    for y, x, name, colour in sorted(ends, key=lambda end: (end[0], end[2])):
        last = max(y, last + _LABEL_GAP)
        placed.append((y, last, x, name, colour))
    over = max((label_y for _, label_y, _, _, _ in placed), default=0) - (_HEIGHT - 4)
    if over > 0:
        return [(y, label_y - over, x, name, colour) for y, label_y, x, name, colour in placed]
    return placed


def _draw_dates(drawing: Drawing, chart: Chart, xs: list[float]) -> None:
    """As many names of categories as stand clear of each other, the last always."""
    widest = max(width_of(name, design.REGULAR, design.SIZE_SMALL) for name in chart.categories)
    room = (xs[-1] - xs[0]) / max(len(xs) - 1, 1)
    every = max(1, math.ceil((widest + 10) / room)) if room else 1
    last = len(xs) - 1
    for index, (x, name) in enumerate(zip(xs, chart.categories, strict=True)):
        if (last - index) % every == 0:
            drawing.add(_text(cleaned(name), x, 2, design.GREY, anchor="middle"))


def _draw_bars(drawing: Drawing, chart: Chart, width: float) -> None:
    figures = _figures(chart)
    if not figures:
        return
    low, high = min(*figures, Decimal(0)), max(*figures, Decimal(0))
    if low == high:
        high = Decimal(1)
    head = _HEIGHT - _LEGEND - 10
    plot = _Plot(0, width, _FOOT + (9 if low < 0 else 0), head, low, high)
    _draw_legend(drawing, chart)
    zero = plot.y(Decimal(0))
    drawing.add(_line(0, zero, width, zero, design.RULE, 0.5))
    slot = width / len(chart.categories)
    bar = min(34.0, slot * 0.72 / len(chart.series))
    for index, category in enumerate(chart.categories):
        middle = (index + 0.5) * slot
        drawing.add(_text(_short(category), middle, 2, design.INK, anchor="middle"))
        start = middle - bar * len(chart.series) / 2
        for number, line in enumerate(chart.series):
            value = line.values[index]
            amount = _amount(value)
            if amount is not None:
                group = _bar(start + number * bar, bar, amount, value, plot, number)
                drawing.add(group)


def _bar(x: float, width: float, amount: Decimal, value: Cell, plot: _Plot, number: int) -> Group:
    zero, end = plot.y(Decimal(0)), plot.y(amount)
    colour, outline = _bar_colours(number, amount)
    group = Group()
    group.add(
        Rect(
            x + 1.5,
            min(zero, end),
            width - 3,
            max(abs(end - zero), 0.6),
            fillColor=HexColor(colour),
            strokeColor=HexColor(outline),
            strokeWidth=0.6,
        )
    )
    y = end + 3 if amount >= 0 else end - 8
    group.add(_text(shown(value), x + width / 2, y, design.INK, anchor="middle"))
    return group


def _bar_colours(number: int, amount: Decimal) -> tuple[str, str]:
    """The first series is the yardstick, drawn as an outline; losses of the others are red."""
    if number == 0:
        return design.WASH, design.RULE
    colour = design.LOSS if amount < 0 else design.SHADES[(number - 1) % len(design.SHADES)]
    return colour, colour


def _draw_legend(drawing: Drawing, chart: Chart) -> None:
    x, y = 0.0, _HEIGHT - _LEGEND + 4
    for number, line in enumerate(chart.series):
        colour, outline = _bar_colours(number, Decimal(0))
        drawing.add(
            Rect(
                x,
                y,
                7,
                7,
                fillColor=HexColor(colour),
                strokeColor=HexColor(outline),
                strokeWidth=0.6,
            )
        )
        name = f"{cleaned(line.name)} ({line.qualifier.value})"
        drawing.add(_text(name, x + 10, y + 1, design.GREY))
        x += 24 + width_of(name, design.REGULAR, design.SIZE_SMALL)


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, width: float) -> Line:
    return Line(x, y, to_x, to_y, strokeColor=HexColor(colour), strokeWidth=width)


def _text(text: str, x: float, y: float, colour: str, *, anchor: str = "start") -> String:
    return String(
        x,
        y,
        text,
        fontName=design.REGULAR,
        fontSize=design.SIZE_SMALL,
        fillColor=HexColor(colour),
        textAnchor=anchor,
    )
