"""Rows of prices collected into columns, with every check a single row can fail."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Dates, Defect, Effect, FileRefused, Floats
from allusedesk.market.importers.tables import number_of

# Prices are kept to a hundredth of a cent; what is less would be kept as nothing.
PRICE_MIN, PRICE_MAX = 0.0001, 10_000_000.0
VOLUME_MAX = 1e13
# Beyond this share of refused rows the file is not damaged but something else.
_REFUSED_ROWS_MIN, _REFUSED_SHARE_MAX = 10, 0.05
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_PRICE_NAMES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One row that could be read: prices in the order open, high, low, close."""

    row: int
    day: date
    prices: tuple[float, float, float, float]
    volume: float
    adjusted_close: float


@dataclass(frozen=True, slots=True)
class PriceColumns:
    """Rows as columns: `prices` has shape (sessions, 4), open, high, low, close."""

    dates: Dates
    prices: Floats
    volumes: Floats
    adjusted_closes: Floats


def prices_of(
    file: str,
    row: int,
    cells: tuple[str, str, str, str],
    defects: list[Defect],
    scale: float = 1.0,
) -> tuple[float, float, float, float] | None:
    """Return open, high, low, close, or None with a defect that names the bad cell.

    A high or low that does not enclose the open and the close is widened to do so: they were
    traded, so the day's range cannot have been smaller. Cells are in units of 1 / `scale`.
    """
    prices = _plain_prices(cells, scale) or _checked_prices(file, row, cells, defects, scale)
    if prices is None:
        return None
    opened, high, low, closed = prices
    widest, lowest = max(high, opened, closed), min(low, opened, closed)
    if widest > high or lowest < low:
        reason = (
            f"open {opened:g}, high {high:g}, low {low:g}, close {closed:g} are not in order; "
            "the range is widened to hold the open and the close"
        )
        defects.append(Defect(file, row, "high, low", reason, Effect.VALUE_IGNORED))
    return opened, widest, lowest, closed


def _plain_prices(
    cells: tuple[str, str, str, str], scale: float
) -> tuple[float, float, float, float] | None:
    """Return four cells that are prices, as nearly all are; None where any is to be looked at."""
    try:
        opened, high = float(cells[0]) / scale, float(cells[1]) / scale
        low, closed = float(cells[2]) / scale, float(cells[3]) / scale
    except ValueError:
        return None
    is_plain = PRICE_MIN <= opened < PRICE_MAX and PRICE_MIN <= high < PRICE_MAX
    is_plain = is_plain and PRICE_MIN <= low < PRICE_MAX and PRICE_MIN <= closed < PRICE_MAX
    return (opened, high, low, closed) if is_plain and "_" not in "".join(cells) else None


def _checked_prices(
    file: str,
    row: int,
    cells: tuple[str, str, str, str],
    defects: list[Defect],
    scale: float,
) -> tuple[float, float, float, float] | None:
    """Return four cells as prices, or None with a defect that names the first that is none."""
    values: list[float] = []
    for name, cell in zip(_PRICE_NAMES, cells, strict=True):
        written = number_of(cell)
        value = None if written is None else written / scale
        if value is None or not PRICE_MIN <= value < PRICE_MAX:
            reason = _price_reason(name, cell, value)
            defects.append(Defect(file, row, name, reason, Effect.ROW_REFUSED))
            return None
        values.append(value)
    opened, high, low, closed = values
    return opened, high, low, closed


def _price_reason(name: str, cell: str, value: float | None) -> str:
    if not cell.strip():
        return f"the {name} is blank"
    if value is None:
        return f"the {name} `{cell.strip()[:40]}` is not a number"
    if value <= 0:
        return f"the {name} {value:g} is not above zero"
    if value < PRICE_MIN:
        return f"the {name} {value:g} is less than a hundredth of a cent"
    return f"the {name} {value:g} is no price of anything listed"


def columns_of_rows(
    file: str,
    rows: list[PriceRow],
    calendar: ExchangeCalendar,
    defects: list[Defect],
    refused_days: Collection[date] = (),
) -> PriceColumns:
    """Return one symbol's rows as columns, oldest first, one per session.

    A file written newest first is turned round. Out of order, repeated, closed-day and absurd
    rows are refused; sessions without a row are noted, a run of them as one defect, but for
    `refused_days`, whose rows were complained of before. Raises FileRefused where nothing is left.
    """
    if len(rows) > 1 and all(row.day > later.day for row, later in itertools.pairwise(rows)):
        rows = sorted(rows, key=lambda row: row.day)
    kept = _in_order(file, rows, defects)
    kept = _on_sessions(file, kept, calendar, defects)
    if not kept:
        raise FileRefused(file, "no row of it can be used")
    dates = dates_of([row.day for row in kept])
    offered = {row.day for row in rows} | set(refused_days)
    offered.difference_update(row.day for row in kept)
    defects.extend(missing_sessions(file, dates, calendar, offered))
    return PriceColumns(
        dates,
        np.array([row.prices for row in kept], dtype=np.float64),
        np.array([row.volume for row in kept], dtype=np.float64),
        np.array([row.adjusted_close for row in kept], dtype=np.float64),
    )


def dates_of(days: Sequence[date]) -> Dates:
    """Return days as a column; by their ordinals, which NumPy reads ten times as fast."""
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    return (ordinals - _EPOCH_ORDINAL).astype("datetime64[D]")


def check_share_refused(file: str, rows_read: int, defects: list[Defect]) -> None:
    """Raise FileRefused where so many rows were refused that the rest cannot be trusted."""
    refused = sum(1 for defect in defects if defect.effect is Effect.ROW_REFUSED)
    if refused > max(_REFUSED_ROWS_MIN, rows_read * _REFUSED_SHARE_MAX):
        first = next(defect for defect in defects if defect.effect is Effect.ROW_REFUSED)
        reason = f"{refused:,} of its {rows_read:,} rows are bad, the first because {first.reason}"
        raise FileRefused(file, reason, first.row)


def _in_order(file: str, rows: list[PriceRow], defects: list[Defect]) -> list[PriceRow]:
    doubtful: set[date] = set()
    first_of: dict[date, PriceRow] = {}
    kept: list[PriceRow] = []
    for row in rows:
        earlier = first_of.setdefault(row.day, row)
        if earlier is not row:
            same = earlier.prices == row.prices and earlier.volume == row.volume
            reason = f"{row.day} stands already in row {earlier.row}"
            if not same:
                reason += " with other prices, so neither row is used"
                doubtful.add(row.day)
            defects.append(Defect(file, row.row, "date", reason, Effect.ROW_REFUSED))
        elif kept and row.day < kept[-1].day:
            reason = f"{row.day} comes after {kept[-1].day}: the rows are out of order"
            defects.append(Defect(file, row.row, "date", reason, Effect.ROW_REFUSED))
        else:
            kept.append(row)
    return [row for row in kept if row.day not in doubtful]


def _on_sessions(
    file: str, rows: list[PriceRow], calendar: ExchangeCalendar, defects: list[Defect]
) -> list[PriceRow]:
    kept: list[PriceRow] = []
    early = [row for row in rows if row.day < calendar.first]
    if early:
        reason = f"{len(early):,} rows before {calendar.first}, where the calendar begins, are left"
        defects.append(
            Defect(file, early[0].row, "date", reason, Effect.ROW_REFUSED, count=len(early))
        )
    for row in rows[len(early) :]:
        if row.day > calendar.last:
            reason = f"{row.day} lies beyond {calendar.last}, where the calendar ends"
        elif not calendar.is_session(row.day):
            reason = f"the exchange was closed on {row.day}"
        else:
            kept.append(row)
            continue
        defects.append(Defect(file, row.row, "date", reason, Effect.ROW_REFUSED))
    return kept


def missing_sessions(
    file: str, dates: Dates, calendar: ExchangeCalendar, offered: Collection[date]
) -> tuple[Defect, ...]:
    """Return one defect per run of sessions without a row between the first and the last.

    `offered` are days besides `dates` for which the file has a row, if only a refused one.
    """
    sessions = calendar.session_dates
    inside = sessions[(sessions >= dates[0]) & (sessions <= dates[-1])]
    is_missing = ~np.isin(inside, dates)
    if offered:
        is_missing &= ~np.isin(inside, dates_of(sorted(offered)))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_missing.astype(np.int8), [0]))))
    defects: list[Defect] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        count = int(end - start)
        days = f"{inside[start]}" if count == 1 else f"{inside[start]} to {inside[end - 1]}"
        noun = "session is" if count == 1 else "sessions are"
        reason = f"{count:,} {noun} missing: {days}"
        defects.append(Defect(file, 0, "date", reason, Effect.NOTED, count=count))
    return tuple(defects)
