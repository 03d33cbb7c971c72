"""The reports that a desk cuts by itself when their time has come, from the record alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.inputs import AlertCleared, AlertRaised, Input
from allusedesk.domain.toml_text import shortened
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind, ReportPeriod, periods_of
from allusedesk.settings import ClientChoice, desk_home, read_settings
from allusedesk.wiring.report_shelf import PACK, families_at, stem_of
from allusedesk.wiring.reporting import ReportWish, kinds_made, write_report

_FAILING = "report.failing"
# How many ended periods of a kind are looked after: a desk that was off for a quarter has all of
# them made up, and one that goes on with an old record does not print its whole past.
_ENDED_PERIODS = 3
_EVIDENCE = (ReportKind.RISK, ReportKind.REGULATORY)


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report whose time has come, and the name of its files without their ending."""

    wish: ReportWish
    stem: str
    is_pack: bool = False

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        whose = f" of {self.wish.account}" if self.wish.account else ""
        kind = "regulatory pack" if self.is_pack else f"{self.wish.kind.value} report"
        return f"{kind}{whose} for {self.wish.period}"


@dataclass(frozen=True, slots=True)
class CutReports:
    """Writes reports into `folder`: each week's, and with its final one all that ended with it.

    What lies there is never written again, but for a week's own, whose bytes are the same.
    `with_evidence` is whether those are cut too that read the record as a whole: risk, regulatory
    and the regulatory pack. `choice` says what is done for clients.
    """

    journal: Path
    folder: Path
    with_evidence: bool
    choice: Callable[[], ClientChoice] = lambda: read_settings(desk_home()).client

    def due(self, week: WeekId, *, is_final: bool) -> tuple[DueReport, ...]:
        """What is to be written now that a week's report is cut."""
        wish = ReportWish(ReportKind.WEEKLY, str(week))
        weekly = DueReport(wish, stem_of(wish, is_final=is_final))
        if not is_final:
            return (weekly,)
        with ReadSide.open(self.journal) as side:
            ended = self._ended(side)
        return (weekly, *(one for one in ended if not self._is_there(one)))

    def write(self, one: DueReport) -> None:
        """Write one report, aside first: what was half written when the power went is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder, prefix=".unfinished-") as folder:
            for file in self._written(one, Path(folder)):
                file.replace(self.folder / file.name)

    def _written(self, one: DueReport, aside: Path) -> tuple[Path, ...]:
        """The files of a report; the last one tells that all of it is there."""
        if not one.is_pack:
            return tuple(reversed(write_report(self.journal, one.wish, aside / one.stem)))
        from allusedesk.wiring.regulatory_pack import write_pack

        file = aside / f"{one.stem}.{PACK}"
        write_pack(self.journal, one.wish.period, file)
        return (file,)

    def _ended(self, side: ReadSide) -> list[DueReport]:
        found: list[DueReport] = []
        for kind in kinds_made():
            if kind is ReportKind.WEEKLY or (kind in _EVIDENCE and not self.with_evidence):
                continue
            periods = [one for one in periods_of(side, kind.span) if one.is_over]
            for period in periods[-_ENDED_PERIODS:]:
                found.extend(self._of_period(side, kind, period))
        return found

    def _of_period(self, side: ReadSide, kind: ReportKind, period: ReportPeriod) -> list[DueReport]:
        wish = ReportWish(kind, period.name)
        if kind is ReportKind.CLIENT:
            choice = self.choice()
            if not choice.cuts_statements:
                return []
            wish = replace(wish, targets_by=choice.targets_by)
            wishes = [replace(wish, account=one) for one in families_at(side, period.last)]
        else:
            wishes = [wish]
        found = [DueReport(one, stem_of(one, is_final=True)) for one in wishes]
        if kind is ReportKind.REGULATORY:
            found.append(DueReport(wish, stem_of(wish, is_final=True), is_pack=True))
        return found

    def _is_there(self, one: DueReport) -> bool:
        return (self.folder / f"{one.stem}.{PACK if one.is_pack else 'pdf'}").exists()


class ReportsOfDesk:
    """The report door of a desk in use, which a report that cannot be written never stops.

    It is raised as an alert, which the next time that all are written clears. In real time reports
    are written on a thread of their own, so that the engine goes on meanwhile; recorded time waits
    for each, or its record would run ahead of what a provisional report may know.
    """

    def __init__(self, reports: CutReports, *, is_real_time: bool) -> None:
        self._reports = reports
        self._writing = ThreadPoolExecutor(1, "reports") if is_real_time else None
        self._admit: Callable[[Input], None] = _nobody
        self._is_failing = False
        self._closing = Event()

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
        self._closing.set()
        if self._writing is not None:
            self._writing.shutdown()

    def _cut(self, week: WeekId, *, is_final: bool) -> None:
        try:
            due = self._reports.due(week, is_final=is_final)
        except Exception as fault:  # noqa: BLE001 - no report is worth a desk that stops trading
            self._fail(f"report of week {week}", fault)
            return
        # Each is tried: one that fails keeps no other from being written. Some take long, so that
        # a desk that closes leaves them to be made up with the next week; the week's own is first.
        written = [
            self._is_written(one) for one in due if one is due[0] or not self._closing.is_set()
        ]
        if len(written) == len(due) and all(written) and self._is_failing:
            self._is_failing = False
            self._admit(AlertCleared(_FAILING))

    def _is_written(self, one: DueReport) -> bool:
        try:
            self._reports.write(one)
        except Exception as fault:  # noqa: BLE001 - no report is worth a desk that stops trading
            self._fail(one.title, fault)
            return False
        return True

    def _fail(self, title: str, fault: Exception) -> None:
        self._is_failing = True
        text = (
            f"The {title} could not be written ({shortened(str(fault))}): the "
            "record has all of it. Look at the folder of reports, then print it from Reports."
        )
        self._admit(AlertRaised(Alert(_FAILING, "", Severity.WARNING, 1.0, 0.0, text)))


def _nobody(_told: Input) -> None:
    """Where nobody listens yet."""
