from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allusedesk.journal.faults import JournalFault
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.journal.sample_entries import entries
from tests.journal.test_store import altered, filled

COUNT = 24
# The first byte of a page of SQLite that holds rows of a table.
LEAF = 0x0D


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("journal") / "whole.journal", COUNT)


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "week.journal"))


def test_an_intact_journal_names_its_head(path: Path) -> None:
    verdict = verify(path)
    with JournalReader.open(path) as reader:
        assert (verdict.entries, verdict.chain_head) == reader.head()
    assert verdict.is_intact
    assert verdict.first_bad is None
    assert f"All {COUNT} entries" in verdict.sentence


# Entry 10 is long, so its body is stored compressed; entry 8 is short and has a cause.
@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE entries SET body = replace(body, '8', '9') WHERE sequence = 8", 8),
        ("UPDATE entries SET body = replace(body, '{', ' {') WHERE sequence = 8", 8),
        ("UPDATE entries SET body = substr(body, 1, 100) WHERE sequence = 10", 10),
        ("UPDATE entries SET body = CAST(body || x'00' AS BLOB) WHERE sequence = 10", 10),
        ("UPDATE entries SET body = 5 WHERE sequence = 8", 8),
        ("UPDATE entries SET body = CAST(x'ff' AS TEXT) WHERE sequence = 8", 8),
        ("UPDATE entries SET recorded_at = replace(recorded_at, '2026', '2025')", 1),
        ("UPDATE entries SET kind = 'DeskHalted' WHERE sequence = 8", 8),
        ("UPDATE entries SET version = 2 WHERE sequence = 8", 8),
        ("UPDATE entries SET cause = 6 WHERE sequence = 8", 8),
        ("UPDATE entries SET cause = NULL WHERE sequence = 8", 8),
        ("UPDATE entries SET hash = zeroblob(32) WHERE sequence = 8", 8),
        ("UPDATE entries SET hash_previous = zeroblob(32) WHERE sequence = 8", 8),
        ("UPDATE entries SET hash_previous = zeroblob(32) WHERE sequence = 1", 1),
        ("DELETE FROM entries WHERE sequence = 8", 8),
        ("DELETE FROM entries WHERE sequence < 3", 1),
        ("UPDATE entries SET sequence = 100 WHERE sequence = 8", 8),
        ("UPDATE entries SET sequence = 0 WHERE sequence = 8", 1),
        ("UPDATE entries SET sequence = -5 WHERE sequence = 24", 1),
        ("UPDATE header SET durable = 1", 1),
        ("DELETE FROM header", None),
        ("DROP TABLE header", 1),
        ("DROP TABLE entries", 1),
        ("ALTER TABLE entries RENAME COLUMN cause TO because", 1),
    ],
)
def test_the_first_altered_missing_or_reordered_entry_is_named(
    path: Path, statement: str, first_bad: int | None
) -> None:
    altered(path, statement)
    verdict = verify(path)
    assert not verdict.is_intact
    assert verdict.first_bad == first_bad
    if first_bad:
        assert str(first_bad) in verdict.sentence
        assert verdict.entries == first_bad - 1


def test_a_gap_is_told_as_a_gap(path: Path) -> None:
    altered(path, "DELETE FROM entries WHERE sequence = 8")
    assert "Entry 8 is missing: the next one stored is 9" in verify(path).sentence


def test_entries_that_a_page_no_longer_counts_are_seen(path: Path) -> None:
    content = path.read_bytes()
    size = int.from_bytes(content[16:18])
    leaves = [place for place in range(size, len(content), size) if content[place] == LEAF]
    told = []
    for place in leaves:
        spoilt = bytearray(content)
        cells = int.from_bytes(content[place + 3 : place + 5])
        if not cells:
            continue
        spoilt[place + 3 : place + 5] = (cells - 1).to_bytes(2)
        path.write_bytes(spoilt)
        verdict = verify(path)
        assert not verdict.is_intact
        told.append(verdict.sentence)
    # The last entry can only be missed in the page that held it.
    assert any("the file is damaged after them" in sentence for sentence in told)


def test_two_entries_that_changed_places_are_seen(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_refuse_update")
    for before, after in ((8, 1000), (9, 8), (1000, 9)):
        connection.execute("UPDATE entries SET sequence = ? WHERE sequence = ?", (after, before))
    connection.commit()
    connection.close()
    assert verify(path).first_bad == 8


@pytest.mark.parametrize(
    "column", ["recorded_at", "kind", "version", "cause", "body", "hash_previous", "hash"]
)
@pytest.mark.parametrize("value", [None, 1.5, "text", b"bytes", -(2**63)])
def test_a_wrong_kind_of_value_in_any_column_is_named(
    path: Path, column: str, value: object
) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = 1")
    connection.execute(
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE entries (sequence INTEGER PRIMARY KEY, "
        "recorded_at, kind, version, cause, body, hash_previous, hash)' WHERE name = 'entries'"
    )
    connection.commit()
    connection.close()
    altered(path, f"UPDATE entries SET {column} = ? WHERE sequence = 8", value)
    assert verify(path).first_bad == 8


def test_entries_cut_off_at_the_end_are_seen_with_the_head_that_was_printed(path: Path) -> None:
    head = verify(path).chain_head
    assert verify(path, head).is_intact
    altered(path, "DELETE FROM entries WHERE sequence > 20")
    assert verify(path).is_intact
    verdict = verify(path, head)
    assert not verdict.is_intact
    assert verdict.first_bad == 21
    assert "cut off" in verdict.sentence


def read_all(path: Path) -> list[object] | None:
    try:
        with JournalReader.open(path) as reader:
            return list(reader.read())
    except JournalFault:
        return None


@given(place=st.integers(0, 10**9), flip=st.integers(1, 255))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_can_change_what_is_told_unseen(whole: Path, place: int, flip: int) -> None:
    content = bytearray(whole.read_bytes())
    content[place % len(content)] ^= flip
    spoilt = whole.with_name("spoilt.journal")
    spoilt.write_bytes(content)
    # What no entry rests on (free pages, spare room, snapshots) may change; a record may not.
    verdict = verify(spoilt)
    assert verdict.sentence
    if verdict.is_intact:
        assert read_all(spoilt) == entries(COUNT)


@given(junk=st.binary(max_size=300), at=st.integers(0, 10**9), keeps=st.booleans())
@settings(max_examples=100)
def test_garbage_gives_a_sentence(whole: Path, junk: bytes, at: int, keeps: bool) -> None:
    content = whole.read_bytes()
    place = at % len(content)
    rest = content[place + len(junk) :] if keeps else b""
    spoilt = whole.with_name("garbage.journal")
    spoilt.write_bytes(content[:place] + junk + rest)
    verdict = verify(spoilt)
    assert verdict.sentence
    if verdict.is_intact:
        assert read_all(spoilt) == entries(COUNT)
    spoilt.write_bytes(junk)
    assert not verify(spoilt).is_intact


def test_a_journal_in_use_can_be_verified(tmp_path: Path) -> None:
    path = tmp_path / "busy.journal"
    with Journal.create(path, durable=True) as journal:
        journal.append(entries(5))
        assert verify(path).entries == 5
