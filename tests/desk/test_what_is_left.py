"""What a whole sitting leaves behind: nobody else may read it, and no secret is in it."""

from __future__ import annotations

import base64
import gzip
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest

from allusedesk.journal.store import JournalReader
from tests.house.sources import ROOT

# Nothing else in the program or its data is written like this.
SECRET = "cAnArY7391qZx0Wv58tYbN24"
_SPELLINGS = tuple(
    spelling
    for one in (SECRET, SECRET[::-1])
    for spelling in (
        one.encode(),
        one.encode("utf-16-le"),
        one.encode().hex().encode(),
        base64.b64encode(one.encode()).rstrip(b"="),
        one.lower().encode(),
    )
)


@dataclass(frozen=True)
class Left:
    """The folder, and what was printed."""

    folder: Path
    printed: bytes

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Everything that one sitting wrote, by somebody whose files anybody may write."""
    folder = tmp_path_factory.mktemp("left")
    done = subprocess.run(
        [sys.executable, "-m", "tests.desk.leaving", str(folder)],
        cwd=ROOT,
        input=SECRET.encode() + b"\n",
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-4000:]
    return Left(folder, done.stdout)


def readings(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is packed within it."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"SQLite format 3"):
        if path.suffix == ".journal":
            with JournalReader.open(path) as journal:
                for row in journal.rows():
                    yield row.body.encode()
    elif content.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(content)
        for page in document:
            yield page.get_textpage().get_text_range().encode()
        document.close()
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name)


def test_the_sitting_wrote_what_it_should(left: Left) -> None:
    names = {path.name for path in left.files()}
    assert {"settings.toml", "passphrase.toml", "mine.json", "week.pdf", "all.csv"} <= names
    assert {"rehearsal.journal", "paper.journal", "manifest.json"} <= names
    assert any(path.parent.name == "backups" for path in left.files())
    assert b"a slot failed with 24 letters" in left.printed
    assert b"Traceback" in left.printed


def test_no_secret_is_in_anything_it_left(left: Left) -> None:
    found = [
        f"{path.relative_to(left.folder)}: {spelling!r}"
        for path in left.files()
        for content in readings(path)
        for spelling in _SPELLINGS
        if spelling in content
    ]
    assert found == []
    names = [str(path) for path in left.folder.rglob("*") if SECRET.lower() in str(path).lower()]
    assert names == []


def test_no_secret_is_printed_in_traces_or_arguments(left: Left) -> None:
    lines = left.printed.splitlines()
    found = [line[:300] for line in lines if any(one in line for one in _SPELLINGS)]
    assert found == []


def test_the_search_finds_a_secret_where_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "packed.csv.gz"
    file.write_bytes(gzip.compress(f"a,{SECRET}".encode()))
    assert any(one in content for content in readings(file) for one in _SPELLINGS)


def test_all_of_it_is_its_owners_alone(left: Left) -> None:
    open_to_others = [
        f"{stat.filemode(path.stat().st_mode)} {path.relative_to(left.folder)}"
        for path in left.folder.rglob("*")
        if path.stat().st_mode & 0o077 and path.name != "sockets"
    ]
    assert open_to_others == []
    assert not [path for path in left.files() if path.stat().st_mode & stat.S_IXUSR]


def test_a_running_desk_listens_nowhere(left: Left) -> None:
    assert (left.folder / "out" / "sockets").read_text() == ""
