"""A grid on paper: signed figures by row and column, the colour repeating their sign."""

from __future__ import annotations

from reportlab.graphics.shapes import Drawing

from allusedesk.reports import chart_pieces as pieces
from allusedesk.reports import page_design as design
from allusedesk.reports.cells import Number, Percent
from allusedesk.reports.chart_pieces import box, label, small_width
from allusedesk.reports.chart_values import Charted, Grid
from allusedesk.reports.type_setting import cleaned, width_of
from allusedesk.reports.wording import shown, sign_of

_ROW = 14.0
_HEAD = 26.0
_SIZE_LEAST = 4.2


def drawn_grid(chart: Grid, width: float) -> Drawing:
    """The cells under their columns, as large as fits beside each other."""
    if not chart.rows or not chart.columns:
        return pieces.empty_drawing(width)
    head = _caption(chart)
    names = [pieces.name_short(row) for row in chart.rows]
    row_title = pieces.name_short(chart.row_title)
    left = max(small_width(text) for text in (*names, row_title)) + 8
    size_across = min((width - left) / len(chart.columns), 92.0)
    drawing = Drawing(width, _HEAD + _ROW * len(chart.rows) + 12)
    drawing.add(label(head, 0, drawing.height - 7, design.GREY))
    y = drawing.height - _HEAD - 8
    middle = left + size_across * len(chart.columns) / 2
    drawing.add(label(cleaned(chart.column_title), middle, y + 14, design.GREY, anchor="middle"))
    drawing.add(label(row_title, 0, y + 4, design.GREY))
    for place, column in enumerate(chart.columns):
        x = left + (place + 0.5) * size_across
        text = pieces.name_short(column, size_across - 2)
        drawing.add(label(text, x, y + 4, design.INK, anchor="middle"))
    size = _size_for(chart, size_across - 4)
    for row, cells in zip(names, chart.cells, strict=True):
        y -= _ROW
        drawing.add(label(row, 0, y + 4.5, design.INK))
        for place, value in enumerate(cells):
            x = left + place * size_across
            wash, ink = _colours(value)
            drawing.add(box(x + 0.6, y + 0.6, size_across - 1.2, _ROW - 1.2, wash))
            text = _text(value)
            drawing.add(label(text, x + size_across - 4, y + 4.5, ink, anchor="end", size=size))
    return drawing


def _caption(chart: Grid) -> str:
    values = [value for row in chart.cells for value in row if value is not None]
    unit = chart.unit
    if values and not isinstance(values[0], Percent | Number):
        unit = values[0].currency.value
    return "  ·  ".join(part for part in (cleaned(unit), chart.qualifier.value) if part)


def _text(value: Charted | None) -> str:
    return shown(value, is_signed=True)


def _size_for(chart: Grid, room: float) -> float:
    texts = [_text(value) for row in chart.cells for value in row]
    widest = max(width_of(text, design.REGULAR, design.SIZE_SMALL) for text in texts)
    if widest <= room:
        return design.SIZE_SMALL
    return max(_SIZE_LEAST, design.SIZE_SMALL * room / widest)


def _colours(value: Charted | None) -> tuple[str, str]:
    match sign_of(value):
        case 1:
            return design.GAIN_WASH, design.GAIN
        case -1:
            return design.LOSS_WASH, design.LOSS
        case _:
            return design.WASH, design.INK
