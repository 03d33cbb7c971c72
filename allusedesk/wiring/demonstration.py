"""A few weeks of the sample market, end to end: journal, weekly report, its pages as pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from allusedesk.reports.kinds import ReportKind
from allusedesk.reports.paper.page_pictures import picture_pages
from allusedesk.resource_files import resource_path
from allusedesk.wiring import sample_desk
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.reporting import ReportWish, write_report
from allusedesk.wiring.requests import JOURNAL_NAME, RehearsalRequest

# Four weeks with entries, assignments and covered calls; the last is the one reported.
FIRST, LAST = sample_desk.FIRST, date(2012, 2, 3)
REPORTED = "2012-W05"
CAPITAL, SEED, SYMBOLS = sample_desk.CAPITAL, sample_desk.SEED, sample_desk.SYMBOLS


@dataclass(frozen=True, slots=True)
class DemonstrationResult:
    """What the demonstration left behind; `pages` are the pictures of the PDF's pages."""

    journal: Path
    chain_head: str
    entries: int
    pdf: Path
    csv: Path
    json: Path
    pages: tuple[Path, ...]
    seconds: float


def demonstrate(out: Path, progress: Callable[[date], None] | None = None) -> DemonstrationResult:
    """Rehearse the sample weeks into `out`, replacing what an earlier demonstration left there."""
    for name in (JOURNAL_NAME, f"{JOURNAL_NAME}.read"):
        (out / name).unlink(missing_ok=True)
    request = RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=FIRST,
        last=LAST,
        rulebook="classic",
        symbols=SYMBOLS,
        capital=CAPITAL,
        approve="all",
        seed=SEED,
        out=out,
    )
    result = rehearse(request, progress)
    pdf, csv, json = write_report(
        result.journal, ReportWish(ReportKind.WEEKLY, REPORTED), out / f"weekly-{REPORTED}"
    )
    pages = picture_pages(pdf, out)
    return DemonstrationResult(
        result.journal,
        result.chain_head,
        result.entries,
        pdf,
        csv,
        json,
        pages,
        result.seconds,
    )
