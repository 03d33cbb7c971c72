"""VIX: daily levels in index points, as an exchange or a researcher writes them."""

from __future__ import annotations

import numpy as np

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Defect, Effect, FileRefused, IndexBars
from allusedesk.market.importers.bar_rows import (
    PriceColumns,
    PriceRow,
    check_share_refused,
    columns_of_rows,
    prices_of,
)
from allusedesk.market.importers.tables import columns_of, day_of, table_of

COLUMNS = {
    "date": ("date", "observationdate"),
    "open": ("open", "vixopen"),
    "high": ("high", "vixhigh"),
    "low": ("low", "vixlow"),
    "close": ("close", "vixclose", "vix", "vixcls"),
}


def read_volatility(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[IndexBars, tuple[Defect, ...]]:
    """Return VIX by session and the defects. Raises FileRefused.

    Where only a close is given, or all four levels of a day are equal, the day's range is
    unknown: that is noted once with the number of such days.
    """
    table = table_of(file, text)
    places = columns_of(table, COLUMNS)
    if "date" not in places or "close" not in places:
        raise FileRefused(file, "it has no column for the date or the close", 1)
    has_range = all(name in places for name in COLUMNS)
    order = [places[name if has_range else "close"] for name in ("open", "high", "low", "close")]
    defects: list[Defect] = []
    rows: list[PriceRow] = []
    for number, cells in table.rows:
        row = _level_row(file, number, cells, len(table.header), places["date"], order, defects)
        if row is not None:
            rows.append(row)
    check_share_refused(file, len(table.rows), defects)
    columns = columns_of_rows(file, rows, calendar, defects)
    check_share_refused(file, len(table.rows), defects)
    defects.extend(_flat_days(file, columns))
    bars = IndexBars(
        name="VIX",
        dates=columns.dates,
        open=columns.prices[:, 0].copy(),
        high=columns.prices[:, 1].copy(),
        low=columns.prices[:, 2].copy(),
        close=columns.prices[:, 3].copy(),
        origin=file,
    )
    return bars, tuple(defects)


def _level_row(
    file: str,
    number: int,
    cells: list[str],
    width: int,
    date_place: int,
    order: list[int],
    defects: list[Defect],
) -> PriceRow | None:
    if len(cells) != width:
        reason = f"it has {len(cells)} cells where the header has {width}"
        defects.append(Defect(file, number, "", reason, Effect.ROW_REFUSED))
        return None
    day = day_of(cells[date_place])
    if day is None:
        reason = f"`{cells[date_place].strip()[:40]}` is not a date (2013-01-31 is)"
        defects.append(Defect(file, number, "date", reason, Effect.ROW_REFUSED))
        return None
    # FRED's own mark for a day without observation; a session among them shows up as missing.
    if cells[order[3]].strip() == ".":
        return None
    levels = (cells[order[0]], cells[order[1]], cells[order[2]], cells[order[3]])
    prices = prices_of(file, number, levels, defects)
    return None if prices is None else PriceRow(number, day, prices, 0.0, float("nan"))


def _flat_days(file: str, columns: PriceColumns) -> tuple[Defect, ...]:
    is_flat = np.ptp(columns.prices, axis=1) == 0
    if not is_flat.any():
        return ()
    days = columns.dates[is_flat]
    reason = (
        f"on {len(days):,} days from {days[0]} to {days[-1]} open, high, low and close are "
        "equal, so the day's range is unknown"
    )
    return (Defect(file, 0, "open, high, low", reason, Effect.NOTED, count=len(days)),)
