"""A record of many years: one rehearsed journal told again and again, each time years later."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from allusedesk.journal.chain import Row, genesis, hash_of, pack
from allusedesk.journal.store import Journal, JournalReader

# What happens once, however long a desk lives.
_ONCE = frozenset({"DeskOpened", "CapitalDeposited", "FamilyOpened"})
# So many tellings lie before the journal's own years: all stay clear of 1900 and 2100, which have
# no 29 February.
_BEFORE = 20
_YEAR = re.compile(r"\b(20[0-9][0-9])(?=-[0-9W])")


def told_again(journal: Path, path: Path, entries: int, years: int) -> Path:
    """A journal of so many entries at `path`; each telling comes `years` after the one before.

    Ids and dates move on together, a multiple of four years, so that 29 February stays a day. The
    hashes are those of the new texts.
    """
    Journal.create(path, durable=False).close()
    with JournalReader.open(journal) as reader:
        told = list(reader.rows())
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            islice(_rows(told, years), entries),
        )
    connection.close()
    return path


def _rows(told: list[Row], years: int) -> Iterator[tuple[object, ...]]:
    previous, sequence, telling = genesis(durable=False), 0, 0
    while True:
        places: dict[int, int] = {}
        for row in told:
            if telling and row.kind in _ONCE:
                continue
            sequence += 1
            places[row.sequence] = sequence
            later = (telling - _BEFORE) * years
            at, body = (_later(text, later) for text in (row.recorded_at, row.body))
            cause = None if row.cause is None else places.get(row.cause)
            own = hash_of(previous, sequence, at, row.kind, row.version, cause, body)
            yield sequence, at, row.kind, row.version, cause, pack(body), previous, own
            previous = own
        telling += 1


def _later(text: str, years: int) -> str:
    return _YEAR.sub(lambda found: str(int(found[1]) + years), text) if years else text
