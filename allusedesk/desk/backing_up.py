"""Copies of the journal from the desk: one each day by itself, and one whenever somebody asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext

if TYPE_CHECKING:
    from allusedesk.wiring.backups import DailyBackups

_LOOK_MILLISECONDS = 60_000


class BackingUp(QObject):
    """Has copies made beside the screen's thread, and tells where they lie or why there is none."""

    def __init__(self, context: DeskContext, journal: Path) -> None:
        super().__init__()
        self.context = context
        self.journal = journal
        self._daily: DailyBackups | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def commands(self) -> tuple[DeskCommand, ...]:
        """What a key, the menu or the palette can give."""
        return (
            DeskCommand(
                "journal.backup",
                "Back up the journal",
                "&Desk",
                self.back_up,
                tip="Copy the journal now and look the copy through; also done once a day",
            ),
        )

    def begin(self) -> None:
        """Look once a minute whether the day's copy is due; the first comes after one."""
        self._timer.start()

    def rest(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Have the day's copy made where it is due."""
        self.context.operations.begin(
            "Today's backup",
            lambda _: self._backups().look(),
            lambda _: None,
            self.context.notices.warn,
        )

    def back_up(self) -> None:
        """Have a copy made now and tell where it lies."""
        self.context.operations.begin(
            "Backing up the journal",
            lambda _: self._backups().take(),
            lambda copy: self.context.notices.say(f"The journal is backed up in {copy}."),
            self.context.notices.warn,
        )

    def _backups(self) -> DailyBackups:
        # Imported away from the screen's thread: the record's modules are heavy.
        from allusedesk.wiring.backups import DailyBackups

        if self._daily is None:
            self._daily = DailyBackups(self.journal)
        return self._daily
