"""Journals of earlier desks stay readable; a new schema comes with a backup, and never half."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from allusedesk.domain.inputs import BrokerReported
from allusedesk.domain.orders import BrokerStatement
from allusedesk.journal import backup, codec, file_format, migrations, upgrading
from allusedesk.journal.backup import restore
from allusedesk.journal.codec import UPGRADES
from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.file_format import is_older
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.schema_library import Database, Migrations
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.journal.earlier_journals import PACKED, unpacked
from tests.journal.sample_entries import entries

ROOT = Path(__file__).resolve().parents[2]
_KILLED_IN_STEP_2 = """
import os, signal, sys
from pathlib import Path
from tests.journal.test_upgrading import next_schema
from allusedesk.journal.store import Journal

class Patch:
    setattr = staticmethod(setattr)

next_schema(Patch(), lambda: os.kill(os.getpid(), signal.SIGKILL))
Journal.open(Path(sys.argv[1]))
"""


def next_schema(patch: object, meanwhile: object = None) -> None:
    """A desk whose journals have one table more; `meanwhile` is called in the midst of its step."""
    steps = Migrations("journal")
    steps()(migrations.step_1_entries)

    def step_2_marks(database: Database) -> None:
        database.execute("CREATE TABLE marks (sequence INTEGER PRIMARY KEY, mark TEXT) STRICT")
        database.execute("INSERT INTO marks VALUES (1, 'first')")
        if callable(meanwhile):
            meanwhile()

    steps()(step_2_marks)
    for module in (file_format, migrations, upgrading):
        patch.setattr(module, "SCHEMA_VERSION", 2)  # type: ignore[attr-defined]
    patch.setattr(migrations, "steps", steps)  # type: ignore[attr-defined]


def version_of(journal: Path) -> int:
    with closing(sqlite3.connect(journal)) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return found


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "week.journal"
    with Journal.create(path, durable=True) as made:
        made.append(entries(30))
    return path


def copies(journal: Path) -> list[str]:
    return sorted(one.name for one in (journal.parent / "backups").glob("*"))


@pytest.mark.parametrize("packed", PACKED, ids=lambda one: one.name.split(".")[0])
def test_an_earlier_journal_is_read_whole_and_stays_as_it_was(packed: Path, tmp_path: Path) -> None:
    path = unpacked(packed, tmp_path / "paper.journal")
    before = path.read_bytes()
    verdict = verify(path)
    assert verdict.is_intact
    assert verdict.entries > 200
    with ReadSide.open(path) as side:
        side.catch_up("lines")
        assert side.column("SELECT count(*) FROM lines") == [verdict.entries]
        sequence, chain_head = side.journal.head()
        assert len(list(side.journal.read())) == sequence == verdict.entries
        assert chain_head == verdict.chain_head
    assert path.read_bytes() == before


def test_every_form_an_entry_ever_had_lies_in_an_earlier_journal(tmp_path: Path) -> None:
    """Whoever raises a version keeps a journal from before."""
    found: set[tuple[str, int]] = set()
    for packed in PACKED:
        with JournalReader.open(unpacked(packed, tmp_path / packed.stem)) as record:
            found |= {(row.kind, row.version) for row in record.rows()}
    assert UPGRADES.keys() <= found


def test_a_field_that_came_later_stands_at_its_default(tmp_path: Path) -> None:
    """Statements of brokers were once written without notices, VIX without the time of a print."""
    path = unpacked(PACKED[0], tmp_path / "paper.journal")
    with JournalReader.open(path) as record:
        row = next(one for one in record.rows() if '["BrokerStatement",' in one.body)
    assert '"notices"' not in row.body
    read = codec.decode(row.kind, row.version, row.body)
    assert isinstance(read, BrokerReported)
    assert isinstance(read.report, BrokerStatement)
    assert read.report.notices == ()


def test_a_new_schema_comes_with_a_backup_and_keeps_the_chain(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, content = verify(journal), journal.read_bytes()
    next_schema(monkeypatch)
    assert is_older(journal)
    with Journal.open(journal) as opened:
        assert opened.head()[1] == before.chain_head
        opened.append(entries(31)[30:])
    assert version_of(journal) == 2
    assert not is_older(journal)
    assert verify(journal).entries == 31
    assert copies(journal) == ["week-before-schema-2.journal"]
    kept = journal.parent / "backups" / "week-before-schema-2.journal"
    assert version_of(kept) == 1
    assert kept.stat().st_mode & 0o777 == 0o600
    assert verify(kept) == before
    monkeypatch.undo()
    # The desk before can go on from it, and has it as it was.
    restored = restore(kept, journal, replace=True)
    assert restored.verdict.chain_head == before.chain_head
    assert journal.read_bytes()[100:] == content[100:]
    Journal.open(journal).close()


def test_a_journal_of_now_is_not_copied(journal: Path) -> None:
    Journal.open(journal).close()
    assert not (journal.parent / "backups").exists()


def test_readers_do_not_upgrade(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    next_schema(monkeypatch)
    with JournalReader.open(journal) as record:
        assert list(record.read()) == entries(30)
    assert version_of(journal) == 1


def test_a_schema_of_later_is_refused_in_one_sentence_and_left_alone(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        next_schema(patch)
        Journal.open(journal).close()
    content = journal.read_bytes()
    for opener in (Journal, JournalReader):
        with pytest.raises(JournalCannotOpen, match="was written by a newer desk") as refused:
            opener.open(journal)
        assert str(refused.value).count("\n") == 0
        assert str(refused.value).endswith("Update the desk to open it.")
    assert journal.read_bytes() == content


def test_a_desk_killed_in_the_midst_loses_nothing(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, before = journal.read_bytes(), verify(journal)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _KILLED_IN_STEP_2, str(journal)]
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert journal.read_bytes() == content
    assert journal.with_name("week.journal.upgraded").exists()
    # The desk of before goes on, and so does the new one, whichever comes first.
    Journal.open(journal).close()
    next_schema(monkeypatch)
    with Journal.open(journal) as opened:
        assert opened.head()[1] == before.chain_head
    assert version_of(journal) == 2
    assert not journal.with_name("week.journal.upgraded").exists()
    assert copies(journal) == ["week-before-schema-2-2.journal", "week-before-schema-2.journal"]


def test_a_step_that_fails_leaves_the_journal_as_it_was(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    content = journal.read_bytes()
    next_schema(monkeypatch, fail)
    with pytest.raises(JournalCannotOpen, match=r"disk is full.*left as it is.*A copy lies in"):
        Journal.open(journal)
    assert journal.read_bytes() == content
    monkeypatch.undo()
    Journal.open(journal).close()


def test_without_room_for_a_backup_nothing_is_touched(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = journal.read_bytes()
    next_schema(monkeypatch)
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(JournalCannotOpen, match=r"disk has 1 MB free.*itself is as it was"):
        Journal.open(journal)
    assert journal.read_bytes() == content
    assert copies(journal) == []


def test_a_place_for_backups_that_is_none(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (journal.parent / "backups").write_text("")
    next_schema(monkeypatch)
    with pytest.raises(JournalCannotOpen, match=r"no backup can be made in .*left as it is"):
        Journal.open(journal)
    assert version_of(journal) == 1


@pytest.fixture
def reading(journal: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(journal, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM entries").fetchone()
        yield connection


def test_a_journal_that_is_being_read_waits(
    journal: Path, reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_schema(monkeypatch)
    with pytest.raises(JournalCannotOpen, match="left as it is"):
        Journal.open(journal)
    reading.execute("COMMIT")
    reading.close()
    Journal.open(journal).close()
    assert version_of(journal) == 2


def test_what_lay_in_a_log_of_a_killed_desk_is_kept(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of a writer that was killed holds entries that are not in the file yet."""
    killed = tmp_path / "killed.journal"
    with Journal.open(journal) as writing:
        writing.append(entries(34)[30:])
        for end in ("", "-wal"):
            killed.with_name(killed.name + end).write_bytes(
                journal.with_name(journal.name + end).read_bytes()
            )
    next_schema(monkeypatch)
    with Journal.open(killed) as opened:
        assert opened.head()[0] == 34
    assert verify(killed).entries == 34
