"""The lock of the one process that writes a journal, and who holds it now."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from allusedesk.journal.faults import JournalCannotOpen

if sys.platform == "win32":
    import msvcrt

    # Windows keeps others from reading what is locked, so a place far behind the text is.
    _LOCKED_AT = 1 << 20

    def _lock(file: int) -> None:
        os.lseek(file, _LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TEXT_MAX = 20


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that writes a journal now: its number where it can be read, and since when."""

    process: int | None
    since: datetime


class WriterLock:
    """Held by the one process that writes a journal; a crash releases it.

    The system holds the lock, not the file: a file left behind locks nobody out.
    """

    def __init__(self, journal: Path) -> None:
        self._path = lock_of(journal)
        self._file = self._acquired(journal)
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, f"{os.getpid()}\n".encode())

    def _acquired(self, journal: Path) -> int:
        while True:
            try:
                file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as fault:
                message = f"{journal} cannot be written: {fault.strerror}. It was left as it is."
                raise JournalCannotOpen(message) from fault
            try:
                _lock(file)
            except OSError as fault:
                os.close(file)
                message = (
                    f"{journal} is being written by another desk: "
                    "close that one first, or open the journal only to read."
                )
                raise JournalCannotOpen(message) from fault
            # The holder before may have removed the file between our two calls; a lock on a
            # removed file would exclude nobody.
            if self._path.exists() and os.path.samestat(os.fstat(file), self._path.stat()):
                return file
            os.close(file)

    def release(self) -> None:
        """Let others write; releasing twice is a fault."""
        with suppress(PermissionError):
            self._path.unlink(missing_ok=True)
        os.close(self._file)


def lock_of(journal: Path) -> Path:
    """The file by which writers of a journal exclude each other."""
    return journal.with_name(journal.name + ".lock")


def writer_of(journal: Path) -> Writer | None:
    """Who writes a journal now; None where nobody does.

    What a crash left behind is nobody. Raises OSError where the lock's file cannot be opened.
    """
    try:
        file = os.open(lock_of(journal), os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        _lock(file)
    except OSError:
        text = os.read(file, _TEXT_MAX).strip()
        since = datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
        return Writer(int(text) if text.isdigit() else None, since)
    finally:
        os.close(file)
    return None
