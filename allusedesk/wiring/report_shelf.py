"""Which reports a journal can give, how final each is, and where those that were cut lie."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind, ReportPeriod, Span, periods_of
from allusedesk.wiring.reporting import kinds_made

FOLDER = "reports"
_FINAL, _PROVISIONAL = "final", "provisional"


class Maturity(Enum):
    """How final a report is; the value is the word for it."""

    RUNNING = "running"
    PROVISIONAL = _PROVISIONAL
    FINAL = _FINAL


@dataclass(frozen=True, slots=True)
class ShelvedReport:
    """One report that may be asked for; `file` is the PDF that the desk cut, where it lies there.

    `is_regular` tells whether reports of its kind are cut by themselves for such a stretch.
    """

    kind: ReportKind
    period: ReportPeriod
    maturity: Maturity
    file: Path | None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other one."""
        return (self.kind.value, self.period.name)

    @property
    def is_regular(self) -> bool:
        return self.period.span is self.kind.span


def stem_of(kind: ReportKind, period: str, *, is_final: bool) -> str:
    """The name, without its ending, of the files a report is cut into."""
    return f"{kind.value}-{period}-{_FINAL if is_final else _PROVISIONAL}"


def shelved(side: ReadSide, folder: Path) -> tuple[ShelvedReport, ...]:
    """Every report of the journal, the newest first; `folder` holds what was cut."""
    cut = {file.name for file in folder.glob("*.pdf")}
    closed = side.pairs("SELECT week, max(is_final) FROM closings GROUP BY week")
    kinds = kinds_made()
    found: list[ShelvedReport] = []
    for span in Span:
        wanted = [kind for kind in kinds if span in kind.spans]
        for period in periods_of(side, span) if wanted else ():
            maturity = _maturity(period, closed)
            found.extend(_one(kind, period, maturity, folder, cut) for kind in wanted)
    # The longest of those that end on one day stands first: a year before its last quarter.
    order = list(kinds)
    found.sort(key=lambda one: (one.period.first, order.index(one.kind)))
    found.sort(key=lambda one: one.period.last, reverse=True)
    return tuple(found)


def _maturity(period: ReportPeriod, closed: dict[str, int]) -> Maturity:
    if period.span is not Span.WEEK:
        return Maturity.FINAL if period.is_over else Maturity.RUNNING
    is_final = closed.get(period.name)
    if is_final is None:
        return Maturity.RUNNING
    return Maturity.FINAL if is_final else Maturity.PROVISIONAL


def _one(
    kind: ReportKind, period: ReportPeriod, maturity: Maturity, folder: Path, cut: set[str]
) -> ShelvedReport:
    names = (f"{stem_of(kind, period.name, is_final=is_final)}.pdf" for is_final in (True, False))
    file = next((folder / name for name in names if name in cut), None)
    return ShelvedReport(kind, period, maturity, file)
