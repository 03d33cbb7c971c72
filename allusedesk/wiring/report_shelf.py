"""Which reports a journal can give, how final each is, and where those that were cut lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from allusedesk.journal.queries.record import sleeves
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind, ReportPeriod, Span, periods_of
from allusedesk.wiring.reporting import ReportWish, kinds_made

FOLDER = "reports"
PACK = "zip"
_FINAL, _PROVISIONAL = "final", "provisional"


class Maturity(Enum):
    """How final a report is; the value is the word for it."""

    RUNNING = "running"
    PROVISIONAL = _PROVISIONAL
    FINAL = _FINAL


@dataclass(frozen=True, slots=True)
class ShelvedReport:
    """One report that may be asked for; `file` is the PDF that the desk cut, where it lies there.

    `account` is the family a client's statement is about, else empty. `is_regular` tells whether
    reports of its kind are cut by themselves for such a stretch.
    """

    kind: ReportKind
    period: ReportPeriod
    account: str
    maturity: Maturity
    file: Path | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other one."""
        return (self.kind.value, self.period.name, self.account)

    @property
    def is_regular(self) -> bool:
        return self.period.span is self.kind.span


def stem_of(wish: ReportWish, *, is_final: bool) -> str:
    """The name, without its ending, of the files a report is cut into."""
    standing = _FINAL if is_final else _PROVISIONAL
    return "-".join(part for part in (wish.kind.value, wish.account, wish.period, standing) if part)


def families_at(side: ReadSide, last: date) -> tuple[str, ...]:
    """The families that were open by the end of a day, in the order they were opened."""
    return tuple(dict.fromkeys(one.family for one in sleeves(side) if one.opened_on <= last))


def shelved(side: ReadSide, folder: Path) -> tuple[ShelvedReport, ...]:
    """Every report of the journal, the newest first; `folder` holds what was cut."""
    cut = {file.name for file in folder.glob("*.pdf")}
    closed = side.pairs("SELECT week, max(is_final) FROM closings GROUP BY week")
    opened = sleeves(side)
    kinds = kinds_made()
    found: list[ShelvedReport] = []
    for span in Span:
        wanted = [kind for kind in kinds if span in kind.spans]
        for period in periods_of(side, span) if wanted else ():
            maturity = _maturity(period, closed)
            families = dict.fromkeys(one.family for one in opened if one.opened_on <= period.last)
            for kind in wanted:
                for account in families if kind is ReportKind.CLIENT else ("",):
                    wish = ReportWish(kind, period.name, account)
                    file = _file(wish, folder, cut)
                    found.append(ShelvedReport(kind, period, account, maturity, file))
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


def _file(wish: ReportWish, folder: Path, cut: set[str]) -> Path | None:
    names = (f"{stem_of(wish, is_final=is_final)}.pdf" for is_final in (True, False))
    return next((folder / name for name in names if name in cut), None)
