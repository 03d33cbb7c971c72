"""Daily bars from comma-separated files, whatever the order and spelling of the columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    Defect,
    Effect,
    FileRefused,
)
from allusedesk.market.importers.bar_rows import (
    VOLUME_MAX,
    PriceColumns,
    PriceRow,
    check_share_refused,
    columns_of_rows,
    prices_of,
)
from allusedesk.market.importers.tables import Table, columns_of, day_of, number_of, table_of

COLUMNS = {
    "date": ("date", "dates", "day", "time", "timestamp", "datetime", ""),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "closelast"),
    "volume": ("volume",),
    "adjusted close": ("adjclose", "adjustedclose"),
    "symbol": ("ticker", "symbol", "name"),
}
REQUIRED = ("date", "open", "high", "low", "close", "volume")
_SYMBOL = re.compile(r"\^?[A-Z]{1,5}(?:[.][A-Z])?")
INDEX_NAMES = {"sp500": "SPX", "spx": "SPX", "gspc": "SPX"}
_EXTENSIONS = re.compile(r"\.(?:csv|txt|gz|zip)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeclaredAdjustment:
    """What somebody said about a file: its adjustment, as of when, and whose prices they are."""

    adjustment: Adjustment | None = None
    as_of: date | None = None
    symbol: str | None = None


NOTHING_DECLARED = DeclaredAdjustment()


def symbol_in_name(file: str) -> str | None:
    """Return the ticker a file's name carries (AMZN_2006-01-01.csv.gz: AMZN), or None.

    A word in capitals wins over the first short word; an index is known by its usual names.
    """
    stem = file.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    while (shorter := _EXTENSIONS.sub("", stem)) != stem:
        stem = shorter
    words = [word for word in re.split(r"[_\-\s]+", stem) if word]
    for word in words:
        if word.lower().lstrip("^") in INDEX_NAMES:
            return INDEX_NAMES[word.lower().lstrip("^")]
    for word in words:
        if _SYMBOL.fullmatch(word):
            return word
    if words and _SYMBOL.fullmatch(words[0].upper()):
        return words[0].upper()
    return None


def read_daily_bars(
    file: str,
    text: bytes,
    calendar: ExchangeCalendar,
    declared: DeclaredAdjustment = NOTHING_DECLARED,
) -> tuple[tuple[DailyBars, ...], tuple[Defect, ...]]:
    """Return the bars of each symbol in the file, and what was wrong with its rows.

    Undeclared prices count as splits-only. A file with an `Adj Close` column of its own keeps
    split-adjusted open to close beside it, as Yahoo writes them. Raises FileRefused.
    """
    table = table_of(file, text)
    places = columns_of(table, COLUMNS)
    absent = [name for name in REQUIRED if name not in places]
    if absent:
        raise FileRefused(file, f"it has no column for {', '.join(absent)}", 1)
    fallback = declared.symbol or symbol_in_name(file)
    if "symbol" not in places and fallback is None:
        reason = "neither a column nor the file's name says which symbol it is"
        raise FileRefused(file, reason)
    defects: list[Defect] = []
    refused_days: dict[str, set[date]] = {}
    by_symbol = _rows_by_symbol(table, places, fallback or "", defects, refused_days)
    check_share_refused(file, len(table.rows), defects)
    bars = tuple(
        _bars(
            symbol,
            columns_of_rows(file, rows, calendar, defects, refused_days.get(symbol, ())),
            file,
            declared,
        )
        for symbol, rows in by_symbol.items()
    )
    check_share_refused(file, len(table.rows), defects)
    if not bars:
        raise FileRefused(file, "no row of it can be used")
    return bars, tuple(defects)


def _rows_by_symbol(
    table: Table,
    places: dict[str, int],
    fallback: str,
    defects: list[Defect],
    refused_days: dict[str, set[date]],
) -> dict[str, list[PriceRow]]:
    by_symbol: dict[str, list[PriceRow]] = {}
    for number, cells in table.rows:
        if len(cells) != len(table.header):
            reason = f"it has {len(cells)} cells where the header has {len(table.header)}"
            defects.append(Defect(table.file, number, "", reason, Effect.ROW_REFUSED))
            continue
        symbol = fallback
        if "symbol" in places:
            symbol = cells[places["symbol"]].strip().upper()
            if not _SYMBOL.fullmatch(symbol):
                reason = f"`{symbol[:40]}` is no symbol of a share"
                defects.append(Defect(table.file, number, "symbol", reason, Effect.ROW_REFUSED))
                continue
        day = day_of(cells[places["date"]])
        if day is None:
            reason = f"`{cells[places['date']].strip()[:40]}` is not a date (2013-01-31 is)"
            defects.append(Defect(table.file, number, "date", reason, Effect.ROW_REFUSED))
            continue
        row = _price_row(table.file, number, day, cells, places, defects)
        if row is None:
            refused_days.setdefault(symbol, set()).add(day)
        else:
            by_symbol.setdefault(symbol, []).append(row)
    return by_symbol


def _price_row(
    file: str,
    number: int,
    day: date,
    cells: list[str],
    places: dict[str, int],
    defects: list[Defect],
) -> PriceRow | None:
    quoted = (
        cells[places["open"]],
        cells[places["high"]],
        cells[places["low"]],
        cells[places["close"]],
    )
    prices = prices_of(file, number, quoted, defects)
    if prices is None:
        return None
    volume = number_of(cells[places["volume"]])
    if volume is None:
        reason = "the volume is not a number; it counts as zero, so volume gates refuse the day"
        defects.append(Defect(file, number, "volume", reason, Effect.VALUE_IGNORED))
        volume = 0.0
    elif not 0 <= volume < VOLUME_MAX:
        reason = f"the volume {volume:g} cannot be"
        defects.append(Defect(file, number, "volume", reason, Effect.ROW_REFUSED))
        return None
    adjusted = float("nan")
    if "adjusted close" in places:
        cell = cells[places["adjusted close"]]
        value = number_of(cell)
        if value is None or value <= 0:
            reason = f"the adjusted close `{cell.strip()[:40]}` is not a price"
            defects.append(Defect(file, number, "adjusted close", reason, Effect.VALUE_IGNORED))
        else:
            adjusted = value
    return PriceRow(number, day, prices, volume, adjusted)


def _bars(symbol: str, columns: PriceColumns, file: str, declared: DeclaredAdjustment) -> DailyBars:
    adjusted = columns.adjusted_closes
    closes = columns.prices[:, 3]
    # An adjusted close equal to the close throughout says nothing about the other columns.
    has_own_adjustment = bool(
        np.isfinite(adjusted).all() and (np.abs(adjusted / closes - 1.0) > 1e-6).any()
    )
    if declared.adjustment is not None:
        adjustment, basis = declared.adjustment, AdjustmentBasis.DECLARED
    elif has_own_adjustment:
        adjustment, basis = Adjustment.SPLITS, AdjustmentBasis.COLUMNS
    else:
        adjustment, basis = Adjustment.SPLITS, AdjustmentBasis.ASSUMED
    return DailyBars(
        symbol=symbol,
        dates=columns.dates,
        open=columns.prices[:, 0].copy(),
        high=columns.prices[:, 1].copy(),
        low=columns.prices[:, 2].copy(),
        close=closes.copy(),
        volume=columns.volumes,
        adjustment=adjustment,
        basis=basis,
        origin=file,
        adjusted_close=adjusted if has_own_adjustment else None,
        adjusted_as_of=declared.as_of,
    )
