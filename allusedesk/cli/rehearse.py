"""`allusedesk rehearse`: the protocol over recorded time, and what came of it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.desk_options import add_desk_options, refused_plainly, request_of
from allusedesk.cli.price_options import add_prices
from allusedesk.cli.printing import print_json


def add_commands(commands: Commands) -> None:
    """Add `rehearse`."""
    command = commands.add_parser(
        "rehearse",
        help="the protocol over history, as fast as the machine goes",
        example="allusedesk rehearse --data resources/sample_market --from 2012-01-02 "
        "--to 2012-01-13 --rulebook classic "
        "--symbols 'gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT' --capital 1000000 "
        "--approve all --seed 7 --trend SPY --out out",
    )
    add_prices(command, "a file, an archive or a folder to be searched", is_required=True)
    add_desk_options(command)
    command.add_argument(
        "--advice",
        action="store_true",
        help="forecast each planned week from those before it, on the record; it binds nobody",
    )
    command.set_defaults(command=_rehearse)


def _rehearse(options: Namespace) -> int:
    from allusedesk.cli.desk_summary import print_summary, summary_of
    from allusedesk.cli.new_files import nothing_half_written
    from allusedesk.cli.progress import days_passing
    from allusedesk.wiring.rehearsal import rehearse
    from allusedesk.wiring.requests import JOURNAL_NAME

    request = replace(request_of(options, options.data), advice=options.advice)
    journal = options.out / JOURNAL_NAME
    if journal.exists():
        raise Refusal(f"{journal} exists already and is kept: choose another --out or remove it.")
    with nothing_half_written(options.out), refused_plainly():
        with days_passing(request.first, request.last, "rehearsing") as progress:
            result = rehearse(request, progress)
        summary = summary_of(result.journal, result.seconds)
    if wants_json(options):
        print_json(summary)
    else:
        print_summary(summary)
    return DONE
