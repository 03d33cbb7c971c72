"""`allusedesk replay`: a journal through the rules again, byte for byte."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, wants_json
from allusedesk.cli.printing import print_json

if TYPE_CHECKING:
    from allusedesk.domain.events import Entry
    from allusedesk.journal.store import JournalReader


def add_commands(commands: Commands) -> None:
    """Add `replay`."""
    command = commands.add_parser(
        "replay",
        help="the recorded inputs through the rules again (exit 1 where they decide otherwise)",
        example="allusedesk replay out/rehearsal.journal",
    )
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    command.add_argument(
        "--rulebook",
        metavar="NAME",
        help="what another rulebook would have decided on the recorded inputs",
    )
    command.set_defaults(command=_replay)


def _replay(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_opened

    with journal_opened(options.journal) as journal:
        other = None if options.rulebook is None else _text_of_other(journal, options.rulebook)
        if other is None:
            return _same_again(options, journal)
        return _under_another(options, journal, other)


def _text_of_other(journal: JournalReader, name: str) -> str | None:
    """The text of a rulebook that is not the one on record; None where it is."""
    from allusedesk.cli.rulebook_choice import rulebook_read
    from allusedesk.domain.inputs import DeskOpened

    _, text = rulebook_read(name)
    opened = next(iter(journal.read(1, 1)), None)
    is_same = (
        opened is not None
        and isinstance(opened.event, DeskOpened)
        and opened.event.rulebook_text == text
    )
    return None if is_same else text


def _same_again(options: Namespace, journal: JournalReader) -> int:
    from allusedesk.cli.progress import steps_passing
    from allusedesk.engine.replay import replay

    last, chain_head = journal.head()
    with steps_passing(last, "replaying") as done:
        verdict = replay(_entries(journal, done))
    if verdict.is_same:
        sentence = (
            f"All {verdict.entries} entries came out byte for byte as recorded, from "
            f"{verdict.inputs} inputs; the chain head is {chain_head}."
        )
    else:
        sentence = verdict.first_difference
    if wants_json(options):
        print_json(
            {
                "journal": options.journal.resolve(),
                "same": verdict.is_same,
                "inputs": verdict.inputs,
                "entries": verdict.entries,
                "first_difference": verdict.first_difference or None,
                "chain_head": chain_head,
                "sentence": sentence,
            }
        )
    else:
        print(sentence)
    return DONE if verdict.is_same else ANSWER_IS_NO


def _under_another(options: Namespace, journal: JournalReader, text: str) -> int:
    from allusedesk.cli.progress import steps_passing
    from allusedesk.engine.rulebook_replay import compare_rulebooks

    last, chain_head = journal.head()
    with steps_passing(last, "asking the other rulebook") as done:
        found = compare_rulebooks(_entries(journal, done), text)
    is_same = not found.differences and not found.missing
    sentence = (
        f"{found.other} decides otherwise than {found.recorded} at {len(found.differences)} of "
        f"{found.looks} recorded looks; {len(found.missing)} looks it would have taken are not "
        "on record."
    )
    parts = (
        "Its own book is missing nowhere."
        if found.book_parts_at is None
        else f"From entry {found.book_parts_at} on its own book is missing: it was asked about "
        "the recorded one. Prices at which it would have been called are not on record."
    )
    if wants_json(options):
        print_json(
            {
                "journal": options.journal.resolve(),
                "same": is_same,
                "recorded": found.recorded,
                "other": found.other,
                "looks": found.looks,
                "differences": found.differences,
                "samples_missing": found.missing,
                "book_parts_at": found.book_parts_at,
                "chain_head": chain_head,
                "sentence": f"{sentence} {parts}",
            }
        )
        return DONE if is_same else ANSWER_IS_NO
    print(f"{sentence} {parts}")
    for difference in found.differences:
        book = "" if difference.is_own_book else ", its book missing"
        when = f"{difference.at:%Y-%m-%d %H:%M}"
        print(f"\nentry {difference.sequence}  {when}  {difference.look}{book}")
        for name, lines in (("recorded", difference.recorded), ("other", difference.other)):
            for line in lines or ("nothing",):
                print(f"  {name:8}  {line}")
    for look in found.missing:
        print(f"no sample  {look.at:%Y-%m-%d %H:%M}  {look.look}")
    return DONE if is_same else ANSWER_IS_NO


def _entries(journal: JournalReader, done: Callable[[int], None] | None) -> Iterator[Entry]:
    for entry in journal.read():
        if done is not None:
            done(entry.sequence)
        yield entry
