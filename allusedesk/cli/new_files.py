"""Files and folders that are whole or absent, whatever interrupts their writing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from allusedesk.cli.command_parser import Refusal


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A place to write beside `path`, which takes its name once the block ends well.

    Raises Refusal where `path` exists already or its folder cannot be made.
    """
    if path.exists():
        raise Refusal(f"{path} exists already and is kept: choose another name or remove it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        yield unfinished
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def new_text_file(path: Path) -> Iterator[TextIO]:
    """As `new_file`, opened for text in UTF-8 with line ends as they are written."""
    with new_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def new_in_folder(folder: Path, *names: str) -> Iterator[None]:
    """A folder in which new files appear; those that came are taken away if the block fails.

    Raises Refusal where one of `names` is there already.
    """
    for name in names:
        if (folder / name).exists():
            raise Refusal(
                f"{folder / name} exists already and is kept: choose another --out or remove it."
            )
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file: name a folder with --out.")
    is_new = not folder.exists()
    before = set() if is_new else {path.name for path in folder.iterdir()}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in [path for path in folder.iterdir() if path.name not in before]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if is_new:
            folder.rmdir()
        raise
