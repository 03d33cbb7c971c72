"""Lets links from anywhere open the panels of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allusedesk.desk.jumps import Jumps
    from allusedesk.desk.main_window import MainWindow


def lead_into(window: MainWindow, jumps: Jumps) -> None:
    """Let every link open its panel of a window, where the window has it."""
    if "journal" in window.frames:
        jumps.entry.connect(lambda sequence: _open_entry(window, sequence))
    if "reports" in window.frames:
        jumps.report.connect(lambda kind, period: _open_report(window, kind, period))


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
