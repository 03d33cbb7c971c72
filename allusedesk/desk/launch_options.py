"""What may be typed behind `allusedesk desk`, and the desk it asks for."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.resource_files import resource_path
from allusedesk.settings import desk_home
from allusedesk.wiring.requests import ASK, DeskRequest, RehearsalRequest

# The sample market ships with the desk, so that the first paper trade needs no data of anyone's.
_SAMPLE_FIRST, _SAMPLE_LAST = date(2012, 1, 9), date(2012, 12, 28)
_SAMPLE_SYMBOLS = (
    SymbolList(AccountKind.GENERATION, ("AAPL", "IBM")),
    SymbolList(AccountKind.REVENUE, ("MSFT", "IBM", "AAPL")),
    SymbolList(AccountKind.COMPOUNDING, ("MSFT", "IBM")),
)


def request_of(argv: Sequence[str]) -> DeskRequest | None:
    """The desk that was asked for; None where the options are wrong, which was then said."""
    options = _parser().parse_args(list(argv))
    feeds = tuple(options.feed or ())
    out = options.out if options.out is not None else desk_home() / "paper"
    return DeskRequest(
        RehearsalRequest(
            data=feeds or (resource_path("sample_market"),),
            first=options.first,
            last=options.last,
            rulebook=options.rulebook,
            symbols=() if feeds else _SAMPLE_SYMBOLS,
            capital=options.capital,
            approve=options.approve,
            seed=options.seed,
            out=out,
            trend=options.trend,
        ),
        options.speed,
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="allusedesk desk", description="The desk with its window.")
    parser.add_argument("--feed", action="append", type=Path, help="a recorded market")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=_SAMPLE_FIRST)
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=_SAMPLE_LAST)
    parser.add_argument("--rulebook", default="classic")
    parser.add_argument("--capital", type=_dollars, default=Decimal(1_000_000))
    parser.add_argument("--approve", default=ASK)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--trend", default=None)
    parser.add_argument("--speed", type=_speed, default=60.0)
    parser.add_argument("--out", type=Path, default=None)
    return parser


def _dollars(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as fault:
        raise ValueError(text) from fault


def _speed(text: str) -> float | None:
    return None if text == "max" else float(text)
