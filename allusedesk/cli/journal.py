"""`allusedesk journal`: the record, verified, read, searched and carried away."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import (
    ANSWER_IS_NO,
    DONE,
    CommandParser,
    Commands,
    Refusal,
    wants_json,
)
from allusedesk.cli.journal_copies import add_copies
from allusedesk.cli.printing import print_json
from allusedesk.cli.trust import add_trust

if TYPE_CHECKING:
    from allusedesk.journal.read_values import EntryLine

_SHOWN_AT_ONCE = 200


def add_commands(commands: Commands) -> None:
    """Add `journal` and what can be done with one."""
    group = commands.add_parser(
        "journal",
        help="the record: verify, show, sum up, trust, search, export, back up, restore",
        example="allusedesk journal verify out/rehearsal.journal",
    )
    group.set_defaults(group=group)
    actions = group.add_subparsers(title="actions", metavar="ACTION")
    _add_verify(actions)
    _add_show(actions)
    _add_summary(actions)
    add_trust(actions)
    _add_search(actions)
    _add_export(actions)
    add_copies(actions)


def _add_verify(actions: Commands) -> None:
    verified = actions.add_parser(
        "verify",
        help="whether every entry is as it was written (exit 1 if not)",
        example="allusedesk journal verify out/rehearsal.journal",
    )
    verified.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    verified.add_argument(
        "--chain-head", metavar="HASH", help="one printed on a report, to be met on the way"
    )
    verified.set_defaults(command=_verify)


def _add_show(actions: Commands) -> None:
    shown = actions.add_parser(
        "show",
        help="entries as sentences",
        example="allusedesk journal show out/rehearsal.journal --from 1 --to 40",
    )
    shown.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    _add_range(shown)
    shown.add_argument("--kind", default="", help="only this kind, such as ProposalMade")
    shown.add_argument(
        "--causes",
        type=arguments.whole_above_zero,
        metavar="ENTRY",
        help="this entry and what it follows from",
    )
    shown.set_defaults(command=_show)


def _add_summary(actions: Commands) -> None:
    summed = actions.add_parser(
        "summary",
        help="what came of it: earned against target, levels, rolls, bands, hedges",
        example="allusedesk journal summary out/rehearsal.journal",
    )
    summed.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    summed.set_defaults(command=_sum_up)


def _add_search(actions: Commands) -> None:
    searched = actions.add_parser(
        "search",
        help="entries that hold every word",
        example='allusedesk journal search out/rehearsal.journal "assigned AAPL"',
    )
    searched.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    searched.add_argument("words", nargs="+", metavar="WORD", help="words to be found")
    searched.add_argument("--kind", default="", help="only this kind, such as ProposalMade")
    _add_range(searched)
    searched.set_defaults(command=_search)


def _add_export(actions: Commands) -> None:
    exported = actions.add_parser(
        "export",
        help="entries as CSV or as JSON lines",
        example="allusedesk journal export out/rehearsal.journal --format csv --out out/all.csv",
    )
    exported.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    exported.add_argument(
        "--format", choices=("csv", "jsonl"), default="jsonl", help="jsonl if left out"
    )
    exported.add_argument("--out", type=Path, metavar="FILE", help="a file, else the screen")
    exported.add_argument(
        "--from", dest="first", type=arguments.whole_above_zero, default=1, help="first entry"
    )
    exported.add_argument("--to", dest="last", type=arguments.whole_above_zero, help="last entry")
    exported.set_defaults(command=_export)


def _add_range(parser: CommandParser) -> None:
    parser.add_argument(
        "--from", dest="first", type=arguments.whole_above_zero, default=1, help="first entry"
    )
    parser.add_argument("--to", dest="last", type=arguments.whole_above_zero, help="last entry")
    parser.add_argument(
        "--limit",
        type=arguments.whole_above_zero,
        default=_SHOWN_AT_ONCE,
        help=f"at most so many entries ({_SHOWN_AT_ONCE} if left out)",
    )


def _verify(options: Namespace) -> int:
    from allusedesk.journal.faults import JournalCannotOpen
    from allusedesk.journal.file_format import refuse_foreign_file
    from allusedesk.journal.verification import verify

    if not options.journal.is_file():
        raise Refusal(f"There is no journal at {options.journal}: check the path.")
    verdict = verify(options.journal, options.chain_head)
    if not verdict.is_intact and not verdict.entries:
        try:
            refuse_foreign_file(options.journal)
        except JournalCannotOpen as refusal:
            raise Refusal(str(refusal)) from refusal
    if wants_json(options):
        print_json(
            {
                "journal": options.journal.resolve(),
                "intact": verdict.is_intact,
                "entries": verdict.entries,
                "chain_head": verdict.chain_head,
                "first_bad": verdict.first_bad,
                "sentence": verdict.sentence,
            }
        )
    else:
        print(verdict.sentence)
    return DONE if verdict.is_intact else ANSWER_IS_NO


def _show(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.journal.queries.record import cause_chain, entries

    with journal_read(options.journal) as side:
        if options.causes is not None:
            found = cause_chain(side, options.causes)
            if not found:
                raise Refusal(f"The journal has no entry {options.causes}.")
        else:
            found = entries(
                side,
                kind=options.kind,
                first=options.first,
                last=options.last,
                limit=options.limit,
            )
        return _answer(options, found, side.journal.head())


def _sum_up(options: Namespace) -> int:
    from allusedesk.cli.desk_summary import print_summary, summary_of
    from allusedesk.cli.journal_choice import journal_read

    with journal_read(options.journal):
        summary = summary_of(options.journal)
    if wants_json(options):
        print_json(summary)
    else:
        print_summary(summary)
    return DONE


def _search(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.journal.queries.record import entries

    with journal_read(options.journal) as side:
        found = entries(
            side,
            kind=options.kind,
            text=" ".join(options.words),
            first=options.first,
            last=options.last,
            limit=options.limit,
        )
        return _answer(options, found, side.journal.head())


def _answer(options: Namespace, found: Iterable[EntryLine], head: tuple[int, str]) -> int:
    lines = tuple(found)
    if wants_json(options):
        print_json(
            {
                "journal": options.journal.resolve(),
                "entries": head[0],
                "chain_head": head[1],
                "lines": lines,
            }
        )
        return DONE
    for line in lines:
        account = f" {line.account}" if line.account else ""
        print(f"{line.sequence:>7}  {line.recorded_at:%Y-%m-%d %H:%M:%S}{account}  {line.line}")
    shown = "entry" if len(lines) == 1 else "entries"
    print(f"{len(lines)} {shown} of {head[0]}; the chain head is {head[1]}.")
    return DONE


def _export(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_opened
    from allusedesk.cli.new_files import whole_text_file
    from allusedesk.journal.export import export_csv, export_json_lines

    write = export_csv if options.format == "csv" else export_json_lines
    with journal_opened(options.journal) as journal:
        if options.out is None:
            if wants_json(options):
                raise Refusal("With --json the entries need a file of their own: add --out FILE.")
            write(journal, sys.stdout, options.first, options.last)
            return DONE
        with whole_text_file(options.out) as file:
            count = write(journal, file, options.first, options.last)
    if wants_json(options):
        content = {"file": options.out.resolve(), "format": options.format, "entries": count}
        print_json(content)
    else:
        print(f"{count} entries are in {options.out}.")
    return DONE
