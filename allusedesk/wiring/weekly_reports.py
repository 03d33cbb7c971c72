"""Writes a week's report to a folder, from the record alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.inputs import AlertCleared, AlertRaised, Input
from allusedesk.domain.toml_text import shortened
from allusedesk.domain.weeks import WeekId
from allusedesk.reports.kinds import ReportKind
from allusedesk.wiring.reporting import ReportWish, write_report

_FAILING = "report.failing"


@dataclass(frozen=True, slots=True)
class WeeklyReports:
    """The report door of a desk: PDF, CSV and JSON of each week, provisional then final."""

    journal: Path
    folder: Path

    def cut(self, week: WeekId, *, is_final: bool) -> None:
        standing = "final" if is_final else "provisional"
        write_report(
            self.journal,
            ReportWish(ReportKind.WEEKLY, str(week)),
            self.folder / f"weekly-{week}-{standing}",
        )


class ReportsOfDesk:
    """The report door of a desk in use, which a report that cannot be written never stops.

    It is raised as an alert, which the next report that is written clears. In real time reports
    are written on a thread of their own, so that the engine goes on meanwhile; recorded time waits
    for each, or its record would run ahead of what a provisional report may know.
    """

    def __init__(self, reports: WeeklyReports, *, is_real_time: bool) -> None:
        self._reports = reports
        self._writing = ThreadPoolExecutor(1, "reports") if is_real_time else None
        self._admit: Callable[[Input], None] = _nobody
        self._is_failing = False

    def tell(self, admit: Callable[[Input], None]) -> None:
        """Where alerts go from now on; `admit` is called from the thread that writes."""
        self._admit = admit

    def cut(self, week: WeekId, *, is_final: bool) -> None:
        if self._writing is None:
            self._cut(week, is_final=is_final)
        else:
            self._writing.submit(self._cut, week, is_final=is_final)

    def close(self) -> None:
        """Wait for what is being written; nothing is written afterwards."""
        if self._writing is not None:
            self._writing.shutdown()

    def _cut(self, week: WeekId, *, is_final: bool) -> None:
        try:
            self._reports.cut(week, is_final=is_final)
        except Exception as fault:  # noqa: BLE001 - no report is worth a desk that stops trading
            self._is_failing = True
            text = (
                f"The report of week {week} could not be written ({shortened(str(fault))}): the "
                "record has all of it. Look at the folder of reports, then print it from Reports."
            )
            self._admit(AlertRaised(Alert(_FAILING, "", Severity.WARNING, 1.0, 0.0, text)))
            return
        if self._is_failing:
            self._is_failing = False
            self._admit(AlertCleared(_FAILING))


def _nobody(_told: Input) -> None:
    """Where nobody listens yet."""
