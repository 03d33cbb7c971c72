"""A chart and its table: beside each other where there is room, below each other where not."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

# Letters across that a chart and a table need to be read beside each other.
_LETTERS_LEAST = 110
# Lines of text that each keeps below the other.
_LINES_LEAST = 14


class SideBySide(QSplitter):
    """Two parts that turn with the room there is; each keeps so much that it can be read."""

    def __init__(self, first: QWidget, second: QWidget, shares: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setChildrenCollapsible(False)
        for place, (part, share) in enumerate(zip((first, second), shares, strict=True)):
            self.addWidget(part)
            self.setStretchFactor(place, share)
        self._shares = list(shares)
        self.setSizes([100 * share for share in shares])

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        letters = self.fontMetrics()
        is_wide = self.width() >= letters.averageCharWidth() * _LETTERS_LEAST
        wanted = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if wanted is not self.orientation():
            self.setOrientation(wanted)
            self.setMinimumHeight(0 if is_wide else 2 * _LINES_LEAST * letters.height())
            self.setSizes([100 * share for share in self._shares])
