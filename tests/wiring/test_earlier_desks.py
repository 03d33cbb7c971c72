"""A desk goes on from what an earlier one wrote, and refuses what a later one did."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.inputs import Mode
from allusedesk.engine.replay import replay
from allusedesk.engine.state import DeskState
from allusedesk.journal import codec
from allusedesk.journal.faults import JournalCannotOpen, JournalDamaged
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from allusedesk.journal.writer_lock import writer_of
from allusedesk.resource_files import resource_path
from allusedesk.wiring.paper_desk import build_paper_desk, state_of
from allusedesk.wiring.requests import PAPER_JOURNAL_NAME, RehearsalRequest
from tests.journal.earlier_journals import PACKED, unpacked


def request_of(folder: Path) -> RehearsalRequest:
    """The next week of the desk in a folder."""
    return RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=date(2012, 1, 9),
        last=date(2012, 1, 20),
        rulebook="classic",
        symbols=(),
        capital=Decimal(300000),
        approve="all",
        seed=7,
        out=folder,
        mode=Mode.PAPER,
    )


def folded(journal: Path) -> tuple[int, str, DeskState]:
    """The entries, the chain head and the state of a record as it stands."""
    with Journal.open(journal) as record:
        state = state_of(record)
        return *record.head(), state


@pytest.mark.long
@pytest.mark.parametrize("packed", PACKED, ids=lambda one: one.name.split(".")[0])
def test_a_desk_goes_on_from_an_earlier_journal(packed: Path, tmp_path: Path) -> None:
    path = unpacked(packed, tmp_path / PAPER_JOURNAL_NAME)
    count, chain_head, before = folded(path)
    assert before.now is not None
    assert before.book.families
    desk = build_paper_desk(request_of(tmp_path), None)
    assert desk.was_resumed
    asyncio.run(desk.run())
    assert verify(path, chain_head).is_intact
    with JournalReader.open(path) as record:
        (old,) = record.rows(count, count)
        assert old.hash.hex() == chain_head
        assert record.head()[0] > count + 100
        verdict = replay(record.read(count + 1), before)
    assert verdict.is_same, verdict.first_difference


def test_what_an_earlier_desk_wrote_makes_one_state_by_either_way(tmp_path: Path) -> None:
    """From its snapshot where this desk can read it, and from the first entry on."""
    for packed in PACKED:
        path = unpacked(packed, tmp_path / packed.stem)
        _, _, kept = folded(path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM snapshots")
            connection.commit()
        assert folded(path)[2] == kept


def test_the_journal_of_the_first_desk_handed_out_replays_byte_for_byte(tmp_path: Path) -> None:
    """A rule that decides otherwise than it did belongs into a new version of its rulebook."""
    path = unpacked(PACKED[-1], tmp_path / "paper.journal")
    with JournalReader.open(path) as record:
        verdict = replay(record.read())
    assert verdict.is_same, verdict.first_difference


@pytest.mark.parametrize("what", ["kind", "version", "schema"])
def test_a_later_journal_is_refused_in_a_sentence_and_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = unpacked(PACKED[-1], tmp_path / PAPER_JOURNAL_NAME)
    chain_head = verify(path).chain_head
    if what == "schema":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 2")
    elif what == "version":
        # As the desk before the last change of decisions would meet it.
        monkeypatch.setitem(codec.VERSIONS, "OperatorDecided", 2)
    else:
        monkeypatch.delitem(codec._KINDS, "WeekPlanned")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM snapshots")
        connection.commit()
    size = path.stat().st_size
    with pytest.raises((JournalCannotOpen, JournalDamaged)) as refused:
        build_paper_desk(request_of(tmp_path), None)
    said = str(refused.value)
    assert "newer" in said
    assert "\n" not in said
    assert writer_of(path) is None
    monkeypatch.undo()
    assert path.stat().st_size == size
    assert what == "schema" or verify(path, chain_head).is_intact
