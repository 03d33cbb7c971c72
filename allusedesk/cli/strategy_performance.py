"""`allusedesk strategy performance`: what strategies earned, live and beside a backtest."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import DONE, Commands, wants_json
from allusedesk.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from allusedesk.domain.strategy_trades import StrategyTrade

_TITLES = (
    "strategy",
    "sleeve",
    "opened",
    "closed",
    "won",
    "result",
    "unrealised",
    "commission",
    "best",
    "worst",
    "a unit",
    "days held",
)


def add_performance(actions: Commands) -> None:
    """Add `performance` to the actions of `strategy`."""
    performance = actions.add_parser(
        "performance",
        help="trades and results by strategy and version, beside a backtest where one is given",
        example="allusedesk strategy performance out/wheel/rehearsal.journal "
        "--against out/rehearsal.journal",
    )
    performance.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    performance.add_argument(
        "--against", type=Path, metavar="JOURNAL", help="a rehearsal of the same strategies"
    )
    performance.set_defaults(command=_performance)


def _performance(options: Namespace) -> int:
    from allusedesk.strategy.performance import beside, performance_of

    trades = _trades(options.journal)
    found = performance_of(trades)
    tested = performance_of(_trades(options.against)) if options.against else ()
    pairs = beside(found, tested)
    if wants_json(options):
        print_json({"strategies": found, "trades": trades, "beside": pairs})
        return DONE
    if not found:
        print("No strategy has traded in this journal.")
        return DONE
    rows = [
        (
            one.strategy,
            one.account,
            one.opened,
            one.closed,
            one.won,
            str(one.result.to_cents()),
            str(one.unrealised.to_cents()),
            str(one.commission.to_cents()),
            "" if one.best is None else str(one.best.to_cents()),
            "" if one.worst is None else str(one.worst.to_cents()),
            _figure(one.mean),
            _figure(one.days_held),
        )
        for one in found
    ]
    print_table(_TITLES, rows)
    if any(one.is_modelled for one in found):
        print("Modelled quotes stand behind some of these trades.")
    for pair in pairs:
        gap = (
            "too few trades to compare" if pair.gap is None else f"{pair.gap:+.2f} standard errors"
        )
        print(
            f"{pair.strategy}: {_figure(pair.live.mean)} a unit here, "
            f"{_figure(pair.tested.mean)} in {options.against.name}; {gap}."
        )
    return DONE


def _trades(path: Path) -> tuple[StrategyTrade, ...]:
    from allusedesk.cli.journal_choice import journal_opened
    from allusedesk.journal.queries.strategies import strategy_trades

    with journal_opened(path) as journal:
        return strategy_trades(journal.read())


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"
