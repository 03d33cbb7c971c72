"""`allusedesk demo`: a few weeks of the sample market, end to end."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.desk_options import refused_plainly
from allusedesk.cli.printing import print_json, print_pairs
from allusedesk.cli.screens import Screens


def add_commands(commands: Commands) -> None:
    """Add `demo`."""
    command = commands.add_parser(
        "demo",
        help="sample weeks end to end: journal, weekly report, its pages as pictures",
        example="allusedesk demo --out out/demo",
    )
    command.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="where everything goes"
    )
    command.add_argument(
        "--window", action="store_true", help="also pictures of the desk's window; a minute more"
    )
    command.set_defaults(command=_demo)


def _demo(options: Namespace) -> int:
    from allusedesk.cli.new_files import nothing_half_written
    from allusedesk.cli.progress import days_passing
    from allusedesk.wiring.demonstration import FIRST, LAST, REPORTED, demonstrate
    from allusedesk.wiring.requests import JOURNAL_NAME

    _refuse_other_journals(options.out / JOURNAL_NAME)
    written = (JOURNAL_NAME, f"weekly-{REPORTED}")
    with (
        nothing_half_written(options.out, replaced=written),
        refused_plainly(),
        days_passing(FIRST, LAST, "rehearsing") as progress,
    ):
        result = demonstrate(options.out, progress)
    window = _window_pictured(options)
    if wants_json(options):
        print_json(
            {
                "window": [picture.resolve() for picture in window],
                "journal": result.journal.resolve(),
                "chain_head": result.chain_head,
                "entries": result.entries,
                "week": REPORTED,
                "pdf": result.pdf.resolve(),
                "csv": result.csv.resolve(),
                "json": result.json.resolve(),
                "pages": [page.resolve() for page in result.pages],
                "seconds": result.seconds,
            }
        )
        return DONE
    print_pairs(
        [
            ("rehearsed", f"{FIRST} to {LAST}, {result.entries} entries"),
            ("journal", result.journal),
            ("chain head", result.chain_head),
            ("weekly report", result.pdf),
            ("as columns", result.csv),
            ("as JSON", result.json),
            ("its pages", ", ".join(str(page) for page in result.pages)),
            *([("its window", ", ".join(str(picture) for picture in window))] if window else []),
        ]
    )
    return DONE


def _window_pictured(options: Namespace) -> list[Path]:
    if not options.window:
        return []
    screens: Screens | None = options.screens
    if screens is None:
        raise Refusal("This program was started without a window: leave --window out.")
    return screens.picture_window(options.out)


def _refuse_other_journals(path: Path) -> None:
    """The demonstration replaces its own journal, and never what somebody else rehearsed."""
    if not path.exists():
        return
    from allusedesk.domain.inputs import DeskOpened
    from allusedesk.journal.faults import JournalFault
    from allusedesk.journal.store import JournalReader
    from allusedesk.wiring.demonstration import SEED, SYMBOLS

    try:
        with JournalReader.open(path) as journal:
            event = next(journal.read(1, 1)).event
        is_ours = isinstance(event, DeskOpened) and (event.seed, event.symbols) == (SEED, SYMBOLS)
    except (JournalFault, StopIteration):
        is_ours = False
    if not is_ours:
        raise Refusal(
            f"{path} is no journal of the demonstration and is kept: choose another --out."
        )
