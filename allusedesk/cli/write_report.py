"""`allusedesk report`: statements, taxes and cash from the journal."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.price_options import add_prices
from allusedesk.cli.printing import print_json, print_pairs, print_table
from allusedesk.cli.report_pack import add_verify, cut_pack

# Each kind of statement: its name, what it covers, and how its period is written.
_KINDS = (
    (
        "weekly",
        "condition, outcomes, trades, targets beside results, balances, what is next",
        "2013-W07",
    ),
    (
        "monthly",
        "returns, drawdown, Sharpe, week types, adherence and exceptions, distance to forks",
        "2013-02",
    ),
    (
        "quarterly",
        "what the profit came from, reinvestment, tax reserve, LEAPS ladder, hedges",
        "2013-Q1",
    ),
    (
        "annual",
        "the months, projection against outcome, taxes, what was risked",
        "2013",
    ),
    (
        "risk",
        "greeks, exposure, value at risk and its record, stress, limits, breaches",
        "2013-02, 2013-Q1",
    ),
    (
        "regulatory",
        "order audit trail, approvals, best execution, breaches, rules; as zip with everything",
        "2013-Q1",
    ),
    (
        "tax",
        "a year's gains by lot, Forms 8949 and 6781, wash sales: an estimate, ask your adviser",
        "2012",
    ),
    (
        "client",
        "one account in plain words, for somebody who has never traded an option",
        "2013-02",
    ),
)


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
    for kind, covers, period in _KINDS:
        _add_kind(kinds, kind, covers, period)
    add_verify(kinds)
    cash = kinds.add_parser(
        "cash",
        help="each sleeve's cash by the day it can be used",
        example="allusedesk report cash out/rehearsal.journal",
    )
    cash.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    cash.set_defaults(command=_cash)


def _add_kind(kinds: Commands, kind: str, covers: str, period: str) -> None:
    command = kinds.add_parser(
        kind,
        help=covers,
        example=f"allusedesk report {kind} out/rehearsal.journal --period last --format pdf "
        f"--out out/{kind}.pdf",
    )
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    command.add_argument(
        "--period", default="last", metavar="PERIOD", help=f"such as {period}, or last"
    )
    more = {"regulatory": ("zip",), "tax": ("8949",)}
    forms = ("pdf", "csv", "json", *more.get(kind, ()))
    command.add_argument("--format", choices=forms, default="pdf", help="pdf if left out")
    command.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="the file to write"
    )
    if kind == "tax":
        command.add_argument(
            "--lots",
            choices=("fifo", "specific"),
            default="fifo",
            help="what a sale takes: the oldest of all sleeves (if left out), or the desk's own",
        )
    if kind == "risk":
        add_prices(command, "prices to measure on (else those the journal saw)")
    if kind == "client":
        command.add_argument(
            "--account",
            default="",
            metavar="ACCOUNT",
            help="a family such as F1 (the first if left out), or one sleeve such as F1.gen",
        )
    command.set_defaults(command=_report, kind=kind)


def _report(options: Namespace) -> int:
    if options.format == "zip":
        return cut_pack(options)
    if options.format == "8949":
        return _form_rows(options)
    from allusedesk.cli.desk_options import refused_plainly
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.cli.new_files import whole_file
    from allusedesk.reports.kinds import PeriodUnknown, ReportKind
    from allusedesk.wiring.reporting import ReportWish, statement_of, write_statement

    wish = ReportWish(
        ReportKind(options.kind),
        options.period,
        account=getattr(options, "account", ""),
        targets_by=_targets_by() if options.kind == "client" else "",
        lots=getattr(options, "lots", "fifo"),
        data=tuple(getattr(options, "data", ())),
    )
    with (
        refused_plainly(),
        journal_read(options.journal) as side,
        whole_file(options.out) as unfinished,
    ):
        try:
            statement = statement_of(side, wish)
        except PeriodUnknown as unknown:
            raise Refusal(str(unknown)) from unknown
        write_statement(statement, unfinished, options.format)
    if wants_json(options):
        print_json(
            {
                "file": options.out.resolve(),
                "format": options.format,
                "kind": options.kind,
                "period": statement.period,
                "standing": statement.standing,
                "version": statement.version,
                "chain_head": statement.chain_head,
            }
        )
    else:
        print(
            f"The {statement.standing.value} {options.kind} report of {statement.period} is "
            f"{options.out}."
        )
    return DONE


def _targets_by() -> str:
    """Who let a client's pages show targets; empty where nobody did."""
    from allusedesk.settings import SettingsUnreadable, desk_home, read_settings

    try:
        return read_settings(desk_home()).client.targets_by
    except SettingsUnreadable as damaged:
        raise Refusal(str(damaged)) from damaged


def _form_rows(options: Namespace) -> int:
    """The rows of Forms 8949 and 6781 alone, under the columns of the forms."""
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.cli.new_files import whole_file
    from allusedesk.portfolio.tax_lots import LotChoice
    from allusedesk.reports.kinds import PeriodUnknown, ReportKind, period_named
    from allusedesk.reports.tax.report import NothingToReport, build_tax_report, write_tax_csv

    with journal_read(options.journal) as side, whole_file(options.out) as unfinished:
        try:
            year = period_named(side, ReportKind.TAX, options.period).first.year
            report = build_tax_report(side, year, LotChoice(options.lots))
        except (PeriodUnknown, NothingToReport) as nothing:
            raise Refusal(str(nothing)) from nothing
        write_tax_csv(report, unfinished)
    if wants_json(options):
        print_json(
            {
                "file": options.out.resolve(),
                "format": options.format,
                "kind": options.kind,
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


def _cash(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.protocol.rulebook_text import RulebookRefused
    from allusedesk.reports.tax.report import NothingToReport, cash_ladders

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
