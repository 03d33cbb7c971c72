"""Writes a week's report to a folder, from the record alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allusedesk.domain.weeks import WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.resource_files import resource_path


@dataclass(frozen=True, slots=True)
class WeeklyReports:
    """The report door of a desk: PDF, CSV and JSON of each week, provisional then final."""

    journal: Path
    folder: Path

    def cut(self, week: WeekId, *, is_final: bool) -> None:
        standing = "final" if is_final else "provisional"
        write_weekly_report(self.journal, str(week), self.folder / f"weekly-{week}-{standing}")


def write_weekly_report(journal: Path, week: str, stem: Path) -> tuple[Path, Path, Path]:
    """The report of a week as `stem` with .pdf, .csv and .json; returns the three files."""
    # What draws pages is read in when there is one to draw: a desk that was killed is back sooner.
    from allusedesk.reports.csv_export import write_csv
    from allusedesk.reports.json_export import write_json
    from allusedesk.reports.pdf import draw_statement
    from allusedesk.reports.weekly_statement import build_weekly_statement

    stem.parent.mkdir(parents=True, exist_ok=True)
    with ReadSide.open(journal) as side:
        statement = build_weekly_statement(side, week)
    pdf, csv, json = (stem.with_name(f"{stem.name}.{kind}") for kind in ("pdf", "csv", "json"))
    draw_statement(statement, pdf, resource_path("fonts"))
    write_csv(statement, csv)
    write_json(statement, json)
    return pdf, csv, json
