"""`allusedesk rehearse`: the protocol over recorded time, and what came of it."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json

if TYPE_CHECKING:
    from allusedesk.wiring.requests import RehearsalRequest, RehearsalResult


def add_commands(commands: Commands) -> None:
    """Add `rehearse`."""
    command = commands.add_parser(
        "rehearse",
        help="the protocol over history, as fast as the machine goes",
        example="allusedesk rehearse --data resources/sample_market --from 2012-01-02 "
        "--to 2012-03-30 --symbols 'gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT' --capital 1000000 "
        "--approve all --out out",
    )
    command.add_argument(
        "--data",
        required=True,
        action="append",
        type=Path,
        metavar="PATH",
        help="a file, an archive or a folder to be searched; may stand several times",
    )
    command.add_argument(
        "--from", dest="first", required=True, type=arguments.day, metavar="DAY", help="first day"
    )
    command.add_argument(
        "--to", dest="last", required=True, type=arguments.day, metavar="DAY", help="last day"
    )
    command.add_argument(
        "--rulebook", default="classic", metavar="NAME", help="classic if left out"
    )
    command.add_argument(
        "--symbols",
        type=symbols_by_tier,
        default={},
        metavar="LIST",
        help="such as gen=A,B;rev=C;com=C (a tier left out trades the rulebook's)",
    )
    command.add_argument(
        "--capital", required=True, type=arguments.number_above_zero, help="dollars at the start"
    )
    command.add_argument(
        "--approve",
        required=True,
        metavar="WHOM",
        help="all, none, or a policy in TOML: who says yes to proposals",
    )
    command.add_argument(
        "--seed", type=arguments.whole_from_zero, default=1, help="of all chance (1 if left out)"
    )
    command.add_argument(
        "--trend", type=_symbol, metavar="SYMBOL", help="what the trend is read from (SPY)"
    )
    command.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="where the journal goes"
    )
    command.set_defaults(command=_rehearse)


def symbols_by_tier(text: str) -> dict[str, tuple[str, ...]]:
    """The symbols of each tier named in `gen=A,B;rev=C;com=C`."""
    tiers: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        tier, equals, listed = (piece.strip() for piece in part.partition("="))
        if not equals or tier not in {"gen", "rev", "com"} or tier in tiers:
            raise ArgumentTypeError(
                f"{part!r} names no tier of its own, write such as gen=A,B;rev=C;com=C"
            )
        symbols = tuple(_symbol(name.strip()) for name in listed.split(",") if listed)
        if len(set(symbols)) < len(symbols):
            raise ArgumentTypeError(f"{part!r} names a symbol twice")
        tiers[tier] = symbols
    if not any(tiers.values()):
        raise ArgumentTypeError(f"{text!r} names no symbol, write such as gen=A,B;rev=C;com=C")
    return tiers


def _symbol(text: str) -> str:
    symbol = text.upper()
    letters = symbol.replace(".", "").replace("-", "")
    if not (letters.isascii() and letters.isalnum() and symbol[:1].isalpha()):
        raise ArgumentTypeError(f"{text!r} is no ticker, write one such as AAPL")
    return symbol


def _rehearse(options: Namespace) -> int:
    from allusedesk.cli.new_files import nothing_half_written
    from allusedesk.cli.rehearsal_summary import print_summary, summary_of
    from allusedesk.wiring.requests import JOURNAL_NAME

    request = _request(options)
    journal = options.out / JOURNAL_NAME
    if journal.exists():
        raise Refusal(f"{journal} exists already and is kept: choose another --out or remove it.")
    with nothing_half_written(options.out):
        result = _run(request)
        summary = summary_of(result)
    if wants_json(options):
        print_json(summary)
    else:
        print_summary(summary)
    return DONE


def _request(options: Namespace) -> RehearsalRequest:
    from allusedesk.cli.rulebook_choice import rulebook_chosen
    from allusedesk.domain.accounts import AccountKind
    from allusedesk.domain.inputs import SymbolList
    from allusedesk.wiring.requests import RehearsalRequest as Request

    rulebook = rulebook_chosen(options.rulebook)
    least = rulebook.capital.start_min
    if options.capital < least:
        raise Refusal(f"The smallest start capital is {least}: raise --capital {options.capital}.")
    return Request(
        data=tuple(options.data),
        first=options.first,
        last=options.last,
        rulebook=rulebook.name,
        symbols=tuple(
            SymbolList(kind, options.symbols.get(kind.value, rulebook.account(kind).symbols))
            for kind in AccountKind
        ),
        capital=options.capital,
        approve=options.approve,
        seed=options.seed,
        out=options.out,
        trend=options.trend,
    )


def _run(request: RehearsalRequest) -> RehearsalResult:
    from allusedesk.approvals.policy import PolicyRefused
    from allusedesk.cli.progress import days_passing
    from allusedesk.journal.faults import JournalFault
    from allusedesk.market.archive.opening import HistoryMissing
    from allusedesk.market.history import FileRefused
    from allusedesk.wiring.rehearsal import rehearse
    from allusedesk.wiring.requests import RequestRefused

    try:
        with days_passing(request.first, request.last, "rehearsing") as progress:
            return rehearse(request, progress)
    except (RequestRefused, PolicyRefused, FileRefused, HistoryMissing, JournalFault) as refusal:
        raise Refusal(str(refusal)) from refusal
