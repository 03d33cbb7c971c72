"""`allusedesk study`: both rulebooks over all real prices, and a page of what came of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json
from allusedesk.cli.trial_options import (
    add_workers_option,
    trials_refused_plainly,
    workers_asked,
)

PAGE_NAME = "study.md"


def add_commands(commands: Commands) -> None:
    """Add `study`."""
    command = commands.add_parser(
        "study",
        help="both rulebooks over real prices, each sleeve against its target, as a page",
        example="allusedesk study --data resources/sample_market --study sample --out out/study",
    )
    command.add_argument(
        "--data", required=True, type=Path, metavar="DIR", help="a folder of prices and chains"
    )
    command.add_argument(
        "--study",
        default="real_prices",
        metavar="NAME|FILE",
        help="what is tried: real_prices (if left out), sample, or a definition in TOML",
    )
    command.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="where trials are kept, and the page"
    )
    add_workers_option(command)
    command.set_defaults(command=_study)


def _study(options: Namespace) -> int:
    from allusedesk.cli.new_files import whole_text_file
    from allusedesk.cli.progress import steps_passing
    from allusedesk.cli.rulebook_choice import text_of
    from allusedesk.laboratory.study.plan import study_from, study_trials
    from allusedesk.wiring.laboratory.studies import page_of, run_study, study_shipped

    workers = workers_asked(options.workers)
    if not options.data.is_dir():
        raise Refusal(f"{options.data} is no folder: name one that holds prices with --data.")
    with trials_refused_plainly():
        named = Path(options.study)
        is_file = named.suffix == ".toml"
        study = study_from(text_of(named)) if is_file else study_shipped(options.study)
        count = len(study_trials(study, options.data))
        with steps_passing(count, "trying") as step:
            outcomes = run_study(
                study,
                options.data,
                options.out,
                workers,
                told=None if step is None else lambda done, _: step(done),
            )
        page = page_of(study, options.data, outcomes)
    file = options.out / PAGE_NAME
    with whole_text_file(file) as written:
        written.write(page)
    if wants_json(options):
        print_json(
            {
                "page": file.resolve(),
                "trials": count,
                "weeks": sum(len(outcome.weeks) for outcome in outcomes),
            }
        )
    else:
        print(f"Trials kept in {options.out}: {count}; the page is {file}.")
    return DONE
