"""The kill switch: what it will cancel, one gesture, and the broker's word on each order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import Instruction, OperatorInstructed
from allusedesk.domain.orders import Order, OrderStatus

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

ALL = "All accounts"
_SETTLED = frozenset({OrderStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class _Doomed:
    """One order the switch cancels, or has."""

    order: Order


class HaltDialog(QDialog):
    """Lists the working orders; holding the button, Space or F12 cancels them all.

    Nothing has to be approved for it. Afterwards it counts what the broker has confirmed, and
    offers the release that only a person can give.
    """

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.was_fired = False
        self._is_closed = False
        self._struck: tuple[OrderId, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Kill switch")
        self.setAccessibleName("Kill switch")
        self.what = QLabel()
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.what.setAccessibleName("What will be stopped")
        self.what.setWordWrap(True)
        font = self.what.font()
        font.setBold(True)
        self.what.setFont(font)
        self.model = TableModel(_COLUMNS, lambda row: row.order.id, context.theme)
        self.orders = Blotter(self.model, "Working orders", "No order is working at the broker.")
        self.orders.field.hide()
        self.account = QComboBox()
        self.account.setAccessibleName("Which accounts")
        self.account.addItem(ALL)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("why, for the record")
        self.fire = HoldButton("Hold to stop  (F12)", context.theme)
        self.fire.setAccessibleName("Hold to stop")
        self.release = HoldButton("Hold to release", context.theme)
        self.release.setAccessibleName("Hold to release")
        self.leave = QPushButton("Close  (Esc)")
        self.leave.setAccessibleName("Close")
        self.leave.setAutoDefault(False)
        self._lay_out()
        self._connect()
        if context.bridge.latest is not None:
            self.take(context.bridge.latest)

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.model.wear(theme)
        self.fire.wear(theme)
        self.release.wear(theme)

    def take(self, picture: DeskSnapshot) -> None:
        """Follow the desk: what would be cancelled now, or what became of what was."""
        self._offer_accounts(picture)
        if self.was_fired:
            self._count(picture)
        else:
            orders = [order for order in picture.orders if self._is_meant(order)]
            self.model.show(_Doomed(order) for order in orders)
            questions = [
                card for card in picture.cards if self._chosen() in (None, card.proposal.account)
            ]
            self.what.setText(
                f"{_counted(len(orders), 'working order')} will be cancelled and "
                f"{_counted(len(questions), 'open question')} void for {self._whom()}. Nothing new "
                "begins until a person releases it; protective closes go on."
            )
        frozen = any("kill switch" in sleeve.freezes for sleeve in picture.sleeves)
        self.release.setEnabled(bool(picture.halted_by) or frozen)

    def strike(self) -> None:
        """Stop at once."""
        if self.was_fired:
            return
        latest = self.context.bridge.latest
        orders = () if latest is None else latest.orders
        struck = tuple(order.id for order in orders if self._is_meant(order))
        if self._instruct(Instruction.KILL):
            self.was_fired, self._struck = True, struck
            self.fire.setEnabled(False)
            self.account.setEnabled(False)
            self.what.setText(
                f"Stopping {self._whom()}: {_counted(len(struck), 'cancel')} under way."
            )

    def keyPressEvent(self, event: Any) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        elif key == Qt.Key.Key_F12 and not event.isAutoRepeat():
            self.fire.begin()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_F12 and not event.isAutoRepeat():
            self.fire.let_go()
        super().keyReleaseEvent(event)

    def done(self, result: int) -> None:
        """Close; what was stopped stays stopped."""
        if not self._is_closed:
            self._is_closed = True
            self.context.bridge.published.disconnect(self.take)
        super().done(result)

    def _count(self, picture: DeskSnapshot) -> None:
        found = {order.id: order for order in picture.orders}
        struck = [found[name] for name in self._struck if name in found]
        self.model.show(_Doomed(order) for order in struck)
        over = sum(1 for order in struck if order.status.is_over)
        gone = len(self._struck) - len(struck)
        unknown = sum(1 for order in struck if order.status is OrderStatus.UNKNOWN)
        text = f"{over + gone} of {len(self._struck)} confirmed by the broker."
        if unknown:
            text += f" {_counted(unknown, 'order')} UNKNOWN: the broker is being asked."
        state = picture.halted_by or "the kill switch"
        self.what.setText(f"{text} The desk is held by {state}; only a person releases it.")

    def _release(self) -> None:
        if self._instruct(Instruction.RESET):
            self.what.setText("Released: entries wait for the next look of the week.")
            self.was_fired, self._struck = False, ()
            self.fire.setEnabled(True)
            self.account.setEnabled(True)

    def _instruct(self, instruction: Instruction) -> bool:
        reason = self.reason.text().strip() or "by hand"
        told = OperatorInstructed(instruction, self.context.operator, reason, self._chosen())
        try:
            self.context.bridge.admit(told)
        except RuntimeError as fault:
            self.what.setText(f"{fault} Orders at the broker stand: cancel them there.")
            return False
        return True

    def _chosen(self) -> AccountId | None:
        name = self.account.currentText()
        return None if name == ALL else AccountId(name)

    def _whom(self) -> str:
        return self._chosen() or "all accounts"

    def _is_meant(self, order: Order) -> bool:
        return not order.status.is_over and self._chosen() in (None, order.account)

    def _offer_accounts(self, picture: DeskSnapshot) -> None:
        if self.account.count() > 1:
            return
        self.account.addItems([sleeve.account.id for sleeve in picture.sleeves])

    def _retake(self) -> None:
        if self.context.bridge.latest is not None:
            self.take(self.context.bridge.latest)

    def _connect(self) -> None:
        self.fire.fired.connect(self.strike)
        self.release.fired.connect(self._release)
        self.leave.clicked.connect(self.close)
        self.account.currentIndexChanged.connect(self._retake)
        self.context.bridge.published.connect(self.take)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.addWidget(self.what)
        rows.addWidget(self.orders, 1)
        form = QFormLayout()
        form.addRow("Stop", self.account)
        form.addRow("Reason", self.reason)
        rows.addLayout(form)
        buttons = QHBoxLayout()
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        buttons.addWidget(self.release)
        buttons.addWidget(self.fire)
        rows.addLayout(buttons)
        letters = self.fontMetrics()
        self.fire.setMinimumWidth(letters.horizontalAdvance("M") * 16)
        self.resize(letters.horizontalAdvance("M") * 60, letters.height() * 26)


def _counted(number: int, what: str) -> str:
    return f"{formatting.number(number, 0)} {what}" + ("" if number == 1 else "s")


def _legs(order: Order) -> str:
    return ", ".join(
        f"{leg.side.name.lower()} {formatting.instrument(leg.instrument)}" for leg in order.legs
    )


def _tone(row: _Doomed) -> Tone:
    if row.order.status is OrderStatus.UNKNOWN:
        return Tone.ALARM
    return Tone.MUTED if row.order.status in _SETTLED else Tone.PLAIN


_COLUMNS: tuple[Column[_Doomed], ...] = (
    Column("account", "account", lambda row: row.order.account),
    Column("what", "order", lambda row: _legs(row.order)),
    Column("open", "open", lambda row: row.order.quantity_open, is_number=True),
    Column(
        "limit",
        "limit",
        lambda row: None if row.order.limit is None else row.order.limit.per_unit,
        is_number=True,
        says=lambda row: formatting.price(row.order.limit),
    ),
    Column("status", "status", lambda row: row.order.status.value, tone=_tone),
)
