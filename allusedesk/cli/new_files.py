"""Files and folders that are whole or absent, whatever interrupts their writing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from allusedesk.cli.command_parser import Refusal

_DATABASE = b"SQLite format 3\x00"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write beside `path`, which takes its name (and place) once the block ends well.

    Raises Refusal where `path` is a folder or a journal.
    """
    if path.is_dir():
        raise Refusal(f"{path} is a folder: name a file with --out.")
    if path.is_file() and _begins_as_database(path):
        raise Refusal(f"{path} is a journal and is kept: name another file with --out.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as fault:
        # A disk that fills while a file is written does not say which file it was.
        raise OSError(fault.errno, fault.strerror, fault.filename or str(path)) from fault
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def whole_text_file(path: Path) -> Iterator[TextIO]:
    """As `whole_file`, opened for text in UTF-8 with line ends as they are written."""
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def nothing_half_written(folder: Path, *, replaced: tuple[str, ...] = ()) -> Iterator[None]:
    """A folder in which files appear; those that came are taken away if the block fails.

    So are those whose names begin as in `replaced`, which the block writes anew. Raises Refusal
    where `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file: name a folder with --out.")
    is_new = not folder.exists()
    there = [] if is_new else [path.name for path in folder.iterdir()]
    kept = {name for name in there if not name.startswith(replaced)}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in [path for path in folder.iterdir() if path.name not in kept]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if is_new:
            folder.rmdir()
        raise


def _begins_as_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_DATABASE)) == _DATABASE
