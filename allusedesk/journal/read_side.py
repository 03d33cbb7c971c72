"""The read side of a journal: a side file that may be deleted, caught up when it is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import NoneType, TracebackType
from typing import Any, NewType, Self, TypeVar, get_args, get_type_hints

from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.money import Money, Price
from allusedesk.journal.chain import Row
from allusedesk.journal.faults import JournalDamaged, plain
from allusedesk.journal.file_format import READ_FAULTS, create_private_file
from allusedesk.journal.projections import PROJECTED_KINDS, project
from allusedesk.journal.quote_rows import sample_in_brief
from allusedesk.journal.read_tables import READ_VERSION, Place, create_indexes, create_tables, put
from allusedesk.journal.scalars import (
    read_date,
    read_decimal,
    read_instant,
    read_money,
    read_price,
    read_text,
)
from allusedesk.journal.store import JournalReader, entry_of
from allusedesk.journal.words.sentences import describe, describe_sample

_FIGURES = "figures"
_LINES = "lines"
_SAMPLE = MarketSampled.__name__

_MATCHING = "SELECT rowid FROM lines_fts WHERE lines_fts MATCH ?"

_Found = TypeVar("_Found")


class ReadSide:
    """Figures and lines folded from a journal's entries. Use from one thread.

    The side file `<journal>.read` belongs to one chain: another one's, an older desk's or a
    damaged one is dropped and made anew; where none can be written, or none is wanted (`alone`),
    the tables live in memory.
    """

    def __init__(self, journal: JournalReader, *, alone: bool = False) -> None:
        self.journal = journal
        beside = journal.path.with_name(journal.path.name + ".read")
        self._tables = _in_memory() if alone else self._opened(beside)
        self._head: dict[str, tuple[int, str]] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the journal at `path` for questions; raises as `JournalReader.open`."""
        return cls(JournalReader.open(path))

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
        self._tables.close()
        self.journal.close()

    def rebuild(self) -> None:
        """Throw every row away; the next question brings them back from the entries."""
        self._head.clear()
        _emptied(self._tables)

    def figures(self, kind: type[_Found], rest: str, values: Sequence[object] = ()) -> list[_Found]:
        """Rows as values of `kind`, whose fields are named like the columns of the table.

        `rest` is the query from its FROM on.
        """
        self.catch_up(_FIGURES)
        return self._values(kind, rest, values)

    def column(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """The first column of each row of a query over the figures."""
        self.catch_up(_FIGURES)
        return [row[0] for row in self._tables.execute(query, values)]

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Each row of a query over the figures, its columns as the tables hold them."""
        self.catch_up(_FIGURES)
        return self._tables.execute(query, values).fetchall()

    def pairs(self, query: str, values: Sequence[object] = ()) -> dict[str, int]:
        """The two columns of a counting query over the figures."""
        self.catch_up(_FIGURES)
        return dict(self._tables.execute(query, values).fetchall())

    def lines(self, kind: type[_Found], rest: str, values: Sequence[object] = ()) -> list[_Found]:
        """As `figures`, over the sentences of the entries."""
        self.catch_up(_LINES)
        return self._values(kind, rest, values)

    def search(
        self, kind: type[_Found], text: str, rest: str, values: Sequence[object]
    ) -> list[_Found]:
        """Lines that hold every word of `text`; `rest` narrows and orders them."""
        # sqlite-utils is slow to import and only a search needs it.
        from allusedesk.journal.schema_library import Database

        self.catch_up(_LINES)
        database = Database(self._tables)
        table = database.table("lines")
        if table.detect_fts() is None:
            table.enable_fts(["line"], create_triggers=True, tokenize="porter")
        wanted = f"FROM lines WHERE sequence IN ({_MATCHING}) {rest}"
        return self._values(kind, wanted, (_quoted(text), *values))

    def catch_up(self, part: str) -> None:
        """Fold the entries that came since; raises JournalDamaged where one is not as written.

        Lines name lots by what they were, so the figures come first.
        """
        if part == _LINES:
            self.catch_up(_FIGURES)
        head = self.journal.head()
        if self._head.get(part) == head:
            return
        self._tables.execute("BEGIN IMMEDIATE")
        try:
            done = self._progress(part)
            for row in self.journal.rows(done + 1, head[0]):
                self._fold(part, row)
            create_indexes(self._tables)
            put(self._tables, "progress", part=part, sequence=head[0], hash=head[1])
        except BaseException:
            self._tables.execute("ROLLBACK")
            raise
        self._tables.execute("COMMIT")
        self._head[part] = head

    def _fold(self, part: str, row: Row) -> None:
        place = Place(self._tables, row.sequence, read_instant(row.recorded_at))
        if part == _LINES:
            _put_line(place, row)
        elif row.kind == _SAMPLE:
            alarm, quotes, modelled = _brief(row)
            place.put("samples", week=place.week, alarm=alarm, quotes=quotes, modelled=modelled)
        elif row.kind in PROJECTED_KINDS:
            project(place, entry_of(row).event)

    def _progress(self, part: str) -> int:
        found = self._tables.execute(
            "SELECT sequence, hash FROM progress WHERE part = ?", (part,)
        ).fetchone()
        return found[0] if found else 0

    def _values(self, kind: type[_Found], rest: str, values: Sequence[object]) -> list[_Found]:
        plain: type = kind
        names, reads = _columns_of(plain)
        found = self._tables.execute(f"SELECT {', '.join(names)} {rest}", values)
        return [
            kind(*[read(value) for read, value in zip(reads, row, strict=True)]) for row in found
        ]

    def _opened(self, path: Path) -> sqlite3.Connection:
        with suppress(*READ_FAULTS, OSError):
            if not path.exists():
                create_private_file(path)
            tables = _connected(path)
            try:
                if self._belongs(tables):
                    return tables
                _emptied(tables)
            except READ_FAULTS:
                tables.close()
                path.unlink()
                create_private_file(path)
                tables = _connected(path)
                _emptied(tables)
            return tables
        return _in_memory()

    def _belongs(self, tables: sqlite3.Connection) -> bool:
        if tables.execute("PRAGMA user_version").fetchone()[0] != READ_VERSION:
            return False
        for sequence, hash_then in tables.execute("SELECT sequence, hash FROM progress"):
            if sequence and hash_then not in self._hash_at(sequence):
                return False
        return True

    def _hash_at(self, sequence: int) -> list[str]:
        with suppress(JournalDamaged):
            return [row.hash.hex() for row in self.journal.rows(sequence, sequence)]
        return []


def _quoted(text: str) -> str:
    """Words for the full-text search, each of them a word and none of them its grammar."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in text.split())


def _put_line(place: Place, row: Row) -> None:
    account = ""
    if row.kind == _SAMPLE:
        line = describe_sample(*_brief(row))
    else:
        event = entry_of(row).event
        line = place.naming_lots(describe(event))
        account = str(getattr(event, "account", None) or "")
    place.put(
        "lines",
        recorded_at=row.recorded_at,
        kind=row.kind,
        cause=row.cause,
        account=account,
        line=line,
    )


def _brief(row: Row) -> tuple[str, int, int]:
    try:
        return sample_in_brief(row.body)
    except ValueError as fault:
        message = f"Entry {row.sequence} cannot be read ({plain(fault)})."
        raise JournalDamaged(message, row.sequence) from fault


def _connected(path: Path | str) -> sqlite3.Connection:
    tables = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # The rows can always be made again, so nothing waits for the disk.
    tables.execute("PRAGMA synchronous = OFF")
    return tables


def _in_memory() -> sqlite3.Connection:
    tables = _connected(":memory:")
    _emptied(tables)
    return tables


def _emptied(tables: sqlite3.Connection) -> None:
    names = tables.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'lines_fts_%'"
    ).fetchall()
    tables.execute("BEGIN IMMEDIATE")
    for (name,) in names:
        # The side file may be anybody's, and so may the names in it.
        quoted = name.replace('"', '""')
        tables.execute(f'DROP TABLE "{quoted}"')
    create_tables(tables)
    tables.execute(f"PRAGMA user_version = {READ_VERSION}")
    tables.execute("COMMIT")


def _unchanged(value: object) -> object:
    return value


_READS: dict[object, Any] = {
    str: read_text,
    int: _unchanged,
    bool: bool,
    Decimal: read_decimal,
    Money: read_money,
    Price: read_price,
    date: read_date,
    datetime: read_instant,
}


@cache
def _columns_of(kind: type) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    hints = get_type_hints(kind)
    names = tuple(field.name for field in fields(kind))
    return names, tuple(_read_of(hints[name]) for name in names)


def _read_of(hint: Any) -> Any:  # noqa: ANN401
    members = [member for member in get_args(hint) if member is not NoneType]
    plain = members[0] if members else hint
    while isinstance(plain, NewType):
        plain = plain.__supertype__
    read = _READS[plain]
    if not members:
        return read
    return lambda value: None if value is None else read(value)
