"""`allusedesk handbook`: where words stand in the handbook, and the whole of it as one PDF."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json


def add_commands(commands: Commands) -> None:
    """Add `handbook`."""
    command = commands.add_parser(
        "handbook",
        help="find words in the handbook, or write it as one PDF",
        example="allusedesk handbook --find 'wash sale'",
    )
    command.add_argument("--find", metavar="WORDS", help="lines that hold all of these words")
    command.add_argument("--out", type=Path, metavar="FILE", help="the PDF to write")
    command.set_defaults(command=_handbook)


def _handbook(options: Namespace) -> int:
    from allusedesk.reports.handbook import chapters, places
    from allusedesk.resource_files import resource_path

    if (options.find is None) == (options.out is None):
        raise Refusal("Say either --find WORDS or --out FILE.")
    whole = chapters(resource_path("handbook"))
    if options.find is not None:
        found = list(places(whole, options.find))
        if wants_json(options):
            print_json(
                {
                    "places": [
                        {"page": one.page.name, "line": one.line, "text": one.text} for one in found
                    ]
                }
            )
        else:
            for one in found:
                print(f"{one.page.name}:{one.line}: {one.text}")
            if not found:
                print(f"Nothing in the handbook holds {options.find!r}.")
        return DONE if found else ANSWER_IS_NO
    from allusedesk.cli.new_files import whole_file
    from allusedesk.reports.paper.handbook_pdf import printed_handbook

    with whole_file(options.out) as unfinished:
        unfinished.write_bytes(printed_handbook(whole, resource_path("fonts")))
    if wants_json(options):
        print_json({"file": options.out.resolve()})
    else:
        print(f"The handbook is {options.out}.")
    return DONE
