"""The settings as the window uses them: changed here, kept at once, told to whoever looks."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from allusedesk.desk.context import Notices
from allusedesk.settings import (
    Settings,
    SettingsUnreadable,
    read_settings,
    write_settings,
)


class Preferences(QObject):
    """What this person chose; `changed` comes after each change, with the new settings."""

    changed = Signal(object)

    def __init__(self, home: Path, notices: Notices) -> None:
        super().__init__()
        self.home = home
        self.trouble = ""
        # Tells why nothing must be changed now; the lock does.
        self.refusal: Callable[[], str] = str
        self._notices = notices
        try:
            self.settings = read_settings(home)
        except SettingsUnreadable as fault:
            self.trouble = str(fault)
            self.settings = Settings()

    @property
    def operator(self) -> str:
        """Who signs what is decided here."""
        return self.settings.operator or getpass.getuser()

    def change(self, **changes: Any) -> None:
        """Change settings by their names and keep them; a full disk is told, the change holds.

        A locked desk changes nothing and says so.
        """
        refusal = self.refusal()
        if refusal:
            self._notices.warn(refusal)
            return
        self.settings = replace(self.settings, **changes)
        try:
            write_settings(self.home, self.settings)
        except OSError as fault:
            self._notices.warn(
                f"The settings could not be kept ({fault.strerror or fault}): they hold until the "
                "desk is closed. Make room or check the folder's rights, then change one again."
            )
        self.changed.emit(self.settings)
