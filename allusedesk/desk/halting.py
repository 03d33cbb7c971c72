"""Where the kill switch is within reach: one key from anywhere, and one button in the strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.desk.hold_button import HoldButton

if TYPE_CHECKING:
    from allusedesk.desk.dialogs.halt import HaltDialog


class Halting:
    """Opens the kill switch. A click lists what it would cancel; holding on fires it.

    `button` belongs in the status strip.
    """

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        self.context = context
        self.window = window
        self.dialog: HaltDialog | None = None
        self.button = HoldButton("STOP  F12", context.theme)
        self.button.setAccessibleName("Kill switch")
        self.button.setToolTip("Click to see what it cancels; hold to stop everything at once")
        self.button.fired.connect(self._strike)
        self.button.clicked.connect(self.open)

    def commands(self) -> tuple[DeskCommand, ...]:
        """What a key or the palette can give."""
        return (
            DeskCommand(
                "halt",
                "Kill switch",
                "&Desk",
                self._by_key,
                "F12",
                "Cancel all working orders: shows them first, holding the key fires",
            ),
        )

    def open(self) -> HaltDialog:
        """Show what would be cancelled; over whatever dialog is open."""
        from PySide6.QtWidgets import QApplication

        from allusedesk.desk.dialogs.halt import HaltDialog

        if self.dialog is None:
            over = QApplication.activeModalWidget() or self.window
            self.dialog = HaltDialog(self.context, over)
            self.dialog.finished.connect(self._forget)
            self.dialog.open()
        else:
            self.dialog.raise_()
            self.dialog.activateWindow()
        return self.dialog

    def _by_key(self) -> None:
        """The key is down now: going on to hold it fires."""
        self.open().fire.begin()

    def _strike(self) -> None:
        self.open().strike()

    def _forget(self) -> None:
        self.dialog = None
