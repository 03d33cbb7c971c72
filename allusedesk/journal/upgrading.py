"""A journal of an earlier schema brought to the present one: backed up first, and never half."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from allusedesk.journal.backup import back_up, folder_of
from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.file_format import SCHEMA_VERSION
from allusedesk.journal.verification import verify


def upgrade(journal: Path) -> Path:
    """Bring a journal to the present schema and return the backup that was made before.

    Entries and their hashes stay as they are. The work is done on a copy that takes the journal's
    place at once, so that a crash leaves the journal as it was. To be called by whoever holds the
    writer's lock. Raises JournalCannotOpen where there is no room for a backup, where another
    program reads the journal, and where the copy is not whole; then the journal is as it was.
    """
    kept = _backed_up(journal)
    fresh = journal.with_name(journal.name + ".upgraded")
    try:
        for left in (fresh, fresh.with_name(fresh.name + "-journal")):
            # What a crash left of an upgrade before.
            left.unlink(missing_ok=True)
        back_up(kept, fresh)
        _migrate(fresh)
        before, after = verify(kept), verify(fresh)
        if not after.is_intact or after.sentence != before.sentence:
            raise JournalCannotOpen(
                f"{journal} could not be brought to this desk's form, so it was left as it is: "
                f"open it with the desk that wrote it. {after.sentence}"
            )
        _fold_log_in(journal)
        fresh.replace(journal)
    except (OSError, sqlite3.Error) as fault:
        said = getattr(fault, "strerror", None) or fault
        raise JournalCannotOpen(
            f"{journal} could not be brought to this desk's form ({said}), so it was left as it "
            f"is: make room, then open it again. A copy lies in {kept}."
        ) from fault
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return kept


def _backed_up(journal: Path) -> Path:
    folder = folder_of(journal)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise JournalCannotOpen(
            f"{journal} is of an earlier desk, and no backup can be made in {folder} "
            f"({fault.strerror}), so it was left as it is: make room or restore access."
        ) from fault
    stem, number = f"{journal.stem}-before-schema-{SCHEMA_VERSION}", 1
    to = folder / f"{stem}.journal"
    while to.exists():
        number += 1
        to = folder / f"{stem}-{number}.journal"
    back_up(journal, to)
    return to


def _migrate(fresh: Path) -> None:
    # sqlite-utils is slow to import, and only an upgrade needs it.
    from allusedesk.journal.migrations import migrate

    migrate(fresh)


def _fold_log_in(journal: Path) -> None:
    """Leave no log beside the old file, for it would be taken for the new one's."""
    with closing(sqlite3.connect(journal, timeout=1.0, isolation_level=None)) as connection:
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    if mode != "delete":
        raise JournalCannotOpen(
            f"{journal} is being read by another program while it is to be brought to this desk's "
            "form, so it was left as it is: close that one, then open it again."
        )
