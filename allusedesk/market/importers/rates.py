"""Interest rates: FRED's two-column series and the treasury's curves."""

from __future__ import annotations

from datetime import date

import numpy as np

from allusedesk.market.history import Defect, Effect, FileRefused, Series
from allusedesk.market.importers.bar_rows import check_share_refused, dates_of
from allusedesk.market.importers.tables import day_of, number_of, table_of

RATE_MIN, RATE_MAX = -10.0, 100.0
CURVE_COLUMNS = ("1month", "3month", "6month", "1year", "2year", "5year", "10year", "30year")
_PERCENT = 100.0


def read_rate(file: str, text: bytes) -> tuple[Series, tuple[Defect, ...]]:
    """Return a FRED series (`DATE,NAME`), percent per year. Raises FileRefused.

    `.` or a blank means that nothing was observed that day: no value and no defect.
    """
    table = table_of(file, text)
    if len(table.header) != 2:
        raise FileRefused(file, "a rate file has two columns, the date and the rate", 1)
    name = table.header[1].strip().upper()
    cells = [
        (number, row[0], row[1]) if len(row) == 2 else (number, "", "")
        for number, row in table.rows
    ]
    return _series(file, name, cells, 1.0)


def read_treasury_curves(file: str, text: bytes) -> tuple[tuple[Series, ...], tuple[Defect, ...]]:
    """Return one series per tenor, named `TREASURY 1month` and so on, percent per year.

    The file writes decimals (0.0783 for 7.83 percent). Raises FileRefused.
    """
    table = table_of(file, text)
    tenors = [
        (place, name.strip()) for place, name in enumerate(table.header) if name in CURVE_COLUMNS
    ]
    if not tenors:
        raise FileRefused(file, "it has no column for any tenor", 1)
    found: list[Series] = []
    defects: list[Defect] = []
    for place, name in tenors:
        cells = [
            (number, row[0], row[place]) if len(row) == len(table.header) else (number, "", "")
            for number, row in table.rows
        ]
        series, wrong = _series(file, f"TREASURY {name}", cells, _PERCENT)
        found.append(series)
        defects.extend(wrong)
    return tuple(found), tuple(defects)


def _series(
    file: str, name: str, cells: list[tuple[int, str, str]], scale: float
) -> tuple[Series, tuple[Defect, ...]]:
    defects: list[Defect] = []
    days: list[date] = []
    values: list[float] = []
    for number, day_cell, value_cell in cells:
        day = day_of(day_cell)
        value = number_of(value_cell)
        if day is None:
            reason = f"`{day_cell.strip()[:40]}` is not a date (2013-01-31 is)"
        elif days and day <= days[-1]:
            reason = f"{day} does not come after {days[-1]}"
        elif value_cell.strip() in ("", "."):
            continue
        elif value is None or not RATE_MIN <= value * scale <= RATE_MAX:
            reason = f"`{value_cell.strip()[:40]}` is no rate of interest"
        else:
            days.append(day)
            values.append(value * scale)
            continue
        defects.append(Defect(file, number, name, reason, Effect.ROW_REFUSED))
    check_share_refused(file, len(cells), defects)
    if not days:
        raise FileRefused(file, f"it holds no observation of {name}")
    series = Series(name, dates_of(days), np.array(values), file)
    return series, tuple(defects)
