from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.events import DeskReconciled
from allusedesk.journal.backup import back_up
from allusedesk.journal.chain import genesis, hash_of
from allusedesk.journal.faults import (
    EventUnwritable,
    JournalCannotOpen,
    JournalCannotWrite,
    JournalDamaged,
)
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.journal.sample_entries import START, entries, entry

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "week.journal"


def filled(path: Path, count: int, *, durable: bool = False) -> Path:
    with Journal.create(path, durable=durable) as journal, journal.group():
        journal.append(entries(count))
    return path


def altered(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER IF EXISTS entries_refuse_update")
    connection.execute("DROP TRIGGER IF EXISTS entries_refuse_delete")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_appended_is_read_back(path: Path, durable: bool) -> None:
    with Journal.create(path, durable=durable) as journal:
        assert journal.head() == (0, genesis(durable=durable).hex())
        level = journal._connection.execute("PRAGMA synchronous").fetchone()[0]
        assert level == (2 if durable else 0)
        journal.append(entries(20))
        journal.append([])
        journal.append([entry(21)])
        assert list(journal.read()) == entries(21)
        head = journal.head()
    with Journal.open(path) as journal:
        assert journal.head() == head
        assert journal.is_durable is durable
        assert list(journal.read(5, 9)) == entries(5, after=4)
        journal.append([entry(22)])
        with JournalReader.open(path) as reader:
            assert reader.head() == journal.head()
            assert list(reader.read(22)) == [entry(22)]
    assert verify(path).is_intact
    assert verify(path).entries == 22
    assert {item.name for item in path.parent.iterdir()} == {path.name}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_hash_is_over_the_bytes_the_handbook_names(path: Path) -> None:
    filled(path, 4)
    with JournalReader.open(path) as reader:
        rows = list(reader.rows())
    previous = genesis(durable=False)
    for row in rows:
        assert row.hash_previous == previous
        previous = hash_of(
            previous, row.sequence, row.recorded_at, row.kind, row.version, row.cause, row.body
        )
        assert row.hash == previous
    stored = sqlite3.connect(path).execute("SELECT typeof(body) FROM entries").fetchall()
    assert stored == [("text",), ("text",), ("blob",), ("text",)]


def test_the_same_entries_give_the_same_head_however_they_are_cut(tmp_path: Path) -> None:
    heads = set()
    for size in (1, 4, 30):
        with Journal.create(tmp_path / f"{size}.journal", durable=True) as journal:
            for after in range(0, 30, size):
                journal.append(entries(min(size, 30 - after), after=after))
            heads.add(journal.head())
    assert len(heads) == 1


def test_a_group_commits_at_its_end_even_after_an_exception(path: Path) -> None:
    journal = Journal.create(path, durable=False)
    with suppress(KeyError), journal.group():
        journal.append(entries(3))
        with JournalReader.open(path) as reader:
            assert reader.head()[0] == 0
        raise KeyError
    with JournalReader.open(path) as reader:
        assert reader.head()[0] == 3
    journal.append([entry(4)])
    journal.close()
    assert verify(path).entries == 4


def test_a_long_group_is_committed_on_the_way(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allusedesk.journal.store._GROUP_ENTRIES_MAX", 10)
    with Journal.create(path, durable=False) as journal, journal.group():
        for number in range(1, 16):
            journal.append([entry(number)])
        with JournalReader.open(path) as reader:
            assert reader.head()[0] == 10
    assert verify(path).entries == 15


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(entry(3), sequence=5), "cannot follow entry 2"),
        (replace(entry(3), sequence=2), "cannot follow entry 2"),
        (replace(entry(3), recorded_at=START), "before the one it follows"),
        (replace(entry(3), cause=3), "cannot follow from 3"),
        (replace(entry(3), cause=0), "cannot follow from 0"),
    ],
)
def test_gaps_and_instants_that_go_back_are_refused(path: Path, wrong: object, says: str) -> None:
    with Journal.create(path, durable=True) as journal:
        journal.append(entries(2))
        head = journal.head()
        with pytest.raises(JournalCannotWrite, match=says):
            journal.append([wrong])  # type: ignore[list-item]
        assert journal.head() == head
        journal.append([replace(entry(3), recorded_at=START + timedelta(seconds=2))])


def test_a_value_that_cannot_be_recorded_leaves_nothing_behind(path: Path) -> None:
    with Journal.create(path, durable=True) as journal:
        bad = replace(entry(2), event=DeskReconciled(START, Decimal(1)))  # type: ignore[arg-type]
        with pytest.raises(EventUnwritable):
            journal.append([entry(1), bad])
        assert journal.head()[0] == 0
        journal.append(entries(2))


def test_entries_cannot_be_changed_or_removed_by_a_statement(path: Path) -> None:
    filled(path, 3)
    connection = sqlite3.connect(path)
    for statement in ("UPDATE entries SET cause = 1", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            connection.execute(statement)
    connection.close()


def test_a_full_disk_stops_the_journal_and_says_so(path: Path) -> None:
    journal = Journal.create(path, durable=True)
    journal.append(entries(2))
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalCannotWrite, match=r"full.*nothing may be sent"):
        journal.append(entries(200, after=2))
    assert journal.head()[0] == 2
    with pytest.raises(JournalCannotWrite, match="nothing may be sent"):
        journal.append([entry(3)])
    journal.close()
    assert verify(path).entries == 2


def test_a_disk_that_turned_read_only_stops_the_journal(path: Path) -> None:
    journal = Journal.create(path, durable=True)
    journal._connection.execute("PRAGMA query_only = 1")
    with pytest.raises(JournalCannotWrite, match="readonly"):
        journal.append([entry(1)])
    with pytest.raises(JournalCannotWrite):
        journal.keep_snapshot("x")
    journal.close()


def test_a_second_writer_is_refused_and_readers_are_not(path: Path) -> None:
    with Journal.create(path, durable=True) as journal:
        journal.append(entries(3))
        code = (
            "import sys, pathlib\n"
            "from allusedesk.journal.faults import JournalCannotOpen\n"
            "from allusedesk.journal.store import Journal, JournalReader\n"
            "path = pathlib.Path(sys.argv[1])\n"
            "with JournalReader.open(path) as reader: print(reader.head()[0])\n"
            "try: Journal.open(path)\n"
            "except JournalCannotOpen as refusal: print(refusal)\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True, text=True, check=True, cwd=ROOT,
        ).stdout.splitlines()  # fmt: skip
        assert told[0] == "3"
        assert "being written by another desk" in told[1]
        with pytest.raises(JournalCannotOpen, match="another desk"):
            Journal.open(path)
    Journal.open(path).close()


def test_an_existing_file_is_never_overwritten(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(JournalCannotOpen, match="exists already"):
        Journal.create(path, durable=True)
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalCannotOpen, match="No such file"):
        Journal.create(tmp_path / "absent" / "week.journal", durable=True)
    for opened in (Journal.open, JournalReader.open):
        with pytest.raises(JournalCannotOpen, match="There is no journal"):
            opened(tmp_path / "week.journal")


def foreign_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE entries (sequence INTEGER)")
    connection.commit()
    connection.close()


def future_journal(path: Path) -> None:
    filled(path, 2)
    altered(path, "PRAGMA user_version = 99")


def truncated_journal(path: Path) -> None:
    filled(path, 60)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def journal_of_one_page(path: Path) -> None:
    filled(path, 2)
    path.write_bytes(path.read_bytes()[:50])


def headless_journal(path: Path) -> None:
    filled(path, 2)
    altered(path, "DELETE FROM header")


def last_entry_altered(path: Path) -> None:
    filled(path, 2)
    altered(path, "UPDATE entries SET kind = 'Other' WHERE sequence = 2")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(b""), "no journal of this desk"),
        (lambda path: path.write_bytes(b"PK\x03\x04 something else" * 50), "no journal of this"),
        (foreign_database, "no journal of this desk"),
        (future_journal, "newer desk"),
        (truncated_journal, "cut short"),
        (journal_of_one_page, "cut short"),
        (headless_journal, "header"),
        (last_entry_altered, "Entry 2 is not as it was written"),
        (lambda path: path.mkdir(), "cannot be read"),
    ],
)
def test_a_file_that_is_no_sound_journal_is_refused_and_kept(
    path: Path, spoil: object, says: str
) -> None:
    spoil(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else None
    for opened in (Journal.open, JournalReader.open):
        with pytest.raises((JournalCannotOpen, JournalDamaged), match=says):
            opened(path)
    verdict = verify(path)
    assert not verdict.is_intact
    assert verdict.sentence
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_journal_on_read_only_media_can_be_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path, 5)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with JournalReader.open(path) as reader:
        assert len(list(reader.read())) == 5
    assert verify(path).is_intact


def test_a_snapshot_is_trusted_only_beside_its_chain(path: Path) -> None:
    with Journal.create(path, durable=False) as journal:
        assert journal.latest_snapshot() is None
        for number in range(1, 5):
            journal.append([entry(number)])
            journal.keep_snapshot(f"state {number} " + "x" * 2000 * (number % 2))
        found = journal.latest_snapshot()
        assert found is not None
        assert (found.sequence, found.body) == (4, "state 4 ")
    altered(path, "UPDATE snapshots SET body = 'state 5' WHERE sequence = 4")
    with JournalReader.open(path) as reader:
        found = reader.latest_snapshot()
        assert found is not None
        assert found.sequence == 3
    altered(path, "UPDATE snapshots SET body = x'00', hash = x'00'")
    with JournalReader.open(path) as reader:
        assert reader.latest_snapshot() is None
    assert verify(path).is_intact


def test_reading_stops_at_the_first_altered_entry(path: Path) -> None:
    filled(path, 9)
    altered(
        path, "UPDATE entries SET body = replace(body, 'Notice 6', 'Notice 7') WHERE sequence = 6"
    )
    with JournalReader.open(path) as reader:
        found = []
        with pytest.raises(JournalDamaged, match="Entry 6 is not as it was written") as caught:
            found.extend(read.sequence for read in reader.read())
        assert caught.value.sequence == 6


def test_a_backup_is_a_whole_journal_and_never_overwrites(path: Path) -> None:
    copy = path.with_name("copy.journal")
    with Journal.create(path, durable=True) as journal:
        journal.append(entries(30))
        back_up(path, copy)
        journal.append(entries(5, after=30))
        with pytest.raises(JournalCannotOpen, match="exists already"):
            back_up(path, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with Journal.open(copy) as restored:
        assert list(restored.read()) == entries(30)
    with pytest.raises(JournalCannotOpen, match="cannot be copied"):
        back_up(path, path.parent / "absent" / "copy.journal")


def write_until_killed(path: Path, told: int, *, grouped: int) -> None:
    journal = Journal.create(path, durable=True)
    number = 1
    while True:
        journal.append(entries(grouped, after=number - 1))
        number += grouped
        os.write(told, f"{number - 1}\n".encode())


@pytest.mark.parametrize("seed", range(8))
def test_a_killed_writer_loses_nothing_it_acknowledged(path: Path, seed: int) -> None:
    heard, told = os.pipe()
    writer = multiprocessing.get_context("fork").Process(
        target=write_until_killed, args=(path, told), kwargs={"grouped": 1 + seed % 4}
    )
    writer.start()
    # With our own end of the pipe closed, a writer that fails is heard as silence.
    os.close(told)
    # The first are killed while the file is being made, the others while it is written.
    first = os.read(heard, 64).decode() if seed > 1 else ""
    time.sleep(0.017 * seed)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    with os.fdopen(heard) as lines:
        whole = [
            line for line in (first + lines.read()).splitlines(keepends=True) if line.endswith("\n")
        ]
    acknowledged = int(whole[-1]) if whole else 0
    if not path.exists():
        assert acknowledged == 0
        return
    verdict = verify(path)
    assert verdict.is_intact, verdict.sentence
    with Journal.open(path) as journal:
        stored = list(journal.read())
        assert len(stored) >= acknowledged
        assert stored == entries(len(stored))
        journal.append([entry(len(stored) + 1)])
    assert verify(path).is_intact
