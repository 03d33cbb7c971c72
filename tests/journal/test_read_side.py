from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.events import Entry, Event
from allusedesk.journal import read_side
from allusedesk.journal.chain import Row
from allusedesk.journal.faults import JournalDamaged
from allusedesk.journal.queries import record as queries
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from tests.journal.events_at_random import EVENTS
from tests.journal.sample_entries import START, entries
from tests.journal.test_queries import journal_of
from tests.journal.test_store import altered
from tests.journal.week_entries import recorded


def everything(side: ReadSide) -> list[object]:
    return [
        queries.counts(side),
        queries.weekly_returns(side),
        queries.outcomes(side),
        queries.realised(side),
        queries.entries(side),
        queries.turned_down_by_rule(side),
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return journal_of(tmp_path / "week.journal", recorded())


def test_rows_are_the_same_caught_up_step_by_step_at_once_or_rebuilt(
    tmp_path: Path, path: Path
) -> None:
    with ReadSide.open(path) as side:
        at_once = everything(side)
        side.rebuild()
        assert everything(side) == at_once
        assert queries.entries(side, text="halt")
        side.rebuild()
        assert everything(side) == at_once
        assert queries.entries(side, text="halt")
    whole = recorded()
    with Journal.create(tmp_path / "live.journal", durable=False) as journal:
        for entry in whole:
            journal.append([entry])
            with ReadSide.open(journal.path) as side:
                told = everything(side)
                found = queries.entries(side, text="halt")
        assert told == at_once
        assert [one.kind for one in found] == ["DeskHalted"]


def test_what_was_caught_up_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ReadSide.open(path) as side:
        before = everything(side)
    monkeypatch.setattr(read_side, "project", None)
    with ReadSide.open(path) as side:
        assert everything(side) == before


@pytest.mark.parametrize("spoil", ["garbage", "other chain", "older version", "absent", "folder"])
def test_a_side_file_that_does_not_belong_is_made_anew(path: Path, spoil: str) -> None:
    with ReadSide.open(path) as side:
        told = everything(side)
    beside = path.with_name(path.name + ".read")
    if spoil == "garbage":
        beside.write_bytes(b"garbage" * 1000)
    elif spoil == "other chain":
        altered(beside, "UPDATE progress SET hash = 'ff'")
        altered(beside, "DELETE FROM proposals")
    elif spoil == "older version":
        altered(beside, "PRAGMA user_version = 99")
        altered(beside, "DELETE FROM proposals")
    elif spoil == "absent":
        beside.unlink()
    else:
        beside.unlink()
        beside.mkdir()
    with ReadSide.open(path) as side:
        assert everything(side) == told


def test_a_place_that_cannot_be_written_is_answered_from_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(read_side, "create_private_file", refuse)
    with ReadSide.open(path) as side:
        assert queries.counts(side).orders == 1
    assert not path.with_name(path.name + ".read").exists()


def test_the_side_file_is_private(path: Path) -> None:
    with ReadSide.open(path) as side:
        queries.counts(side)
    assert os.stat(path.with_name(path.name + ".read")).st_mode & 0o777 == 0o600  # noqa: PTH116


def test_a_damaged_journal_gives_no_figures(path: Path) -> None:
    altered(path, "UPDATE entries SET body = '{}' WHERE sequence = 5")
    with ReadSide.open(path) as side:
        with pytest.raises(JournalDamaged, match="Entry 5"):
            queries.counts(side)
        with pytest.raises(JournalDamaged, match="Entry 5"):
            queries.entries(side)


@given(told=st.lists(EVENTS, max_size=12))
@settings(max_examples=15)
def test_any_entries_can_be_projected(
    told: list[Event], tmp_path_factory: pytest.TempPathFactory
) -> None:
    written = [Entry(number, START, None, event) for number, event in enumerate(told, 1)]
    with ReadSide.open(journal_of(tmp_path_factory.mktemp("any") / "any.journal", written)) as side:
        assert len(queries.entries(side)) == len(told)
        queries.counts(side)


def test_the_cost_of_catching_up_grows_with_the_entries_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.journal"
    folded: list[int] = []
    fold = ReadSide._fold

    def counted(side: ReadSide, part: str, row: Row) -> None:
        folded[-1] += 1
        fold(side, part, row)

    monkeypatch.setattr(ReadSide, "_fold", counted)
    with Journal.create(path, durable=False) as journal:
        for after in range(0, 300, 100):
            journal.append(entries(100, after=after))
            folded.append(0)
            with ReadSide.open(path) as side:
                queries.entries(side)
    # Each entry once for its figures and once for its sentence.
    assert folded == [200, 200, 200]


def test_a_searched_side_file_is_plain_sqlite(path: Path) -> None:
    with ReadSide.open(path) as side:
        queries.entries(side, text="halt")
    beside = sqlite3.connect(path.with_name(path.name + ".read"))
    assert beside.execute("PRAGMA quick_check").fetchone() == ("ok",)
    beside.close()
