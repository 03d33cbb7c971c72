"""A journal's entries as CSV for a spreadsheet and as JSON lines for a machine."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TextIO

from allusedesk.journal.chain import Row
from allusedesk.journal.store import JournalReader, entry_of
from allusedesk.journal.words.sentences import describe

_COLUMNS = ("sequence", "recorded_at", "kind", "version", "cause", "line", "body", "hash")
# What a spreadsheet would take for the start of a formula, or drop and then take for one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def export_csv(journal: JournalReader, to: TextIO, first: int = 1, last: int | None = None) -> int:
    """Write entries as CSV, cells made safe for spreadsheets; returns how many.

    Open the file with newline="" so that line ends stay as written.
    """
    return write_csv(to, _COLUMNS, (_cells(row) for row in journal.rows(first, last)))


def export_json_lines(
    journal: JournalReader, to: TextIO, first: int = 1, last: int | None = None
) -> int:
    """Write entries as JSON, one to a line, from which each hash can be computed again."""
    count = 0
    for row in journal.rows(first, last):
        content = {
            "sequence": row.sequence,
            "recorded_at": row.recorded_at,
            "kind": row.kind,
            "version": row.version,
            "cause": row.cause,
            "body": row.body,
            "hash_previous": row.hash_previous.hex(),
            "hash": row.hash.hex(),
        }
        to.write(json.dumps(content) + "\n")
        count += 1
    return count


def write_csv(to: TextIO, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    """Write a table as CSV; no cell can be run as a formula. Returns the number of rows."""
    writer = csv.writer(to, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in columns])
    count = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        count += 1
    return count


def safe_cell(value: object) -> str:
    """A cell's text; one that a spreadsheet would run stands behind an apostrophe.

    Plain numbers stay numbers, negative ones too.
    """
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return text.startswith("-") and digits.isascii() and digits.isdigit()


def _cells(row: Row) -> tuple[object, ...]:
    line = describe(entry_of(row).event)
    return (
        row.sequence,
        row.recorded_at,
        row.kind,
        row.version,
        row.cause,
        line,
        row.body,
        row.hash.hex(),
    )
