"""Holds a regulatory pack against its journal: every sum, every figure, every byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from allusedesk.journal.faults import JournalFault
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify
from allusedesk.protocol.rulebook_text import RulebookRefused
from allusedesk.reports.kinds import PeriodUnknown
from allusedesk.reports.regulatory.files import read_kept_json
from allusedesk.wiring.regulatory_pack import (
    FORMAT,
    JOURNAL,
    KEPT,
    MANIFEST,
    REPORT_PDF,
    write_pack,
)
from allusedesk.wiring.requests import PROGRAM, RequestRefused

# What reading a damaged or hostile ZIP may raise.
_ZIP_FAULTS = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
)
_READ_BYTES = 1 << 20
_MANIFEST_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PackVerdict:
    """Whether a pack is what its journal says, in a sentence that names the first thing wrong.

    `files` counts those found good by their sums, `first_bad` is the first that is not (or the
    journal itself), empty where all is well.
    """

    is_good: bool
    sentence: str
    files: int = 0
    first_bad: str = ""
    period: str = ""
    chain_head: str = ""


class _Wrong(Exception):
    """The first thing wrong: its name and what it means."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


@dataclass(frozen=True, slots=True)
class _Told:
    """What a manifest tells."""

    program: str
    period: str
    sequence: int
    chain_head: str
    files: tuple[tuple[str, int, str], ...]


def verify_pack(pack: Path, journal: Path) -> PackVerdict:
    """Hold a pack against a journal that may have grown since; never raises for what they hold.

    Nothing of the pack is unpacked to a name it chose. Raises OSError where there is no room to
    make it anew.
    """
    told, good = None, 0
    try:
        with _reading(pack), _opened(pack) as zipped:
            told = _manifest(zipped)
            good = _sums(zipped, told)
            kept = read_kept_json(_read(zipped, KEPT).decode())
        _journal_holds(journal, told)
        with TemporaryDirectory() as folder:
            anew = Path(folder) / "pack.zip"
            cut = write_pack(journal, told.period, anew, until=told.sequence, kept=kept)
            with _reading(pack), _opened(pack) as zipped, ZipFile(anew) as made:
                _same(zipped, made, told)
            _same_bytes(pack, anew)
    except _Wrong as wrong:
        return PackVerdict(is_good=False, sentence=str(wrong), files=good, first_bad=wrong.name)
    except (JournalFault, PeriodUnknown, RequestRefused, RulebookRefused) as fault:
        sentence = f"The pack cannot be made anew from {journal}: {fault}"
        return PackVerdict(is_good=False, sentence=sentence, files=good, first_bad=journal.name)
    return PackVerdict(
        is_good=True,
        sentence=f"All {good + 1} files of the pack of {told.period} are as they were cut, and the "
        f"same bytes come of the journal's {told.sequence:,} entries up to the chain head "
        f"{told.chain_head}.",
        files=good + 1,
        period=cut.period,
        chain_head=told.chain_head,
    )


@contextmanager
def _reading(pack: Path) -> Iterator[None]:
    """What a damaged or hostile ZIP raises becomes the thing that is wrong with it."""
    try:
        yield
    except _ZIP_FAULTS as fault:
        sentence = (
            f"{pack} cannot be read as a pack ({fault}): it is cut short or altered. Ask for it "
            "again, or cut it anew from the journal."
        )
        raise _Wrong(pack.name, sentence) from fault


def _opened(pack: Path) -> ZipFile:
    """The ZIP, once its list is one that a desk writes: stored files under plain names."""
    zipped = ZipFile(pack)
    seen: set[str] = set()
    if sum(one.file_size for one in zipped.infolist()) > pack.stat().st_size:
        zipped.close()
        sentence = "The files of the pack overlap or are larger than it, which no desk writes."
        raise _Wrong(pack.name, sentence)
    for one in zipped.infolist():
        wrong = _odd(one, seen)
        if wrong:
            zipped.close()
            raise _Wrong(one.filename, f"The pack holds {one.filename!r}, {wrong}.")
        seen.add(one.filename)
    return zipped


def _odd(one: ZipInfo, seen: set[str]) -> str:
    parts = one.filename.split("/")
    if one.orig_filename.startswith("/") or "\\" in one.orig_filename or ":" in one.filename:
        return "a name that leads out of it, which no desk writes"
    if "" in parts or ".." in parts or "." in parts:
        return "a name that leads out of it or to a folder, which no desk writes"
    if one.filename in seen:
        return "twice, which no desk writes"
    if one.compress_type != ZIP_STORED or one.compress_size != one.file_size or one.flag_bits & 1:
        return "compressed or locked, which no desk writes: it was not opened"
    return ""


def _manifest(zipped: ZipFile) -> _Told:
    names = zipped.namelist()
    if MANIFEST not in names:
        raise _Wrong(MANIFEST, f"The file is no regulatory pack: it holds no {MANIFEST}.")
    if zipped.getinfo(MANIFEST).file_size > _MANIFEST_BYTES_MAX:
        raise _Wrong(MANIFEST, f"{MANIFEST} is far too large for one that a desk wrote.")
    try:
        tree: Any = json.loads(_read(zipped, MANIFEST).decode())
        told = _Told(
            str(tree["program"]),
            str(tree["period"]["name"]),
            int(tree["journal"]["sequence_at_cutting"]),
            str(tree["journal"]["chain_head_at_cutting"]),
            tuple(
                (str(one["name"]), int(one["bytes"]), str(one["sha256"])) for one in tree["files"]
            ),
        )
        is_known = tree["format"] == FORMAT
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise _Wrong(MANIFEST, f"{MANIFEST} cannot be read ({fault}): it was altered.") from fault
    if not is_known:
        raise _Wrong(
            MANIFEST,
            f"{MANIFEST} is of another format than {FORMAT!r}: use the program that cut it, "
            f"{told.program}.",
        )
    return told


def _sums(zipped: ZipFile, told: _Told) -> int:
    """How many files have the size and the sum the manifest says; raises _Wrong at the first."""
    listed = dict.fromkeys(name for name, _, _ in told.files)
    stored = dict.fromkeys(name for name in zipped.namelist() if name != MANIFEST)
    if len(listed) != len(told.files):
        raise _Wrong(MANIFEST, f"{MANIFEST} lists a file twice, which no desk writes.")
    for name in listed:
        if name not in stored:
            raise _Wrong(name, f"{name} is missing from the pack: the manifest lists it.")
    for name in stored:
        if name not in listed:
            raise _Wrong(name, f"{name} was added to the pack: the manifest does not list it.")
    if KEPT not in listed:
        raise _Wrong(KEPT, f"{KEPT} is missing from the pack and from its manifest.")
    for count, (name, size, digest) in enumerate(told.files):
        found = sha256()
        try:
            with zipped.open(name) as file:
                while part := file.read(_READ_BYTES):
                    found.update(part)
        except _ZIP_FAULTS as fault:
            sentence = f"{name} was altered in the pack ({fault}); {count} before it are good."
            raise _Wrong(name, sentence) from fault
        if zipped.getinfo(name).file_size != size or found.hexdigest() != digest:
            raise _Wrong(
                name,
                f"{name} was altered: its SHA-256 is not the one in the manifest; {count} before "
                "it are good.",
            )
    return len(told.files)


def _read(zipped: ZipFile, name: str) -> bytes:
    try:
        return zipped.read(name)
    except _ZIP_FAULTS as fault:
        raise _Wrong(name, f"{name} was altered in the pack ({fault}).") from fault


def _journal_holds(journal: Path, told: _Told) -> None:
    """The journal is whole, and had the pack's chain head when the pack was cut."""
    verdict = verify(journal)
    if not verdict.is_intact:
        raise _Wrong(journal.name, f"The journal is not as it was written. {verdict.sentence}")
    with JournalReader.open(journal) as reader:
        found = [row.hash.hex() for row in reader.rows(told.sequence, told.sequence)]
    if found != [told.chain_head]:
        raise _Wrong(
            journal.name,
            f"{journal} does not have the pack's chain head at entry {told.sequence:,}: the pack "
            "was cut from another journal, or this one was replaced since.",
        )


def _same(zipped: ZipFile, made: ZipFile, told: _Told) -> None:
    """Every file says what the journal says; the report last, since the others name more."""
    names = [name for name in made.namelist() if name != MANIFEST]
    others = [name for name in zipped.namelist() if name not in names and name != MANIFEST]
    if others:
        raise _Wrong(others[0], f"{others[0]} does not belong to a pack of this journal.")
    for name in sorted(names, key=lambda one: (one.startswith("report."), one)):
        if name not in zipped.namelist():
            raise _Wrong(name, f"{name} is missing from the pack and from its manifest.")
        with zipped.open(name) as ours, made.open(name) as theirs:
            line = _first_difference(ours, theirs)
        if line:
            raise _Wrong(name, _altered(name, line, told))
    if zipped.read(MANIFEST) != made.read(MANIFEST):
        raise _Wrong(MANIFEST, _altered(MANIFEST, 0, told))


def _altered(name: str, line: int, told: _Told) -> str:
    where = f"from line {line:,} on" if line else "in its bytes"
    other = (
        ""
        if told.program == PROGRAM
        else f" The pack was cut by {told.program} and this is {PROGRAM}: verify it with that one."
    )
    if name == REPORT_PDF:
        return (
            f"{name} agrees with its sum, but is not as this desk draws it: it was altered, or "
            "drawn with other libraries. report.csv and report.json say what the journal says: "
            f"trust those.{other}"
        )
    source = "the journal's entries" if name == JOURNAL else "what comes of the journal"
    return f"{name} agrees with its sum, but differs {where} from {source}: it was altered.{other}"


def _first_difference(ours: IO[bytes], theirs: IO[bytes]) -> int:
    """The number of the first line in which two files differ; 0 where they are the same."""
    number = 0
    while True:
        number += 1
        one, other = ours.readline(), theirs.readline()
        if one != other:
            return number
        if not one:
            return 0


def _same_bytes(pack: Path, anew: Path) -> None:
    """What no file shows: a comment, bytes before or behind, another order, instants."""
    with pack.open("rb") as ours, anew.open("rb") as theirs:
        while True:
            one, other = ours.read(_READ_BYTES), theirs.read(_READ_BYTES)
            if one != other:
                raise _Wrong(
                    pack.name,
                    f"Every file of {pack.name} is good, but the ZIP around them is not as it was "
                    "written: something was put into, before or behind it.",
                )
            if not one:
                return
