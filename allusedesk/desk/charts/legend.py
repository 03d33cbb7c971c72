"""Where the names of lines stand above a chart: side by side, and below where room ends."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF

SAMPLE_WIDTH = 22.0
_LEFT, _TOP, _GAP = 6.0, 1.0, 14.0


def legend_places(
    metrics: QFontMetricsF, head: str, texts: Sequence[str], width: float
) -> list[QPointF]:
    """The upper left corner of the head and of each text with its sample, in pixels.

    What would pass the right edge begins another row; narrower texts never make more rows.
    """
    x, row = _LEFT, 0
    found = []
    for number, text in enumerate((head, *texts)):
        sample = SAMPLE_WIDTH + 4.0 if number else 0.0
        wide = sample + metrics.horizontalAdvance(text)
        if x > _LEFT and x + wide > width - _LEFT:
            x, row = _LEFT, row + 1
        found.append(QPointF(x, _TOP + row * metrics.height()))
        if text:
            x += wide + _GAP
    return found
