"""Charts over dates: lines with what lies beneath them, and losses against their limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from reportlab.graphics.shapes import Circle, Drawing, Polygon
from reportlab.lib.colors import HexColor

from allusedesk.reports.chart_values import (
    Charted,
    LossRecord,
    Series,
    TimeChart,
    amount_of,
    figures_of,
)
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.chart_pieces import Plot, Point, label, rule, small_width
from allusedesk.reports.wording import shown

_HEIGHT = 128.0
_BENEATH = 52.0
_BENEATH_GAP = 9.0
_BENEATH_TICKS = 2
# So many stretches of days are told apart along the axis; in each the first, the last, the highest
# and the lowest day stay, so that thinning hides no spike.
_STRETCHES_MAX = 260
_DATE_GAP = 14.0
_STEP = 3.0
_MONTHS_APART = (1, 3, 6, 12, 24, 60, 120, 240, 600)
_DAYS_APART = (1, 2, 7, 14)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where a day stands from left to right."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        span = (self.last - self.first).days
        if not span:
            return (self.left + self.right) / 2
        return self.left + (self.right - self.left) * (day - self.first).days / span


def drawn_time(chart: TimeChart, width: float) -> Drawing:
    """The lines, the drawdown beneath them where there is one, and the dates under both."""
    if not figures_of(chart.series):
        return pieces.empty_drawing(width)
    head = pieces.caption(chart.series, chart.unit, width)
    has_beneath = chart.drawdown is not None and bool(figures_of((chart.drawdown,)))
    beneath = _BENEATH + _BENEATH_GAP if has_beneath else 0.0
    drawing = Drawing(width, _HEIGHT + beneath + pieces.caption_height(head))
    pieces.draw_caption(drawing, head)
    ticks = _ticks(chart.series)
    texts = pieces.tick_texts(ticks, chart.series)
    names = [pieces.end_label(line) for line in chart.series]
    left, right = _edges(chart, texts, names, width)
    foot = pieces.FOOT + beneath
    plot = Plot(left, right, foot, foot + _HEIGHT - pieces.FOOT - 6, ticks[0], ticks[-1])
    pieces.draw_scale(drawing, plot, ticks, texts)
    axis = _Axis(chart.days[0], chart.days[-1], left, right)
    _draw_dates(drawing, axis, plot.top)
    ends = []
    for index, line in enumerate(chart.series):
        colour = pieces.shade(index)
        runs = pieces.runs_without_gap(_points(chart.days, _amounts(line), axis, plot))
        for run in runs:
            pieces.draw_run(drawing, run, colour, pieces.dashes_of(line.qualifier))
        if runs:
            x, y = runs[-1][-1]
            ends.append((y, x, names[index], colour))
    for y, label_y, x, name, colour in pieces.spread_labels(ends, plot.top + 2):
        drawing.add(rule(x + 1.5, y, right + 3, label_y, design.HAIRLINE, 0.4))
        drawing.add(label(name, right + 5, label_y - 2, pieces.ink_of(colour)))
    if chart.drawdown is not None and has_beneath:
        _draw_beneath(drawing, chart.drawdown, chart.days, axis)
    return drawing


def drawn_record(chart: LossRecord, width: float) -> Drawing:
    """Each day's result as a point, the limit as a line under zero, exceptions ringed and dated."""
    series = (chart.results, chart.limits)
    if not figures_of((chart.results,)):
        return pieces.empty_drawing(width)
    beyond = chart.exceptions()
    head = pieces.caption(series, "", width)
    drawing = Drawing(width, _HEIGHT + pieces.caption_height(head))
    pieces.draw_caption(drawing, head)
    ticks = _record_ticks(chart)
    texts = pieces.tick_texts(ticks, series)
    left = max(small_width(text) for text in texts) + 6
    name = pieces.end_label(chart.limits)
    right = width - small_width(name) - 8
    plot = Plot(left, right, pieces.FOOT, _HEIGHT - 6, ticks[0], ticks[-1])
    pieces.draw_scale(drawing, plot, ticks, texts)
    axis = _Axis(chart.days[0], chart.days[-1], left, right)
    _draw_dates(drawing, axis, plot.top)
    zero = plot.y(Decimal(0))
    drawing.add(rule(left, zero, right, zero, design.RULE, 0.5))
    below = _amounts(chart.limits, is_negated=True)
    runs = pieces.runs_without_gap(_points(chart.days, below, axis, plot))
    for run in runs:
        pieces.draw_run(drawing, run, design.LOSS)
    if runs:
        y = runs[-1][-1][1]
        drawing.add(label(name, right + 5, y - 2, design.LOSS))
    radius = 1.1 if len(chart.days) <= _STRETCHES_MAX else 0.7
    amounts = _amounts(chart.results)
    dots = [
        (axis.x(chart.days[place]), plot.y(amount))
        for place in sorted({*_kept(amounts), *beyond})
        if (amount := amounts[place]) is not None
    ]
    for x, y in dots:
        drawing.add(pieces.dot(x, y, design.ACCENT, radius))
    drawn = [*dots, *(point for run in runs for point in _along(run))]
    rings = [
        (axis.x(chart.days[place]), plot.y(amounts[place] or Decimal(0)), chart.days[place])
        for place in beyond
    ]
    _draw_exceptions(drawing, rings, plot, drawn)
    return drawing


def _along(run: Sequence[Point]) -> Iterator[Point]:
    """Points a few apart along a line, to keep words clear of it."""
    for (x, y), (to_x, to_y) in pairwise(run):
        steps = max(1, math.ceil(math.hypot(to_x - x, to_y - y) / _STEP))
        for step in range(steps + 1):
            yield x + (to_x - x) * step / steps, y + (to_y - y) * step / steps


def _draw_exceptions(
    drawing: Drawing,
    rings: Sequence[tuple[float, float, date]],
    plot: Plot,
    drawn: Sequence[Point],
) -> None:
    """A red ring at each, its date beneath or above where it hides nothing that is drawn."""
    obstacles = list(drawn)
    for x, y, _ in rings:
        drawing.add(
            Circle(x, y, 3.0, fillColor=None, strokeColor=HexColor(design.LOSS), strokeWidth=0.9)
        )
    for x, y, day in rings:
        text = day.isoformat()
        half = small_width(text) / 2 + 1.5
        middle = min(max(x, plot.left + half), plot.right - half)
        for foot in (y - 10.5, y + 6.0, y - 19.0, y + 14.5):
            is_clear = plot.bottom - 1 <= foot <= plot.top - 5 and not any(
                abs(middle - other) < half and foot - 1.5 < height < foot + 6.5
                for other, height in obstacles
            )
            if is_clear:
                obstacles += [
                    (middle + half * n / 4, foot + rise) for n in range(-4, 5) for rise in (0, 5)
                ]
                drawing.add(label(text, middle, foot, design.LOSS, anchor="middle"))
                break


def _amounts(line: Series, *, is_negated: bool = False) -> list[Decimal | None]:
    amounts = [amount_of(value) for value in line.values]
    if is_negated:
        return [None if amount is None else -amount for amount in amounts]
    return amounts


def _record_ticks(chart: LossRecord) -> tuple[Decimal, ...]:
    figures = [*_amounts(chart.results), *_amounts(chart.limits, is_negated=True)]
    known = [amount for amount in figures if amount is not None]
    return pieces.ticks_between(min(*known, Decimal(0)), max(*known, Decimal(0)))


def _edges(
    chart: TimeChart, texts: Sequence[str], names: Sequence[str], width: float
) -> tuple[float, float]:
    along = list(texts)
    if chart.drawdown is not None and figures_of((chart.drawdown,)):
        along += pieces.tick_texts(_ticks_beneath(chart.drawdown), (chart.drawdown,))
    left = max(small_width(text) for text in along) + 6
    right = width - max(small_width(name) for name in names) - 8
    return left, right


def _draw_beneath(drawing: Drawing, drawdown: Series, days: Sequence[date], axis: _Axis) -> None:
    """Depth below the highest, hanging from zero, and the deepest day by its figure."""
    ticks = _ticks_beneath(drawdown)
    texts = pieces.tick_texts(ticks, (drawdown,))
    # The scale is turned over: the greater the depth, the lower it hangs.
    plot = Plot(
        axis.left,
        axis.right,
        pieces.FOOT,
        pieces.FOOT + _BENEATH - _BENEATH_GAP,
        -ticks[-1],
        -ticks[0],
    )
    for tick, text in zip(ticks, texts, strict=True):
        y = plot.y(-tick)
        drawing.add(rule(plot.left, y, plot.right, y, design.HAIRLINE, 0.4))
        drawing.add(label(text, plot.left - 4, y - 2, design.GREY, anchor="end"))
    hanging = _amounts(drawdown, is_negated=True)
    zero = plot.y(Decimal(0))
    for run in pieces.runs_without_gap(_points(days, hanging, axis, plot)):
        edge = [(run[0][0], zero), *run, (run[-1][0], zero)]
        drawing.add(
            Polygon(
                [figure for point in edge for figure in point],
                fillColor=HexColor(design.LOSS_WASH),
                strokeColor=None,
            )
        )
        pieces.draw_run(drawing, run, design.LOSS)
    name = f"{pieces.name_short(drawdown.name)} ({drawdown.qualifier.value})"
    drawing.add(label(name, plot.left, plot.top + 3, design.GREY))
    place, deepest = _deepest(drawdown)
    words = f"deepest {shown(deepest)}, {days[place].isoformat()}"
    drawing.add(label(words, plot.right, plot.top + 3, design.LOSS, anchor="end"))


def _deepest(drawdown: Series) -> tuple[int, Charted | None]:
    amounts = [amount_of(value) for value in drawdown.values]
    place = max(
        (n for n, amount in enumerate(amounts) if amount is not None),
        key=lambda n: (amounts[n] or Decimal(0), -n),
    )
    return place, drawdown.values[place]


def _ticks(series: Sequence[Series]) -> tuple[Decimal, ...]:
    figures = figures_of(series)
    return pieces.ticks_between(min(figures), max(figures))


def _ticks_beneath(drawdown: Series) -> tuple[Decimal, ...]:
    deepest = max(figures_of((drawdown,)))
    return pieces.ticks_between(Decimal(0), deepest or Decimal("0.01"), _BENEATH_TICKS)


def _points(
    days: Sequence[date], amounts: Sequence[Decimal | None], axis: _Axis, plot: Plot
) -> list[Point | None]:
    points: list[Point | None] = []
    for place in _kept(amounts):
        amount = amounts[place]
        points.append(None if amount is None else (axis.x(days[place]), plot.y(amount)))
    return points


def _kept(amounts: Sequence[Decimal | None]) -> list[int]:
    """The places that are drawn: all of them, or of each stretch its ends and extremes.

    Days without a figure stay, since they interrupt the line.
    """
    if len(amounts) <= 2 * _STRETCHES_MAX:
        return list(range(len(amounts)))
    size = math.ceil(len(amounts) / _STRETCHES_MAX)
    kept: list[int] = []
    for start in range(0, len(amounts), size):
        stretch = range(start, min(start + size, len(amounts)))
        known = [(amount, place) for place in stretch if (amount := amounts[place]) is not None]
        chosen = {place for place in stretch if amounts[place] is None}
        if known:
            chosen |= {known[0][1], known[-1][1], min(known)[1], max(known)[1]}
        kept += sorted(chosen)
    return kept


def _draw_dates(drawing: Drawing, axis: _Axis, top: float) -> None:
    """Round dates under the axis, as many as stand clear of each other, a hairline at each."""
    for day, text in _dates(axis.first, axis.last, axis.right - axis.left):
        x = axis.x(day)
        half = small_width(text) / 2
        place = min(max(x, half), drawing.width - half)
        drawing.add(rule(x, pieces.FOOT - 2.5, x, pieces.FOOT, design.RULE, 0.5))
        drawing.add(rule(x, pieces.FOOT, x, top, design.WASH, 0.4))
        drawing.add(label(text, place, 2, design.GREY, anchor="middle"))


def _dates(first: date, last: date, room: float) -> list[tuple[date, str]]:
    """The first day, and the finest round dates after it that leave room for each other."""
    wide = small_width("2000-00-00") + _DATE_GAP
    span = max((last - first).days, 1)
    found: list[tuple[date, str]] = [(first, first.isoformat())]
    if first == last:
        return found
    for days in _DAYS_APART:
        if span / days * wide <= room:
            start = first
            while (start := start + timedelta(days=days)) <= last:
                found.append((start, start.isoformat()))
            return found
    for months in _MONTHS_APART:
        if span / (30.4 * months) * wide <= room or months == _MONTHS_APART[-1]:
            clear = math.ceil(span * wide / room)
            found += [
                (day, day.isoformat())
                for day in _firsts_of_months(first, last, months)
                if (day - first).days >= clear
            ]
            return found
    return found


def _firsts_of_months(first: date, last: date, months: int) -> Iterator[date]:
    number = first.year * 12 + first.month - 1
    number = (number // months + 1) * months
    while (day := date(number // 12, number % 12 + 1, 1)) <= last:
        yield day
        number += months
