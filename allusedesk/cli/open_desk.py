"""`allusedesk desk`: the desk with its window."""

from __future__ import annotations

from argparse import Namespace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import Commands, Refusal
from allusedesk.cli.desk_options import speed, symbol, symbol_lists, symbols_by_tier

if TYPE_CHECKING:
    from allusedesk.cli.screens import Screens
    from allusedesk.wiring.requests import DeskRequest


def add_commands(commands: Commands) -> None:
    """Add `desk`."""
    command = commands.add_parser(
        "desk",
        help="the desk with its window, on paper; goes on where it stopped",
        description="The desk with its window. What is left out is that of the sample market, "
        "whose desk lies in the folder of your settings.",
        example="allusedesk desk --feed resources/sample_market --from 2012-01-09 "
        "--to 2012-03-30 --symbols 'gen=AAPL,IBM;rev=MSFT,IBM;com=MSFT' --out out/desk",
    )
    command.add_argument(
        "--feed",
        action="append",
        type=Path,
        metavar="PATH",
        help="a recorded market: a file, an archive or a folder; may stand several times",
    )
    command.add_argument(
        "--from", dest="first", type=arguments.day, metavar="DAY", help="first day"
    )
    command.add_argument("--to", dest="last", type=arguments.day, metavar="DAY", help="last day")
    command.add_argument(
        "--rulebook", metavar="NAME|FILE", help="classic if left out; a desk there keeps its own"
    )
    command.add_argument(
        "--symbols",
        type=symbols_by_tier,
        metavar="LIST",
        help="A,B for every tier, or gen=A,B;rev=C;com=C (a tier left out trades the rulebook's)",
    )
    command.add_argument("--capital", type=arguments.number_above_zero, help="dollars at the start")
    command.add_argument(
        "--approve", metavar="WHOM", help="ask (you, if left out), all, none, or a policy in TOML"
    )
    command.add_argument("--seed", type=arguments.whole_from_zero, help="of all chance")
    command.add_argument(
        "--trend", type=symbol, metavar="SYMBOL", help="what the trend is read from (SPY)"
    )
    command.add_argument(
        "--speed",
        type=speed,
        default=Decimal(60),
        help="recorded seconds in each real one, or max (60 if left out); the window changes it",
    )
    command.add_argument("--out", type=Path, metavar="FOLDER", help="where the journal goes")
    command.set_defaults(command=_open)


def _open(options: Namespace) -> int:
    request = desk_request(options)
    screens: Screens | None = options.screens
    if screens is None:
        raise Refusal("This program was started without a window: use allusedesk run --headless.")
    return screens.open_desk(request)


def desk_request(options: Namespace) -> DeskRequest:
    """The desk that was asked for, the sample market's wherever nothing was said."""
    from dataclasses import replace

    from allusedesk.settings import desk_home
    from allusedesk.wiring.sample_desk import sample_request

    out = options.out if options.out is not None else desk_home() / "paper"
    if out.exists() and not out.is_dir():
        raise Refusal(f"{out} is a file: name a folder with --out.")
    request = sample_request(out, speed=None if options.speed is None else float(options.speed))
    said = {
        name: getattr(options, name)
        for name in ("first", "last", "rulebook", "capital", "approve", "seed", "trend")
        if getattr(options, name) is not None
    }
    desk = replace(request.desk, **said)
    if options.feed:
        if options.first is None or options.last is None:
            raise Refusal("A market of your own needs its days: add --from and --to.")
        desk = replace(desk, data=tuple(options.feed), symbols=())
    if options.symbols is not None:
        desk = replace(desk, symbols=symbol_lists(options.symbols))
    return replace(request, desk=desk)
