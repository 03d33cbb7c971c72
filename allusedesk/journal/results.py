"""`ResultsFile`: what trials and searches found, kept in a file of its own to be read again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allusedesk.journal.chain import pack, unpack
from allusedesk.journal.faults import plain
from allusedesk.journal.file_format import READ_FAULTS, create_private_file
from allusedesk.journal.scalars import read_instant, write_instant

RESULTS_NAME = "laboratory.results"
# "ALUR" in ASCII, as a journal has its own; the schema below writes both numbers.
_APPLICATION_ID = 1095521618
_VERSION = 1
_WAIT_SECONDS = 5.0
_SCHEMA = (
    """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    title TEXT NOT NULL,
    headline TEXT NOT NULL,
    body BLOB NOT NULL
)
""",
    "PRAGMA application_id = 1095521618",
    "PRAGMA user_version = 1",
)


# Parts of runs that are not done yet. Made when first needed: files of before have no such table.
_PARTS = """
CREATE TABLE IF NOT EXISTS parts (name TEXT PRIMARY KEY, kept_at TEXT NOT NULL, body BLOB NOT NULL)
"""


class ResultsUnusable(Exception):
    """A file of results that cannot be read or written; it was left as it is."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run as a list shows it; `headline` is its result in a sentence."""

    number: int
    kind: str
    kept_at: datetime
    title: str
    headline: str


@dataclass(frozen=True, slots=True)
class RunKept:
    """One run whole; `body` is what its kind wrote of itself."""

    line: RunLine
    body: str


class ResultsFile:
    """Runs under numbers that are given once; made when the first is kept.

    Every method raises ResultsUnusable for a file that is damaged, foreign or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, kind: str, kept_at: datetime, title: str, headline: str, body: str) -> int:
        """Keep a run, on the disk when this returns, and return its number."""
        self._prepare()
        with closing(self._connection()) as file:
            try:
                done = file.execute(
                    "INSERT INTO runs (kind, kept_at, title, headline, body) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (kind, write_instant(kept_at), title, headline, pack(body)),
                )
                file.commit()
            except sqlite3.Error as fault:
                raise self._unusable(fault) from fault
            return int(done.lastrowid or 0)

    def lines(self) -> tuple[RunLine, ...]:
        """Every run, the newest first; none where nothing was ever kept."""
        if not self._is_begun():
            return ()
        with closing(self._connection()) as file:
            try:
                rows = file.execute(
                    "SELECT number, kind, kept_at, title, headline FROM runs ORDER BY number DESC"
                ).fetchall()
                return tuple(_line(row) for row in rows)
            except (*READ_FAULTS, ValueError) as fault:
                raise self._unusable(fault) from fault

    def read(self, number: int) -> RunKept:
        """The run of a number; raises ResultsUnusable where there is none."""
        if not self._is_begun():
            raise ResultsUnusable(f"{self.path} is not there yet: nothing was ever kept in it.")
        with closing(self._connection()) as file:
            try:
                row = file.execute(
                    "SELECT number, kind, kept_at, title, headline, body FROM runs "
                    "WHERE number = ?",
                    (number,),
                ).fetchone()
                if row is not None:
                    return RunKept(_line(row[:5]), unpack(row[5]))
            except (*READ_FAULTS, ValueError) as fault:
                raise self._unusable(fault) from fault
        raise ResultsUnusable(
            f"{self.path} holds no run {number}: `allusedesk compare` lists those it has."
        )

    def put_part(self, name: str, kept_at: datetime, body: str) -> None:
        """Keep a part of a run that is under way, under a name that says all it rests on."""
        self._prepare()
        with closing(self._connection()) as file:
            try:
                file.execute(_PARTS)
                file.execute(
                    "INSERT OR REPLACE INTO parts (name, kept_at, body) VALUES (?, ?, ?)",
                    (name, write_instant(kept_at), pack(body)),
                )
                file.commit()
            except sqlite3.Error as fault:
                raise self._unusable(fault) from fault

    def part(self, name: str) -> str | None:
        """The part of a name; None where there is none."""
        if not self._is_begun():
            return None
        with closing(self._connection()) as file:
            try:
                if not _has_parts(file):
                    return None
                row = file.execute("SELECT body FROM parts WHERE name = ?", (name,)).fetchone()
                return unpack(row[0]) if row is not None else None
            except (*READ_FAULTS, ValueError) as fault:
                raise self._unusable(fault) from fault

    def drop_parts(self, names: Iterable[str], before: datetime) -> None:
        """Let go of the parts of these names, and of all that were kept before an instant."""
        with closing(self._connection()) as file:
            try:
                if _has_parts(file):
                    file.executemany("DELETE FROM parts WHERE name = ?", [(one,) for one in names])
                    file.execute("DELETE FROM parts WHERE kept_at < ?", (write_instant(before),))
                    file.commit()
            except sqlite3.Error as fault:
                raise self._unusable(fault) from fault

    def check(self) -> None:
        """Raise where nothing could be kept; asked before long work, so that none is in vain.

        Nothing is made or changed by it.
        """
        if self._is_begun():
            self._connection().close()
            place = self.path
        else:
            place = next(one for one in self.path.absolute().parents if one.exists())
        if not os.access(place, os.W_OK) or (place != self.path and not place.is_dir()):
            raise self._unusable(PermissionError(f"{place} cannot be written"))

    def _prepare(self) -> None:
        """Make the file where there is none.

        Several processes may do so at once: the first to lock it makes it, the others find it.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError):
                create_private_file(self.path)
            connected = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            with closing(connected) as file:
                file.execute("BEGIN IMMEDIATE")
                own = file.execute("PRAGMA application_id").fetchone()[0]
                if not own and not file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                    for statement in _SCHEMA:
                        file.execute(statement)
                file.execute("COMMIT")
        except (OSError, sqlite3.Error) as fault:
            raise self._unusable(fault) from fault
        self._connection().close()

    def _is_begun(self) -> bool:
        """False for an empty file too: who made it has not come to write in it."""
        return self.path.exists() and self.path.stat().st_size > 0

    def _connection(self) -> sqlite3.Connection:
        try:
            file = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
            own = file.execute("PRAGMA application_id").fetchone()[0]
            version = file.execute("PRAGMA user_version").fetchone()[0]
        except READ_FAULTS as fault:
            raise self._unusable(fault) from fault
        if own == _APPLICATION_ID and version == _VERSION:
            return file
        file.close()
        if own == _APPLICATION_ID:
            raise ResultsUnusable(
                f"{self.path} was written by a later version ({version}): use that one, or name "
                "another folder with --out."
            )
        raise ResultsUnusable(
            f"{self.path} is no file of results and was left as it is: name another folder."
        )

    def _unusable(self, fault: Exception) -> ResultsUnusable:
        return ResultsUnusable(
            f"The results in {self.path} cannot be used ({plain(fault)}): they were left as they "
            "are; mend or move the file, or name another folder with --out."
        )


def _has_parts(file: sqlite3.Connection) -> bool:
    asked = "SELECT count(*) FROM sqlite_schema WHERE name = 'parts'"
    return bool(file.execute(asked).fetchone()[0])


def _line(row: tuple[int, str, str, str, str]) -> RunLine:
    number, kind, kept_at, title, headline = row
    if not all(isinstance(one, str) for one in row[1:]):
        message = f"run {number} lacks its words"
        raise ValueError(message)
    return RunLine(number, kind, read_instant(kept_at), title, headline)
