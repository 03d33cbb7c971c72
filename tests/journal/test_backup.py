from __future__ import annotations

import errno
import shutil
import sqlite3
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from allusedesk.journal.backup import (
    back_up,
    back_up_today,
    backups_of,
    folder_of,
    is_due,
    restore,
)
from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.journal.sample_entries import entries, entry

DAY = date(2026, 2, 12)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    journal = tmp_path / "paper.journal"
    with Journal.create(journal, durable=True) as written:
        written.append(entries(40))
    return journal


def altered(journal: Path) -> None:
    connection = sqlite3.connect(journal)
    connection.execute("DROP TRIGGER entries_refuse_update")
    connection.execute("UPDATE entries SET body = replace(body, 'note', 'nota') WHERE sequence = 8")
    connection.commit()
    connection.close()


def test_a_journal_in_use_is_copied_each_day_and_the_newest_stay(path: Path) -> None:
    assert is_due(path, DAY)
    with Journal.open(path) as journal:
        for number in range(5):
            journal.append([entry(41 + number)])
            copy = back_up_today(path, DAY + timedelta(days=number), kept=3)
            assert verify(copy).entries == 41 + number
            assert not is_due(path, DAY + timedelta(days=number))
        assert is_due(path, DAY + timedelta(days=5))
    assert [copy.name for copy in backups_of(path)] == [
        "paper-2026-02-14.journal",
        "paper-2026-02-15.journal",
        "paper-2026-02-16.journal",
    ]
    assert stat.S_IMODE(folder_of(path).stat().st_mode) == 0o700
    assert {stat.S_IMODE(copy.stat().st_mode) for copy in backups_of(path)} == {0o600}


def test_copies_of_one_day_have_numbers_and_the_tenth_comes_after_the_second(path: Path) -> None:
    names = [back_up_today(path, DAY, kept=20).name for _ in range(11)]
    assert names[0] == "paper-2026-02-12.journal"
    assert names[10] == "paper-2026-02-12-11.journal"
    assert [copy.name for copy in backups_of(path)] == names
    back_up_today(path, DAY, kept=2)
    assert [copy.name for copy in backups_of(path)] == [names[10], "paper-2026-02-12-12.journal"]


def test_what_else_lies_in_the_folder_is_never_let_go(path: Path) -> None:
    folder_of(path).mkdir()
    other = folder_of(path) / "live-2020-01-01.journal"
    mine = folder_of(path) / "paper-by-hand.journal"
    for kept in (other, mine):
        shutil.copy(path, kept)
    for number in range(3):
        back_up_today(path, DAY + timedelta(days=number), kept=1)
    assert other.exists()
    assert mine.exists()
    assert len(backups_of(path)) == 1


def test_a_damaged_journal_gives_no_copy_and_lets_no_older_one_go(path: Path) -> None:
    first = back_up_today(path, DAY, kept=1)
    altered(path)
    with pytest.raises(JournalCannotOpen, match="Entry 8 is not as it was written"):
        back_up_today(path, DAY + timedelta(days=1), kept=1)
    assert backups_of(path) == [first]
    assert sorted(one.name for one in folder_of(path).iterdir()) == [first.name]


def test_a_full_disk_is_told_before_anything_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 50 * 10**6))
    with pytest.raises(JournalCannotOpen, match="has 50 MB free and 67 MB are needed"):
        back_up_today(path, DAY)
    assert list(folder_of(path).iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(path: Path) -> None:
    folder_of(path).write_text("a file stands there")
    with pytest.raises(JournalCannotOpen, match="cannot be copied"):
        back_up_today(path, DAY)


def test_a_copy_brings_the_journal_back(path: Path) -> None:
    copy = back_up_today(path, DAY)
    path.unlink()
    restored = restore(copy, path)
    assert restored.aside is None
    assert restored.verdict.entries == 40
    assert copy.exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Journal.open(path) as journal:
        assert list(journal.read()) == entries(40)
        journal.append([entry(41)])
    assert verify(copy).entries == 40


def test_what_stands_there_is_set_aside_only_when_told(path: Path) -> None:
    copy = back_up_today(path, DAY)
    with Journal.open(path) as journal:
        journal.append([entry(41)])
    before = path.read_bytes()
    with pytest.raises(JournalCannotOpen, match="exists already and is kept"):
        restore(copy, path)
    assert path.read_bytes() == before
    for name in ("paper.journal.replaced", "paper.journal.replaced-2"):
        restored = restore(copy, path, replace=True)
        assert restored.aside == path.with_name(name)
    assert path.with_name("paper.journal.replaced").read_bytes() == before
    assert verify(path).entries == 40


def test_a_journal_in_use_is_not_replaced(path: Path) -> None:
    copy = back_up_today(path, DAY)
    with Journal.open(path) as journal:
        journal.append([entry(41)])
        with pytest.raises(JournalCannotOpen, match="another desk"):
            restore(copy, path, replace=True)
    with JournalReader.open(path) as reader:
        assert reader.head()[0] == 41


def test_a_damaged_copy_is_refused_and_touches_nothing(path: Path) -> None:
    copy = back_up_today(path, DAY)
    altered(copy)
    before = path.read_bytes()
    with pytest.raises(JournalCannotOpen, match="damaged, so nothing was restored"):
        restore(copy, path, replace=True)
    torn = copy.with_name("torn.journal")
    torn.write_bytes(before[: len(before) // 2])
    with pytest.raises(JournalCannotOpen, match="cut short"):
        restore(torn, path, replace=True)
    foreign = copy.with_name("foreign.journal")
    foreign.write_text("no journal")
    with pytest.raises(JournalCannotOpen, match="no journal of this desk"):
        restore(foreign, path, replace=True)
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["backups", "paper.journal"]


def test_a_log_left_by_a_journal_that_is_gone_is_not_taken_for_the_restored_ones(
    path: Path,
) -> None:
    copy = back_up_today(path, DAY)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("DELETE FROM snapshots")
    connection.execute("CREATE TABLE stray (x)")
    log = path.with_name(path.name + "-wal")
    stray = log.read_bytes()
    connection.close()
    path.unlink()
    log.write_bytes(stray)
    restore(copy, path)
    assert not log.exists()
    assert verify(path).is_intact


def test_a_write_that_fails_half_way_leaves_what_was_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = back_up_today(path, DAY)
    before = path.read_bytes()

    def full(self: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(JournalCannotOpen, match="No space left"):
        restore(copy, path, replace=True)
    with pytest.raises(JournalCannotOpen, match="No space left"):
        back_up(path, path.with_name("other.journal"))
    assert path.read_bytes() == before
    assert not path.with_name("other.journal").exists()
