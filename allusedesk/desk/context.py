"""What every dock and dialog is handed: the bridge, the record, the commands, the looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import CommandBook
from allusedesk.desk.jumps import Jumps
from allusedesk.desk.links import SymbolLinks
from allusedesk.desk.lock import DeskLock
from allusedesk.desk.operations import Operations
from allusedesk.desk.records import Records
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.desk.main_window import MainWindow
    from allusedesk.desk.preferences import Preferences
    from allusedesk.wiring.watching import Watch


class Notices(QObject):
    """Sentences for the person at the desk, shown until read; `told` gives each with its kind.

    `faults` counts what the window's own parts raised; it should be 0.
    """

    told = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.faults = 0

    def fault(self, sentence: str) -> None:
        """A part of the window raised: counted, told, and the rest goes on."""
        self.faults += 1
        self.warn(sentence)

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
    `watch` watches the desk that runs; None until it is built, and where none runs. `papers` is
    where reports are made, which may take long: nothing else waits for them.
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
    lock: DeskLock
    new_window: Callable[[DeskContext, tuple[str, ...]], MainWindow]
    watch: Watch | None = None
    jumps: Jumps = field(default_factory=Jumps)
    papers: Operations = field(default_factory=lambda: Operations(lanes=2))
