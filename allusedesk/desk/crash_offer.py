"""What crashed before: offered once in a line above the panels, never sent anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.desk.main_window import HELP_MENU, MainWindow
from allusedesk.desk.notice_bar import Act

if TYPE_CHECKING:
    from allusedesk.desk.dialogs.crash_reports import CrashReportsDialog
    from allusedesk.monitoring.crash_reports import CrashFolder

_LINE = "crash.reports"


class CrashOffer(QObject):
    """Keeps what fails as a report, and offers what failed before to be looked at."""

    def __init__(self, context: DeskContext, window: MainWindow, folder: CrashFolder) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self.folder = folder
        self.dialog: CrashReportsDialog | None = None

    def commands(self) -> tuple[DeskCommand, ...]:
        """What a key, the menu or the palette can give."""
        return (
            DeskCommand(
                "crash.reports",
                "Crash reports…",
                HELP_MENU,
                self.open,
                tip="What failed on this machine, to look at, keep or delete; nothing is sent",
            ),
        )

    def offer(self) -> None:
        """Say what failed and was not looked at, if anything was."""
        new = [one for one in self.folder.reports() if one.is_new]
        if not new:
            return
        more = f", and {len(new) - 1} more" if len(new) > 1 else ""
        self._window.notices.hold(
            _LINE,
            f"The desk failed on {new[0].at} ({new[0].what.removesuffix('.')}){more}. A report "
            "was kept on this machine; nothing was sent.",
            Act("Look…", self.open, "Look at it, keep it or delete it"),
            is_warning=False,
        )

    def note(self, fault: BaseException) -> None:
        """Keep a fault that nobody caught; from any thread."""
        self.folder.write(fault)

    def note_engine(self, _sentence: str) -> None:
        """Keep what ended the engine, unless it is a refusal in words of our own."""
        engine = self._context.bridge.engine
        fault = None if engine is None else engine.fault
        if fault is None or isinstance(fault, OSError):
            return
        if not type(fault).__module__.startswith("allusedesk"):
            self.note(fault)

    def open(self) -> None:
        """Show every report there is."""
        from allusedesk.desk.dialogs.crash_reports import CrashReportsDialog

        self._window.notices.release(_LINE)
        self.dialog = CrashReportsDialog(self.folder, self._window)
        self.dialog.open()
