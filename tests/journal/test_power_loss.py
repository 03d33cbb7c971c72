"""The power fails while the journal is written: what is left opens as whole entries, or is refused.

A disk keeps some of what was written last and not the rest: the log's tail is cut at every
place, a sector of it is old, zero or noise, or the file itself misses its last pages.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from allusedesk.domain.events import Entry, NoticeRaised
from allusedesk.journal.faults import JournalCannotOpen, JournalDamaged
from allusedesk.journal.store import Journal
from allusedesk.journal.verification import verify

START = datetime(2013, 2, 12, 15, 0, tzinfo=UTC)
SECTOR = 512
WRITTEN = 40
# Whole entries that were on the disk before the last transactions: a checkpoint wrote them.
SETTLED = 24


def _entry(sequence: int) -> Entry:
    text = f"Notice {sequence}. " + "x" * (37 * sequence % 700)
    event = NoticeRaised("note", f"subject/{sequence}", text)
    return Entry(sequence, START + timedelta(seconds=sequence), None, event)


@dataclass(frozen=True, slots=True)
class Disk:
    """The bytes of a journal and of its log while a desk is at work, and its entries."""

    file: bytes
    log: bytes
    entries: tuple[Entry, ...]

    def lay(self, folder: Path, file: bytes | None = None, log: bytes | None = None) -> Path:
        """These bytes as a journal in a folder, as a machine that starts again finds them."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        path = folder / "paper.journal"
        path.write_bytes(self.file if file is None else file)
        left = self.log if log is None else log
        if left:
            path.with_name("paper.journal-wal").write_bytes(left)
        return path


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    path = tmp_path_factory.mktemp("disk") / "paper.journal"
    entries = tuple(_entry(number) for number in range(1, WRITTEN + 1))
    with Journal.create(path, durable=True) as journal:
        journal.append(entries[:SETTLED])
        journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for first in range(SETTLED, WRITTEN, 2):
            journal.append(entries[first : first + 2])
        log = path.with_name("paper.journal-wal").read_bytes()
        return Disk(path.read_bytes(), log, entries)


def _found(path: Path, disk: Disk) -> int | None:
    """How many whole entries a new start finds; None where it refuses with a sentence."""
    try:
        with Journal.open(path) as journal:
            entries = tuple(journal.read())
            count, _ = journal.head()
            assert entries == disk.entries[:count], "an entry is not as it was written"
            # What is left goes on: the next entry follows, and the chain holds.
            journal.append([_entry(count + 1)])
    except (JournalCannotOpen, JournalDamaged) as refusal:
        text = str(refusal)
        assert text.endswith("."), text
        assert "paper.journal" in text
        return None
    assert verify(path).is_intact
    return count


def _cuts(size: int) -> Iterator[int]:
    """Every sector's edge, and places around the frames' own edges."""
    yield from (*range(0, size, SECTOR), size)
    for frame in range(32, size, 4096 + 24):
        yield from (frame - 1, frame, frame + 1, frame + 23, frame + 24, frame + 25)


def test_a_log_cut_at_any_place_leaves_whole_entries(disk: Disk, tmp_path: Path) -> None:
    left = []
    for cut in sorted({min(cut, len(disk.log)) for cut in _cuts(len(disk.log))}):
        count = _found(disk.lay(tmp_path / "cut", log=disk.log[:cut]), disk)
        assert count is not None
        assert (count - SETTLED) % 2 == 0, "half a transaction is left"
        left.append(count)

    assert left == sorted(left)
    assert (left[0], left[-1]) == (SETTLED, WRITTEN)
    assert len(set(left)) == 1 + (WRITTEN - SETTLED) // 2


@pytest.mark.parametrize("filling", ["zeros", "noise", "an older sector"])
def test_a_torn_sector_of_the_log_leaves_what_was_before_it(
    disk: Disk, tmp_path: Path, filling: str
) -> None:
    noise = np.random.default_rng(1)
    for start in range(0, len(disk.log), 4 * SECTOR):
        torn = bytearray(disk.log)
        size = min(SECTOR, len(torn) - start)
        torn[start : start + size] = {
            "zeros": bytes(size),
            "noise": noise.bytes(size),
            "an older sector": bytes(torn[:size]),
        }[filling]
        count = _found(disk.lay(tmp_path / "torn", log=bytes(torn)), disk)
        assert count is not None
        assert SETTLED <= count <= WRITTEN


def test_a_file_that_misses_its_last_pages_is_refused_or_whole(disk: Disk, tmp_path: Path) -> None:
    with Journal.open(disk.lay(tmp_path / "whole")) as journal:
        path = journal.path
    whole = path.read_bytes()
    refused = 0
    for cut in range(0, len(whole), SECTOR):
        laid = disk.lay(tmp_path / "file", file=whole[:cut], log=b"")
        kept = laid.read_bytes()
        if _found(laid, disk) is None:
            refused += 1
            assert laid.read_bytes() == kept, "a refused file is left as it is"

    assert refused == len(range(0, len(whole), SECTOR))


@pytest.mark.parametrize("filling", ["zeros", "noise"])
def test_a_file_with_a_torn_page_never_shows_an_altered_entry(
    disk: Disk, tmp_path: Path, filling: str
) -> None:
    with Journal.open(disk.lay(tmp_path / "whole")) as journal:
        path = journal.path
    whole, noise = path.read_bytes(), np.random.default_rng(2)
    unseen = 0
    for start in range(0, len(whole), 2 * SECTOR):
        torn = bytearray(whole)
        torn[start : start + SECTOR] = bytes(SECTOR) if filling == "zeros" else noise.bytes(SECTOR)
        if bytes(torn) == whole:
            continue
        laid = disk.lay(tmp_path / "page", file=bytes(torn), log=b"")
        found = verify(laid)
        assert found.sentence.endswith(".")
        shown = _shown(laid)
        if isinstance(shown, str):
            assert shown.endswith(".")
        else:
            assert all(a == b for a, b in zip(shown, disk.entries, strict=False))
        if found.is_intact:
            # Only a place that holds nothing may change unnoticed.
            unseen += 1
            assert len(shown) == found.entries == WRITTEN

    assert unseen < len(whole) // (4 * SECTOR)


def _shown(path: Path) -> tuple[Entry, ...] | str:
    try:
        with Journal.open(path) as journal:
            return tuple(journal.read())
    except (JournalCannotOpen, JournalDamaged) as refusal:
        return str(refusal)
