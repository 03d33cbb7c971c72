"""Why no desk was opened, where a person who started it from a menu can read it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

TITLE = "ALL-USE Desk was not started"


class RefusalWindow(QDialog):
    """One sentence and a way out."""

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.said = QLabel(sentence)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("Why")
        self.said.setToolTip("Why, and what to do; it can be copied")
        self.said.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.said.setMinimumWidth(self.fontMetrics().averageCharWidth() * 70)
        self.leave = QPushButton("Close")
        self.leave.setAutoDefault(False)
        self.leave.setAccessibleName("Close")
        self.leave.setToolTip("Close this message; nothing was started")
        self.leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.leave)
        rows = QVBoxLayout(self)
        rows.addWidget(self.said, 1)
        rows.addLayout(foot)
