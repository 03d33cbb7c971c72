"""The options of trials: a market, a span, rules, who works, and where results are kept."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import CommandParser, Refusal
from allusedesk.cli.desk_options import refused_plainly, symbol, symbol_lists, symbols_by_tier

if TYPE_CHECKING:
    from allusedesk.laboratory.trial import Setting, TrialPlan
    from allusedesk.laboratory.workers import Workers

_WORKERS_MAX = 256


def add_trial_options(command: CommandParser) -> None:
    """Add what a trial is made of."""
    command.add_argument(
        "--data",
        action="append",
        type=Path,
        metavar="PATH",
        help="a file, an archive or a folder of prices; several times (the sample market)",
    )
    command.add_argument(
        "--from", dest="first", required=True, type=arguments.day, metavar="DAY", help="first day"
    )
    command.add_argument(
        "--to", dest="last", required=True, type=arguments.day, metavar="DAY", help="last day"
    )
    command.add_argument(
        "--symbols",
        type=symbols_by_tier,
        default={},
        metavar="LIST",
        help="such as A,B for every tier, or gen=A,B;rev=C;com=C (the rulebook's)",
    )
    command.add_argument(
        "--rulebook", default="classic", metavar="NAME|FILE", help="classic if left out"
    )
    command.add_argument(
        "--set",
        dest="overrides",
        action="append",
        type=setting,
        default=[],
        metavar="RULE=VALUE",
        help="a rule with another number, such as accounts.gen.delta.low=35; several times",
    )
    command.add_argument(
        "--strategy",
        dest="strategies",
        action="append",
        default=[],
        metavar="NAME=SLEEVE",
        help="a strategy to switch on in a sleeve such as rev; several times",
    )
    command.add_argument(
        "--capital",
        type=arguments.number_above_zero,
        default="300000",
        help="dollars at the start (300000)",
    )
    command.add_argument(
        "--approve", default="all", metavar="WHOM", help="all, none, or a policy in TOML (all)"
    )
    command.add_argument(
        "--seed", type=arguments.whole_from_zero, default=1, help="of all chance (1)"
    )
    command.add_argument(
        "--trend", type=symbol, metavar="SYMBOL", help="what the trend is read from (SPY)"
    )


def add_work_options(command: CommandParser) -> None:
    """Add who does the work, and where its results are kept."""
    add_workers_option(command)
    command.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="a Dask scheduler instead, such as tcp://127.0.0.1:8786",
    )
    add_results_option(command)


def add_workers_option(command: CommandParser) -> None:
    """Add how many processes do the work."""
    command.add_argument(
        "--workers",
        type=arguments.whole_above_zero,
        default=1,
        metavar="COUNT",
        help="processes of this machine (1)",
    )


def add_results_option(command: CommandParser) -> None:
    """Add the folder of the file of results."""
    command.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where results are kept (the desk's own folder)",
    )


def plan_of(options: Namespace) -> TrialPlan:
    """The plan the options make. Raises Refusal for capital below the rulebook's least."""
    from allusedesk.cli.rulebook_choice import rulebook_for
    from allusedesk.laboratory.trial import TrialPlan as Plan
    from allusedesk.resource_files import resource_path

    named, _ = rulebook_for(options.rulebook, options.capital)
    return Plan(
        data=tuple(options.data or [resource_path("sample_market")]),
        first=options.first,
        last=options.last,
        symbols=symbol_lists(options.symbols),
        rulebook=named,
        capital=options.capital,
        seed=options.seed,
        strategies=tuple(options.strategies),
        overrides=tuple(options.overrides),
        approve=options.approve,
        trend=options.trend,
    )


def workers_asked(processes: int, cluster: str = "") -> Workers:
    """Who works. Raises Refusal for more processes than any machine has use for."""
    from allusedesk.wiring.laboratory.runs import workers_of

    if processes > _WORKERS_MAX:
        raise Refusal(f"{processes} processes are no help: ask for {_WORKERS_MAX} at most.")
    return workers_of(processes, cluster)


@contextmanager
def trials_refused_plainly() -> Iterator[None]:
    """Whatever keeps a trial or its results from being had becomes a Refusal."""
    from allusedesk.journal.results import ResultsUnusable
    from allusedesk.laboratory.outcome_text import TextUnreadable
    from allusedesk.laboratory.refusals import TrialImpossible
    from allusedesk.laboratory.workers import WorkersMissing, WorkStopped

    try:
        with refused_plainly():
            yield
    except (ResultsUnusable, TextUnreadable, TrialImpossible, WorkersMissing, WorkStopped) as no:
        raise Refusal(str(no)) from no


def setting(text: str) -> tuple[str, Setting]:
    """A rule and its value, such as `accounts.gen.delta.low=35`."""
    from allusedesk.laboratory.overrides import read_setting

    rule, equals, value = text.partition("=")
    if not equals or not rule.strip() or not value.strip():
        raise ArgumentTypeError(f"{text!r} sets no rule, write such as accounts.gen.delta.low=35")
    return rule.strip(), read_setting(value.strip())
