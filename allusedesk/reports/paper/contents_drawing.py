"""The list of contents: each section with its page, in two columns under the title."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.page_places import link, section_key
from allusedesk.reports.paper.type_setting import cleaned, clipped, put, width_of

CONTENTS = "contents"
_LEADING = design.SIZE_TABLE * 1.6
_GAP = 26.0
_NUMBER_ROOM = 22.0
_HEAD = 12.0


class ContentsOnPaper(Flowable):  # type: ignore[misc]
    """Names of the sections, dots, and the pages they begin on, which are written at the end."""

    def __init__(self, titles: Sequence[str], width: float) -> None:
        super().__init__()
        self._titles = [cleaned(title) for title in titles]
        self._width_given = width
        self._rows = -(-len(self._titles) // 2)

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return self._width_given, _HEAD + self._rows * _LEADING + 6

    def draw(self) -> None:
        canvas = self.canv
        top = self.wrap(0, 0)[1]
        canvas.mark(CONTENTS, 0, top)
        canvas.setFillColor(HexColor(design.GREY))
        put(canvas, "Contents", 0, top - _HEAD + 3, design.BOLD, design.SIZE_SMALL)
        column = (self._width_given - _GAP) / 2
        for place, title in enumerate(self._titles):
            side, row = divmod(place, self._rows)
            x = side * (column + _GAP)
            y = top - _HEAD - (row + 1) * _LEADING + 3
            key = section_key(place + 1)
            room = column - _NUMBER_ROOM
            text = clipped(title, design.REGULAR, design.SIZE_TABLE, room)
            canvas.setFillColor(HexColor(design.INK))
            put(canvas, text, x, y, design.REGULAR, design.SIZE_TABLE)
            start = x + width_of(text, design.REGULAR, design.SIZE_TABLE) + 4
            canvas.setStrokeColor(HexColor(design.RULE))
            canvas.setLineWidth(0.4)
            canvas.setDash(0.5, 2.5)
            canvas.line(start, y + 1, x + column - _NUMBER_ROOM + 8, y + 1)
            canvas.setDash()
            canvas.number_later(key, x + column, y)
            link(canvas, key, x, y - 2, column, _LEADING)
