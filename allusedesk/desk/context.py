"""What every dock and dialog is handed: the bridge, the record, the commands, the looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import CommandBook
from allusedesk.desk.links import SymbolLinks
from allusedesk.desk.operations import Operations
from allusedesk.desk.records import Records
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.desk.main_window import MainWindow
    from allusedesk.desk.preferences import Preferences


class Notices(QObject):
    """Sentences for the person at the desk, shown until read; `told` gives each with its kind."""

    told = Signal(str, bool)

    def say(self, sentence: str) -> None:
        """Something worth knowing."""
        self.told.emit(sentence, False)  # noqa: FBT003 - a signal takes no names

    def warn(self, sentence: str) -> None:
        """Something that went wrong: what happened, what it means, what to do."""
        self.told.emit(sentence, True)  # noqa: FBT003 - a signal takes no names


@dataclass(slots=True)
class DeskContext:
    """The surroundings of one window; `operator` signs what a person decides here.

    `new_window` makes another window over other surroundings, with the panels of these names.
    """

    bridge: Bridge
    records: Records
    operations: Operations
    commands: CommandBook
    links: SymbolLinks
    notices: Notices
    theme: Theme
    operator: str
    preferences: Preferences
    new_window: Callable[[DeskContext, tuple[str, ...]], MainWindow]
