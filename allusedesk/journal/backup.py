"""A copy of a journal while it is being written, and a journal from a copy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.file_format import connect_for_reading, create_private_file


def back_up(journal: Path, to: Path) -> None:
    """Copy a journal, which may be in use, to a file that does not exist yet.

    The copy is complete or absent. Restoring is the same in the other direction. Raises
    JournalCannotOpen.
    """
    source = connect_for_reading(journal)
    fresh = to.with_name(to.name + ".new")
    try:
        if to.exists():
            message = f"{to} exists already and is kept: choose another name for the copy."
            raise JournalCannotOpen(message)
        fresh.unlink(missing_ok=True)
        create_private_file(fresh)
        target = sqlite3.connect(fresh)
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        fresh.rename(to)
    except (OSError, sqlite3.Error) as fault:
        fresh.unlink(missing_ok=True)
        message = f"{journal} cannot be copied to {to}: {fault}."
        raise JournalCannotOpen(message) from fault
    finally:
        source.close()
