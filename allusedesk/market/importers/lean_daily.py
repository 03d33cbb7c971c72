"""Raw daily bars from LEAN's zips: no header, prices in ten-thousandths of a dollar."""

from __future__ import annotations

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
    PriceRow,
    check_share_refused,
    columns_of_rows,
    prices_of,
)
from allusedesk.market.importers.daily_bars import symbol_in_name
from allusedesk.market.importers.tables import day_of, number_of, table_of

_PRICE_SCALE = 10_000.0
_CELLS = 6


def read_lean_daily(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[DailyBars, tuple[Defect, ...]]:
    """Return the unadjusted bars of one zip member and its defects. Raises FileRefused.

    Rows are `YYYYMMDD 00:00,open,high,low,close,volume`; the layout itself means raw prices.
    """
    symbol = symbol_in_name(file)
    if symbol is None:
        raise FileRefused(file, "its name does not say which symbol it is")
    table = table_of(file, text, has_header=False)
    defects: list[Defect] = []
    rows: list[PriceRow] = []
    for number, cells in table.rows:
        row = _price_row(file, number, cells, defects)
        if row is not None:
            rows.append(row)
    check_share_refused(file, len(table.rows), defects)
    columns = columns_of_rows(file, rows, calendar, defects)
    check_share_refused(file, len(table.rows), defects)
    bars = DailyBars(
        symbol=symbol,
        dates=columns.dates,
        open=columns.prices[:, 0].copy(),
        high=columns.prices[:, 1].copy(),
        low=columns.prices[:, 2].copy(),
        close=columns.prices[:, 3].copy(),
        volume=columns.volumes,
        adjustment=Adjustment.RAW,
        basis=AdjustmentBasis.LAYOUT,
        origin=file,
    )
    return bars, tuple(defects)


def _price_row(file: str, number: int, cells: list[str], defects: list[Defect]) -> PriceRow | None:
    if len(cells) != _CELLS:
        reason = f"it has {len(cells)} cells where a daily row has {_CELLS}"
        defects.append(Defect(file, number, "", reason, Effect.ROW_REFUSED))
        return None
    day = day_of(cells[0])
    if day is None:
        reason = f"`{cells[0].strip()[:40]}` is not a date (20130131 00:00 is)"
        defects.append(Defect(file, number, "date", reason, Effect.ROW_REFUSED))
        return None
    prices = prices_of(
        file, number, (cells[1], cells[2], cells[3], cells[4]), defects, _PRICE_SCALE
    )
    if prices is None:
        return None
    volume = number_of(cells[5])
    if volume is None or not 0 <= volume < VOLUME_MAX:
        reason = f"the volume `{cells[5].strip()[:40]}` is not a count of shares"
        defects.append(Defect(file, number, "volume", reason, Effect.ROW_REFUSED))
        return None
    return PriceRow(number, day, prices, volume, float("nan"))
