"""Ways from one panel into another: to an entry of the record, to a report, to a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from allusedesk.desk.main_window import MainWindow


class Jumps(QObject):
    """Where a link leads: `entry` a number of the journal, `report` its kind and its period."""

    entry = Signal(int)
    report = Signal(str, str)

    def to_entry(self, sequence: int) -> None:
        """Open the journal at an entry."""
        self.entry.emit(sequence)

    def to_report(self, kind: str, period: str) -> None:
        """Open a report, such as `monthly` of `2013-02`; `last` is the latest of its kind."""
        self.report.emit(kind, period)

    def lead_into(self, window: MainWindow) -> None:
        """Let every link open its panel of a window, where the window has it."""
        if "journal" in window.frames:
            self.entry.connect(lambda sequence: _open_entry(window, sequence))
        if "reports" in window.frames:
            self.report.connect(lambda kind, period: _open_report(window, kind, period))


def _open_entry(window: MainWindow, sequence: int) -> None:
    from allusedesk.desk.docks.journal import JournalDock

    window.open_dock("journal")
    dock = window.dock("journal")
    if isinstance(dock, JournalDock):
        dock.show_entry(sequence)


def _open_report(window: MainWindow, kind: str, period: str) -> None:
    from allusedesk.desk.docks.reports import ReportsDock

    window.open_dock("reports")
    dock = window.dock("reports")
    if isinstance(dock, ReportsDock):
        dock.open_report(kind, period)
