"""Numbered schema steps, run once, in order; imported only to create or upgrade a file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from allusedesk.journal.file_format import APPLICATION_ID, SCHEMA_VERSION
from allusedesk.journal.schema_library import Database, Migrations

steps = Migrations("journal")


@steps()
def step_1_entries(database: Database) -> None:
    """Entries that cannot be changed or removed, how they are written, and snapshots."""
    database.execute(
        "CREATE TABLE entries (sequence INTEGER PRIMARY KEY, recorded_at TEXT NOT NULL, "
        "kind TEXT NOT NULL, version INTEGER NOT NULL, cause INTEGER, body ANY NOT NULL, "
        "hash_previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT"
    )
    for change in ("UPDATE", "DELETE"):
        database.execute(
            f"CREATE TRIGGER entries_refuse_{change.lower()} BEFORE {change} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'a journal is only ever added to'); END"
        )
    database.execute(
        "CREATE TABLE header (id INTEGER PRIMARY KEY CHECK (id = 1), durable INTEGER NOT NULL) "
        "STRICT"
    )
    database.execute(
        "CREATE TABLE snapshots (sequence INTEGER PRIMARY KEY, body ANY NOT NULL, "
        "hash BLOB NOT NULL) STRICT"
    )


def migrate(path: Path) -> None:
    """Bring the file at `path` to the present schema; raises sqlite3.Error where it cannot."""
    connection = sqlite3.connect(path)
    try:
        steps.apply(Database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.commit()
    finally:
        connection.close()
