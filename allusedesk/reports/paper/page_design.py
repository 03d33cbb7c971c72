"""Page geometry, type sizes and colours of everything on paper; lengths in points."""

from __future__ import annotations

from dataclasses import dataclass

_MILLIMETRE = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet; the width and height of its page."""

    name: str
    width: float
    height: float


A4 = Paper("A4", 210 * _MILLIMETRE, 297 * _MILLIMETRE)
LETTER = Paper("Letter", 612, 792)

MARGIN_SIDE = 16 * _MILLIMETRE
MARGIN_TOP = 17 * _MILLIMETRE
MARGIN_BOTTOM = 17 * _MILLIMETRE

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
MONO = "DejaVuSansMono"
FONT_FILES = {
    REGULAR: "DejaVuSans.ttf",
    BOLD: "DejaVuSans-Bold.ttf",
    MONO: "DejaVuSansMono.ttf",
}
# Chinese, Japanese and Korean letters, which the others lack.
FALLBACK = "DroidSansFallback"
FALLBACK_FILE = "DroidSansFallback.ttf"

SIZE_TITLE = 17.0
SIZE_SUBTITLE = 9.5
SIZE_SECTION = 12.0
SIZE_HEADING = 8.8
SIZE_TEXT = 8.0
SIZE_TABLE = 6.9
SIZE_DETAIL = 6.1
SIZE_SMALL = 6.0
SIZE_FIGURE = 12.5
LEADING = 1.38

INK = "#18212F"
GREY = "#5C6776"
HAIRLINE = "#D6DBE2"
RULE = "#9AA5B3"
WASH = "#F5F7F9"
PAPER_WHITE = "#FFFFFF"
ACCENT = "#1D4B77"
LINK = "#2B6CA8"
GAIN = "#1A7A48"
LOSS = "#B0261C"
WARNING_WASH = "#FBF3F2"
GAIN_WASH = "#E9F4EE"
LOSS_WASH = "#FBECEA"

# The colours of the series of a chart, those that lie beside each other most often first.
SHADES = (
    "#1D4B77",
    "#5F93C4",
    "#8C96A3",
    "#3D3F5C",
    "#4F8A8B",
    "#C9A25E",
    "#7C6A9C",
    "#A9C4DE",
    "#C3CAD3",
)
# Those on which white letters can be read, and those too pale to be letters themselves.
SHADES_DARK = frozenset({"#1D4B77", "#3D3F5C", "#7C6A9C", "#4F8A8B"})
SHADES_PALE = frozenset({"#8C96A3", "#C9A25E", "#A9C4DE", "#C3CAD3"})
