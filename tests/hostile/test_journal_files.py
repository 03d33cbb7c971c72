"""Journals with flipped bytes, lost tails and torn pages: named, refused, and left as they are."""

from __future__ import annotations

import shutil
from collections import deque
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from allusedesk.domain.events import Entry
from allusedesk.journal.backup import restore
from allusedesk.journal.faults import JournalCannotOpen, JournalDamaged, JournalFault
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.verification import verify
from tests.hostile.spoiling import fuzzed, in_time, is_plain
from tests.journal.sample_entries import entries, entry

COUNT = 60
PAGE = 4096


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with short and long entries and a snapshot."""
    path = tmp_path_factory.mktemp("sound") / "sound.journal"
    with Journal.create(path, durable=True) as journal:
        journal.append(entries(COUNT))
        journal.keep_snapshot("a state " * 400)
    return path


SHARES = st.floats(0, 1, exclude_max=True)
DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(("flip", "flip", "zero", "swap", "cut", "head", "more")),
        SHARES,
        SHARES,
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)
Damages = list[tuple[str, float, float, int]]
# A byte of the statement that made a table: SQLite quotes what is left of it, line by line.
IN_THE_SCHEMA: Damages = [("flip", 0.09014348601623734, 0.0, 96)]


def spoilt(journal: Path, damages: Damages) -> bytes:
    """A file as a failing disk leaves it: bytes flipped, pages torn, exchanged or lost.

    Places are shares of the file's length.
    """
    damaged = bytearray(journal.read_bytes())
    pages = len(damaged) // PAGE
    for manner, here, there, byte in damages:
        at, page, other = int(here * len(damaged)), int(here * pages), int(there * pages)
        match manner:
            case "flip" if damaged:
                damaged[at] ^= byte or 1
            case "zero":
                half = (512, PAGE // 2, PAGE)[byte % 3]
                damaged[page * PAGE : page * PAGE + half] = bytes(half)
            case "swap":
                one = bytes(damaged[page * PAGE : (page + 1) * PAGE])
                two = bytes(damaged[other * PAGE : (other + 1) * PAGE])
                damaged[page * PAGE : (page + 1) * PAGE] = two
                damaged[other * PAGE : (other + 1) * PAGE] = one
            case "cut":
                del damaged[at:]
            case "head" if len(damaged) > 100:
                damaged[int(here * 100)] = byte
            case _:
                damaged += bytes([byte]) * int(there * PAGE)
    return bytes(damaged)


def read_until_damage(path: Path) -> list[Entry]:
    found: list[Entry] = []
    with JournalReader.open(path) as reader:
        reader.latest_snapshot()
        found.extend(reader.read())
    return found


@fuzzed
@example(damages=IN_THE_SCHEMA)
@given(damages=DAMAGES)
def test_a_damaged_journal_gives_nothing_that_was_not_written(
    damages: Damages, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = spoilt(sound, damages)
    path = tmp_path_factory.getbasetemp() / "fuzzed" / "spoilt.journal"
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    path.write_bytes(content)
    whole = entries(COUNT)
    with in_time():
        verdict = verify(path)
        assert is_plain(verdict.sentence)
        assert verdict.entries <= COUNT
        try:
            found = read_until_damage(path)
        except JournalFault as fault:
            assert is_plain(str(fault).replace("\n", " "))
        else:
            # What is read without complaint is what was written, from the first entry on.
            assert found == whole[: len(found)]
            assert not verdict.is_intact or len(found) == verdict.entries
    assert path.read_bytes() == content, "a journal that was only read has changed"


@fuzzed
@given(damages=DAMAGES)
def test_a_damaged_journal_is_not_gone_on_with_unseen(
    damages: Damages, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = spoilt(sound, damages)
    folder = tmp_path_factory.getbasetemp() / "gone-on"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "spoilt.journal"
    path.write_bytes(content)
    with in_time():
        try:
            with Journal.open(path) as journal:
                before = list(journal.read())
                assert before == entries(COUNT)[: len(before)]
                journal.append([entry(len(before) + 1)])
        except JournalFault as fault:
            assert is_plain(str(fault).replace("\n", " "))
        else:
            with JournalReader.open(path) as reader:
                assert reader.head()[0] == len(before) + 1
        backed = folder / "copy.journal"
        if verify(path).is_intact:
            assert restore(path, backed).verdict.is_intact
        else:
            with pytest.raises(JournalCannotOpen):
                restore(path, backed)
            assert not backed.exists()
    assert not (folder / "spoilt.journal.lock").exists()


@fuzzed
@given(damages=DAMAGES, beside=st.one_of(st.none(), st.binary(max_size=200), DAMAGES))
def test_what_screens_ask_of_a_damaged_journal_is_answered_or_refused(
    damages: Damages,
    beside: bytes | Damages | None,
    sound: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp() / "asked"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "spoilt.journal"
    path.write_bytes(spoilt(sound, damages))
    side_file = path.with_name(path.name + ".read")
    if beside is not None:
        side_file.write_bytes(beside if isinstance(beside, bytes) else spoilt(sound, beside))
    with in_time():
        try:
            with ReadSide.open(path) as side:
                for part in ("lines", "figures"):
                    side.catch_up(part)
        except JournalFault as fault:
            assert is_plain(str(fault).replace("\n", " "))


def test_the_first_byte_that_is_wrong_ends_the_reading(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "spoilt.journal"
    damaged = bytearray(sound.read_bytes())
    place = damaged.rindex(b"Notice ")
    damaged[place] ^= 1
    path.write_bytes(damaged)
    with JournalReader.open(path) as reader, pytest.raises(JournalDamaged, match="as it was wr"):
        deque(reader.read(), maxlen=0)
