"""Fonts, the width of a text, and where its lines break."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from allusedesk.reports.page_design import FONT_FILES

_JOINTS = "/._-,"


class FontMissing(Exception):
    """A font that ships with the desk cannot be read, so no page can be drawn."""


def register_fonts(folder: Path) -> None:
    """Make the fonts in `folder` known to ReportLab, which embeds what a document uses of them.

    Raises FontMissing where one cannot be read.
    """
    known = set(pdfmetrics.getRegisteredFontNames())
    for name, file in FONT_FILES.items():
        if name in known:
            continue
        try:
            pdfmetrics.registerFont(TTFont(name, str(folder / file)))
        except (TTFError, OSError) as fault:
            raise FontMissing(
                f"The font {folder / file} cannot be read, so no PDF can be drawn: restore the "
                "checkout or install the desk again."
            ) from fault


def width_of(text: str, font: str, size: float) -> float:
    """The width of one line in points."""
    return float(pdfmetrics.stringWidth(text, font, size))


def cleaned(text: str) -> str:
    """The text without the control characters that a page cannot show."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)


def broken(text: str, font: str, size: float, width: float) -> list[str]:
    """The lines of a text within `width`: broken between words, within a word if need be."""
    if width_of(text, font, size) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer, font, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, font, size, width)
        lines += whole
    lines.append(line)
    return lines


def _pieces(word: str, font: str, size: float, width: float) -> list[str]:
    """A word too long for its line, cut behind a joint where one is near enough to the end."""
    pieces = []
    while len(word) > 1 and width_of(word, font, size) > width:
        fits = 1
        while width_of(word[: fits + 1], font, size) <= width:
            fits += 1
        joint = max(word.rfind(mark, 0, fits) for mark in _JOINTS) + 1
        cut = joint if joint > fits // 2 else fits
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]
