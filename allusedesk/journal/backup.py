"""Copies of a journal while it is being written, looked through, and a journal from a copy."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.file_format import (
    connect_for_reading,
    create_private_file,
    refuse_foreign_file,
)
from allusedesk.journal.verification import Verdict, verify
from allusedesk.journal.writer_lock import WriterLock

KEPT_AT_MOST = 14
_FOLDER = "backups"
# What must stay free besides the copy: a journal in use goes on growing.
_BYTES_LEFT_FREE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: what the journal now holds, and where the one before it lies, if any."""

    verdict: Verdict
    aside: Path | None


def back_up(journal: Path, to: Path) -> Verdict:
    """Copy a journal, which may be in use, to a file that does not exist yet.

    The copy is complete, looked through from the first hash to the last, or absent. Raises
    JournalCannotOpen where it cannot be made, where the disk has no room, and where the journal
    itself is damaged.
    """
    source = connect_for_reading(journal)
    try:
        if to.exists():
            raise JournalCannotOpen(
                f"{to} exists already and is kept: choose another name for the copy."
            )
        return _copied(source, journal, to)
    finally:
        source.close()


def back_up_today(journal: Path, today: date, kept: int = KEPT_AT_MOST) -> Path:
    """Copy a journal into the folder of its backups; of the copies there the newest stay.

    Raises as `back_up`; then no older copy is let go.
    """
    folder = folder_of(journal)
    to, number = folder / f"{journal.stem}-{today}.journal", 1
    while to.exists():
        number += 1
        to = folder / f"{journal.stem}-{today}-{number}.journal"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise _uncopied(journal, to, fault) from fault
    back_up(journal, to)
    for old in backups_of(journal)[: -max(kept, 1)]:
        # A copy that cannot be let go now is let go with the next one.
        with suppress(OSError):
            old.unlink()
    return to


def is_due(journal: Path, today: date) -> bool:
    """True where a journal that holds something has no copy of this day yet."""
    copies = backups_of(journal)
    return journal.exists() and (not copies or _day_and_number(copies[-1])[0] < str(today))


def backups_of(journal: Path) -> list[Path]:
    """The copies in the folder of a journal's backups, the oldest first."""
    pattern = re.compile(re.escape(journal.stem) + r"-\d{4}-\d\d-\d\d(-\d+)?\.journal")
    folder = folder_of(journal)
    found = [path for path in folder.glob("*.journal") if pattern.fullmatch(path.name)]
    return sorted(found, key=_day_and_number)


def folder_of(journal: Path) -> Path:
    """Where the copies of a journal lie: beside it."""
    return journal.parent / _FOLDER


def restore(backup: Path, to: Path, *, replace: bool = False) -> Restored:
    """Put a copy where a journal was; the copy stays.

    A journal that stands there is refused, or with `replace` set aside under another name, never
    overwritten. Raises JournalCannotOpen for a damaged copy, a journal in use and a full disk.
    """
    verdict = verify(backup)
    if not verdict.is_intact:
        refuse_foreign_file(backup)
        raise JournalCannotOpen(
            f"{backup} is damaged, so nothing was restored: choose an older backup. "
            f"{verdict.sentence}"
        )
    if to.exists() and not replace:
        raise JournalCannotOpen(
            f"{to} exists already and is kept: choose another name, or add --replace to set it "
            "aside."
        )
    with suppress(FileExistsError):
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = WriterLock(to)
    fresh = to.with_name(to.name + ".restored")
    try:
        fresh.unlink(missing_ok=True)
        back_up(backup, fresh)
        was_there = to.exists()
        # A log left over from a journal that is gone would be taken for the restored one's.
        aside = _set_aside(to)
        try:
            fresh.rename(to)
        except OSError:
            if was_there:
                aside.replace(to)
            raise
    except OSError as fault:
        raise _uncopied(backup, to, fault) from fault
    finally:
        lock.release()
    return Restored(verdict, aside if was_there else None)


def _copied(source: sqlite3.Connection, journal: Path, to: Path) -> Verdict:
    fresh = to.with_name(to.name + ".new")
    try:
        _refuse_without_room(source, to)
        fresh.unlink(missing_ok=True)
        create_private_file(fresh)
        target = sqlite3.connect(fresh)
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        verdict = verify(fresh)
        if not verdict.is_intact:
            raise JournalCannotOpen(
                f"The copy of {journal} is not whole, so it was not kept: verify the journal. "
                f"{verdict.sentence}"
            )
        fresh.rename(to)
    except (OSError, sqlite3.Error) as fault:
        raise _uncopied(journal, to, fault) from fault
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return verdict


def _refuse_without_room(source: sqlite3.Connection, to: Path) -> None:
    pages = source.execute("PRAGMA page_count").fetchone()[0]
    needed = pages * source.execute("PRAGMA page_size").fetchone()[0] + _BYTES_LEFT_FREE
    free = shutil.disk_usage(to.parent).free
    if free < needed:
        raise OSError(
            f"the disk has {free // 1_000_000} MB free and {needed // 1_000_000} MB are needed"
        )


def _set_aside(journal: Path) -> Path:
    """Give a journal and what is left of its log another name; returns that name."""
    aside, number = journal.with_name(f"{journal.name}.replaced"), 1
    while aside.exists():
        number += 1
        aside = journal.with_name(f"{journal.name}.replaced-{number}")
    for ending in ("", "-wal", "-shm"):
        part = journal.with_name(journal.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    return aside


def _day_and_number(copy: Path) -> tuple[str, int]:
    found = re.search(r"-(\d{4}-\d\d-\d\d)(?:-(\d+))?\.journal$", copy.name)
    return ("", 0) if found is None else (found[1], int(found[2] or 1))


def _uncopied(journal: Path, to: Path, fault: Exception) -> JournalCannotOpen:
    said = getattr(fault, "strerror", None) or fault
    return JournalCannotOpen(
        f"{journal} cannot be copied to {to} ({said}): make room or choose another place. The "
        "journal itself is as it was."
    )
