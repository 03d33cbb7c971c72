"""`allusedesk replay`: a journal through the rules again, byte for byte."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
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
        "--rulebook", metavar="NAME", help="another rulebook than the one on record"
    )
    command.set_defaults(command=_replay)


def _replay(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_opened
    from allusedesk.cli.progress import steps_passing
    from allusedesk.engine.replay import replay

    with journal_opened(options.journal) as journal:
        last, chain_head = journal.head()
        with steps_passing(last, "replaying") as done:
            verdict = replay(_entries(journal, options.rulebook, done))
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


def _entries(
    journal: JournalReader, rulebook: str | None, done: Callable[[int], None] | None
) -> Iterator[Entry]:
    from allusedesk.cli.rulebook_choice import rulebook_chosen, rulebooks_shipped, text_of
    from allusedesk.domain.inputs import DeskOpened

    other = None if rulebook is None else rulebook_chosen(rulebook).name
    for entry in journal.read():
        if done is not None:
            done(entry.sequence)
        event = entry.event
        if other is not None and isinstance(event, DeskOpened):
            text = text_of(rulebooks_shipped()[other])
            yield replace(entry, event=replace(event, rulebook=other, rulebook_text=text))
        else:
            yield entry
