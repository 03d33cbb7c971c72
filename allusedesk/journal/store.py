"""The journal: append and read; nothing is ever updated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from allusedesk.domain.events import Entry
from allusedesk.journal.chain import COLUMNS, Row, fault_of, genesis, hash_of, pack, row_of, unpack
from allusedesk.journal.codec import decode, encode
from allusedesk.journal.faults import (
    EntryUnreadable,
    JournalCannotOpen,
    JournalCannotWrite,
    JournalDamaged,
    plain,
)
from allusedesk.journal.file_format import (
    READ_FAULTS,
    connect_for_reading,
    connect_for_writing,
    create_private_file,
    is_older,
)
from allusedesk.journal.scalars import read_instant, write_instant
from allusedesk.journal.writer_lock import WriterLock

# A group is written at this many entries even before it ends, so that its log stays small.
_GROUP_ENTRIES_MAX = 5000
_SNAPSHOTS_KEPT = 2

_INSERT = f"INSERT INTO entries ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_SELECT = f"SELECT {COLUMNS} FROM entries"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The engine's state after entry `sequence`, as the text it handed in."""

    sequence: int
    body: str


class JournalReader:
    """A journal opened to be read; others may write it meanwhile. Use from one thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self.is_durable = self._durability()
        self._sequence, self._hash, self._recorded_at = self._last()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing journal; raises JournalCannotOpen or JournalDamaged."""
        return cls(path, connect_for_reading(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def head(self) -> tuple[int, str]:
        """The sequence and the hash (64 hexadecimal digits) of the last entry stored.

        An empty journal has sequence 0 and the hash that stands before the first entry.
        """
        sequence, hash_own, _ = self._last()
        return sequence, hash_own.hex()

    def read(
        self, from_sequence: int = 1, to: int | None = None, *, with_chains: bool = True
    ) -> Iterator[Entry]:
        """Entries in order, both ends included; for a fold the chains of samples may stay out.

        Raises JournalDamaged at the first that is not as it was written.
        """
        for row in self.rows(from_sequence, to):
            yield entry_of(row, with_chains=with_chains)

    def rows(self, from_sequence: int = 1, to: int | None = None) -> Iterator[Row]:
        """As `read`, undecoded and with the hashes."""
        expected, previous = max(from_sequence, 1), None
        try:
            last = self._sequence_stored() if to is None else to
            found = self._connection.execute(
                _SELECT + " WHERE sequence BETWEEN ? AND ? ORDER BY sequence", (expected, last)
            )
            for columns in found:
                row = _row_or_damage(columns, expected)
                wrong = fault_of(row, expected, previous)
                if wrong:
                    raise JournalDamaged(f"{wrong}: verify the journal {self.path}.", expected)
                yield row
                expected, previous = expected + 1, row.hash
        except READ_FAULTS as fault:
            message = f"{self.path} cannot be read from entry {expected} on ({plain(fault)})."
            raise JournalDamaged(message, expected) from fault

    def latest_snapshot(self) -> Snapshot | None:
        """The newest snapshot that agrees with the chain; None where none can be read that does."""
        with suppress(*READ_FAULTS):
            found = self._connection.execute(
                "SELECT s.sequence, s.body, s.hash, e.hash FROM snapshots s "
                "JOIN entries e ON e.sequence = s.sequence ORDER BY s.sequence DESC"
            )
            for sequence, stored, digest, hash_of_entry in found:
                with suppress(ValueError, TypeError):
                    body = unpack(stored)
                    if _digest_of(hash_of_entry, body) == digest:
                        return Snapshot(sequence, body)
        return None

    def _sequence_stored(self) -> int:
        found = self._connection.execute("SELECT max(sequence) FROM entries").fetchone()[0]
        return found or 0

    def _durability(self) -> bool:
        try:
            found = self._connection.execute("SELECT durable FROM header").fetchone()
        except READ_FAULTS as fault:
            raise JournalDamaged(
                f"The header of {self.path} cannot be read ({plain(fault)})."
            ) from fault
        if found is None or found[0] not in (0, 1):
            message = f"The header of {self.path} is missing or altered."
            raise JournalDamaged(message)
        return bool(found[0])

    def _last(self) -> tuple[int, bytes, datetime | None]:
        try:
            columns = self._connection.execute(
                _SELECT + " ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
        except READ_FAULTS as fault:
            message = f"The last entry of {self.path} cannot be read ({plain(fault)})."
            raise JournalDamaged(message) from fault
        if columns is None:
            return 0, genesis(durable=self.is_durable), None
        row = _row_or_damage(columns, columns[0])
        wrong = fault_of(row, row.sequence, None)
        if wrong:
            raise JournalDamaged(f"{wrong}: verify the journal {self.path}.", row.sequence)
        return row.sequence, row.hash, read_instant(row.recorded_at)


class Journal(JournalReader):
    """A journal opened to be written, by this process alone."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock) -> None:
        super().__init__(path, connection)
        self._lock = lock
        self._waiting: list[tuple[object, ...]] | None = None
        self._refusal = ""

    @classmethod
    def create(cls, path: Path, *, durable: bool) -> Self:
        """Make a new journal; raises JournalCannotOpen where something stands there already.

        Where `durable`, each append is on the disk when it returns. A rehearsal does without,
        and its header says so.
        """
        lock = WriterLock(path)
        try:
            _make_file(path, durable=durable)
        except (OSError, sqlite3.Error) as fault:
            lock.release()
            message = f"No journal can be made at {path}: {fault}."
            raise JournalCannotOpen(message) from fault
        except JournalCannotOpen:
            lock.release()
            raise
        return cls._opened(path, lock)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing journal to go on with it; raises JournalCannotOpen, JournalDamaged."""
        if not path.exists():
            message = f"There is no journal at {path}: check the path."
            raise JournalCannotOpen(message)
        return cls._opened(path, WriterLock(path))

    @classmethod
    def _opened(cls, path: Path, lock: WriterLock) -> Self:
        try:
            if is_older(path):
                _bring_up(path)
            connection = connect_for_writing(path)
        except JournalCannotOpen:
            lock.release()
            raise
        try:
            journal = cls(path, connection, lock)
            connection.execute("PRAGMA journal_mode = WAL")
            level = "FULL" if journal.is_durable else "OFF"
            connection.execute(f"PRAGMA synchronous = {level}")
        except (JournalDamaged, sqlite3.Error) as fault:
            connection.close()
            lock.release()
            if isinstance(fault, JournalDamaged):
                raise
            message = f"{path} cannot be written ({plain(fault)}): it was left as it is."
            raise JournalCannotOpen(message) from fault
        return journal

    def close(self) -> None:
        """Close and leave one plain file behind, so that it can be copied or kept read-only."""
        # A reader that is still there keeps the log in use; then it simply stays.
        with suppress(sqlite3.DatabaseError):
            self._connection.execute("PRAGMA journal_mode = DELETE")
        super().close()
        self._lock.release()

    def head(self) -> tuple[int, str]:
        return self._sequence, self._hash.hex()

    def append(self, entries: Sequence[Entry]) -> None:
        """Record entries together or not at all; outside a group they are durable on return.

        Raises JournalCannotWrite for a gap, an instant that goes backwards, or a disk that fails
        (after which nothing more is taken), EventUnwritable for a value no entry can hold.
        """
        if self._refusal:
            raise JournalCannotWrite(self._refusal)
        sequence, previous, recorded_at = self._sequence, self._hash, self._recorded_at
        rows: list[tuple[object, ...]] = []
        for entry in entries:
            _refuse_out_of_order(entry, sequence, recorded_at)
            sequence, recorded_at = entry.sequence, entry.recorded_at
            kind, version, body = encode(entry.event)
            at, cause = write_instant(recorded_at), entry.cause
            own = hash_of(previous, sequence, at, kind, version, cause, body)
            rows.append((sequence, at, kind, version, cause, pack(body), previous, own))
            previous = own
        if rows:
            self._insert(rows)
        self._sequence, self._hash, self._recorded_at = sequence, previous, recorded_at

    @contextmanager
    def group(self) -> Iterator[None]:
        """Write what is appended within together, as rehearsals do.

        Until the group ends a crash may lose its entries, so nothing may be sent on their
        strength. An exception within ends the group and keeps what was appended.
        """
        self._waiting = []
        try:
            yield
        finally:
            self._write_waiting()
            self._waiting = None

    def rows(self, from_sequence: int = 1, to: int | None = None) -> Iterator[Row]:
        """As for a reader, with what a group has not written yet."""
        self._write_waiting()
        return super().rows(from_sequence, to)

    def latest_snapshot(self) -> Snapshot | None:
        self._write_waiting()
        return super().latest_snapshot()

    def keep_snapshot(self, body: str) -> None:
        """Keep the engine's state after the last entry; older snapshots are let go."""
        digest = _digest_of(self._hash, body)
        self._write_waiting()
        try:
            self._connection.execute(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)",
                (self._sequence, pack(body), digest),
            )
            self._connection.execute(
                "DELETE FROM snapshots WHERE sequence NOT IN "
                "(SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT ?)",
                (_SNAPSHOTS_KEPT,),
            )
        except sqlite3.Error as fault:
            self._stop(fault)

    def _insert(self, rows: list[tuple[object, ...]]) -> None:
        if self._waiting is None:
            self._write(rows)
            return
        self._waiting += rows
        if len(self._waiting) >= _GROUP_ENTRIES_MAX:
            self._write_waiting()

    def _write_waiting(self) -> None:
        if self._waiting and not self._refusal:
            waiting, self._waiting = self._waiting, []
            self._write(waiting)

    def _write(self, rows: list[tuple[object, ...]]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as fault:
            self._stop(fault)

    def _stop(self, fault: sqlite3.Error) -> NoReturn:
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        self._refusal = (
            f"The journal {self.path} cannot be written ({plain(fault)}), so nothing may be sent: "
            "make room or restore access, then start the desk again."
        )
        raise JournalCannotWrite(self._refusal) from fault


def _make_file(path: Path, *, durable: bool) -> None:
    # sqlite-utils is slow to import and only a file's first moment needs it.
    from allusedesk.journal.migrations import migrate

    if path.exists():
        message = f"{path} exists already: choose another name, or open it."
        raise JournalCannotOpen(message)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    create_private_file(fresh)
    migrate(fresh)
    connection = sqlite3.connect(fresh)
    connection.execute("INSERT INTO header VALUES (1, ?)", (int(durable),))
    connection.commit()
    connection.close()
    fresh.rename(path)


def _bring_up(path: Path) -> None:
    # Copies and checks the whole file, which a journal of the present schema never needs.
    from allusedesk.journal.upgrading import upgrade

    upgrade(path)


def entry_of(row: Row, *, with_chains: bool = True) -> Entry:
    """The entry of a row; raises JournalDamaged where its text describes none."""
    try:
        event = decode(row.kind, row.version, row.body, with_chains=with_chains)
        recorded_at = read_instant(row.recorded_at)
    except (EntryUnreadable, ValueError) as fault:
        message = f"Entry {row.sequence} cannot be read. {fault}"
        raise JournalDamaged(message, row.sequence) from fault
    return Entry(row.sequence, recorded_at, row.cause, event)


def _refuse_out_of_order(entry: Entry, sequence: int, recorded_at: datetime | None) -> None:
    if entry.sequence != sequence + 1:
        message = f"Entry {entry.sequence} cannot follow entry {sequence}: nothing was recorded."
        raise JournalCannotWrite(message)
    if recorded_at is not None and entry.recorded_at < recorded_at:
        message = (
            f"Entry {entry.sequence} would lie before the one it follows "
            f"({entry.recorded_at} before {recorded_at}): nothing was recorded."
        )
        raise JournalCannotWrite(message)
    if entry.cause is not None and not 0 < entry.cause < entry.sequence:
        message = f"Entry {entry.sequence} cannot follow from {entry.cause}: nothing was recorded."
        raise JournalCannotWrite(message)


def _row_or_damage(columns: tuple[object, ...], sequence: int) -> Row:
    try:
        return row_of(columns)
    except ValueError as fault:
        message = f"Entry {sequence} is not as it was written: {fault}."
        raise JournalDamaged(message, sequence) from fault


def _digest_of(hash_of_entry: bytes, body: str) -> bytes:
    return sha256(hash_of_entry + body.encode()).digest()
