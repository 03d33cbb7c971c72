from __future__ import annotations

from pathlib import Path

import pytest

from allusedesk.journal.backup import backups_of
from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.store import Journal
from allusedesk.journal.verification import verify
from allusedesk.wiring import backups
from allusedesk.wiring.backups import DailyBackups
from tests.journal.sample_entries import entries


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    with Journal.create(tmp_path / "paper.journal", durable=True) as written:
        written.append(entries(5))
    return tmp_path / "paper.journal"


def test_a_day_has_one_copy_and_the_first_look_waits(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(backups, "stopwatch", lambda: lambda: passed[0])
    daily = DailyBackups(journal)
    assert daily.look() is None
    passed[0] = 61.0
    copy = daily.look()
    assert copy is not None
    assert verify(copy).entries == 5
    for _ in range(3):
        passed[0] += 601
        assert daily.look() is None
    assert backups_of(journal) == [copy]
    assert daily.take() != copy


def test_a_copy_that_fails_is_told_and_tried_again(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [100.0]
    monkeypatch.setattr(backups, "stopwatch", lambda: lambda: passed[0])
    daily = DailyBackups(journal)
    folder = journal.parent / "backups"
    folder.write_text("a file stands there")
    with pytest.raises(JournalCannotOpen, match="cannot be copied"):
        daily.look()
    assert daily.look() is None
    folder.unlink()
    passed[0] += 601
    assert daily.look() is not None
