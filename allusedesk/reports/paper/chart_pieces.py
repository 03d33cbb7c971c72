"""What every chart is made of: scales, round ticks, labels that stand clear, captions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, Shape, String
from reportlab.lib.colors import HexColor

from allusedesk.domain.money import Money
from allusedesk.reports.cells import Percent, Qualifier
from allusedesk.reports.chart_values import Series
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.type_setting import (
    as_seen,
    cleaned,
    clipped,
    few_lines,
    runs_of,
    width_of,
)
from allusedesk.reports.wording import MINUS, shown

TICKS_WANTED = 4
FOOT = 14.0
LABEL_GAP = 8.6
NOTHING_YET = "No figures yet."
_NAME_WIDTH_MAX = 96.0
_CAPTION_LEADING = 8.4
CAPTION_LINES_MAX = 5
# A chart of more rows than that goes on in further drawings, so that each fits on a page.
_HEIGHT_MAX = 560.0
_COMPACT_FROM = Decimal(10**7)
_COMPACT_TO = Decimal(10**18)
_DASHED = frozenset({Qualifier.TARGET, Qualifier.ESTIMATE})

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """The rectangle of a plot and the scale of its vertical axis."""

    left: float
    right: float
    bottom: float
    top: float
    low: Decimal
    high: Decimal

    def y(self, value: Decimal) -> float:
        """Where an amount stands above the drawing's foot."""
        share = float((value - self.low) / (self.high - self.low))
        return self.bottom + share * (self.top - self.bottom)


def ticks_between(low: Decimal, high: Decimal, wanted: int = TICKS_WANTED) -> tuple[Decimal, ...]:
    """Round figures in even steps from at or under `low` to at or over `high`."""
    if low == high:
        pad = abs(low) / 20 or Decimal(1)
        low, high = low - pad, high + pad
    step = _round_step((high - low) / wanted)
    first = (low / step).to_integral_value("ROUND_FLOOR") * step
    ticks = [first]
    while ticks[-1] < high:
        ticks.append(ticks[-1] + step)
    return tuple(ticks)


def _round_step(wanted: Decimal) -> Decimal:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that reaches what is wanted."""
    power = Decimal(1).scaleb(wanted.adjusted())
    for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)):
        if factor * power >= wanted:
            return factor * power
    return power * 10


def tick_texts(ticks: Sequence[Decimal], series: Sequence[Series]) -> list[str]:
    """The figures of an axis as they are written.

    Per cent as everywhere, amounts without their cents where they have none, very large ones in
    millions, billions or trillions.
    """
    if any(isinstance(value, Percent) for line in series for value in line.values):
        return [shown(Percent(tick)) for tick in ticks]
    most = max((abs(tick) for tick in ticks), default=Decimal(0))
    if most >= _COMPACT_TO:
        return [f"{tick:.2e}".replace("-", MINUS) for tick in ticks]
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if most >= _COMPACT_FROM and most >= size:
            return [f"{_plain(tick / size)}{letter}" if tick else "0" for tick in ticks]
    return [_plain(tick) for tick in ticks]


def _plain(amount: Decimal) -> str:
    exponent = amount.normalize().as_tuple().exponent
    digits = max(-exponent, 0) if isinstance(exponent, int) else 0
    if digits == 1:
        digits = 2
    return f"{MINUS if amount < 0 else ''}{abs(amount):,.{digits}f}"


def unit_of(series: Sequence[Series], unit: str) -> str:
    """What the figures count: a currency, or the unit that was said; per cent say it themselves."""
    for line in series:
        for value in line.values:
            if isinstance(value, Money):
                return value.currency.value
    return unit


def caption(series: Sequence[Series], unit: str, width: float) -> list[str]:
    """Unit and kind of the figures above a plot, in as many lines as they need.

    The names follow where the series differ in kind, or where one is too long to be written at its
    end.
    """
    kinds = list(dict.fromkeys(line.qualifier.value for line in series))
    names = [cleaned(line.name) for line in series]
    parts = [unit_of(series, unit)]
    if len(kinds) > 1:
        parts += [f"{cleaned(line.name)} ({line.qualifier.value})" for line in series]
    else:
        parts += kinds
        parts += [name for name in names if name != name_short(name)]
    whole = "  ·  ".join(part for part in parts if part)
    return (
        few_lines(whole, design.REGULAR, design.SIZE_SMALL, width, CAPTION_LINES_MAX)
        if whole
        else []
    )


def caption_height(lines: Sequence[str]) -> float:
    """How much of a drawing the caption takes from its top."""
    return len(lines) * _CAPTION_LEADING + 3 if lines else 0.0


def draw_caption(drawing: Drawing, lines: Sequence[str]) -> None:
    """The caption at the top of a drawing."""
    for place, line in enumerate(lines, start=1):
        y = drawing.height - place * _CAPTION_LEADING + 2
        drawing.add(label(line, 0, y, design.GREY))


def empty_drawing(width: float) -> Drawing:
    """What stands where a chart has no figures."""
    drawing = Drawing(width, 16)
    drawing.add(label(NOTHING_YET, 0, 5, design.GREY, size=design.SIZE_TABLE))
    return drawing


def cut(drawing: Drawing, edges: Sequence[float]) -> list[Drawing]:
    """The drawing in one piece, or cut at some of the heights where a row of it begins.

    `edges` fall from the top row's upper edge; what is drawn across an edge is a line, and goes on.
    """
    if drawing.height <= _HEIGHT_MAX:
        return [drawing]
    pieces, top = [], drawing.height
    while top > _HEIGHT_MAX:
        bottom = min(edge for edge in edges if edge >= top - _HEIGHT_MAX)
        pieces.append((bottom, top))
        top = bottom
    pieces.append((0.0, top))
    return [_piece(drawing, bottom, top) for bottom, top in pieces]


def _piece(drawing: Drawing, bottom: float, top: float) -> Drawing:
    part = Drawing(drawing.width, top - bottom)
    group = Group()
    for shape in drawing.contents:
        _, low, _, high = shape.getBounds()
        if bottom <= (low + high) / 2 < top and high - low < _HEIGHT_MAX / 2:
            group.add(shape)
        elif isinstance(shape, Line) and high > bottom and low < top:
            ends = max(low, bottom), min(high, top)
            group.add(rule(shape.x1, ends[0], shape.x2, ends[1], design.RULE, shape.strokeWidth))
    group.translate(0, -bottom)
    part.add(group)
    return part


def name_short(name: str, width: float = _NAME_WIDTH_MAX) -> str:
    """A name as it is written beside its line: what is too long ends in an ellipsis."""
    return clipped(cleaned(name), design.REGULAR, design.SIZE_SMALL, width)


def end_label(line: Series) -> str:
    """The name of a line with its last figure."""
    last = next((value for value in reversed(line.values) if value is not None), None)
    return f"{name_short(line.name)}  {shown(last)}"


def dashes_of(qualifier: Qualifier) -> tuple[int, int] | None:
    """Targets and estimates are dashed, what was measured or modelled is not."""
    return (4, 2) if qualifier in _DASHED else None


def spread_labels(
    ends: Sequence[tuple[float, float, str, str]], top: float, gap: float = LABEL_GAP
) -> list[tuple[float, float, float, str, str]]:
    """Labels at the ends of lines, `(y, x, text, colour)`, moved where two would touch.

    The second figure of an answer is where the label stands.
    """
    placed = []
    last = -math.inf
    for y, x, name, colour in sorted(ends, key=lambda end: (end[0], end[2])):
        last = max(y, last + gap)
        placed.append((y, last, x, name, colour))
    over = max((label_y for _, label_y, _, _, _ in placed), default=0) - top
    if over > 0:
        return [(y, label_y - over, x, name, colour) for y, label_y, x, name, colour in placed]
    return placed


def runs_without_gap(points: Sequence[Point | None]) -> list[list[Point]]:
    """Stretches of points between those that are not there."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def draw_run(
    drawing: Drawing, run: Sequence[Point], colour: str, dashes: tuple[int, int] | None = None
) -> None:
    """A line through the points, a dot at its end."""
    if len(run) > 1:
        drawing.add(
            PolyLine(
                [figure for point in run for figure in point],
                strokeColor=HexColor(colour),
                strokeWidth=1.2,
                strokeLineJoin=1,
                strokeDashArray=dashes,
            )
        )
    x, y = run[-1]
    drawing.add(dot(x, y, colour))


def dot(x: float, y: float, colour: str, radius: float = 1.7) -> Circle:
    """A filled point."""
    return Circle(x, y, radius, fillColor=HexColor(colour), strokeColor=None)


def draw_scale(drawing: Drawing, plot: Plot, ticks: Sequence[Decimal], texts: list[str]) -> None:
    """The figures of the vertical axis and a hairline at each."""
    for tick, text in zip(ticks, texts, strict=True):
        y = plot.y(tick)
        drawing.add(rule(plot.left, y, plot.right, y, design.HAIRLINE, 0.4))
        drawing.add(label(text, plot.left - 4, y - 2, design.GREY, anchor="end"))


def small_width(text: str) -> float:
    """The width of a label."""
    return width_of(text, design.REGULAR, design.SIZE_SMALL)


def rule(x: float, y: float, to_x: float, to_y: float, colour: str, width: float) -> Line:
    """A straight line."""
    return Line(x, y, to_x, to_y, strokeColor=HexColor(colour), strokeWidth=width)


def box(x: float, y: float, width: float, height: float, fill: str, edge: str = "") -> Rect:
    """A rectangle, with an edge where a colour of one is given."""
    return Rect(
        x,
        y,
        width,
        height,
        fillColor=HexColor(fill),
        strokeColor=HexColor(edge) if edge else None,
        strokeWidth=0.6,
    )


def label(
    text: str,
    x: float,
    y: float,
    colour: str,
    *,
    anchor: str = "start",
    font: str = design.REGULAR,
    size: float = design.SIZE_SMALL,
) -> Shape:
    """A line of text; `anchor` says whether `x` is its start, middle or end."""
    text = cleaned(text)
    runs = runs_of(as_seen(text), font)
    if len(runs) == 1:
        return _string(runs[0][1], x, y, colour, anchor, runs[0][0], size)
    wide = width_of(text, font, size)
    x -= {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    group = Group()
    for name, letters in runs:
        group.add(_string(letters, x, y, colour, "start", name, size))
        x += width_of(letters, name, size)
    return group


def _string(
    text: str, x: float, y: float, colour: str, anchor: str, font: str, size: float
) -> String:
    return String(
        x, y, text, fontName=font, fontSize=size, fillColor=HexColor(colour), textAnchor=anchor
    )


def shade(place: int) -> str:
    """The colour of the series at that place."""
    return design.SHADES[place % len(design.SHADES)]


def ink_of(colour: str) -> str:
    """The colour of letters beside a line of that colour."""
    return design.GREY if colour in design.SHADES_PALE else colour
