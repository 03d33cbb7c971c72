"""`allusedesk report`: statements, taxes and cash from the journal."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, print_pairs, print_table

if TYPE_CHECKING:
    from allusedesk.reports.statement import Statement

_YEAR_DIGITS = 4


def add_commands(commands: Commands) -> None:
    """Add `report` and its kinds."""
    group = commands.add_parser(
        "report",
        help="a week on paper, a year's taxes, the sleeves' cash",
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
    tax = kinds.add_parser(
        "tax",
        help="a year's gains as rows of Forms 8949 and 6781: an estimate, ask your adviser",
        example="allusedesk report tax out/rehearsal.journal --period 2012 --out out/tax.csv",
    )
    tax.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    tax.add_argument("--period", default="last", metavar="YEAR", help="such as 2012, or last")
    tax.add_argument(
        "--lots",
        choices=("fifo", "specific"),
        default="fifo",
        help="which lot a sale takes: the oldest of all sleeves (if left out), or the desk's own",
    )
    tax.add_argument("--format", choices=("csv", "json"), default="csv", help="csv if left out")
    tax.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write")
    tax.set_defaults(command=_tax)
    cash = kinds.add_parser(
        "cash",
        help="each sleeve's cash by the day it can be used",
        example="allusedesk report cash out/rehearsal.journal",
    )
    cash.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    cash.set_defaults(command=_cash)


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


def _tax(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.cli.new_files import whole_file
    from allusedesk.portfolio.tax_lots import LotChoice
    from allusedesk.reports.tax_report import (
        NothingToReport,
        build_tax_report,
        write_tax_csv,
        write_tax_json,
    )

    year = _year(options.period)
    with journal_read(options.journal) as side, whole_file(options.out) as unfinished:
        try:
            report = build_tax_report(side, year, LotChoice(options.lots))
        except NothingToReport as nothing:
            raise Refusal(f"{options.journal}: {nothing}") from nothing
        (write_tax_json if options.format == "json" else write_tax_csv)(report, unfinished)
    if wants_json(options):
        print_json(
            {
                "file": options.out.resolve(),
                "format": options.format,
                "year": report.year,
                "label": report.label,
                "lots": report.lots,
                "is_provisional": report.is_provisional,
                "rows": len(report.rows),
                "sums": report.sums,
                "chain_head": report.chain_head,
            }
        )
        return DONE
    sums = report.sums
    print(f"The taxes of {report.year} ({report.label}) are {options.out}.")
    print_pairs(
        [
            ("short-term", sums.short_term),
            ("long-term", sums.long_term),
            ("deferred by wash sales", sums.disallowed),
        ]
    )
    if report.is_provisional:
        print("Provisional: a purchase within 30 days of a loss may still defer it.")
    return DONE


def _year(period: str) -> int | None:
    if period == "last":
        return None
    if len(period) == _YEAR_DIGITS and period.isascii() and period.isdigit():
        return int(period)
    raise Refusal(f"{period!r} is no year: write --period 2012, or last.")


def _cash(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.protocol.rulebook_text import RulebookRefused
    from allusedesk.reports.tax_report import NothingToReport, cash_ladders

    with journal_read(options.journal) as side:
        try:
            today, ladders = cash_ladders(side)
        except (NothingToReport, RulebookRefused) as refused:
            raise Refusal(f"{options.journal}: {refused}") from refused
    if wants_json(options):
        print_json({"on": today, "sleeves": {one.account: one for one in ladders}})
        return DONE
    print(f"Cash after the close of {today}")
    rows: list[tuple[object, ...]] = []
    for one in ladders:
        rows.append((one.account, "settled", None, one.settled))
        rows += [(one.account, "arriving", step.on, step.amount) for step in one.arriving]
        rows += [(one.account, "held until expiry", step.on, step.amount) for step in one.held]
        rows.append((one.account, "tax reserve", None, one.tax_reserve))
        rows.append((one.account, "free", None, one.free))
    print_table(("sleeve", "cash", "day", "USD"), rows)
    return DONE
