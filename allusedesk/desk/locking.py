"""Where the lock is within reach and what is seen while it is shut: a curtain over the panels."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.passphrase import PassphraseDialog
from allusedesk.desk.halting import Halting
from allusedesk.desk.main_window import MainWindow
from allusedesk.domain.inputs import DeskLockTurned, LockTurn

_DESK = "&Desk"
# Panels come after a desk that begins locked, and their tabs would stand before the curtain.
_MOVING = frozenset(
    {
        QEvent.Type.Resize,
        QEvent.Type.LayoutRequest,
        QEvent.Type.ChildAdded,
        QEvent.Type.ChildPolished,
    }
)


class Curtain(QFrame):
    """Covers the panels; a field for the passphrase is all that can be reached."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setAccessibleName("The desk is locked")
        title = QLabel("The desk is locked")
        font = title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.6)
        title.setFont(font)
        what = QLabel(
            "Nothing can be approved, armed or changed. The engine goes on by its rules, what is "
            "asked lapses at its deadline, and STOP (F12) works as ever."
        )
        what.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("Passphrase")
        self.field.setAccessibleName("Passphrase")
        self.field.setToolTip("Type the passphrase of this desk")
        self.unlock = QPushButton("Unlock")
        self.unlock.setAutoDefault(False)
        self.unlock.setAccessibleName("Unlock")
        self.unlock.setToolTip("Open the desk again with the passphrase")
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setAccessibleName("What came of it")
        column = QVBoxLayout()
        for shown in (title, what, self.field, self.unlock, self.verdict):
            column.addWidget(shown)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addLayout(column, 2)
        middle.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(1)
        whole.addLayout(middle)
        whole.addStretch(2)
        self.hide()

    def keyPressEvent(self, event: Any) -> None:
        """Let no key fall through to what is behind."""
        event.accept()

    def focusNextPrevChild(self, _next: bool) -> bool:  # noqa: FBT001 - Qt's signature
        """Keep the keyboard on this side of the curtain."""
        (self.unlock if self.field.hasFocus() else self.field).setFocus()
        return True


class Locking(QObject):
    """Shuts and opens the window with the lock, and writes each turn into the record.

    Panels are covered and cannot be reached; other windows but the kill switch are hidden and
    come back as they were. The strip stays: it tells how the desk is, and no figure of money.
    """

    def __init__(self, context: DeskContext, window: MainWindow, halting: Halting) -> None:
        super().__init__(window)
        self.context = context
        self.window = window
        self.dialog: PassphraseDialog | None = None
        self.curtain = Curtain(window)
        self._halting = halting
        self._hidden: list[QWidget] = []
        self._untold: list[DeskLockTurned] = []
        self.curtain.field.returnPressed.connect(self.try_passphrase)
        self.curtain.unlock.clicked.connect(self.try_passphrase)
        lock = context.lock
        lock.turned.connect(self._on_turned)
        context.bridge.refusal = lock.refusal
        context.preferences.refusal = lock.refusal_of_change
        context.commands.refusal = lock.refusal_of_command
        context.commands.refused.connect(self._say_refused)
        context.bridge.published.connect(self._tell_engine)
        window.installEventFilter(self)
        lock.looked.connect(self._hide_others)

    def commands(self) -> tuple[DeskCommand, ...]:
        """What a key, the menu or the palette can give."""
        return (
            DeskCommand(
                "lock", "Lock the desk", _DESK, self.lock, "Ctrl+L", "Cover the desk at once"
            ),
            DeskCommand(
                "lock.passphrase",
                "Passphrase…",
                _DESK,
                self.ask_passphrase,
                tip="Set, change or remove the passphrase of the lock",
            ),
        )

    def begin(self) -> None:
        """Look for idle minutes; a desk that has a passphrase begins locked."""
        self.context.lock.watch()
        if self.context.lock.passphrase.trouble:
            self.context.notices.warn(self.context.lock.passphrase.trouble)
        if self.context.lock.is_locked:
            self._untold.append(
                DeskLockTurned(LockTurn.LOCKED, self.context.operator, "at the start")
            )
            self._draw()

    def rest(self) -> None:
        """The window is about to go: look no more."""
        self.context.lock.rest()

    def lock(self) -> None:
        """Lock at once; where there is no passphrase yet, ask for one first."""
        if not self.context.lock.shut("by hand"):
            self.ask_passphrase()

    def ask_passphrase(self) -> None:
        """Show the dialog in which a passphrase is set."""
        self.dialog = PassphraseDialog(self.context.lock, self.window)
        self.dialog.kept.connect(self.context.notices.say)
        self.dialog.open()

    def try_passphrase(self) -> None:
        """Unlock with what was typed, or say why not."""
        lock, curtain = self.context.lock, self.curtain
        typed = curtain.field.text()
        curtain.field.clear()
        if not typed or lock.open(typed):
            return
        waits = lock.passphrase.seconds_to_wait
        text = "That is not the passphrase."
        if waits:
            text += f" The next one is looked at in {waits:.0f} seconds."
        curtain.verdict.setText(lock.passphrase.trouble or text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVING:
            self._place()
        return super().eventFilter(watched, event)

    def _on_turned(self, turned: DeskLockTurned) -> None:
        self._untold.append(turned)
        self._tell_engine()
        match turned.turn:
            case LockTurn.LOCKED:
                self._draw()
            case LockTurn.UNLOCKED:
                self._open()
            case _:
                pass

    def _tell_engine(self) -> None:
        """Have the turns recorded; while no engine runs they wait for one."""
        while self._untold:
            try:
                self.context.bridge.admit(self._untold[0])
            except RuntimeError:
                return
            del self._untold[0]

    def _draw(self) -> None:
        """Cover everything."""
        self.curtain.verdict.clear()
        self.curtain.field.clear()
        self.window.cover(is_covered=True)
        self._place()
        self.curtain.show()
        self.curtain.raise_()
        self._hide_others()
        self.window.activateWindow()
        self.curtain.field.setFocus()

    def _open(self) -> None:
        """Show everything as it was."""
        self.curtain.hide()
        self.window.cover(is_covered=False)
        for hidden in self._hidden:
            hidden.show()
        self._hidden.clear()

    def _hide_others(self) -> None:
        """Hide what stands beside or over the window, and what came since."""
        if not self.context.lock.is_locked:
            return
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        kept = (self.window, self._halting.dialog)
        for other in QApplication.topLevelWidgets():
            is_ours = other in kept or isinstance(other, QDockWidget)
            if other.isVisible() and not is_ours and other.isWindow():
                self._hidden.append(other)
                other.hide()
                other.destroyed.connect(self._forget)

    def _forget(self, gone: QObject) -> None:
        self._hidden = [hidden for hidden in self._hidden if hidden is not gone]

    def _place(self) -> None:
        if self.context.lock.is_locked:
            head = self.window.menuWidget()
            top = 0 if head is None else head.geometry().bottom() + 1
            self.curtain.setGeometry(self.window.rect().adjusted(0, top, 0, 0))
            self.curtain.raise_()

    def _say_refused(self, sentence: str) -> None:
        self.curtain.verdict.setText(sentence)
