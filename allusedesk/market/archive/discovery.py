"""What a folder holds that the importers know, and what somebody declared beside the files."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from allusedesk.domain.toml_text import read_toml
from allusedesk.market.history import Adjustment, FileRefused
from allusedesk.market.importers.daily_bars import NOTHING_DECLARED, DeclaredAdjustment
from allusedesk.market.importers.layouts import Recognised, recognise

DECLARATION = "adjustment.toml"
FILE_BYTES_MAX = 256 * 1024 * 1024
_PASSED_OVER = (".md", ".toml")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file some importer knows; `name` is its path below the folder that was searched."""

    path: Path
    name: str
    folder: str
    recognised: Recognised
    declared: DeclaredAdjustment

    def content(self) -> bytes:
        """Return the bytes of the file. Raises FileRefused where it cannot be read."""
        return _content(self.path, self.name)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files found, in the order of the paths given and then by name.

    `passed_over` are files no importer knows or that could not be read, with the reason;
    `archives` are folders written by `import`.
    """

    files: tuple[FoundFile, ...]
    archives: tuple[Path, ...]
    passed_over: tuple[tuple[str, str], ...]


def discover(paths: tuple[Path, ...], declared: Adjustment | None = None) -> Discovery:
    """Search files and folders for whatever the importers know.

    `declared` holds for every file that no `adjustment.toml` speaks of. Raises FileRefused for a
    path that does not exist and for a declaration that cannot be read.
    """
    files: list[FoundFile] = []
    archives: list[Path] = []
    passed_over: list[tuple[str, str]] = []
    for given in paths:
        path = Path(given)
        if not path.exists():
            raise FileRefused(str(given), "there is no such file or folder")
        if path.is_file():
            _take(path, path.parent, declared, files, passed_over)
            continue
        for folder, below, names in os.walk(path):
            below.sort()
            here = Path(folder)
            if is_archive(here):
                archives.append(here)
                below.clear()
                continue
            below[:] = [name for name in below if not name.startswith(".")]
            for name in sorted(names):
                if not name.startswith(".") and not name.lower().endswith(_PASSED_OVER):
                    _take(here / name, path, declared, files, passed_over)
    return Discovery(tuple(files), tuple(archives), tuple(passed_over))


def is_archive(folder: Path) -> bool:
    """Tell whether `import` wrote this folder."""
    return (folder / "manifest.json").is_file() and (folder / "columns").is_dir()


def _take(
    path: Path,
    searched: Path,
    declared: Adjustment | None,
    files: list[FoundFile],
    passed_over: list[tuple[str, str]],
) -> None:
    # A pipe or a socket would keep the reader waiting for ever.
    if not path.is_file():
        return
    name = (path.relative_to(searched.parent) if searched.name else path).as_posix()
    declaration = declared_beside(path, declared)
    try:
        found = recognise(name, _content(path, name))
    except FileRefused as refusal:
        passed_over.append((name, refusal.reason))
        return
    if found is None:
        passed_over.append((name, "no importer knows its layout"))
        return
    if declaration.symbol is not None:
        found = replace(found, symbol=declaration.symbol)
    files.append(FoundFile(path, name, str(path.parent), found, declaration))


def _content(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            reason = f"it is larger than {FILE_BYTES_MAX // 2**20} MB, which no such file needs"
            raise FileRefused(name, reason)
        return path.read_bytes()
    except OSError as error:
        reason = f"it cannot be read ({error.strerror or 'input error'})"
        raise FileRefused(name, reason) from error


def declared_beside(path: Path, otherwise: Adjustment | None = None) -> DeclaredAdjustment:
    """Return what `adjustment.toml` in the file's folder says about the file.

    The declaration has `adjustment` (raw, splits or total) and optionally `as_of` for the folder,
    and a table `[files."NAME"]` with the same keys and `symbol` for single files.
    Raises FileRefused where it says anything else.
    """
    declaration = path.parent / DECLARATION
    if not declaration.is_file():
        return DeclaredAdjustment(otherwise) if otherwise is not None else NOTHING_DECLARED
    name = str(declaration)
    try:
        table = read_toml(declaration.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileRefused(name, f"it is not TOML ({error})") from error
    except OSError as error:
        raise FileRefused(name, "it cannot be read") from error
    unknown = sorted(set(table) - {"adjustment", "as_of", "files"})
    if unknown:
        raise FileRefused(name, f"`{unknown[0]}` is no key of a declaration")
    singles = table.get("files", {})
    single = singles.get(path.name, {}) if isinstance(singles, dict) else None
    if not isinstance(single, dict):
        raise FileRefused(name, '`files` holds tables such as [files."SPY.csv"]')
    merged = {key: value for key, value in table.items() if key != "files"} | single
    return _declaration(name, merged, otherwise)


def _declaration(
    name: str, table: dict[str, Any], otherwise: Adjustment | None
) -> DeclaredAdjustment:
    adjustment, as_of, symbol = table.get("adjustment"), table.get("as_of"), table.get("symbol")
    if adjustment is not None and adjustment not in tuple(Adjustment):
        raise FileRefused(name, f"adjustment `{adjustment}` is none of raw, splits, total")
    if as_of is not None and type(as_of) is not date:
        raise FileRefused(name, f"as_of `{as_of}` is not a date such as 2018-01-31")
    if symbol is not None and not (isinstance(symbol, str) and symbol.isupper()):
        raise FileRefused(name, f"symbol `{symbol}` is no ticker in capitals")
    return DeclaredAdjustment(
        Adjustment(adjustment) if adjustment is not None else otherwise, as_of, symbol
    )
