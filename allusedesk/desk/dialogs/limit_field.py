"""The limit of an order as a person may change it, to the cent and without a sign."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QDoubleSpinBox

from allusedesk.domain.money import Price


class LimitField(QDoubleSpinBox):
    """Shows the worst price as it stands, until somebody chooses another one.

    `is_debit` tells that the order pays: what is shown is then the most to pay.
    """

    def __init__(self, *, is_debit: bool) -> None:
        super().__init__()
        self._is_debit = is_debit
        self._is_edited = False
        self.setDecimals(2)
        self.setSingleStep(0.01)
        self.setRange(0.0, 1e6)
        self.setAccessibleName("Least net price to accept")
        self.setToolTip("The worst net price a share that you still take, within 5% or a tick")
        self.valueChanged.connect(self._note)

    def follow(self, worst: Price | None) -> None:
        """Take a newer worst price, unless a person has chosen one."""
        if not self._is_edited and worst is not None:
            self.setValue(abs(float(worst.per_unit)))
            self._is_edited = False

    def show_signed(self, limit: Price | None) -> None:
        """Show what a first person signed; a second one signs the same."""
        if limit is not None:
            self.setValue(abs(float(limit.per_unit)))

    def chosen(self) -> Price | None:
        """The limit where a person has changed it, to the cent."""
        if not self.isEnabled() or not self._is_edited:
            return None
        amount = Decimal(f"{self.value():.2f}")
        return Price(-amount if self._is_debit else amount)

    def _note(self) -> None:
        self._is_edited = True
