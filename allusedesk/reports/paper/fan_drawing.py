"""A projection's fan on paper: bands of paths over the years, other lines beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab.graphics import renderPDF, renderSVG
from reportlab.graphics.shapes import Drawing, Polygon
from reportlab.lib.colors import HexColor

from allusedesk.reports.chart_values import (
    Charted,
    ProjectionFan,
    Series,
    amount_of,
    figures_of,
)
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.chart_pieces import Point, label, rule, small_width
from allusedesk.reports.paper.page_pictures import picture_pages
from allusedesk.reports.paper.type_setting import broken, cleaned, few_lines, register_fonts
from allusedesk.reports.round_amounts import money_ticks, short_money
from allusedesk.reports.wording import shown

_HEIGHT = 150.0
_FILE_WIDTH, _FILE_HEIGHT, _FILE_HEAD = 520.0, 300.0, 46.0
_FOOT = 22.0
_BANDS = ("#DDE7F1", "#B4CCE2", "#8FB3D4")
_LABEL_GAP = 9.0
# From this ratio of the highest to the lowest amount on, the axis is logarithmic.
_RATIO_LOGARITHMIC = 20.0
_YEAR_TICKS = 10
_Written = Callable[[Charted | None], str]


def draw_fan(fan: ProjectionFan, file: Path, form: str, fonts: Path) -> None:
    """Write the fan as `svg` or `png` by itself, its title and note above it.

    Raises OSError where the file cannot be written.
    """
    register_fonts(fonts)
    drawing = Drawing(_FILE_WIDTH, _FILE_HEIGHT)
    title = label(fan.title, 4, _FILE_HEIGHT - 14, design.INK, size=design.SIZE_HEADING)
    drawing.add(title)
    notes = broken(cleaned(fan.note), design.REGULAR, design.SIZE_SMALL, _FILE_WIDTH - 8)
    for place, line in enumerate(notes):
        drawing.add(label(line, 4, _FILE_HEIGHT - 26 - 8 * place, design.GREY))
    _draw(drawing, fan, _FILE_HEIGHT - _FILE_HEAD, _short)
    if form == "svg":
        file.write_text(renderSVG.drawToString(drawing), encoding="utf-8")
        return
    with TemporaryDirectory() as folder:
        page = Path(folder) / "fan.pdf"
        renderPDF.drawToFile(drawing, str(page))
        (picture,) = picture_pages(page, Path(folder), 144)
        file.write_bytes(picture.read_bytes())


def drawn_fan(fan: ProjectionFan, width: float) -> Drawing:
    """The fan as a chart of a statement, its note beneath its caption."""
    if not _figures(fan):
        return pieces.empty_drawing(width)
    head = pieces.caption((*fan.bands, *fan.lines), "", width)
    if fan.note:
        note = cleaned(fan.note)
        head += few_lines(note, design.REGULAR, design.SIZE_SMALL, width, pieces.CAPTION_LINES_MAX)
    drawing = Drawing(width, _HEIGHT + pieces.caption_height(head))
    pieces.draw_caption(drawing, head)
    _draw(drawing, fan, _HEIGHT - 4, shown)
    return drawing


@dataclass(frozen=True, slots=True)
class _Scale:
    """The amounts along the vertical axis, even or logarithmic."""

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]
    is_logarithmic: bool = False

    def share(self, amount: float) -> float:
        if not self.is_logarithmic:
            return (amount - self.low) / (self.high - self.low)
        return (math.log10(max(amount, self.low)) - math.log10(self.low)) / (
            math.log10(self.high) - math.log10(self.low)
        )


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a year and an amount stand on the page."""

    left: float
    right: float
    bottom: float
    top: float
    first: float
    last: float
    scale: _Scale

    def x(self, year: float) -> float:
        if self.last == self.first:
            return (self.left + self.right) / 2
        return self.left + (self.right - self.left) * (year - self.first) / (self.last - self.first)

    def y(self, amount: Decimal) -> float:
        return self.bottom + (self.top - self.bottom) * self.scale.share(float(amount))


def _draw(drawing: Drawing, fan: ProjectionFan, top: float, written: _Written) -> None:
    scale = _scale_of(fan)
    ends_wide = [small_width(_end_text(line, written)) for line in (*fan.bands, *fan.lines)]
    left = max(small_width(text) for text in scale.texts) + 6
    right = drawing.width - max(ends_wide) - 8
    years = [float(year) for year in fan.years]
    plot = _Plot(left, right, _FOOT, top, years[0], years[-1], scale)
    for tick, text in zip(scale.ticks, scale.texts, strict=True):
        y = plot.y(Decimal(tick))
        drawing.add(rule(left, y, right, y, design.HAIRLINE, 0.4))
        drawing.add(label(text, left - 4, y - 2, design.GREY, anchor="end"))
    for year in _year_ticks(fan):
        x = plot.x(float(year))
        drawing.add(label(_plain(year), x, _FOOT - 10, design.GREY, anchor="middle"))
    drawing.add(label("years", right, 3, design.GREY, anchor="end"))
    middle = len(fan.bands) // 2
    for place in range(middle):
        colour = _BANDS[min(place, len(_BANDS) - 1)]
        _draw_band(drawing, fan, plot, place, colour)
    ends: list[tuple[float, float, str, str]] = []
    for place, line in enumerate(fan.bands):
        if place == middle:
            ends += _draw_curve(drawing, fan, line, plot, design.ACCENT, written)
        elif place in {0, len(fan.bands) - 1}:
            ends += _end(fan, line, plot, design.GREY, written)
    for place, line in enumerate(fan.lines):
        ends += _draw_curve(drawing, fan, line, plot, _line_colour(place), written)
    for y, label_y, x, name, colour in _spread(ends, top):
        drawing.add(rule(x + 1.5, y, right + 3, label_y, design.HAIRLINE, 0.4))
        drawing.add(label(name, right + 5, label_y - 2, colour))


def _spread(
    ends: Sequence[tuple[float, float, str, str]], top: float
) -> list[tuple[float, float, float, str, str]]:
    return pieces.spread_labels(ends, top, _LABEL_GAP)


def _line_colour(place: int) -> str:
    return (design.INK, design.GAIN, design.GREY)[place % 3]


def _draw_band(drawing: Drawing, fan: ProjectionFan, plot: _Plot, place: int, colour: str) -> None:
    high = _known(fan, fan.bands[-1 - place], plot)
    low = _known(fan, fan.bands[place], plot)
    if len(low) > 1 and len(high) > 1:
        edge = [*high, *reversed(low)]
        figures = [figure for point in edge for figure in point]
        drawing.add(Polygon(figures, fillColor=HexColor(colour), strokeColor=None))
    elif low and high:
        (x, bottom), (_, top) = low[0], high[0]
        drawing.add(rule(x, bottom, x, top, colour, 6.0 - 2 * place))


def _draw_curve(
    drawing: Drawing,
    fan: ProjectionFan,
    line: Series,
    plot: _Plot,
    colour: str,
    written: _Written,
) -> list[tuple[float, float, str, str]]:
    points = _known(fan, line, plot)
    if points:
        pieces.draw_run(drawing, points, colour, pieces.dashes_of(line.qualifier))
    return _end(fan, line, plot, colour, written)


def _end(
    fan: ProjectionFan, line: Series, plot: _Plot, colour: str, written: _Written
) -> list[tuple[float, float, str, str]]:
    points = _known(fan, line, plot)
    if not points:
        return []
    x, y = points[-1]
    return [(y, x, _end_text(line, written), colour)]


def _end_text(line: Series, written: _Written) -> str:
    last = next((value for value in reversed(line.values) if value is not None), None)
    return f"{pieces.name_short(line.name)}  {written(last)}"


def _short(value: Charted | None) -> str:
    return short_money(float(amount_of(value) or 0))


def _known(fan: ProjectionFan, line: Series, plot: _Plot) -> list[Point]:
    """The points that are there; between them a line is drawn straight on."""
    return [
        (plot.x(float(year)), plot.y(amount))
        for year, value in zip(fan.years, line.values, strict=True)
        if (amount := amount_of(value)) is not None
    ]


def _figures(fan: ProjectionFan) -> list[Decimal]:
    return figures_of((*fan.bands, *fan.lines))


def _scale_of(fan: ProjectionFan) -> _Scale:
    amounts = _figures(fan)
    lowest, highest = float(min(amounts)), float(max(amounts))
    if lowest >= 0 and highest > _RATIO_LOGARITHMIC * max(lowest, 1.0):
        # Paths that lost nearly all would stretch the axis over all others; they end at its foot.
        low = max(lowest, highest / 1e5, 1.0)
        ticks = money_ticks(low, highest)
        texts = tuple(short_money(tick) for tick in ticks)
        return _Scale(
            min(low, ticks[0]), max(highest, ticks[-1]), ticks, texts, is_logarithmic=True
        )
    even = pieces.ticks_between(min(amounts), max(amounts))
    texts = tuple(pieces.tick_texts(even, (*fan.bands, *fan.lines)))
    return _Scale(float(even[0]), float(even[-1]), tuple(float(one) for one in even), texts)


def _year_ticks(fan: ProjectionFan) -> tuple[Decimal, ...]:
    """Whole years where there are some, else parts of one; none beyond the last."""
    first, last = fan.years[0], fan.years[-1]
    if first == last:
        return (first,)
    step = max((last - first) / _YEAR_TICKS, Decimal("0.25"))
    if last - first >= 2:
        step = Decimal(math.ceil(step))
    ticks = [first + step * place for place in range(_YEAR_TICKS + 1)]
    return tuple(tick for tick in ticks if tick <= last)


def _plain(year: Decimal) -> str:
    return f"{year.normalize():f}"
