"""A plain question before something that cannot be taken back: what will happen, then yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

_ROWS_SHOWN = 8


class Confirmation(QDialog):
    """Lists what will happen; `agreed` gives the reason somebody typed, which may be empty.

    Enter agrees to nothing, and Escape leaves everything as it is.
    """

    agreed = Signal(str)

    def __init__(
        self,
        title: str,
        question: str,
        what: Sequence[str],
        yes: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        rows = QVBoxLayout(self)
        label = QLabel(question)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        rows.addWidget(label)
        self.what = QListWidget()
        self.what.setAccessibleName("What it concerns")
        self.what.addItems(list(what))
        lines = max(2, min(_ROWS_SHOWN, len(what)))
        self.what.setFixedHeight((self.fontMetrics().height() + 4) * lines + 8)
        self.what.setMinimumWidth(self.fontMetrics().averageCharWidth() * 64)
        rows.addWidget(self.what)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("Reason, for the journal (may be left empty)")
        rows.addWidget(self.reason)
        self.yes = QPushButton(yes)
        self.no = QPushButton("Leave as it is")
        for button in (self.yes, self.no):
            button.setAutoDefault(False)
            button.setDefault(False)
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.reject)
        # Not a QDialogButtonBox: that makes its first button the default, which Enter presses.
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.yes)
        buttons.addWidget(self.no)
        rows.addLayout(buttons)
        self.reason.setFocus()

    def _agree(self) -> None:
        self.agreed.emit(self.reason.text().strip())
        self.accept()
