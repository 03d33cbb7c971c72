"""`allusedesk report`: a statement from the journal as PDF, CSV or JSON."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json

if TYPE_CHECKING:
    from allusedesk.reports.statement import Statement


def add_commands(commands: Commands) -> None:
    """Add `report` and its kinds."""
    group = commands.add_parser(
        "report",
        help="a week on paper",
        example="allusedesk report weekly out/rehearsal.journal --period last --format pdf "
        "--out out/week.pdf",
    )
    group.set_defaults(group=group)
    kinds = group.add_subparsers(title="kinds", metavar="KIND")
    weekly = kinds.add_parser(
        "weekly",
        help="condition, outcomes, trades, targets beside results, balances, what is next",
        example="allusedesk report weekly out/rehearsal.journal --period last --format csv "
        "--out out/week.csv",
    )
    weekly.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    weekly.add_argument(
        "--period", default="last", metavar="WEEK", help="such as 2013-W07, or last"
    )
    weekly.add_argument(
        "--format", choices=("pdf", "csv", "json"), default="pdf", help="pdf if left out"
    )
    weekly.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write")
    weekly.set_defaults(command=_weekly)


def _weekly(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.cli.new_files import whole_file
    from allusedesk.journal.week_queries import latest_week
    from allusedesk.reports.weekly_statement import WeekUnknown, build_weekly_statement

    with journal_read(options.journal) as side, whole_file(options.out) as unfinished:
        week = latest_week(side) if options.period == "last" else options.period
        if week is None:
            raise Refusal(f"{options.journal} holds no whole day yet, so no week can be reported.")
        try:
            statement = build_weekly_statement(side, week)
        except WeekUnknown as unknown:
            raise Refusal(str(unknown)) from unknown
        _write(statement, unfinished, options.format)
    if wants_json(options):
        print_json(
            {
                "file": options.out.resolve(),
                "format": options.format,
                "period": statement.period,
                "week": week,
                "standing": statement.standing,
                "version": statement.version,
                "chain_head": statement.chain_head,
            }
        )
    else:
        print(f"The {statement.standing.value} report of {week} is {options.out}.")
    return DONE


def _write(statement: Statement, file: Path, form: str) -> None:
    if form == "csv":
        from allusedesk.reports.csv_export import write_csv

        write_csv(statement, file)
    elif form == "json":
        from allusedesk.reports.json_export import write_json

        write_json(statement, file)
    else:
        from allusedesk.reports.pdf import draw_statement
        from allusedesk.resource_files import resource_path

        draw_statement(statement, file, resource_path("fonts"))
