"""The file a journal lives in: recognised and opened."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from allusedesk.journal.faults import JournalCannotOpen, plain

# "ALUS" in ASCII: SQLite keeps it in the file's first page for programs to know their own.
APPLICATION_ID = 0x414C5553
SCHEMA_VERSION = 1

_SIGNATURE = b"SQLite format 3\x00"
_PAGE_COUNT_AT = 28
_VERSION_AT, _VERSION_BYTES = 60, 4
_FIRST_PAGE_BYTES = 100
_WAIT_SECONDS = 5.0

# What reading a damaged file may raise: SQLite quotes the broken part in its own message, and
# where that is no text, Python fails on the message instead.
READ_FAULTS = (sqlite3.Error, UnicodeDecodeError, OverflowError)


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """A connection that keeps its own transactions; raises JournalCannotOpen."""
    refuse_foreign_file(path)
    try:
        connection = sqlite3.connect(
            path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as fault:
        raise _unreadable(path, fault) from fault
    return _recognised(connection, path)


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot change the file; raises JournalCannotOpen.

    A change that a killed writer left half-made is taken back first, as its next writer would.
    """
    refuse_foreign_file(path)
    _take_back_what_was_cut_off(path)
    address = path.absolute().as_uri() + "?mode=ro"
    # On read-only media the files that share a write-ahead log cannot be made. Where no log is
    # left there is nothing to share, and the file may be read as one that never changes.
    if not _has_log(path) and not os.access(path.parent, os.W_OK):
        address += "&immutable=1"
    try:
        connection = sqlite3.connect(
            address, uri=True, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as fault:
        raise _unreadable(path, fault) from fault
    # Bytes that are no text must reach the checks instead of ending them.
    connection.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
    return _recognised(connection, path)


def _take_back_what_was_cut_off(path: Path) -> None:
    """Let SQLite roll back what a killed writer began, which a reader alone may not do.

    A desk killed while its file goes over to a write-ahead log, or back, leaves such a rest.
    Where the folder takes no writing, or somebody writes just now, the reader is told by SQLite.
    """
    rest = path.with_name(path.name + "-journal")
    if not rest.exists() or not os.access(path.parent, os.W_OK):
        return
    with suppress(*READ_FAULTS), closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def refuse_foreign_file(path: Path) -> None:
    """Raise JournalCannotOpen where there is no file, no SQLite file, or only part of one."""
    try:
        with path.open("rb") as file:
            page = file.read(_FIRST_PAGE_BYTES)
            size = file.seek(0, os.SEEK_END)
    except FileNotFoundError as fault:
        message = f"There is no journal at {path}: check the path."
        raise JournalCannotOpen(message) from fault
    except OSError as fault:
        message = f"{path} cannot be read: {fault.strerror}. It was left as it is."
        raise JournalCannotOpen(message) from fault
    if page[: len(_SIGNATURE)] != _SIGNATURE[: len(page)] or not page:
        raise _foreign(path)
    pages = int.from_bytes(page[_PAGE_COUNT_AT : _PAGE_COUNT_AT + 4])
    bytes_per_page = int.from_bytes(page[16:18])
    bytes_per_page = 65536 if bytes_per_page == 1 else bytes_per_page
    if len(page) < _FIRST_PAGE_BYTES or (size < pages * bytes_per_page and not _has_log(path)):
        message = (
            f"{path} is cut short: it was left as it is. "
            "Restore the journal from its latest backup."
        )
        raise JournalCannotOpen(message)


def is_older(journal: Path) -> bool:
    """True where a journal's file has an earlier schema; raises JournalCannotOpen for no journal.

    Reads a few bytes: this is asked at every opening.
    """
    refuse_foreign_file(journal)
    with journal.open("rb") as file:
        file.seek(_VERSION_AT)
        return 0 < int.from_bytes(file.read(_VERSION_BYTES)) < SCHEMA_VERSION


def create_private_file(path: Path) -> None:
    """Make an empty file that only its owner may read; raises OSError where it exists."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _recognised(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except READ_FAULTS as fault:
        connection.close()
        raise _unreadable(path, fault) from fault
    if application != APPLICATION_ID or version < 1:
        connection.close()
        raise _foreign(path)
    if version > SCHEMA_VERSION:
        connection.close()
        message = (
            f"{path} was written by a newer desk (its schema is {version}, this desk knows "
            f"{SCHEMA_VERSION}): it was left as it is. Update the desk to open it."
        )
        raise JournalCannotOpen(message)
    return connection


def _foreign(path: Path) -> JournalCannotOpen:
    message = f"{path} is no journal of this desk: it was left as it is. Choose another file."
    return JournalCannotOpen(message)


def _unreadable(path: Path, fault: Exception) -> JournalCannotOpen:
    message = (
        f"{path} cannot be read as a journal ({plain(fault)}): it was left as it is. "
        "If it is damaged, restore it from its latest backup."
    )
    return JournalCannotOpen(message)
