"""Rows of cells out of comma-separated text, and the plain readings of a cell."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from allusedesk.market.history import FileRefused

LINE_LENGTH_MAX = 20_000
_ISO_DATE_LENGTH = 10
_COMPACT_DATE_LENGTH = 8
_YEAR_MIN, _YEAR_MAX = 1800, 2200


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of a file: `header` as written (empty without one), rows with their line numbers."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]

    def column_names(self) -> tuple[str, ...]:
        """Return the header folded to lower-case letters and digits, to compare by."""
        return tuple(folded(name) for name in self.header)


def table_of(file: str, text: bytes, *, has_header: bool = True) -> Table:
    """Return the cells of UTF-8 comma-separated text. Blank lines are passed over.

    Raises FileRefused for another encoding, a line longer than any honest row, broken quoting,
    or no rows at all.
    """
    lines = _lines(file, text)
    reader = csv.reader(lines, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num, cells) for cells in reader if "".join(cells).strip())
    except csv.Error as error:
        reason = "the quotation marks or line ends are broken, so the cells cannot be told apart"
        raise FileRefused(file, reason, reader.line_num) from error
    if not rows:
        raise FileRefused(file, "it is empty")
    if not has_header:
        return Table(file, (), tuple(rows))
    header = tuple(rows[0][1])
    if len(rows) == 1:
        raise FileRefused(file, "it has a header and no rows")
    return Table(file, header, tuple(rows[1:]))


def _lines(file: str, text: bytes) -> list[str]:
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = text.count(b"\n", 0, error.start) + 1
        reason = "it is not UTF-8 text; save it as UTF-8 and import it again"
        raise FileRefused(file, reason, row) from error
    if "\0" in decoded:
        row = decoded.count("\n", 0, decoded.index("\0")) + 1
        raise FileRefused(file, "it holds a zero byte, so it is not a text file", row)
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE_LENGTH_MAX:
            reason = f"the line has {len(line):,} characters, more than any table of prices needs"
            raise FileRefused(file, reason, number)
    return [line + "\n" for line in lines]


def folded(name: str) -> str:
    """Return a column name as lower-case letters and digits only ("Adj Close": "adjclose")."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def columns_of(table: Table, wanted: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Return where each wanted column stands, by its accepted folded names.

    Absent columns are left out. Raises FileRefused where two columns claim the same meaning.
    """
    names = table.column_names()
    found: dict[str, int] = {}
    for meaning, accepted in wanted.items():
        places = [index for index, name in enumerate(names) if name in accepted]
        if len(places) > 1:
            raise FileRefused(table.file, f"two columns could be the {meaning}", 1)
        if places:
            found[meaning] = places[0]
    return found


def number_of(cell: str) -> float | None:
    """Return a finite number, or None for anything else (blank, `.`, NaN, infinity, words)."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


# Files of one market repeat the same days, and so do the columns of one file.
@lru_cache(maxsize=65_536)
def day_of(cell: str) -> date | None:
    """Return a date written 2013-01-31, 20130131 or 1/31/2013; a time behind it is passed over.

    None for anything else, and for years outside 1800 to 2200.
    """
    text = cell.strip()
    head = text[:_ISO_DATE_LENGTH]
    try:
        if text[4:5] == "-":
            rest = text[_ISO_DATE_LENGTH:]
            if rest and rest[0] not in " T":
                return None
            day = date.fromisoformat(head)
        elif "/" in text:
            month, of_month, year = text.split(" ", 1)[0].split("/")
            day = date(int(year), int(month), int(of_month))
        else:
            word = text.split(" ", 1)[0]
            if len(word) != _COMPACT_DATE_LENGTH or not word.isascii() or not word.isdigit():
                return None
            day = date(int(word[:4]), int(word[4:6]), int(word[6:]))
    except (ValueError, OverflowError):
        return None
    return day if _YEAR_MIN <= day.year <= _YEAR_MAX else None
