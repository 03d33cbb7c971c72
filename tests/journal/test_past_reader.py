"""A journal as it stood: nothing that was written since is seen, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from allusedesk.journal.faults import JournalDamaged
from allusedesk.journal.past_reader import PastReader
from allusedesk.journal.queries.record import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import JournalReader
from tests.reports.sample_week import Shape, written_week


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    with written_week(tmp_path, Shape()) as side:
        return side.journal.path


def test_the_past_ends_where_it_is_told_to(journal: Path) -> None:
    with JournalReader.open(journal) as now:
        rows = list(now.rows())
    middle = len(rows) // 2
    with PastReader.open_until(journal, middle) as past:
        assert past.head() == (middle, rows[middle - 1].hash.hex())
        assert list(past.rows()) == rows[:middle]
        assert list(past.rows(2, 10**9)) == rows[1:middle]
        assert [entry.sequence for entry in past.read(middle, middle + 5)] == [middle]
        assert past.latest_snapshot() is None
    with PastReader.open_until(journal) as whole:
        assert whole.head()[0] == len(rows)


@pytest.mark.parametrize("until", [0, -1, 10**6])
def test_an_entry_that_is_not_there_is_refused(journal: Path, until: int) -> None:
    with pytest.raises(JournalDamaged, match="was asked for"):
        PastReader.open_until(journal, until)


def test_questions_about_the_past_leave_no_file_and_trust_none(journal: Path) -> None:
    beside = journal.with_name(journal.name + ".read")
    beside.unlink(missing_ok=True)
    with ReadSide(PastReader.open_until(journal, 3), alone=True) as side:
        assert last_mark_day(side) is None
    assert not beside.exists()
    with ReadSide(PastReader.open_until(journal), alone=True) as side:
        alone = last_mark_day(side)
    with ReadSide.open(journal) as side:
        assert last_mark_day(side) == alone is not None
