"""What stands beside a journal's file when its writer was killed."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.journal.sample_entries import entries


def test_a_reader_takes_back_what_a_killed_writer_left_half_made(tmp_path: Path) -> None:
    path = tmp_path / "week.journal"
    with Journal.create(path, durable=False) as journal:
        journal.append(entries(20))
    cut_off = path.with_name("cut-off.journal")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("CREATE TABLE half (made)")
    writer.executemany("INSERT INTO half VALUES (zeroblob(4000))", [()] * 50)
    # As a kill leaves them: pages already changed, and beside them what they were before.
    for end in ("", "-journal"):
        shutil.copy(f"{path}{end}", f"{cut_off}{end}")
    writer.rollback()
    writer.close()
    bare = sqlite3.connect(f"{cut_off.as_uri()}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        bare.execute("SELECT count(*) FROM sqlite_schema")
    bare.close()
    assert verify(cut_off).is_intact
    with JournalReader.open(cut_off) as record:
        assert list(record.read()) == entries(20)
