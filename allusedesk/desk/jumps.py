"""Ways from one panel into another: to an entry of the record, to a report, to a panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


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
