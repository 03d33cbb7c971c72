"""A grid on paper: signed figures by row and column, the colour repeating their sign."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.graphics.shapes import Drawing

from allusedesk.reports.cells import Number, Percent
from allusedesk.reports.chart_values import Charted, Grid
from allusedesk.reports.paper import chart_pieces as pieces
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.chart_pieces import box, label, small_width
from allusedesk.reports.paper.type_setting import cleaned
from allusedesk.reports.wording import shown, sign_of

_ROW = 14.0
_HEAD = 22.0
_CAPTION = 12.0
_PANEL_GAP = 6.0
_CELL_MAX = 92.0


def drawn_grid(chart: Grid, width: float) -> list[Drawing]:
    """The cells under their columns; what does not fit beside each other goes on underneath."""
    if not chart.rows or not chart.columns:
        return [pieces.empty_drawing(width)]
    names = [pieces.name_short(row) for row in chart.rows]
    row_title = pieces.name_short(chart.row_title)
    left = max(small_width(text) for text in (*names, row_title)) + 8
    widest = max(small_width(_text(value)) for row in chart.cells for value in row) + 8
    fits = max(1, int((width - left) // widest))
    panels = -(-len(chart.columns) // fits)
    across = -(-len(chart.columns) // panels)
    size = min((width - left) / across, _CELL_MAX)
    height = _HEAD + _ROW * len(chart.rows)
    drawing = Drawing(width, _CAPTION + panels * height + (panels - 1) * _PANEL_GAP)
    drawing.add(label(_caption(chart), 0, drawing.height - 7, design.GREY))
    top = drawing.height - _CAPTION
    edges = [top]
    for start in range(0, len(chart.columns), across):
        places = range(start, min(start + across, len(chart.columns)))
        middle = left + size * len(places) / 2
        title = cleaned(chart.column_title)
        drawing.add(label(title, middle, top - 8, design.GREY, anchor="middle"))
        drawing.add(label(row_title, 0, top - 18, design.GREY))
        for place in places:
            text = pieces.name_short(chart.columns[place], size - 2)
            x = left + (place - start + 0.5) * size
            drawing.add(label(text, x, top - 18, design.INK, anchor="middle"))
        _draw_cells(drawing, chart, names, places, (left, top - _HEAD, size))
        edges += [top - _HEAD - _ROW * row for row in range(1, len(chart.rows) + 1)]
        top -= height + _PANEL_GAP
        edges.append(top)
    return pieces.cut(drawing, edges)


def _draw_cells(
    drawing: Drawing,
    chart: Grid,
    names: Sequence[str],
    places: range,
    corner: tuple[float, float, float],
) -> None:
    """The rows below `corner`, its left edge, its top and how wide a cell is."""
    left, y, size = corner
    for row, cells in zip(names, chart.cells, strict=True):
        y -= _ROW
        drawing.add(label(row, 0, y + 4.5, design.INK))
        for place in places:
            x = left + (place - places.start) * size
            wash, ink = _colours(cells[place])
            drawing.add(box(x + 0.6, y + 0.6, size - 1.2, _ROW - 1.2, wash))
            text = _text(cells[place])
            drawing.add(label(text, x + size - 4, y + 4.5, ink, anchor="end"))


def _caption(chart: Grid) -> str:
    values = [value for row in chart.cells for value in row if value is not None]
    unit = chart.unit
    if values and not isinstance(values[0], Percent | Number):
        unit = values[0].currency.value
    return "  ·  ".join(part for part in (cleaned(unit), chart.qualifier.value) if part)


def _text(value: Charted | None) -> str:
    return shown(value, is_signed=True)


def _colours(value: Charted | None) -> tuple[str, str]:
    match sign_of(value):
        case 1:
            return design.GAIN_WASH, design.GAIN
        case -1:
            return design.LOSS_WASH, design.LOSS
        case _:
            return design.WASH, design.INK
