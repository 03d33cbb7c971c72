"""Pages under each other, as wide as there is room, for looking at a report."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

_MARGIN = 8


class PageView(QScrollArea):
    """The pages of one document; Page Up, Page Down and the arrows move through them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._images: tuple[QImage, ...] = ()
        self._labels: list[QLabel] = []
        self._sheet = QWidget()
        self._rows = QVBoxLayout(self._sheet)
        self._rows.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._rows.addStretch(1)
        self.setWidget(self._sheet)

    def show_pages(self, images: tuple[QImage, ...]) -> None:
        """Show these pages from the first on."""
        self._images = images
        for label in self._labels[len(images) :]:
            self._rows.removeWidget(label)
            label.deleteLater()
        del self._labels[len(images) :]
        while len(self._labels) < len(images):
            label = QLabel()
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setAccessibleName(f"Page {len(self._labels) + 1}")
            self._rows.insertWidget(len(self._labels), label)
            self._labels.append(label)
        self._scale()
        self.verticalScrollBar().setValue(0)

    @property
    def pages(self) -> int:
        """How many pages are shown."""
        return len(self._images)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(36 * line, 46 * line)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._scale()

    def _scale(self) -> None:
        """A page is never drawn wider than its own pixels; a blurred figure is a wrong figure."""
        ratio = self.devicePixelRatioF()
        width = int((self.viewport().width() - 2 * _MARGIN) * ratio)
        for label, image in zip(self._labels, self._images, strict=True):
            wanted = min(image.width(), max(1, width))
            scaled = image.scaledToWidth(wanted, Qt.TransformationMode.SmoothTransformation)
            scaled.setDevicePixelRatio(ratio)
            label.setPixmap(QPixmap.fromImage(scaled))
