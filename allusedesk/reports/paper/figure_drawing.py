"""Key figures on paper: a row of plates, the figure large, what kind it is beside its name."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.type_setting import (
    cleaned,
    clipped,
    few_lines,
    put,
    put_right,
    width_of,
)
from allusedesk.reports.statement import Figure, KeyFigures
from allusedesk.reports.wording import shown, sign_of

_PER_ROW_MAX = 4
_GAP = 6.0
_PAD = 6.0
_LABEL_LINES_MAX = 2
_NOTE_LINES_MAX = 6
_NOTE_LEADING = design.SIZE_SMALL * 1.3


class FiguresOnPaper(Flowable):  # type: ignore[misc]
    """Plates, four to a row."""

    def __init__(self, block: KeyFigures, width: float) -> None:
        super().__init__()
        self._figures = block.figures
        self._width_given = width
        rows = max(1, -(-len(self._figures) // _PER_ROW_MAX))
        self._per_row = max(1, -(-len(self._figures) // rows))
        self._plate = (width - _GAP * (self._per_row - 1)) / self._per_row
        room = self._plate - 2 * _PAD
        self._notes = [
            few_lines(
                cleaned(figure.note), design.REGULAR, design.SIZE_SMALL, room, _NOTE_LINES_MAX
            )
            if figure.note
            else []
            for figure in self._figures
        ]
        self._labels = [_label_lines(figure, room) for figure in self._figures]
        most = max((len(lines) for lines in self._notes), default=0)
        named = max((len(lines) for lines in self._labels), default=1)
        self._named = design.SIZE_SMALL + (named - 1) * _NOTE_LEADING
        self._row = 2 * _PAD + self._named + 5 + design.SIZE_FIGURE + most * _NOTE_LEADING

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        rows = -(-len(self._figures) // self._per_row)
        return self._width_given, rows * (self._row + _GAP)

    def draw(self) -> None:
        top = self.wrap(0, 0)[1]
        for index, figure in enumerate(self._figures):
            row, place = divmod(index, self._per_row)
            x = place * (self._plate + _GAP)
            y = top - row * (self._row + _GAP)
            self._draw_plate(self.canv, figure, index, x, y)

    def _draw_plate(self, canvas: Canvas, figure: Figure, index: int, x: float, top: float) -> None:
        canvas.setFillColor(HexColor(design.WASH))
        canvas.rect(x, top - self._row, self._plate, self._row, stroke=0, fill=1)
        canvas.setStrokeColor(HexColor(design.ACCENT))
        canvas.setLineWidth(1.1)
        canvas.line(x, top, x + self._plate, top)
        y = top - _PAD - design.SIZE_SMALL + 1
        canvas.setFillColor(HexColor(design.GREY))
        for line in self._labels[index]:
            put(canvas, line, x + _PAD, y, design.REGULAR, design.SIZE_SMALL)
            y -= _NOTE_LEADING
        y = top - _PAD - design.SIZE_SMALL + 1
        right = x + self._plate - _PAD
        put_right(canvas, _kind_of(figure), right, y, design.REGULAR, design.SIZE_SMALL)
        y = top - _PAD - self._named + 1
        y -= design.SIZE_FIGURE + 3
        sign = sign_of(figure.value) if figure.is_signed else 0
        colour = {1: design.GAIN, -1: design.LOSS}.get(sign, design.INK)
        canvas.setFillColor(HexColor(colour))
        text = cleaned(shown(figure.value, is_signed=figure.is_signed))
        size = self._size_for(text)
        text = clipped(text, design.BOLD, size, self._plate - 2 * _PAD)
        put(canvas, text, x + _PAD, y, design.BOLD, size)
        canvas.setFillColor(HexColor(design.GREY))
        for line in self._notes[index]:
            y -= _NOTE_LEADING
            put(canvas, line, x + _PAD, y - 1, design.REGULAR, design.SIZE_SMALL)

    def _size_for(self, text: str) -> float:
        """As large as fits on the plate, and no smaller than can be read."""
        wide = width_of(text, design.BOLD, design.SIZE_FIGURE)
        room = self._plate - 2 * _PAD
        return max(design.SIZE_FIGURE * min(room / wide, 1), design.SIZE_SMALL) if wide else room


def _kind_of(figure: Figure) -> str:
    return figure.qualifier.value if figure.qualifier is not None else ""


def _label_lines(figure: Figure, room: float) -> list[str]:
    """The name beside its kind, in two lines where it needs them."""
    beside = room - width_of(_kind_of(figure), design.REGULAR, design.SIZE_SMALL) - 5
    label = cleaned(figure.label)
    return few_lines(label, design.REGULAR, design.SIZE_SMALL, beside, _LABEL_LINES_MAX)
