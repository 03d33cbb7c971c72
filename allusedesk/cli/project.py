"""`allusedesk project`: what the protocol promises itself, and what its weeks would make."""

from __future__ import annotations

from argparse import Namespace

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, print_table
from allusedesk.cli.project_realised import add_realised_options, project_realised_weeks

_YEARS_MAX = 40


def add_commands(commands: Commands) -> None:
    """Add `project`."""
    command = commands.add_parser(
        "project",
        help="ten years: as the protocol wrote them, or drawn from weeks that were lived",
        example="allusedesk project --model original --capital 300000 --years 10",
    )
    command.add_argument(
        "--model",
        required=True,
        choices=("original", "realised"),
        help="original: every week earns its target; realised: weeks drawn from a record",
    )
    command.add_argument(
        "--capital", required=True, type=arguments.number_above_zero, help="dollars at the start"
    )
    command.add_argument(
        "--years",
        required=True,
        type=arguments.whole_above_zero,
        help=f"whole years, at most {_YEARS_MAX}",
    )
    command.add_argument(
        "--rulebook", metavar="NAME", help="classic if left out; realised: that of the record"
    )
    add_realised_options(command)
    command.set_defaults(command=_project)


def _project(options: Namespace) -> int:
    from allusedesk.cli.rulebook_choice import rulebook_chosen
    from allusedesk.portfolio.projection import CannotProject, project_original

    if options.years > _YEARS_MAX:
        raise Refusal(f"{options.years} years are no plan any more: ask for {_YEARS_MAX} at most.")
    if options.model == "realised":
        return project_realised_weeks(options)
    rulebook = rulebook_chosen(options.rulebook or "classic")
    try:
        years = project_original(options.capital, options.years, rulebook)
    except CannotProject as refusal:
        raise Refusal(str(refusal)) from refusal
    if wants_json(options):
        print_json(
            {
                "model": options.model,
                "rulebook": rulebook.id,
                "capital": options.capital,
                "qualifier": "target",
                "years": years,
            }
        )
        return DONE
    titles = ("year", "Gen", "Rev", "Com", "forks", "total", "forks active", "made", "merged")
    rows = [
        (
            row.year,
            row.gen,
            row.rev,
            row.com,
            row.forks,
            row.total,
            row.forks_active,
            row.forks_made,
            row.merges,
        )
        for row in years
    ]
    print_table(titles, rows)
    print(
        f"Targets of {rulebook.id} met in every single week, no tax, no withdrawal, no loss: "
        "a model, not a promise."
    )
    return DONE
