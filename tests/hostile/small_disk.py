"""What becomes of each file on a disk that is really full.

`python -m tests.hostile.small_disk DISK ELSEWHERE` does everything once in the folder DISK, which
is the root of a file system of a few hundred kilobytes, and prints what it found as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

from allusedesk.cli.main import main as command
from allusedesk.journal import backup
from allusedesk.journal.backup import back_up, back_up_today, restore
from allusedesk.journal.faults import JournalCannotOpen, JournalCannotWrite
from allusedesk.journal.store import Journal
from allusedesk.journal.verification import verify
from allusedesk.monitoring.log_file import RotatedFile
from allusedesk.settings import Settings, read_settings, write_settings
from tests.journal.sample_entries import entries

ENTRIES = 60
_BLOCK = 4096


def said_by(*typed: str) -> str:
    """What a command printed as its refusal; empty where it went well."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = command(list(typed))
    return err.getvalue() if code else ""


def refusal(act: Callable[[], object]) -> str:
    """The sentence a full disk is told in."""
    try:
        act()
    except (JournalCannotOpen, JournalCannotWrite, OSError) as fault:
        return str(fault)
    return ""


def names(disk: Path) -> list[str]:
    return sorted(str(path.relative_to(disk)) for path in disk.rglob("*") if path.is_file())


@contextlib.contextmanager
def filled(disk: Path, left: int) -> Iterator[None]:
    """Everything but so many bytes of the disk is taken; given back in the end."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(_BLOCK))
    with ballast.open("r+b") as file:
        file.truncate(max(0, ballast.stat().st_size - left))
    try:
        yield
    finally:
        ballast.unlink()


def journal_until_full(disk: Path) -> dict[str, object]:
    """Facts are kept until one cannot be; then none is, and after it none of the others either."""
    path, kept, said = disk / "paper.journal", 0, ""
    with filled(disk, 60 * _BLOCK):
        journal = Journal.create(path, durable=True)
        while not said:
            said = refusal(partial(journal.append, entries(3, after=kept)))
            kept += 0 if said else 3
        again = refusal(partial(journal.append, entries(3, after=kept)))
        journal.close()
    with Journal.open(path) as reopened:
        there = reopened.head()[0]
        reopened.append(entries(3, after=there))
    found = {
        "said": said,
        "again": again,
        "kept": kept,
        "there": there,
        "intact": verify(path).entries if verify(path).is_intact else -1,
    }
    for file in disk.glob("paper.journal*"):
        file.unlink()
    return found


def copies(disk: Path, journal: Path) -> dict[str, object]:
    """A copy that has no room is refused before it begins, and where room goes meanwhile, after."""
    own = disk / "own.journal"
    own.write_bytes(journal.read_bytes())
    before = names(disk)
    refused = refusal(lambda: back_up(journal, disk / "copy.journal"))
    room = backup._refuse_without_room
    backup._refuse_without_room = lambda *_: None
    try:
        with filled(disk, 6 * _BLOCK):
            half = refusal(lambda: back_up(journal, disk / "copy.journal"))
            today = refusal(lambda: back_up_today(own, date(2026, 2, 9)))
            restored = refusal(lambda: restore(journal, disk / "back.journal"))
    finally:
        backup._refuse_without_room = room
    left = [name for name in names(disk) if name not in before]
    is_own_intact = verify(own).is_intact
    own.unlink()
    return {
        "is_own_intact": is_own_intact,
        "refused": refused,
        "half": half,
        "today": today,
        "restored": restored,
        "left": left,
    }


def exports(disk: Path, journal: Path) -> dict[str, object]:
    """Half an export is none."""
    before = names(disk)
    with filled(disk, 2 * _BLOCK):
        told = [
            said_by("journal", "export", str(journal), "--format", kind, "--out", str(disk / kind))
            for kind in ("csv", "jsonl")
        ]
    return {"told": told, "left": [name for name in names(disk) if name not in before]}


def log(disk: Path) -> dict[str, object]:
    """Lines are lost and counted, the writer goes on, and so does the file once there is room."""
    file = RotatedFile(disk / "logs" / "desk.log", bytes_max=20 * _BLOCK)
    file.write("first")
    with filled(disk, 0):
        for number in range(2_000):
            file.write(f"line {number} " + "x" * 80)
    lost = file.lost
    file.write("last")
    lines = (disk / "logs" / "desk.log").read_text(encoding="utf-8").splitlines()
    return {
        "lost": lost,
        "lost_after": file.lost,
        "first": lines[0],
        "last": lines[-1],
        "broken": [line[:40] for line in lines[1:-1] if not line.startswith("line ")],
    }


def preferences(disk: Path) -> dict[str, object]:
    """The old settings stand where new ones cannot be written."""
    write_settings(disk, Settings(operator="Ada"))
    before = names(disk)
    with filled(disk, 0):
        said = refusal(lambda: write_settings(disk, Settings(operator="Bob")))
    return {
        "said": said,
        "operator": read_settings(disk).operator,
        "left": [name for name in names(disk) if name not in before],
    }


def main(disk: Path, elsewhere: Path) -> int:
    source = elsewhere / "sound.journal"
    with Journal.create(source, durable=True) as written:
        written.append(entries(ENTRIES))
    found = {
        "journal": journal_until_full(disk),
        "copies": copies(disk, source),
        "exports": exports(disk, source),
        "log": log(disk),
        "settings": preferences(disk),
        "source": verify(source).entries,
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*(Path(typed) for typed in sys.argv[1:])))
