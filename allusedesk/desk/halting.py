"""Where the kill switch is within reach: one key from anywhere, and one button in the strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

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
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._reach)

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

    def _reach(self, _old: QWidget | None, now: QWidget | None) -> None:
        """A dialog shuts out the keys of the window behind it, so it is given this one too."""
        action = self.context.commands.actions.get("halt")
        if now is None or action is None or not self._is_ours(now.window()):
            return
        if action not in now.window().actions():
            now.window().addAction(action)

    def _is_ours(self, shown: QWidget) -> bool:
        """True for a dialog that stands over our window, or over another dialog of it."""
        over = shown.parentWidget()
        while over is not None and over is not self.window:
            over = over.parentWidget()
        return over is not None

    def _by_key(self) -> None:
        """The key is down now: going on to hold it fires."""
        self.open().fire.begin()

    def _strike(self) -> None:
        self.open().strike()

    def _forget(self) -> None:
        self.dialog = None
