"""Paragraphs and headings on paper: broken into lines, letters of any font, words that lead on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.page_places import PlacedCanvas, link
from allusedesk.reports.paper.type_setting import (
    NO_BREAK,
    broken,
    cleaned,
    few_lines,
    put,
    width_of,
)
from allusedesk.reports.statement import Paragraph, Reference, Tone
from allusedesk.reports.wording import shown

_BOX_PAD = 5.0
_LINES_TOGETHER = 2
# A longer title ends in an ellipsis; the export has all of it.
TITLE_LINES_MAX = 4


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How lines of a text look; a warning stands in a box."""

    font: str
    size: float
    colour: str
    before: float = 2.0
    after: float = 3.0
    is_boxed: bool = False

    @property
    def leading(self) -> float:
        """From one line to the next."""
        return self.size * 1.45


_STYLES = {
    Tone.PLAIN: TextStyle(design.REGULAR, design.SIZE_TEXT, design.INK),
    Tone.NOTE: TextStyle(design.REGULAR, design.SIZE_TABLE, design.GREY),
    Tone.WARNING: TextStyle(
        design.REGULAR, design.SIZE_TEXT, design.INK, before=6, after=9, is_boxed=True
    ),
}
HEADING = TextStyle(design.BOLD, design.SIZE_HEADING, design.INK, before=5)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a line words begin that lead to a place of the file, and how many letters."""

    start: int
    length: int
    key: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text; what of it leads on."""

    text: str
    spots: tuple[Spot, ...] = ()


class TextOnPaper(Flowable):  # type: ignore[misc]
    """Lines of one style; some of their words are links."""

    def __init__(self, lines: Sequence[Line], style: TextStyle, width: float) -> None:
        super().__init__()
        self._lines = list(lines)
        self._style = style
        self._width_given = width

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return self._width_given, self._height(len(self._lines))

    def split(self, width: float, height: float) -> list[TextOnPaper]:  # noqa: ARG002
        pad = 2 * _BOX_PAD if self._style.is_boxed else 0
        fits = int((height - pad) // self._style.leading)
        fits = min(fits, len(self._lines) - _LINES_TOGETHER)
        if fits < _LINES_TOGETHER:
            return []
        return [self._part(self._lines[:fits]), self._part(self._lines[fits:])]

    def getSpaceBefore(self) -> float:  # noqa: N802
        return self._style.before

    def getSpaceAfter(self) -> float:  # noqa: N802
        return self._style.after

    def draw(self) -> None:
        canvas, style = self.canv, self._style
        top = self._height(len(self._lines))
        x = 0.0
        if style.is_boxed:
            canvas.setFillColor(HexColor(design.WARNING_WASH))
            canvas.setStrokeColor(HexColor(design.LOSS))
            canvas.setLineWidth(0.4)
            canvas.rect(0, 0, self._width_given, top, stroke=1, fill=1)
            x, top = _BOX_PAD, top - _BOX_PAD
        y = top - style.size * 1.1
        for line in self._lines:
            draw_line(canvas, line, x, y, style)
            y -= style.leading

    def _height(self, lines: int) -> float:
        return lines * self._style.leading + (2 * _BOX_PAD if self._style.is_boxed else 0)

    def _part(self, lines: Sequence[Line]) -> TextOnPaper:
        return TextOnPaper(lines, self._style, self._width_given)


class HeadingOnPaper(TextOnPaper):
    """The title of a part of a section: a bookmark and a place, with a way back where one is."""

    def __init__(
        self, title: str, width: float, key: str, *, is_entered: bool = True, back: str = ""
    ) -> None:
        self._title = cleaned(title)
        self._key = key
        self._is_entered = is_entered and bool(self._title)
        self._back = back
        room = width - (40 if back else 0)
        lines = few_lines(self._title, HEADING.font, HEADING.size, room, TITLE_LINES_MAX)
        super().__init__([Line(line) for line in lines], HEADING, width)

    def split(self, width: float, height: float) -> list[TextOnPaper]:  # noqa: ARG002
        return []

    def draw(self) -> None:
        super().draw()
        top = self.wrap(0, 0)[1]
        enter_place(self.canv, self._title, self._key, top, is_entered=self._is_entered)
        if self._back:
            draw_back(self.canv, "back", self._back, self._width_given, top - HEADING.size)


def enter_place(canvas: Canvas, title: str, key: str, top: float, *, is_entered: bool) -> None:
    """Mark where a part begins, and enter its title among the bookmarks below its section."""
    if not isinstance(canvas, PlacedCanvas):
        return
    canvas.mark(key, 0, top + 4)
    if is_entered:
        canvas.enter(title, key, 1)


def draw_back(canvas: Canvas, words: str, key: str, right: float, y: float) -> None:
    """A small link at the right edge."""
    wide = width_of(words, design.REGULAR, design.SIZE_SMALL)
    canvas.setFillColor(HexColor(design.LINK))
    put(canvas, words, right - wide, y, design.REGULAR, design.SIZE_SMALL)
    link(canvas, key, right - wide, y - 2, wide, design.SIZE_SMALL + 3)


def paragraph_on_paper(block: Paragraph, width: float, places: Mapping[str, str]) -> TextOnPaper:
    """The paragraph in its tone; what it refers to is a link where the statement has the place."""
    style = _STYLES[block.tone]
    room = width - (2 * _BOX_PAD if style.is_boxed else 0)
    lines = lines_of(cleaned(block.text), block.references, places, style, room)
    return TextOnPaper(lines, style, width)


def lines_of(
    text: str,
    references: Sequence[Reference],
    places: Mapping[str, str],
    style: TextStyle,
    width: float,
) -> list[Line]:
    """The text broken into lines, with the words of its references held together.

    Words that do not stand in the text follow it; those with no place to lead to are words alone.
    """
    phrases = []
    for one in references:
        words = cleaned(shown(one.value))
        held = words.replace(" ", NO_BREAK)
        found = _whole_words(words, text)
        if found < 0:
            text, found = f"{text} {words}", len(text) + 1
        text = f"{text[:found]}{held}{text[found + len(words) :]}"
        if one.to in places:
            phrases.append((held, places[one.to]))
    spots: dict[int, list[Spot]] = {}
    broken_lines = broken(text, style.font, style.size, width)
    for held, key in phrases:
        for number, line in enumerate(broken_lines):
            start = _whole_words(held, line)
            if start >= 0:
                spots.setdefault(number, []).append(Spot(start, len(held), key))
                break
    return [
        Line(line.replace(NO_BREAK, " "), tuple(spots.get(number, ())))
        for number, line in enumerate(broken_lines)
    ]


def _whole_words(words: str, text: str) -> int:
    """Where the words first stand by themselves, or within a longer word; -1 for nowhere."""
    found = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)
    return found.start() if found else text.find(words)


def draw_line(canvas: Canvas, line: Line, x: float, y: float, style: TextStyle) -> None:
    """One line; what leads on is underlined, with a rectangle to press over it."""
    canvas.setFillColor(HexColor(style.colour))
    put(canvas, line.text, x, y, style.font, style.size)
    for spot in line.spots:
        start = x + width_of(line.text[: spot.start], style.font, style.size)
        words = line.text[spot.start : spot.start + spot.length]
        wide = width_of(words, style.font, style.size)
        underline(canvas, start, y, wide)
        link(canvas, spot.key, start, y - 2, wide, style.size + 3)


def underline(canvas: Canvas, x: float, y: float, width: float) -> None:
    """The hairline under words that lead on."""
    canvas.setStrokeColor(HexColor(design.LINK))
    canvas.setLineWidth(0.4)
    canvas.line(x, y - 1.1, x + width, y - 1.1)
