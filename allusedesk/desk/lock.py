"""The desk's lock: shut after idle minutes or by a key, opened by the passphrase alone.

While it is shut no fact of a person reaches the engine but those that only stop something; the
bridge, the settings and the commands ask here, so no dialog needs to know of it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow
from shiboken6 import isValid

from allusedesk.domain.arming import DisarmingRequested
from allusedesk.domain.inputs import (
    DeskLockTurned,
    Input,
    Instruction,
    LockTurn,
    OperatorAsked,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.passphrase import Passphrase

SHUT = "The desk is locked, so nothing was changed: unlock it with its passphrase first."
# What a locked desk still hears: it stops something and begins nothing.
_STOPS = frozenset({Instruction.KILL, Instruction.PAUSE})
# Commands that show nothing and change nothing, and the kill switch.
_COMMANDS = frozenset({"halt", "live.disarm", "lock", "desk.quit"})
_LOOK_MILLISECONDS = 1_000
_SIGNS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class DeskLock(QObject):
    """Whether the desk is locked, and since when nobody touched it.

    `turned` tells each change, refused tries too; `looked` comes each second and whenever another
    window has the keyboard. `minutes` tells after how long without key or mouse it locks itself, 0
    for never. `seconds` is a clock that only goes forward.
    """

    turned = Signal(object)
    looked = Signal()

    def __init__(
        self,
        passphrase: Passphrase,
        minutes: Callable[[], int],
        operator: Callable[[], str],
        seconds: Callable[[], float],
    ) -> None:
        super().__init__()
        self.passphrase = passphrase
        # With a passphrase every desk begins locked: else starting anew would open it.
        self.is_locked = passphrase.is_set
        self._minutes = minutes
        self._operator = operator
        self._seconds = seconds
        self._touched = seconds()
        self._heard: list[QWindow] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def watch(self) -> None:
        """Begin to look for idle minutes."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._listen_to)
        self._timer.start()

    def rest(self) -> None:
        """Look no more; safe twice."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.disconnect(self._listen_to)
        self._hear_nobody()

    def look(self) -> None:
        """Lock where nobody has touched key or mouse for the chosen minutes."""
        self.looked.emit()
        minutes = self._minutes()
        if minutes and self._seconds() - self._touched >= minutes * 60:
            self.shut(f"nobody at it for {minutes} minutes")

    def shut(self, reason: str) -> bool:
        """Lock; False where there is no passphrase that could open it again."""
        if not self.passphrase.is_set:
            return False
        if not self.is_locked:
            self.is_locked = True
            self._tell(LockTurn.LOCKED, reason)
        return True

    def open(self, typed: str) -> bool:
        """Unlock with the passphrase; a wrong one is told to the record and changes nothing."""
        if self.passphrase.seconds_to_wait:
            return False
        if not self.verify(typed):
            self._tell(LockTurn.REFUSED, "wrong passphrase")
            return False
        self.is_locked = False
        self._touched = self._seconds()
        self._tell(LockTurn.UNLOCKED)
        return True

    def verify(self, typed: str) -> bool:
        """True where this is the passphrase: for arming, and for a second signature."""
        return self.passphrase.verify(typed)

    def change(self, new: str, old: str) -> None:
        """Set another passphrase, or none by an empty one. Raises PassphraseRefused."""
        self.passphrase.change(new, old)
        self._tell(LockTurn.PASSPHRASE_SET if new else LockTurn.PASSPHRASE_REMOVED)

    def refusal(self, event: Input) -> str:
        """Why a person's fact must not reach the engine now; empty where it may."""
        match event:
            case DeskLockTurned() | DisarmingRequested():
                return ""
            case OperatorInstructed() if event.instruction in _STOPS:
                return ""
            case OperatorAsked() if event.request is OperatorRequest.CANCEL:
                return ""
            case _:
                return SHUT if self.is_locked else ""

    def refusal_of_change(self) -> str:
        """Why settings must not change now; empty where they may."""
        return SHUT if self.is_locked else ""

    def refusal_of_command(self, command: str) -> str:
        """Why a command must not be given now; empty where it may."""
        return SHUT if self.is_locked and command not in _COMMANDS else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS:
            self._touched = self._seconds()
        return super().eventFilter(watched, event)

    def _listen_to(self, window: QWindow | None) -> None:
        """Hear one window, the one that has the keyboard: each event of it passes here."""
        self._hear_nobody()
        if window is not None:
            window.installEventFilter(self)
            self._heard.append(window)
        self.looked.emit()

    def _hear_nobody(self) -> None:
        for window in self._heard:
            # A dialog that was closed is gone, and what heard it with it.
            if isValid(window):
                window.removeEventFilter(self)
        self._heard.clear()

    def _tell(self, turn: LockTurn, reason: str = "") -> None:
        self.turned.emit(DeskLockTurned(turn, self._operator(), reason))


def seconds_since_start() -> Callable[[], float]:
    """A clock of this sitting that only goes forward."""
    timer = QElapsedTimer()
    timer.start()
    return lambda: timer.elapsed() / 1_000
