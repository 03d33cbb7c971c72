"""`allusedesk portfolio`: what to hold, what to trade to get there, and what profit came from."""

from __future__ import annotations

from argparse import Namespace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.portfolio_trades import add_rebalance
from allusedesk.cli.portfolio_weights import add_construct, symbols_listed
from allusedesk.cli.price_options import add_prices
from allusedesk.cli.printing import print_json, print_pairs, print_table

if TYPE_CHECKING:
    from allusedesk.portfolio.brinson import Brinson
    from allusedesk.reports.attribution_report import AttributionReport


def add_commands(commands: Commands) -> None:
    """Add `portfolio` with its questions."""
    group = commands.add_parser(
        "portfolio",
        help="weights under the caps, trades towards them, and what profit came from",
        example="allusedesk portfolio construct --data resources/sample_market "
        "--symbols AAPL,IBM,MSFT --method equal-weight",
    )
    group.set_defaults(group=group)
    questions = group.add_subparsers(title="questions", metavar="QUESTION")
    add_construct(questions)
    add_rebalance(questions)
    _add_attribution(questions)


def _add_attribution(questions: Commands) -> None:
    command = questions.add_parser(
        "attribution",
        help="what a journal's profit came from; the parts sum to the whole to the cent",
        example="allusedesk portfolio attribution out/rehearsal.journal",
    )
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal to read")
    command.add_argument("--from", dest="first", type=arguments.day, help="first day")
    command.add_argument("--to", dest="last", type=arguments.day, help="last day")
    command.add_argument(
        "--benchmark",
        type=symbols_listed,
        metavar="A,B,C",
        help="divide the difference to equal weights of these shares too; needs --data",
    )
    add_prices(command, "prices for --benchmark")
    command.set_defaults(command=_attribution)


def _attribution(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.cli.progress import steps_passing
    from allusedesk.reports.attribution_report import NothingToAttribute, build_attribution

    with journal_read(options.journal) as side:
        try:
            with steps_passing(None, "dividing"):
                report = build_attribution(side, options.first, options.last)
        except NothingToAttribute as refusal:
            raise Refusal(str(refusal)) from refusal
    found = report.attribution
    against = None
    if options.benchmark is not None:
        against = _against(options, report)
    if wants_json(options):
        print_json(
            {
                "brinson": against,
                "first": found.first,
                "last": found.last,
                "equity_start": found.equity_start,
                "equity_end": found.equity_end,
                "moved": found.moved,
                "whole": found.whole,
                "by": {
                    cut.by.value: {part.name: part.amount for part in cut.parts}
                    for cut in found.cuts
                },
                "notes": report.notes,
            }
        )
        return DONE
    print_pairs(
        [
            ("period", f"{found.first} to {found.last}"),
            ("equity before", found.equity_start),
            ("money moved", found.moved),
            ("equity after", found.equity_end),
            ("profit", found.whole),
        ]
    )
    for cut in found.cuts:
        print()
        rows: list[tuple[object, ...]] = [
            (part.name, part.amount, _share(part.amount.amount, found.whole.amount))
            for part in cut.parts
        ]
        print_table((f"by {cut.by.value}", "dollars", "of the profit"), rows)
        print_pairs([("whole", found.whole)])
    if against is not None:
        _print_brinson(against)
    print()
    for note in report.notes:
        print(note)
    return DONE


def _against(options: Namespace, report: AttributionReport) -> Brinson:
    from allusedesk.market.history import FileRefused
    from allusedesk.wiring.benchmarks import against_shares
    from allusedesk.wiring.requests import RequestRefused

    if not options.data:
        raise Refusal("A benchmark needs prices: name a file or folder with --data.")
    try:
        return against_shares(report, options.data, options.benchmark)
    except (FileRefused, RequestRefused) as refusal:
        raise Refusal(str(refusal)) from refusal


def _print_brinson(against: Brinson) -> None:
    print()
    print_table(
        ("against shares", "allocation", "selection", "interaction"),
        [(one.name, one.allocation, one.selection, one.interaction) for one in against.parts],
    )
    print_pairs(
        [
            ("desk", f"{against.whole_return:.2%} on {against.base.amount:,.2f}"),
            ("benchmark", f"{against.benchmark_return:.2%}"),
            ("difference", against.difference),
        ]
    )


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole * 100:.1f} %" if whole else "-"
