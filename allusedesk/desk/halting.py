"""Where the kill switch is within reach: one key from anywhere, and one button in the strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.desk.hold_button import HoldButton

if TYPE_CHECKING:
    from allusedesk.desk.dialogs.halt import HaltDialog


class Halting(QObject):
    """Opens the kill switch. A click lists what it would cancel; holding on fires it.

    `button` belongs in the status strip. Chosen in a menu or by the palette it lists only, for
    nothing is held then.
    """

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        super().__init__(window)
        self.context = context
        self.window = window
        self._was_key = False
        self._watched: QObject | None = None
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
                self._given,
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
            # Not modal: a window that is shut out does not hear that a key was let go.
            self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        return self.dialog

    def _reach(self, _old: QWidget | None, now: QWidget | None) -> None:
        """A dialog shuts out the keys of the window behind it: it is given this one and the lock's.

        Both must be within reach from everywhere.
        """
        if now is None or not self._is_ours(now.window()):
            return
        for name in ("halt", "lock"):
            action = self.context.commands.actions.get(name)
            if action is not None and action not in now.window().actions():
                now.window().addAction(action)

    def _is_ours(self, shown: QWidget) -> bool:
        """True for a dialog that stands over our window, or over another dialog of it."""
        over = shown.parentWidget()
        while over is not None and over is not self.window:
            over = over.parentWidget()
        return over is not None

    def listen(self) -> None:
        """Tell the key from the menu; called once the command has its action."""
        action = self.context.commands.actions["halt"]
        action.setAutoRepeat(False)
        action.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.Shortcut:
            self._was_key = True
        elif (
            kind is QEvent.Type.KeyRelease
            and watched is not self.context.commands.actions["halt"]
            and isinstance(event, QKeyEvent)
            and not event.isAutoRepeat()
        ):
            self._let_go()
        return super().eventFilter(watched, event)

    def _given(self) -> None:
        """Show what would be stopped; where the key is down now, going on to hold it fires."""
        dialog = self.open()
        if self._was_key:
            self._was_key = False
            dialog.fire.begin()
            # A tap ends before its dialog has the keyboard, so its end is looked for everywhere;
            # only while it lasts, for every event of the program passes here.
            self._watched = QApplication.instance()
            if self._watched is not None:
                self._watched.installEventFilter(self)
            dialog.fire.fired.connect(self._stop_watching)

    def _let_go(self) -> None:
        self._stop_watching()
        if self.dialog is not None:
            self.dialog.fire.let_go()

    def _stop_watching(self) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched = None

    def _strike(self) -> None:
        self.open().strike()

    def _forget(self) -> None:
        self._stop_watching()
        self.dialog = None
