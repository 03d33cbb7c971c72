from __future__ import annotations

import contextlib
import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.history import FileRefused
from allusedesk.market.importers.compressed import (
    expanded,
    expanded_start,
    first_member_name,
    members_of,
)

TEXT = b"Date,Close\n2020-01-02,1.5\n"


def zipped(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def test_plain_gzip_and_zip_hold_the_same_text() -> None:
    packed = (TEXT, gzip.compress(TEXT), zipped(("a.csv", TEXT)))
    assert {expanded("a", content) for content in packed} == {TEXT}
    assert {expanded_start("a", content, 4) for content in packed} == {b"Date"}


def test_a_gzip_of_several_members_is_read_to_its_end() -> None:
    assert expanded("a.gz", gzip.compress(TEXT) + gzip.compress(TEXT)) == TEXT + TEXT


@pytest.mark.parametrize("pack", [gzip.compress, lambda text: zipped(("a.csv", text)), bytes])
def test_an_archive_that_swells_beyond_the_limit_is_refused(pack: object) -> None:
    assert callable(pack)
    bomb = pack(bytes(3_000_000))
    with pytest.raises(FileRefused, match="more than 1 MB"):
        expanded("bomb", bomb, limit=2**20)


def test_a_zip_that_lies_about_its_size_is_refused_all_the_same() -> None:
    honest = zipped(("a.csv", bytes(3_000_000)))
    # The size stands at byte 22 of the local and at byte 24 of the central header.
    lying = bytearray(honest)
    central = honest.index(b"PK\x01\x02")
    for place in (22, central + 24):
        lying[place : place + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(FileRefused):
        expanded("a.zip", bytes(lying), limit=2**20)


def test_damaged_and_crowded_archives_are_refused_in_words() -> None:
    packed = gzip.compress(TEXT * 50)
    with pytest.raises(FileRefused, match=r"a\.gz: the gzip archive is cut short"):
        expanded("a.gz", packed[:-9])
    with pytest.raises(FileRefused, match="gzip archive is damaged"):
        expanded("a.gz", packed[:20] + bytes(20) + packed[40:])
    with pytest.raises(FileRefused, match="zip archive is damaged"):
        expanded("a.zip", zipped(("a.csv", TEXT))[:-30])
    with pytest.raises(FileRefused, match="holds 2 files where one is expected"):
        expanded("a.zip", zipped(("a.csv", TEXT), ("b.csv", TEXT)))
    assert expanded_start("a.zip", zipped(("a.csv", TEXT), ("b.csv", TEXT)), 10) == b""


@given(st.sampled_from([gzip.compress(TEXT), zipped(("a.csv", TEXT))]), st.data())
def test_mangled_archives_are_read_or_refused(packed: bytes, data: st.DataObject) -> None:
    mangled = bytearray(packed)
    for _ in range(data.draw(st.integers(1, 5))):
        mangled[data.draw(st.integers(0, len(mangled) - 1))] = data.draw(st.integers(0, 255))
    for read in (expanded, lambda name, content: expanded_start(name, content, 100)):
        with contextlib.suppress(FileRefused):
            read("a", bytes(mangled))


def test_the_files_of_a_zip_come_by_name_and_within_one_limit() -> None:
    content = zipped(("folder/a.csv", b"one"), ("b.csv", b"three"))
    assert members_of("x.zip", content) == (("a.csv", b"one"), ("b.csv", b"three"))
    assert first_member_name("x.zip", content) == "a.csv"
    with pytest.raises(FileRefused, match="would expand"):
        members_of("x.zip", content, 7)
    with pytest.raises(FileRefused, match="damaged or locked"):
        members_of("x.zip", content[:-30])
    assert members_of("here/y.csv.gz", gzip.compress(b"two")) == (("y.csv", b"two"),)
