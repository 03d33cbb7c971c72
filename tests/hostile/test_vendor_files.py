"""Files of vendors, spoilt: refused with file, row and reason, or kept without what was wrong."""

from __future__ import annotations

import gzip
import io
import shutil
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.archive.discovery import discover
from allusedesk.market.archive.store import opened, stored
from allusedesk.market.history import (
    DailyBars,
    Effect,
    FileRefused,
    IndexBars,
    RecordedChain,
    Series,
)
from allusedesk.market.importers.compressed import EXPANDED_BYTES_MAX
from allusedesk.market.importers.layouts import Imported, Layout, read_file, recognise
from allusedesk.market.intraday import MinuteChain, ShareQuotes, ShareTrades
from tests.hostile.spoiling import (
    CELLS,
    EXAMPLES,
    fuzzed,
    in_time,
    is_plain,
    is_sound,
    spoilt_bytes,
    spoilt_tables,
)
from tests.market.test_layouts import NYSE, SAMPLES

MEGABYTE = 1024 * 1024


def read(file: str, content: bytes) -> Imported | None:
    """What a person would be shown: values and defects, or one refusal in a plain sentence."""
    with in_time():
        try:
            imported = read_file(file, content, NYSE)
        except FileRefused as refusal:
            assert is_plain(str(refusal))
            assert str(refusal).startswith(file)
            assert refusal.reason
            assert refusal.row >= 0
            return None
    for defect in imported.defects:
        assert is_plain(str(defect))
        assert defect.file == file
        assert defect.reason
        assert defect.row >= 0
        assert defect.effect is not Effect.FILE_REFUSED
    for value in imported.values:
        assert is_sound(value), value
        assert_whole(value)
    return imported


def assert_whole(value: object) -> None:
    """Nothing that later stages trust is broken: order, sides, signs, lengths."""
    match value:
        case DailyBars() | IndexBars():
            prices = np.vstack([value.open, value.high, value.low, value.close])
            assert (np.diff(value.dates) > np.timedelta64(0, "D")).all()
            assert not (prices <= 0).any()
            assert (value.close > 0).all()
            assert not (value.low > value.high).any()
            assert not ((value.low > value.close) | (value.close > value.high)).any()
        case Series():
            assert (np.diff(value.dates) > np.timedelta64(0, "D")).all()
            assert np.isfinite(value.values).all()
        case RecordedChain():
            assert len({len(value.strikes), len(value.bids), len(value.asks)}) == 1
            assert np.isfinite(value.strikes).all()
            assert (value.strikes > 0).all()
            for side in (value.bids, value.asks, value.lasts, value.volumes, value.open_interests):
                assert not (side < 0).any()
            assert value.taken_at.tzinfo is not None
            rows = zip(
                value.expiries.tolist(), value.is_put.tolist(), value.strikes.tolist(),
                value.roots.tolist() if value.roots is not None else [""] * len(value.strikes),
                strict=True,
            )  # fmt: skip
            listed = list(rows)
            assert len(listed) == len(set(listed)), "a contract stands twice"
        case ShareTrades():
            assert (np.diff(value.ends_at) > 0).all()
            assert (np.vstack([value.open, value.high, value.low, value.close]) > 0).all()
        case ShareQuotes():
            assert (np.diff(value.ends_at) > 0).all()
            assert not (value.bids < 0).any()
        case MinuteChain():
            assert not (np.asarray(value.bids) < 0).any()
        case _:
            pass


@pytest.mark.parametrize("layout", list(Layout))
@fuzzed
@given(data=st.data())
def test_a_spoilt_table_is_refused_or_kept_without_what_is_wrong(
    layout: Layout, data: st.DataObject
) -> None:
    file, content = SAMPLES[layout]
    read(file, data.draw(spoilt_tables(content)))


@pytest.mark.parametrize("layout", list(Layout))
def test_every_hostile_cell_in_every_column(layout: Layout) -> None:
    file, content = SAMPLES[layout]
    lines = [line.split(",") for line in content.decode().splitlines()]
    row = lines[-1]
    for place in range(len(row)):
        # Each cell meets many columns; in long runs each column meets every cell.
        for cell in CELLS[place % 4 :: 4] if EXAMPLES < 1_000 else CELLS:
            spoilt = [*row[:place], cell, *row[place + 1 :]]
            text = "\n".join(",".join(line) for line in (*lines[:-1], spoilt))
            read(file, text.encode("utf-8", errors="surrogatepass"))


@fuzzed
@given(data=st.data(), layout=st.sampled_from(list(Layout)))
def test_spoilt_archives_are_refused_or_read(data: st.DataObject, layout: Layout) -> None:
    file, content = SAMPLES[layout]
    packed = gzip.compress(content) if data.draw(st.booleans()) else zipped({"a.csv": content})
    read(file, data.draw(spoilt_bytes(packed)))


@fuzzed
@given(
    content=st.binary(max_size=600), name=st.sampled_from([file for file, _ in SAMPLES.values()])
)
def test_any_bytes_under_any_name(content: bytes, name: str) -> None:
    read(name, content)


def zipped(members: dict[str, bytes], **kept: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression=zipfile.ZIP_DEFLATED, **kept) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def lying(archive: bytes) -> bytes:
    """The same archive, which says of its member that it is ten bytes long."""
    told = bytearray(archive)
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = told.index(signature) + at
        told[place : place + 4] = struct.pack("<I", 10)
    return bytes(told)


BOMB = bytes(100 * MEGABYTE)
BOMBS = {
    "gzip": lambda: gzip.compress(BOMB, 9),
    "gzip in parts": lambda: gzip.compress(bytes(30 * MEGABYTE), 9) * 40,
    "zip": lambda: zipped({"a.csv": BOMB}),
    "a zip that lies": lambda: lying(zipped({"a.csv": BOMB})),
    "gzip in a zip": lambda: zipped({"a.csv": gzip.compress(BOMB, 9)}),
    "zip in a zip": lambda: zipped({"a.zip": zipped({"a.csv": BOMB})}),
    "many members": lambda: zipped({f"{n}.csv": bytes(MEGABYTE) for n in range(200)}),
    "zlib without an end": lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + zlib.compress(BOMB)[2:-4],
}
PLACES = ("AAPL.csv", "20151224_goog_minute_trade.csv", "goog_quote_american_put_1_20151224.csv")


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_before_it_swells(bomb: str) -> None:
    content = BOMBS[bomb]()
    tracemalloc.start()
    try:
        for file in PLACES:
            assert read(file, content) is None
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The limit, once as bytes and once more while they are joined or looked at as text.
    assert most < 4 * EXPANDED_BYTES_MAX, most // MEGABYTE


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("letter", ["1", ",", "a", '"', " "])
def test_a_line_of_ten_megabytes_is_refused(layout: Layout, letter: str) -> None:
    file, content = SAMPLES[layout]
    first = content.split(b"\n")[0]
    read(file, first + b"\n" + letter.encode() * (10 * MEGABYTE))
    read(file, letter.encode() * (10 * MEGABYTE))


def test_a_member_outside_its_archive_is_written_nowhere(tmp_path: Path) -> None:
    content = SAMPLES[Layout.DAILY_BARS][1]
    for name in ("../../evil.csv", "/etc/evil.csv", "..\\evil.csv", "a/../../evil.csv", "C:/evil"):
        file = tmp_path / "in" / "AAPL.zip"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zipped({name: content}))
        found = discover((file.parent,))
        values = [read_file(one.name, one.content(), NYSE) for one in found.files]
        stored(tuple(value for one in values for value in one.values), tmp_path / "archive")
    assert {one.name for one in tmp_path.iterdir()} == {"in", "archive"}
    assert not [one for one in tmp_path.rglob("*") if "evil" in one.name]


def test_a_symbol_that_is_a_path_stays_in_its_archive(tmp_path: Path) -> None:
    """What a file calls its symbol becomes no name of ours outside the folder."""
    header = b"Date,Open,High,Low,Close,Volume,Name\n"
    text = header + b"".join(
        f"2020-01-0{day},1,2,1,2,10,{name}\n".encode()
        for day in (2, 3)
        for name in ("../../OUT", "/OUT", "A/B", "CON", "A" * 300)
    )
    try:
        imported = read_file("several.csv", text, NYSE)
    except FileRefused:
        return
    try:
        stored(imported.values, tmp_path / "in" / "archive")
    except FileRefused as refusal:
        assert is_plain(str(refusal))
    assert {one.name for one in tmp_path.iterdir()} <= {"in"}
    assert {one.name for one in (tmp_path / "in").iterdir()} <= {"archive"}


@fuzzed
@given(data=st.data())
def test_a_spoilt_archive_of_ours_is_refused_or_read(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = [
        value
        for layout in (Layout.DAILY_BARS, Layout.OPTION_SNAPSHOT, Layout.RATE)
        for value in read_file(*SAMPLES[layout], NYSE).values
    ]
    folder = tmp_path_factory.getbasetemp() / "kept"
    shutil.rmtree(folder, ignore_errors=True)
    stored(tuple(values), folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=2)):
        path.write_bytes(data.draw(spoilt_bytes(path.read_bytes())))
    with in_time():
        try:
            found = opened(folder)
            for value in found:
                is_sound(value)
        except FileRefused as refusal:
            assert is_plain(str(refusal))


def test_the_samples_are_sound_before_they_are_spoilt() -> None:
    for layout, (file, content) in SAMPLES.items():
        imported = read(file, content)
        assert imported is not None, layout
        assert recognise(file, content) is not None
    assert EXAMPLES >= 10
