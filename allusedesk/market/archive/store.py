"""Imported history on disk: one file of numbers per column, mapped into memory, never re-parsed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import types
import typing
import warnings
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from allusedesk.market.archive.discovery import Discovery, is_archive
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.contract_terms import ExerciseStyle, Settlement
from allusedesk.market.corporate_actions import (
    CashDividend,
    EarningsDate,
    Split,
    merged_splits,
)
from allusedesk.market.false_extremes import extremes_found
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    Defect,
    FileRefused,
    IndexBars,
    RecordedChain,
    Series,
)
from allusedesk.market.importers.layouts import ImportedValue, read_file
from allusedesk.market.importers.lean_actions import CorporateActions, TickerHistory
from allusedesk.market.intraday import MinuteChain, ShareQuotes, ShareTrades
from allusedesk.market.price_jumps import unexplained_jumps
from allusedesk.market.recorded_chains import repeated_underlyings

FORMAT, VERSION = "allusedesk market archive", 1
_CHAINS_TOLD_MAX = 3
# What NumPy writes before the numbers of a plain column.
_HEADER_LENGTH = 128
_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        DailyBars, IndexBars, Series, RecordedChain, MinuteChain, ShareTrades, ShareQuotes,
        CorporateActions, TickerHistory, EarningsDate,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: file names with what each gave, defects, and files passed over."""

    taken: tuple[tuple[str, str], ...]
    defects: tuple[Defect, ...]
    passed_over: tuple[tuple[str, str], ...]


def previewed(
    discovery: Discovery, calendar: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> tuple[tuple[ImportedValue, ...], ImportReport]:
    """Read every file found and return the values with the report, storing nothing.

    Prices that jump as in a split are held against `known_splits` and those in the files.
    """
    values: list[ImportedValue] = []
    taken: list[tuple[str, str]] = []
    defects: list[Defect] = []
    for found in discovery.files:
        try:
            imported = read_file(found.name, found.content(), calendar, found.declared)
        except FileRefused as refusal:
            defects.append(refusal.defect)
            continue
        values.extend(imported.values)
        defects.extend(imported.defects)
        taken.append((found.name, f"{imported.layout}, {_told(imported.values)}"))
    actions = [value.splits for value in values if isinstance(value, CorporateActions)]
    splits = merged_splits(*actions, known_splits)
    for value in values:
        if isinstance(value, DailyBars):
            defects.extend(unexplained_jumps(value, splits))
            is_raw = value.adjustment is Adjustment.RAW
            defects.extend(extremes_found(value, splits if is_raw else ()))
    chains = [value for value in values if isinstance(value, RecordedChain)]
    defects.extend(repeated_underlyings(chains))
    return tuple(values), ImportReport(tuple(taken), tuple(defects), discovery.passed_over)


def _told(values: tuple[ImportedValue, ...]) -> str:
    if all(isinstance(value, EarningsDate) for value in values):
        return f"{len(values):,} dates"
    chains = [value for value in values if isinstance(value, RecordedChain)]
    if len(chains) > _CHAINS_TOLD_MAX:
        return (
            f"{chains[0].underlying}, {len(chains):,} chains from {chains[0].taken_at:%Y-%m-%d} to "
            f"{chains[-1].taken_at:%Y-%m-%d}"
        )
    told: list[str] = []
    for value in values:
        match value:
            case DailyBars():
                adjusted = f"{value.adjustment} ({value.basis})"
                told.append(
                    f"{value.symbol} {value.dates[0]} to {value.dates[-1]}, "
                    f"{len(value):,} sessions, {adjusted}"
                )
            case IndexBars() | Series():
                told.append(f"{value.name} {value.dates[0]} to {value.dates[-1]}")
            case RecordedChain():
                told.append(
                    f"{value.underlying} at {value.taken_at:%Y-%m-%d %H:%M} UTC, "
                    f"{len(value):,} contracts"
                )
            case MinuteChain():
                told.append(f"{value.underlying} on {value.day}, {len(value):,} contracts")
            case ShareTrades() | ShareQuotes():
                told.append(f"{value.symbol} on {value.day}, {len(value):,} bars")
            case CorporateActions():
                told.append(f"{len(value.splits)} splits, {len(value.dividends)} dividends")
            case TickerHistory() | EarningsDate():
                told.append(value.symbol)
    return "; ".join(told)


def stored(values: tuple[ImportedValue, ...], folder: Path) -> int:
    """Write values into an archive folder and return how many it then holds.

    A value from the same file and of the same name replaces the older one. Columns are written
    first and the manifest is exchanged last in one move, so an interrupted import changes nothing.
    Raises FileRefused where the folder exists and is something else than an archive.
    """
    if folder.exists() and not is_archive(folder) and any(folder.iterdir()):
        reason = "the folder holds other files already; name an empty folder or an archive"
        raise FileRefused(str(folder), reason)
    (folder / "columns").mkdir(parents=True, exist_ok=True)
    entries = {_key(entry): entry for entry in _manifest(folder)} if is_archive(folder) else {}
    # A chain's instant may turn out another at a second reading, so its file's old ones all go.
    again = {value.origin for value in values if isinstance(value, RecordedChain)}
    entries = {
        key: entry
        for key, entry in entries.items()
        if entry["kind"] != RecordedChain.__name__ or entry["texts"].get("origin") not in again
    }
    for value in values:
        entry = _written(value, folder)
        entries[_key(entry)] = entry
    manifest = {"format": FORMAT, "version": VERSION, "entries": list(entries.values())}
    unfinished = folder / "manifest.json.unfinished"
    unfinished.write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    os.replace(unfinished, folder / "manifest.json")  # noqa: PTH105 - the atomic move is meant.
    kept = {entry["columns"] for entry in entries.values() if entry["columns"]}
    for columns in sorted((folder / "columns").iterdir()):
        if columns.name not in kept:
            shutil.rmtree(columns)
    return len(entries)


def opened(folder: Path) -> tuple[ImportedValue, ...]:
    """Return the values of an archive, their columns mapped from disk. Raises FileRefused."""
    return tuple(_restored(entry, folder) for entry in _manifest(folder))


def _key(entry: dict[str, Any]) -> tuple[str, ...]:
    texts = entry["texts"]
    name = texts.get("symbol") or texts.get("name") or texts.get("underlying")
    # One file of many days gives a chain a day.
    day = texts.get("date") or texts.get("taken_at")
    return entry["kind"], str(name), str(texts.get("origin")), str(day)


def _manifest(folder: Path) -> list[dict[str, Any]]:
    path = folder / "manifest.json"
    if not path.exists():
        return []
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = "the archive's list of contents is damaged; import the files again"
        raise FileRefused(str(path), reason) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise FileRefused(str(path), "it is not the list of contents of a market archive")
    if manifest.get("version") != VERSION:
        reason = "it was written by another version of the desk; import the files again"
        raise FileRefused(str(path), reason)
    entries = manifest.get("entries")
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and set(entry) == {"kind", "texts", "columns"} for entry in entries
    ):
        raise FileRefused(str(path), "the archive is damaged; import the files again")
    return entries


def _written(value: ImportedValue, folder: Path) -> dict[str, Any]:
    columns: dict[str, np.ndarray] = {}
    texts: dict[str, Any] = {}
    for field in fields(value):
        content = getattr(value, field.name)
        if isinstance(content, np.ndarray):
            columns[field.name] = np.ascontiguousarray(content)
        else:
            texts[field.name] = _plain(content)
    entry = {"kind": type(value).__name__, "texts": texts, "columns": ""}
    if columns:
        digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode())
        for name in sorted(columns):
            digest.update(name.encode() + columns[name].tobytes())
        entry["columns"] = digest.hexdigest()[:32]
        _write_columns(columns, folder / "columns" / str(entry["columns"]))
    return entry


def _write_columns(columns: dict[str, np.ndarray], place: Path) -> None:
    if place.exists():
        return
    unfinished = place.with_name(place.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for name, column in columns.items():
        np.save(unfinished / f"{name}.npy", column, allow_pickle=False)
    unfinished.rename(place)


def _plain(content: Any) -> Any:  # noqa: ANN401 - whatever a value's field holds.
    match content:
        case StrEnum():
            return content.value
        case date() | datetime():
            return content.isoformat()
        case Split() | CashDividend():
            return [_plain(getattr(content, field.name)) for field in fields(content)]
        case tuple():
            return [_plain(part) for part in content]
        case _:
            return content


def _restored(entry: dict[str, Any], folder: Path) -> ImportedValue:
    try:
        kind = _KINDS[entry["kind"]]
        wanted = _types_of(kind)
        given: dict[str, Any] = {}
        for field in fields(kind):
            if field.name in entry["texts"]:
                given[field.name] = _typed(entry["texts"][field.name], wanted[field.name])
                continue
            column = folder / "columns" / entry["columns"] / f"{field.name}.npy"
            # A field that is younger than the archive has the value it had before it was one.
            if field.default is MISSING or column.exists():
                given[field.name] = _mapped(column)
        value: ImportedValue = kind(**given)
    except (KeyError, TypeError, ValueError, OSError) as error:
        reason = "the archive is damaged; import the files again"
        raise FileRefused(str(folder), reason) from error
    return value


@lru_cache(maxsize=32)
def _types_of(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _mapped(path: Path) -> np.ndarray:
    """Map one column into memory, as `np.load` does in three times the time.

    Raises ValueError or OSError for a file that is no column, or is cut short.
    """
    with path.open("rb") as stream:
        start = stream.read(_HEADER_LENGTH)
        length = int.from_bytes(start[8:10], "little") + 10
        shape, dtype = _header(start if length <= len(start) else start + stream.read(length))
        if 0 in shape:
            return np.empty(shape, dtype)
        return np.memmap(stream, dtype=dtype, mode="r", offset=length, shape=shape)


@lru_cache(maxsize=1024)
def _header(start: bytes) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and kind of a column: those of one length begin with the same bytes."""
    stream = io.BytesIO(start)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("The column was written in another version of the format.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    except (SyntaxError, TokenError, RecursionError, UserWarning) as fault:
        # NumPy reads what tells the shape as Python's own text, lets its faults through, and
        # takes a head with a broken one for that of Python 2, which no archive of ours has.
        raise ValueError("The column's head cannot be read.") from fault
    if is_fortran or dtype.hasobject:
        raise ValueError("The column is not laid out as one.")
    return shape, dtype


def _typed(content: Any, wanted: Any) -> Any:  # noqa: ANN401 - whatever a value's field holds.
    if content is None:
        return None
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is types.UnionType:
        return _typed(content, arguments[0] if arguments[0] is not type(None) else arguments[1])
    if origin is tuple:
        parts = arguments[:1] * len(content) if arguments[-1] is Ellipsis else arguments
        return tuple(_typed(part, kind) for part, kind in zip(content, parts, strict=True))
    if wanted in (Split, CashDividend):
        hints = typing.get_type_hints(wanted)
        names = [field.name for field in fields(wanted)]
        return wanted(
            *(_typed(part, hints[name]) for name, part in zip(names, content, strict=True))
        )
    if wanted in (date, datetime):
        return wanted.fromisoformat(content)
    if wanted in (Adjustment, AdjustmentBasis, ExerciseStyle, Settlement):
        return wanted(content)
    return content
