"""`allusedesk journal backup` and `restore`: copies of the record, and the record from a copy."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json

_KEPT = 14


def add_copies(actions: Commands) -> None:
    """Add `backup` and `restore` to what can be done with a journal."""
    copied = actions.add_parser(
        "backup",
        help="a copy, also of a journal in use, looked through once it is written",
        example="allusedesk journal backup out/rehearsal.journal --out out/backup.journal",
    )
    copied.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    copied.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="a new file; left out, one of the day in the folder backups beside the journal",
    )
    copied.add_argument(
        "--keep",
        type=arguments.whole_above_zero,
        default=_KEPT,
        metavar="NUMBER",
        help=f"so many of the copies in that folder stay ({_KEPT} if left out)",
    )
    copied.set_defaults(command=_back_up)
    restored = actions.add_parser(
        "restore",
        help="a journal from a backup; refuses a damaged one, and to overwrite anything",
        example="allusedesk journal restore out/backup.journal --out out/restored.journal",
    )
    restored.add_argument("backup", type=Path, metavar="BACKUP", help="the backup's file")
    restored.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where the journal goes"
    )
    restored.add_argument(
        "--replace",
        action="store_true",
        help="set a journal that stands there aside, under another name",
    )
    restored.set_defaults(command=_restore)


def _back_up(options: Namespace) -> int:
    from allusedesk.engine.clock import WallClock
    from allusedesk.journal.backup import back_up, back_up_today
    from allusedesk.journal.faults import JournalFault
    from allusedesk.journal.verification import verify

    out: Path | None = options.out
    try:
        if out is None:
            out = back_up_today(options.journal, WallClock().now().date(), options.keep)
            verdict = verify(out)
        else:
            out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            verdict = back_up(options.journal, out)
    except JournalFault as fault:
        raise Refusal(str(fault)) from fault
    if wants_json(options):
        print_json(
            {"file": out.resolve(), "entries": verdict.entries, "chain_head": verdict.chain_head}
        )
    else:
        print(f"{out} holds {verdict.entries} entries; the chain head is {verdict.chain_head}.")
    return DONE


def _restore(options: Namespace) -> int:
    from allusedesk.journal.backup import restore
    from allusedesk.journal.faults import JournalFault

    try:
        restored = restore(options.backup, options.out, replace=options.replace)
    except JournalFault as fault:
        raise Refusal(str(fault)) from fault
    entries, head = restored.verdict.entries, restored.verdict.chain_head
    if wants_json(options):
        print_json(
            {
                "file": options.out.resolve(),
                "entries": entries,
                "chain_head": head,
                "set_aside": restored.aside,
            }
        )
        return DONE
    print(f"{options.out} holds {entries} entries; the chain head is {head}.")
    if restored.aside is not None:
        print(f"The journal that stood there now lies in {restored.aside}.")
    return DONE
