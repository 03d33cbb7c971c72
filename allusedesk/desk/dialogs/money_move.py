"""Money in or out: how much, where, and what is free to leave."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)


class MoneyMove(QDialog):
    """Asks for an amount and one of `places`; `agreed` gives the place's key and the amount.

    `places` are key and words of each family or sleeve. Enter agrees to nothing.
    """

    agreed = Signal(str, object)

    def __init__(
        self,
        title: str,
        explanation: str,
        places: Sequence[tuple[str, str]],
        yes: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.place = QComboBox()
        self.place.setAccessibleName("Where")
        for key, words in places:
            self.place.addItem(words, key)
        self.amount = QLineEdit()
        self.amount.setAccessibleName("Amount in dollars")
        self.amount.setPlaceholderText("for example 10,000.00")
        self.fault = QLabel()
        self.fault.setTextFormat(Qt.TextFormat.PlainText)
        self.fault.setAccessibleName("What is wrong with the amount")
        self.fault.setWordWrap(True)
        text = QLabel(explanation)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setMinimumWidth(self.fontMetrics().averageCharWidth() * 56)
        self.yes = QPushButton(yes)
        self.no = QPushButton("Leave as it is")
        for button in (self.yes, self.no):
            button.setAutoDefault(False)
            button.setDefault(False)
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(text)
        form.addRow("Where", self.place)
        form.addRow("Amount, USD", self.amount)
        form.addRow(self.fault)
        # Not a QDialogButtonBox: that makes its first button the default, which Enter presses.
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.yes)
        buttons.addWidget(self.no)
        form.addRow(buttons)
        self.amount.setFocus()

    def _agree(self) -> None:
        amount = amount_of(self.amount.text())
        if amount is None:
            self.fault.setText(
                "This is no amount of dollars and cents above zero, such as 10,000.00: "
                "correct it, or leave everything as it is."
            )
            self.amount.setFocus()
            # The sentence needs room of its own, or it would push the explanation out of sight.
            self.adjustSize()
            return
        self.agreed.emit(self.place.currentData(), amount)
        self.accept()


def amount_of(text: str) -> Decimal | None:
    """The dollars somebody typed, thousands separators or not; None where it is no amount."""
    try:
        amount = Decimal(text.replace(",", "").replace("$", "").strip())
        is_cents = amount.is_finite() and amount == amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if is_cents and amount > 0 else None
