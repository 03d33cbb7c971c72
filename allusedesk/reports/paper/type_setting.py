"""Fonts, the width of a text, where its lines break, and letters one font lacks."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from allusedesk.reports.paper.page_design import FALLBACK, FALLBACK_FILE, FONT_FILES, REGULAR

_JOINTS = "/._-,"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# Hebrew and Arabic letters, and what stands between two of them.
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_BACKWARDS = re.compile(f"[{_RIGHT_TO_LEFT}](?:[ {_RIGHT_TO_LEFT}]*[{_RIGHT_TO_LEFT}])?")


class FontMissing(Exception):
    """A font that ships with the desk cannot be read, so no page can be drawn."""


_folders: list[Path] = []


def register_fonts(folder: Path) -> None:
    """Make the fonts in `folder` known to ReportLab, which embeds what a document uses of them.

    The large fallback is read only when a letter needs it. Raises FontMissing where one cannot be
    read.
    """
    _folders[:] = [folder]
    known = set(pdfmetrics.getRegisteredFontNames())
    for name, file in FONT_FILES.items():
        if name not in known:
            _register(name, folder / file)


def _register(name: str, file: Path) -> None:
    try:
        pdfmetrics.registerFont(TTFont(name, str(file)))
    except (TTFError, OSError) as fault:
        raise FontMissing(
            f"The font {file} cannot be read, so no PDF can be drawn: restore the "
            "checkout or install the desk again."
        ) from fault


class _Widths(dict[str, float]):
    """The width of each letter of a font, in thousandths of its size."""

    def __init__(self, font: str) -> None:
        face = pdfmetrics.getFont(font).face
        super().__init__((chr(code), width) for code, width in face.charWidths.items())
        self.letters = frozenset(chr(code) for code in face.charToGlyph)
        self._otherwise = float(face.defaultWidth)

    def __missing__(self, letter: str) -> float:
        return self._otherwise


@lru_cache(maxsize=8)
def _widths(font: str) -> _Widths:
    if font == FALLBACK and font not in pdfmetrics.getRegisteredFontNames():
        _register(FALLBACK, _folders[0] / FALLBACK_FILE)
    return _Widths(font)


def runs_of(text: str, font: str) -> list[tuple[str, str]]:
    """The text in stretches of one font each: `font`, and others for the letters it lacks."""
    if text.isascii() or _widths(font).letters.issuperset(text):
        return [(font, text)]
    runs: list[tuple[str, str]] = []
    for letter in text:
        wanted = _font_for(letter, font)
        if runs and runs[-1][0] == wanted:
            runs[-1] = (wanted, runs[-1][1] + letter)
        else:
            runs.append((wanted, letter))
    return runs


@lru_cache(maxsize=4096)
def _font_for(letter: str, font: str) -> str:
    """The font itself where none has the letter: it draws its empty box."""
    candidates = (font, REGULAR, FALLBACK)
    return next((name for name in candidates if letter in _widths(name).letters), font)


def width_of(text: str, font: str, size: float) -> float:
    """The width of one line in points."""
    if text.isascii():
        return math.fsum(map(_widths(font).__getitem__, text)) * size / 1000
    parts = [
        math.fsum(map(_widths(name).__getitem__, letters)) for name, letters in runs_of(text, font)
    ]
    return math.fsum(parts) * size / 1000


def cleaned(text: str) -> str:
    """The text without the control characters that a page cannot show."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _instead(letter) for letter in text)


def _instead(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cf":
        return ""
    return _UNKNOWN if kind in {"Cn", "Co", "Cs"} else " "


def as_seen(line: str) -> str:
    """A line in the order its letters stand on paper: Hebrew and Arabic from right to left."""
    if line.isascii():
        return line
    return _BACKWARDS.sub(lambda found: found.group()[::-1], line)


def put(canvas: Canvas, line: str, x: float, y: float, font: str, size: float) -> None:
    """Write one cleaned line with its left end at `x`."""
    for name, letters in runs_of(as_seen(line), font):
        canvas.setFont(name, size)
        canvas.drawString(x, y, letters)
        x += width_of(letters, name, size)


def put_right(canvas: Canvas, line: str, x: float, y: float, font: str, size: float) -> None:
    """Write one cleaned line with its right end at `x`."""
    put(canvas, line, x - width_of(line, font, size), y, font, size)


def clipped(text: str, font: str, size: float, width: float) -> str:
    """The text, its end given up for an ellipsis where it is too wide."""
    if width_of(text, font, size) <= width:
        return text
    fits = _fitting(text, font, size, width - width_of(ELLIPSIS, font, size))
    return text[:fits].rstrip() + ELLIPSIS


def broken(text: str, font: str, size: float, width: float) -> list[str]:
    """The lines of a text within `width`: broken between words, within a word if need be."""
    if width_of(text, font, size) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    used = 0.0
    space = width_of(" ", font, size)
    for word in text.split(" "):
        wide = width_of(word, font, size)
        longer = used + space + wide if line else wide
        # What is added up is held a hair short, so that the line as a whole fits.
        if longer <= width - 1e-6:
            line, used = (f"{line} {word}" if line else word), longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, font, size, width)
        lines += whole
        used = width_of(line, font, size)
    lines.append(line)
    return lines


def few_lines(text: str, font: str, size: float, width: float, most: int) -> list[str]:
    """The lines of a text, `most` at most: the last one ends in an ellipsis where more follow."""
    lines = broken(text, font, size, width)
    if len(lines) <= most:
        return lines
    # What follows is put behind the last line, so that it is too wide and gets its ellipsis.
    last = clipped(f"{lines[most - 1]} {lines[most]}", font, size, width)
    if not last.endswith(ELLIPSIS):
        last = f"{lines[most - 1][:-1]}{ELLIPSIS}"
    return [*lines[: most - 1], last]


def _fitting(word: str, font: str, size: float, width: float) -> int:
    """How many letters of the word fit, one at least."""
    room = width * 1000 / size
    used = 0.0
    for count, letter in enumerate(word):
        used += _widths(_font_for(letter, font))[letter]
        if used > room:
            return max(count, 1)
    return len(word)


def _pieces(word: str, font: str, size: float, width: float) -> list[str]:
    """A word too long for its line, cut behind a joint where one is near enough to the end."""
    pieces = []
    while len(word) > 1 and width_of(word, font, size) > width:
        fits = _fitting(word, font, size, width)
        joint = max(word.rfind(mark, 0, fits) for mark in _JOINTS) + 1
        cut = joint if joint > fits // 2 else min(fits, len(word) - 1)
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]
