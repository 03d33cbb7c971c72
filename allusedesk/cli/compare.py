"""`allusedesk compare`: runs that were kept, listed, or two of them side by side."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, print_pairs, print_table
from allusedesk.cli.trial_options import add_results_option, trials_refused_plainly

if TYPE_CHECKING:
    from allusedesk.journal.results import ResultsFile


def add_commands(commands: Commands) -> None:
    """Add `compare`."""
    command = commands.add_parser(
        "compare",
        help="kept backtests and searches: a list, one of them, or two side by side",
        example="allusedesk compare --out out",
    )
    command.add_argument(
        "runs",
        nargs="*",
        type=arguments.whole_above_zero,
        metavar="RUN",
        help="none for the list, one number to read it again, two to compare",
    )
    add_results_option(command)
    command.set_defaults(command=_compare)


def _compare(options: Namespace) -> int:
    from allusedesk.wiring.laboratory.runs import results_in

    file = results_in(options.out)
    with trials_refused_plainly():
        if not options.runs:
            return _listed(file, is_json=wants_json(options))
        if len(options.runs) == 1:
            return _read_again(file, options.runs[0], is_json=wants_json(options))
        return _side_by_side(file, options.runs, is_json=wants_json(options))


def _listed(file: ResultsFile, *, is_json: bool) -> int:
    lines = file.lines()
    if is_json:
        print_json({"results": file.path.resolve(), "runs": lines})
    elif not lines:
        print(f"Nothing is kept in {file.path} yet: `allusedesk backtest` keeps what it finds.")
    else:
        rows = [
            (line.number, line.kind, f"{line.kept_at:%Y-%m-%d %H:%M}Z", line.title, line.headline)
            for line in lines
        ]
        print_table(("run", "kind", "kept", "what", "result"), rows)
    return DONE


def _read_again(file: ResultsFile, number: int, *, is_json: bool) -> int:
    from allusedesk.cli.trial_tables import print_backtest, print_search
    from allusedesk.laboratory.backtest import BacktestRun
    from allusedesk.wiring.laboratory.runs import run_of

    run = run_of(file.read(number))
    if is_json:
        print_json({"run": number, "found": run})
    elif isinstance(run, BacktestRun):
        print_backtest(run)
    else:
        print_search(run)
    return DONE


def _side_by_side(file: ResultsFile, numbers: list[int], *, is_json: bool) -> int:
    from allusedesk.cli.trial_tables import print_outcomes
    from allusedesk.laboratory.backtest import BacktestRun
    from allusedesk.laboratory.comparison import compared, differences
    from allusedesk.wiring.laboratory.runs import run_of

    runs = [run_of(file.read(number)) for number in numbers]
    found = [run for run in runs if isinstance(run, BacktestRun)]
    if len(found) < len(runs):
        raise Refusal("Only backtests stand side by side: run the search's best as one first.")
    differing = differences(found)
    pairs = compared(found)
    if is_json:
        print_json({"runs": numbers, "differ": differing, "compared": pairs, "backtests": found})
        return DONE
    for number, run in zip(numbers, found, strict=True):
        print(f"run {number}: {run.title}")
    print()
    print_pairs([(name, " | ".join(told)) for name, told in differing] or [("plans", "the same")])
    print()
    columns = [
        (f"{number} {outcome.plan.fills}", outcome, figures)
        for number, run in zip(numbers, found, strict=True)
        for outcome, figures in zip(run.outcomes, run.figures, strict=True)
    ]
    titles, outcomes, figures = zip(*columns, strict=True)
    print_outcomes(titles, outcomes, figures)
    print()
    for pair in pairs:
        print(pair.sentence)
    return DONE
