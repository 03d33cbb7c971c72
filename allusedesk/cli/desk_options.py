"""The options a rehearsal and a paper desk share, and the request made of them."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import CommandParser, Refusal

if TYPE_CHECKING:
    from allusedesk.domain.inputs import SymbolList
    from allusedesk.protocol.rulebook import Rulebook
    from allusedesk.wiring.requests import RehearsalRequest, StrategyChoice

_AS_FAST_AS_IT_GOES = "max"


def add_desk_options(command: CommandParser, *, may_be_now: bool = False) -> None:
    """Add the span, the rules, the money, who approves, chance and the folder.

    A desk that `may_be_now` needs no days, and nobody but a person approves for a live one.
    """
    of_old = " (of a recorded market)" if may_be_now else ""
    command.add_argument(
        "--from",
        dest="first",
        required=not may_be_now,
        type=arguments.day,
        metavar="DAY",
        help=f"first day{of_old}",
    )
    command.add_argument(
        "--to",
        dest="last",
        required=not may_be_now,
        type=arguments.day,
        metavar="DAY",
        help=f"last day{of_old}",
    )
    command.add_argument(
        "--rulebook", default="classic", metavar="NAME|FILE[+PROFILE]", help="classic if left out"
    )
    command.add_argument(
        "--symbols",
        type=symbols_by_tier,
        default={},
        metavar="LIST",
        help="A,B for every tier, or gen=A,B;rev=C;com=C (a tier left out trades the rulebook's)",
    )
    command.add_argument(
        "--capital", required=True, type=arguments.number_above_zero, help="dollars at the start"
    )
    command.add_argument(
        "--approve",
        required=not may_be_now,
        metavar="WHOM",
        help="all, none, or a policy in TOML: who says yes to proposals",
    )
    command.add_argument(
        "--seed", type=arguments.whole_from_zero, default=1, help="of all chance (1 if left out)"
    )
    command.add_argument(
        "--strategy",
        action="append",
        default=[],
        metavar="NAME@VERSION=ACCOUNT",
        help="a strategy to switch on in a sleeve such as rev; may stand several times",
    )
    command.add_argument(
        "--trend", type=symbol, metavar="SYMBOL", help="what the trend is read from (SPY)"
    )
    command.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="where the journal goes"
    )


def request_of(options: Namespace, data: list[Path]) -> RehearsalRequest:
    """The request the options make. Raises Refusal."""
    from allusedesk.cli.rulebook_choice import rulebook_for
    from allusedesk.domain.accounts import AccountKind
    from allusedesk.domain.inputs import SymbolList
    from allusedesk.wiring.requests import RehearsalRequest as Request

    name, plus, profile = options.rulebook.partition("+")
    named, rulebook = rulebook_for(name, options.capital)
    if options.out.exists() and not options.out.is_dir():
        raise Refusal(f"{options.out} is a file: name a folder with --out.")
    symbols = tuple(
        SymbolList(kind, options.symbols.get(kind.value, rulebook.account(kind).symbols))
        for kind in AccountKind
    )
    return Request(
        data=tuple(data),
        first=options.first,
        last=options.last,
        rulebook=f"{named}{plus}{profile}",
        symbols=symbols,
        capital=options.capital,
        approve=options.approve,
        seed=options.seed,
        out=options.out,
        trend=options.trend,
        strategies=_strategies(options, symbols, rulebook),
    )


def _strategies(
    options: Namespace, symbols: tuple[SymbolList, ...], rulebook: Rulebook
) -> tuple[StrategyChoice, ...]:
    if not options.strategy:
        return ()
    from allusedesk.wiring.requests import RequestRefused
    from allusedesk.wiring.strategies import strategy_choices

    try:
        return strategy_choices(options.strategy, symbols, rulebook)
    except RequestRefused as refusal:
        raise Refusal(str(refusal)) from refusal


@contextmanager
def refused_plainly() -> Iterator[None]:
    """Whatever keeps a desk from beginning or going on becomes a Refusal."""
    from allusedesk.approvals.policy import PolicyRefused
    from allusedesk.journal.faults import JournalFault
    from allusedesk.market.history import FileRefused
    from allusedesk.wiring.requests import RequestRefused

    try:
        yield
    except (RequestRefused, PolicyRefused, FileRefused, JournalFault, ConnectionError) as refusal:
        raise Refusal(str(refusal)) from refusal


def symbols_by_tier(text: str) -> dict[str, tuple[str, ...]]:
    """The symbols of each tier named in `gen=A,B;rev=C;com=C`, or of every tier in `A,B`."""
    if "=" not in text:
        text = ";".join(f"{tier}={text}" for tier in ("gen", "rev", "com"))
    tiers: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        tier, equals, listed = (piece.strip() for piece in part.partition("="))
        if not equals or tier not in {"gen", "rev", "com"} or tier in tiers:
            raise ArgumentTypeError(
                f"{part!r} names no tier of its own, write such as gen=A,B;rev=C;com=C"
            )
        symbols = tuple(symbol(name.strip()) for name in listed.split(",") if listed)
        if len(set(symbols)) < len(symbols):
            raise ArgumentTypeError(f"{part!r} names a symbol twice")
        tiers[tier] = symbols
    if not any(tiers.values()):
        raise ArgumentTypeError(f"{text!r} names no symbol, write such as gen=A,B;rev=C;com=C")
    return tiers


def symbol_lists(tiers: Mapping[str, tuple[str, ...]]) -> tuple[SymbolList, ...]:
    """The symbols typed for each tier; a tier that was left out is left out."""
    from allusedesk.domain.accounts import AccountKind
    from allusedesk.domain.inputs import SymbolList

    return tuple(SymbolList(kind, tiers[kind.value]) for kind in AccountKind if kind.value in tiers)


def speed(text: str) -> Decimal | None:
    """Recorded seconds in each real one; None for as fast as it goes."""
    if text == _AS_FAST_AS_IT_GOES:
        return None
    try:
        return arguments.number_above_zero(text)
    except ArgumentTypeError as refusal:
        raise ArgumentTypeError(f"{refusal}, or {_AS_FAST_AS_IT_GOES}") from refusal


def symbol(text: str) -> str:
    """A ticker in capitals; raises ArgumentTypeError for what is none."""
    ticker = text.upper()
    letters = ticker.replace(".", "").replace("-", "")
    if not (letters.isascii() and letters.isalnum() and ticker[:1].isalpha()):
        raise ArgumentTypeError(f"{text!r} is no ticker, write one such as AAPL")
    return ticker
