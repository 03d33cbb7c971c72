"""Columns of an option table read as arrays, and the checks its quotes have to pass."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.instruments import INDEX_CLASSES
from allusedesk.market.history import Dates, Defect, Effect, FileRefused, Flags, Floats
from allusedesk.market.importers.bar_rows import PRICE_MAX
from allusedesk.market.importers.option_snapshots import UNSOLVED_VOLATILITY_MAX, VOLATILITY_MAX
from allusedesk.market.importers.tables import (
    LINE_LENGTH_MAX,
    Table,
    columns_of,
    day_of,
    number_of,
    table_of,
)

Numbers = NDArray[np.int64]
# Indexes by the roots of their options.
INDEX_OF_ROOT = {root: options.index for root, options in INDEX_CLASSES.items()}
# Beyond this share of refused rows the file is not damaged but something else.
_REFUSED_ROWS_MIN, _REFUSED_SHARE_MAX = 10, 0.05
_MIXING = 6_364_136_223_846_793_005


@dataclass(slots=True)
class Findings:
    """What is wrong in one file: each kind of fault once, with its first row and their number.

    `numbers` are the lines of the rows still looked at, counted from 1. In an archive of several
    `members` they run through all of them; `lines_before[i]` lie before those of member `i`.
    """

    file: str
    numbers: Numbers
    rows_read: int
    members: tuple[str, ...] = ()
    lines_before: Numbers | None = None
    defects: list[Defect] = field(default_factory=list)
    refused: int = 0

    def note(self, is_so: Flags, name: str, reason: str, effect: Effect) -> None:
        """Record the rows where `is_so` holds as one defect; nothing where there are none."""
        count = int(np.count_nonzero(is_so))
        if not count:
            return
        file, row = self._place(int(self.numbers[int(np.argmax(is_so))]))
        words = reason if count == 1 else f"{reason} ({count:,} such rows, this is the first)"
        self.defects.append(Defect(file, row, name, words, effect, count))
        if effect is Effect.ROW_REFUSED:
            self.refused += count

    def tell(self, name: str, reason: str) -> None:
        """Record a fault of the file as a whole."""
        self.defects.append(Defect(self.file, 0, name, reason, Effect.NOTED))

    def _place(self, number: int) -> tuple[str, int]:
        if self.lines_before is None:
            return self.file, number
        place = int(np.searchsorted(self.lines_before, number)) - 1
        return f"{self.file}/{self.members[place]}", number - int(self.lines_before[place])

    def keep(self, is_kept: Flags) -> None:
        """Go on with these rows only. Raises FileRefused where none or too few are left."""
        if self.refused > max(_REFUSED_ROWS_MIN, self.rows_read * _REFUSED_SHARE_MAX):
            first = next(each for each in self.defects if each.effect is Effect.ROW_REFUSED)
            reason = f"{self.refused:,} of its {self.rows_read:,} rows are bad: {first.reason}"
            raise FileRefused(self.file, reason, first.row)
        self.numbers = self.numbers[is_kept]
        if not self.numbers.size:
            reason = self.defects[-1].reason if self.defects else "it has no rows"
            raise FileRefused(self.file, f"no row of it can be used: {reason}")


@dataclass(frozen=True, slots=True)
class ColumnTable:
    """A table by columns: the header as written, and the cells of each column."""

    header: tuple[str, ...]
    columns: tuple[Sequence[str], ...]


def column_table_of(file: str, text: bytes) -> tuple[ColumnTable, Findings]:
    """Return a table as columns, and the findings on its rows, those of another width refused.

    Raises FileRefused as `table_of` does.
    """
    plain = _plain_columns(text)
    if plain is not None:
        count = len(plain.columns[0])
        return plain, Findings(file, np.arange(2, count + 2), count)
    table = table_of(file, text)
    width, count = len(table.header), len(table.rows)
    found = Findings(file, np.array([number for number, _ in table.rows], dtype=np.int64), count)
    is_whole = np.array([len(cells) == width for _, cells in table.rows])
    reason = f"the row does not have the {width} cells of the header"
    found.note(~is_whole, "", reason, Effect.ROW_REFUSED)
    found.keep(is_whole)
    cells = [row for _, row in table.rows if len(row) == width]
    return ColumnTable(table.header, tuple(zip(*cells, strict=True))), found


def places_of(
    file: str, header: tuple[str, ...], wanted: Mapping[str, Collection[str]]
) -> dict[str, int]:
    """Return where each wanted column stands. Raises FileRefused where one is missing or twice."""
    places = columns_of(Table(file, header, ()), wanted)
    absent = [name for name in wanted if name not in places]
    if absent:
        raise FileRefused(file, f"it has no column for {', '.join(absent)}", 1)
    return places


def _plain_columns(text: bytes) -> ColumnTable | None:
    """Read what has no quotation marks and rows of one width, ten times as fast as the others."""
    if b'"' in text or b"\0" in text:
        return None
    try:
        lines = text.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n").split("\n")
    except UnicodeDecodeError:
        return None
    width = lines[0].count(",") + 1
    if len(lines) < 2 or width < 2 or max(map(len, lines)) > LINE_LENGTH_MAX:
        return None
    if any(line.count(",") != width - 1 for line in lines):
        return None
    cells = ",".join(lines).split(",")
    columns = tuple(cells[place + width :: width] for place in range(width))
    return ColumnTable(tuple(cells[:width]), columns)


def coded(cells: Sequence[str]) -> tuple[Numbers, tuple[str, ...]]:
    """Return each cell as the place of its word in the words that occur, in order."""
    places = {word: place for place, word in enumerate(dict.fromkeys(cells))}
    codes = np.fromiter(map(places.__getitem__, cells), dtype=np.int64, count=len(cells))
    return codes, tuple(places)


def floats_of(cells: Sequence[str]) -> Floats:
    """Return cells as numbers, NaN for whatever is none."""
    try:
        values = np.array(list(map(float, cells)))
    except ValueError:
        found = (number_of(cell) for cell in cells)
        return np.array([math.nan if value is None else value for value in found])
    values[~np.isfinite(values)] = math.nan
    return values


def days_of(cells: Sequence[str]) -> Dates:
    """Return cells as dates, NaT for whatever is none."""
    codes, words = coded(cells)
    return np.array([day_of(word) for word in words], dtype="datetime64[D]")[codes]


def check_prices(found: Findings, name: str, prices: Floats, *, is_needed: bool) -> Flags:
    """Return which rows have a possible price, nothing at all being possible where not needed."""
    is_possible = (prices >= 0.0) & (prices < PRICE_MAX)
    if not is_needed:
        is_possible |= np.isnan(prices)
    found.note(~is_possible, name, f"the {name} is no price", Effect.ROW_REFUSED)
    return is_possible


def checked_quotes(found: Findings, bids: Floats, asks: Floats) -> tuple[Floats, Floats]:
    """Return bids and asks with NaN where there is no quote; crossed and locked ones are noted."""
    is_absent = ~((bids >= 0.0) & (asks >= 0.0)) | ((bids == 0.0) & (asks == 0.0))
    reason = "the contract has no quote (bid and ask are zero or missing)"
    found.note(is_absent, "bid, ask", reason, Effect.VALUE_IGNORED)
    with_quote = ~is_absent
    reason = "nobody bids for the contract"
    found.note(with_quote & (bids == 0.0), "bid", reason, Effect.NOTED)
    reason = "the quote is crossed; it cannot be traded"
    found.note(with_quote & (bids > asks), "bid, ask", reason, Effect.NOTED)
    reason = "the quote is locked; it cannot be traded"
    found.note(with_quote & (bids == asks), "bid, ask", reason, Effect.NOTED)
    return np.where(is_absent, math.nan, bids), np.where(is_absent, math.nan, asks)


def checked_volatilities(found: Findings, values: Floats) -> Floats:
    """Return implied volatilities with NaN where they are absent, unsolved or above 300 %."""
    is_zero, is_wild = values <= UNSOLVED_VOLATILITY_MAX, values > VOLATILITY_MAX
    reason = "the implied volatility is zero: the vendor could not solve for it"
    found.note(is_zero, "implied volatility", reason, Effect.VALUE_IGNORED)
    reason = "the implied volatility is above 300 %"
    found.note(is_wild, "implied volatility", reason, Effect.VALUE_IGNORED)
    reason = "there is no implied volatility"
    found.note(np.isnan(values), "implied volatility", reason, Effect.VALUE_IGNORED)
    return np.where(is_zero | is_wild, math.nan, values)


def checked_counts(found: Findings, name: str, values: Floats) -> Floats:
    """Return volumes or open interests; what is missing or below zero counts as none."""
    is_bad = ~(values >= 0.0)
    found.note(is_bad, name, f"there is no {name}; it counts as none", Effect.NOTED)
    return np.where(is_bad, 0.0, values)


def repeated(*columns: Numbers) -> Flags:
    """Return which rows have the same numbers in all columns as a row before them."""
    is_repeat = np.zeros(len(columns[0]), dtype=np.bool_)
    mixed = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        mixed = mixed * _MIXING + column
    # Equal rows mix to equal numbers, so where all differ there is nothing to look for.
    if np.unique(mixed).size == mixed.size:
        return is_repeat
    names = np.stack(columns)
    order = np.lexsort(names)
    is_repeat[order[1:]] = (names[:, order[1:]] == names[:, order[:-1]]).all(axis=0)
    return is_repeat
