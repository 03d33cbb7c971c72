"""Earnings dates: when a company reported, and when it is scheduled to."""

from __future__ import annotations

from allusedesk.market.corporate_actions import EarningsDate
from allusedesk.market.history import Defect, Effect, FileRefused
from allusedesk.market.importers.bar_rows import check_share_refused
from allusedesk.market.importers.tables import columns_of, day_of, number_of, table_of

COLUMNS = {
    "date": ("dates", "date", "earningsdate"),
    "estimate": ("epsestimate",),
    "actual": ("epsactual", "reportedeps"),
    "symbol": ("ticker", "symbol"),
}


def read_earnings(file: str, text: bytes) -> tuple[tuple[EarningsDate, ...], tuple[Defect, ...]]:
    """Return the dates of all companies, by symbol and date. Raises FileRefused.

    A row without earnings per share is scheduled, not reported: noted, and kept as such.
    """
    table = table_of(file, text)
    places = columns_of(table, COLUMNS)
    absent = [name for name in ("date", "actual", "symbol") if name not in places]
    if absent:
        raise FileRefused(file, f"it has no column for {', '.join(absent)}", 1)
    defects: list[Defect] = []
    found: dict[tuple[str, str], EarningsDate] = {}
    for number, cells in table.rows:
        if len(cells) != len(table.header):
            reason = f"it has {len(cells)} cells where the header has {len(table.header)}"
            defects.append(Defect(file, number, "", reason, Effect.ROW_REFUSED))
            continue
        day = day_of(cells[places["date"]])
        symbol = cells[places["symbol"]].strip().upper()
        actual = cells[places["actual"]].strip()
        if day is None or not symbol:
            reason = f"`{cells[places['date']].strip()[:40]}` is not a date or no company is named"
            defects.append(Defect(file, number, "date", reason, Effect.ROW_REFUSED))
            continue
        if (symbol, day.isoformat()) in found:
            reason = f"{symbol} on {day} stands in an earlier row"
            defects.append(Defect(file, number, "date", reason, Effect.ROW_REFUSED))
            continue
        if actual and number_of(actual) is None:
            reason = f"the earnings per share `{actual[:40]}` are not a number"
            defects.append(Defect(file, number, "actual", reason, Effect.ROW_REFUSED))
            continue
        if not actual:
            reason = f"{symbol} on {day} has no earnings per share: scheduled, not reported"
            defects.append(Defect(file, number, "actual", reason, Effect.NOTED))
        found[symbol, day.isoformat()] = EarningsDate(symbol, day, bool(actual))
    check_share_refused(file, len(table.rows), defects)
    return tuple(found[key] for key in sorted(found)), tuple(defects)
