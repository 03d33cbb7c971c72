"""`allusedesk backtest`: a plan over history at every kind of fill, side by side."""

from __future__ import annotations

from argparse import Namespace

from allusedesk.cli.command_parser import DONE, Commands, wants_json
from allusedesk.cli.printing import print_json
from allusedesk.cli.trial_options import (
    add_trial_options,
    add_work_options,
    plan_of,
    trials_refused_plainly,
    workers_asked,
)


def add_commands(commands: Commands) -> None:
    """Add `backtest`."""
    command = commands.add_parser(
        "backtest",
        help="what the rules would have earned, at mid, default and full-spread fills",
        example="allusedesk backtest --symbols AAPL,MSFT --from 2012-01-02 --to 2012-01-13 "
        "--rulebook classic --fills all --out out",
    )
    add_trial_options(command)
    command.add_argument(
        "--fills", default="all", metavar="KIND", help="mid, default, full, or all side by side"
    )
    add_work_options(command)
    command.set_defaults(command=_backtest)


def _backtest(options: Namespace) -> int:
    from allusedesk.cli.progress import parts_passing, steps_passing
    from allusedesk.cli.trial_tables import print_backtest
    from allusedesk.wiring.laboratory.runs import backtest, results_in, run_and_keep

    plan = plan_of(options)
    file = results_in(options.out)
    with trials_refused_plainly():
        workers = workers_asked(options.workers, options.cluster)
        with steps_passing(100, "backtesting") as step:
            moved, fills = parts_passing(step), options.fills
            number, run = run_and_keep(
                file, lambda shelf: backtest(plan, fills, workers, moved, shelf=shelf)
            )
    if wants_json(options):
        print_json({"run": number, "results": file.path.resolve(), "backtest": run})
        return DONE
    print_backtest(run)
    print(f"\nKept as run {number} in {file.path}.")
    return DONE
