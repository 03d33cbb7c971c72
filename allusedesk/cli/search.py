"""`allusedesk search`: combinations of rules tried, and what of the best survives unseen weeks."""

from __future__ import annotations

from argparse import Namespace

from allusedesk.cli import arguments
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
    """Add `search`."""
    command = commands.add_parser(
        "search",
        help="rules tried with other numbers, walked forward over weeks not chosen by",
        example="allusedesk search --symbols AAPL,MSFT --from 2012-01-02 --to 2012-01-13 "
        "--try accounts.rev.delta.low=25,30 --out out",
    )
    add_trial_options(command)
    command.add_argument(
        "--try",
        dest="axes",
        action="append",
        required=True,
        metavar="RULE=VALUES",
        help="such as accounts.gen.delta.low=30,35,40 or rulebook=classic,constitution",
    )
    command.add_argument(
        "--fills", default="default", metavar="KIND", help="mid, default or full (default)"
    )
    command.add_argument(
        "--manner", default="grid", metavar="HOW", help="grid, random or model (grid)"
    )
    command.add_argument(
        "--tries",
        type=arguments.whole_above_zero,
        default=24,
        help="how many at random or by model (24)",
    )
    command.add_argument(
        "--folds", type=arguments.whole_above_zero, default=4, help="tests in the walk (4)"
    )
    command.add_argument(
        "--purge", type=arguments.whole_from_zero, default=1, help="weeks left out by a test (1)"
    )
    command.add_argument(
        "--embargo", type=arguments.whole_from_zero, default=1, help="more weeks after it (1)"
    )
    add_work_options(command)
    command.set_defaults(command=_search)


def _search(options: Namespace) -> int:
    from dataclasses import replace

    from allusedesk.cli.progress import parts_passing, steps_passing
    from allusedesk.cli.trial_tables import print_search
    from allusedesk.laboratory.search_plan import SearchPlan, read_axis
    from allusedesk.wiring.laboratory.runs import results_in, run_and_keep, search

    trial = replace(plan_of(options), fills=options.fills)
    file = results_in(options.out)
    with trials_refused_plainly():
        plan = SearchPlan(
            trial=trial,
            axes=tuple(read_axis(text) for text in options.axes),
            manner=options.manner,
            tries=options.tries,
            folds=options.folds,
            purge=options.purge,
            embargo=options.embargo,
            seed=options.seed,
        )
        workers = workers_asked(options.workers, options.cluster)
        with steps_passing(100, "searching") as step:
            number, run = run_and_keep(
                file, lambda shelf: search(plan, workers, parts_passing(step), shelf=shelf)
            )
    if wants_json(options):
        print_json({"run": number, "results": file.path.resolve(), "search": run})
        return DONE
    print_search(run)
    print(f"\nKept as run {number} in {file.path}.")
    return DONE
