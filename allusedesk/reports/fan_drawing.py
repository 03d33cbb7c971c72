"""A projection's fan on paper: bands of paths over the years, the targets' line beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab.graphics import renderPDF, renderSVG
from reportlab.graphics.shapes import Drawing, Line, Polygon, PolyLine, String
from reportlab.lib.colors import HexColor

from allusedesk.reports import page_design as design
from allusedesk.reports.page_pictures import picture_pages
from allusedesk.reports.round_amounts import money_ticks, short_money
from allusedesk.reports.type_setting import broken, cleaned, register_fonts

_WIDTH, _HEIGHT = 520.0, 300.0
_LEFT, _RIGHT, _BOTTOM, _TOP = 62.0, 118.0, 34.0, 46.0
_BAND, _INNER = "#DDE7F1", "#B4CCE2"
_LABEL_GAP = 9.0


@dataclass(frozen=True, slots=True)
class Fan:
    """What is drawn: totals in dollars at each of `years`, 5%, 25%, 50%, 75% and 95% of paths.

    `original` are (year, total) points of the targets; `note` says where the weeks come from.
    """

    title: str
    note: str
    years: tuple[float, ...]
    totals: tuple[tuple[float, ...], ...]
    original: tuple[tuple[float, float], ...]


def draw_fan(fan: Fan, file: Path, form: str, fonts: Path) -> None:
    """Write the fan as `svg` or `png`; the axis of totals is logarithmic.

    Raises OSError where the file cannot be written.
    """
    register_fonts(fonts)
    drawing = _drawn(fan)
    if form == "svg":
        file.write_text(renderSVG.drawToString(drawing), encoding="utf-8")
        return
    with TemporaryDirectory() as folder:
        page = Path(folder) / "fan.pdf"
        renderPDF.drawToFile(drawing, str(page))
        (picture,) = picture_pages(page, Path(folder), 144)
        file.write_bytes(picture.read_bytes())


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a year and a total stand on the page."""

    years: float
    low: float
    high: float

    def x(self, year: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * year / self.years

    def y(self, total: float) -> float:
        share = (math.log10(max(total, self.low)) - math.log10(self.low)) / (
            math.log10(self.high) - math.log10(self.low)
        )
        return _BOTTOM + (_HEIGHT - _BOTTOM - _TOP) * share


def _drawn(fan: Fan) -> Drawing:
    figures = [value for row in fan.totals for value in row]
    figures += [total for _, total in fan.original]
    high = max(figures)
    # Paths that lost nearly all would stretch the axis over all others; they end at its foot.
    low = max(min(figures), high / 1e5, 1.0)
    ticks = money_ticks(low, high)
    plot = _Plot(fan.years[-1], min(low, ticks[0]), max(high, ticks[-1]))
    drawing = Drawing(_WIDTH, _HEIGHT)
    notes = broken(cleaned(fan.note), design.REGULAR, design.SIZE_SMALL, _WIDTH - 8)
    drawing.add(_text(fan.title, 4, _HEIGHT - 14, design.INK, design.SIZE_HEADING))
    for place, line in enumerate(notes):
        drawing.add(_text(line, 4, _HEIGHT - 26 - 8 * place, design.GREY, design.SIZE_SMALL))
    for tick in ticks:
        y = plot.y(tick)
        drawing.add(_rule(_LEFT, y, _WIDTH - _RIGHT, y))
        drawing.add(
            _text(short_money(tick), _LEFT - 4, y - 2, design.GREY, design.SIZE_SMALL, "end")
        )
    every = max(1, round(fan.years[-1] / 10))
    for year in range(0, round(fan.years[-1]) + 1, every):
        drawing.add(
            _text(str(year), plot.x(year), _BOTTOM - 10, design.GREY, design.SIZE_SMALL, "middle")
        )
    drawing.add(_text("years", plot.x(fan.years[-1]), 8, design.GREY, design.SIZE_SMALL, "end"))
    drawing.add(_band(fan, plot, 0, 4, _BAND))
    drawing.add(_band(fan, plot, 1, 3, _INNER))
    median = [(year, row[2]) for year, row in zip(fan.years, fan.totals, strict=True)]
    drawing.add(_curve(median, plot, design.ACCENT, None))
    drawing.add(_curve(fan.original, plot, design.GREY, (4, 3)))
    for y, text, colour in _ends(fan, plot):
        drawing.add(_text(text, _WIDTH - _RIGHT + 6, y - 2, colour, design.SIZE_SMALL))
    return drawing


def _ends(fan: Fan, plot: _Plot) -> list[tuple[float, str, str]]:
    """Names at the right ends, moved apart where they would lie on each other."""
    last = fan.totals[-1]
    named = [
        (plot.y(last[0]), f"5%  {short_money(last[0])}", design.GREY),
        (plot.y(last[2]), f"median  {short_money(last[2])}", design.ACCENT),
        (plot.y(last[4]), f"95%  {short_money(last[4])}", design.GREY),
        (
            plot.y(fan.original[-1][1]),
            f"targets  {short_money(fan.original[-1][1])}",
            design.INK,
        ),
    ]
    placed: list[tuple[float, str, str]] = []
    least = -math.inf
    for y, text, colour in sorted(named):
        least = max(y, least + _LABEL_GAP)
        placed.append((least, text, colour))
    return placed


def _band(fan: Fan, plot: _Plot, low: int, high: int, colour: str) -> Polygon:
    there = [
        (plot.x(year), plot.y(row[high])) for year, row in zip(fan.years, fan.totals, strict=True)
    ]
    back = [
        (plot.x(year), plot.y(row[low])) for year, row in zip(fan.years, fan.totals, strict=True)
    ]
    points = [figure for point in (*there, *reversed(back)) for figure in point]
    return Polygon(points, fillColor=HexColor(colour), strokeColor=None)


def _curve(
    points: Sequence[tuple[float, float]], plot: _Plot, colour: str, dashes: tuple[int, int] | None
) -> PolyLine:
    placed = [figure for year, total in points for figure in (plot.x(year), plot.y(total))]
    return PolyLine(placed, strokeColor=HexColor(colour), strokeWidth=1.3, strokeDashArray=dashes)


def _rule(x: float, y: float, to_x: float, to_y: float) -> Line:
    return Line(x, y, to_x, to_y, strokeColor=HexColor(design.HAIRLINE), strokeWidth=0.4)


def _text(text: str, x: float, y: float, colour: str, size: float, anchor: str = "start") -> String:
    return String(
        x,
        y,
        cleaned(text),
        fontName=design.REGULAR,
        fontSize=size,
        fillColor=HexColor(colour),
        textAnchor=anchor,
    )
