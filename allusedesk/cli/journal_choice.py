"""A journal by its path, opened to be read; what is wrong with it becomes a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allusedesk.cli.command_parser import Refusal
from allusedesk.journal.faults import JournalFault
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import JournalReader
from allusedesk.protocol.rulebook_text import RulebookRefused


@contextmanager
def journal_opened(path: Path) -> Iterator[JournalReader]:
    """The entries of a journal. Raises Refusal where they cannot be read."""
    try:
        with JournalReader.open(path) as journal:
            yield journal
    except JournalFault as fault:
        raise Refusal(str(fault)) from fault
    except RulebookRefused as refusal:
        raise _written_under(path, refusal) from refusal


@contextmanager
def journal_read(path: Path) -> Iterator[ReadSide]:
    """The questions that can be asked of a journal. Raises Refusal where it cannot be read."""
    try:
        with ReadSide.open(path) as side:
            yield side
    except JournalFault as fault:
        raise Refusal(str(fault)) from fault
    except RulebookRefused as refusal:
        raise _written_under(path, refusal) from refusal


def _written_under(path: Path, refusal: RulebookRefused) -> Refusal:
    return Refusal(
        f"{path} was written under a rulebook that this program cannot read ({refusal}): use the "
        "program that wrote it."
    )
