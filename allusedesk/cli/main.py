"""The command line: one sub-command per module, refusals as one sentence, never a traceback."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import cast

from allusedesk.cli import (
    advise,
    ask,
    backtest,
    brief,
    check,
    compare,
    compliance,
    demo,
    explain,
    handbook,
    import_history,
    journal,
    metrics,
    open_desk,
    portfolio,
    project,
    rehearse,
    replay_week,
    risk,
    rulebooks,
    run,
    search,
    strategies,
    study,
    write_report,
)
from allusedesk.cli.command_parser import (
    DONE,
    INTERRUPTED,
    WRONG_USAGE,
    CommandParser,
    Refusal,
    negatives_joined,
)
from allusedesk.cli.printing import say
from allusedesk.cli.screens import Screens

_GROUPS = (
    open_desk,
    demo,
    rehearse,
    run,
    replay_week,
    journal,
    write_report,
    risk,
    compliance,
    rulebooks,
    strategies,
    explain,
    backtest,
    search,
    compare,
    study,
    portfolio,
    project,
    import_history,
    metrics,
    check,
    advise,
    brief,
    ask,
    handbook,
)


def main(argv: Sequence[str] | None = None, screens: Screens | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 the answer is no, 2 bad input.

    `argv` leaves the program's name out; None takes what was typed. Without `screens` the
    commands that need a window refuse.
    """
    typed = negatives_joined(sys.argv[1:] if argv is None else argv)
    try:
        code = _ran(typed, screens)
        sys.stdout.flush()
        return code
    except Refusal as refusal:
        say(str(refusal))
        return WRONG_USAGE
    except KeyboardInterrupt:
        say("Stopped by Ctrl-C: nothing was left half-written.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads our output has enough. Python would complain once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"{place}{error.strerror or error}: check the path, its rights and the room on disk.")
        return WRONG_USAGE


def command_line() -> CommandParser:
    """Every command with its options."""
    parser = CommandParser(
        prog="allusedesk",
        description="The ALL-USE options protocol as a desk that decides, records and replays.",
        example="allusedesk explain outcome --right put --strike 100 --price 94",
    )
    # Under a name of its own, since some commands take the version of what they write.
    parser.add_argument(
        "--version",
        action="store_true",
        dest="wants_version",
        help="print the version and leave",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for group in _GROUPS:
        group.add_commands(commands)
    return parser


def _ran(typed: Sequence[str], screens: Screens | None) -> int:
    parser = command_line()
    try:
        options = parser.parse_args(typed)
    except SystemExit as stop:
        return int(stop.code or DONE)
    if options.wants_version:
        from allusedesk.wiring.requests import PROGRAM

        print(PROGRAM)
        return DONE
    command = cast("Callable[[Namespace], int] | None", getattr(options, "command", None))
    if command is None:
        cast("CommandParser", getattr(options, "group", parser)).print_help(sys.stderr)
        return WRONG_USAGE
    options.screens = screens
    return command(options)
