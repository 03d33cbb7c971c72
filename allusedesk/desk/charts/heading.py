"""A line above a chart that says what it shows, and in which unit."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from allusedesk.desk import formatting


def headed(chart: QWidget, words: str) -> QWidget:
    """A chart below a line that says what it shows."""
    page = QWidget()
    heading = QLabel(words)
    heading.setTextFormat(Qt.TextFormat.PlainText)
    heading.setToolTip(formatting.tip(words))
    # One line: a splitter knows nothing of lines that wrap, and would cut the chart by them.
    heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    heading.setContentsMargins(6, 0, 6, 2)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(heading)
    column.addWidget(chart, 1)
    return page
