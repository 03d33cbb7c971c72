"""An index told by its closes alone: two columns, the day and the index by its name."""

from __future__ import annotations

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
    PriceRow,
    check_share_refused,
    columns_of_rows,
    prices_of,
)
from allusedesk.market.importers.daily_bars import INDEX_NAMES
from allusedesk.market.importers.tables import day_of, folded, table_of

_DATES = frozenset({"date", "observationdate"})
_WIDTH = 2


def index_of_header(cells: list[str]) -> str | None:
    """Return the index whose closes stand below a header, None where it is no such header."""
    if len(cells) != _WIDTH or folded(cells[0]) not in _DATES:
        return None
    return INDEX_NAMES.get(folded(cells[1]))


def read_index_closes(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[DailyBars, tuple[Defect, ...]]:
    """Return an index by session, its open, high and low unknown. Raises FileRefused."""
    table = table_of(file, text)
    symbol = index_of_header(list(table.header))
    if symbol is None:
        raise FileRefused(file, "its two columns are not the date and the closes of an index", 1)
    defects: list[Defect] = []
    rows: list[PriceRow] = []
    for number, cells in table.rows:
        day = day_of(cells[0])
        if day is None or len(cells) != _WIDTH:
            reason = f"`{cells[0].strip()[:40]}` is not a date with a close (2013-01-31,1498.11 is)"
            defects.append(Defect(file, number, "date", reason, Effect.ROW_REFUSED))
            continue
        # FRED's own mark for a day without observation; a session among them shows up as missing.
        if cells[1].strip() == ".":
            continue
        prices = prices_of(file, number, (cells[1],) * 4, defects)
        if prices is not None:
            rows.append(PriceRow(number, day, prices, 0.0, float("nan")))
    check_share_refused(file, len(table.rows), defects)
    columns = columns_of_rows(file, rows, calendar, defects)
    check_share_refused(file, len(table.rows), defects)
    reason = f"open, high and low of {symbol} are not in it; a true range knows closes alone"
    defects.append(Defect(file, 0, "open, high, low", reason, Effect.NOTED))
    unknown = np.full(len(columns.dates), np.nan)
    bars = DailyBars(
        symbol=symbol,
        dates=columns.dates,
        open=unknown,
        high=unknown,
        low=unknown,
        close=columns.prices[:, 3].copy(),
        volume=np.zeros(len(columns.dates)),
        adjustment=Adjustment.RAW,
        basis=AdjustmentBasis.LAYOUT,
        origin=file,
    )
    return bars, tuple(defects)
