"""Greeks by underlying and expiry, with the sums of each underlying."""

from __future__ import annotations

import math
from collections.abc import Sequence

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.engine.what_if.legs import LegGreeks
from allusedesk.engine.what_if.risk import GreeksRow

_ALL = "all"


class GreeksGrid(Blotter):
    """One row an underlying and expiry, and one for all expiries of each that has several."""

    def __init__(self, theme: Theme) -> None:
        model: TableModel[GreeksRow] = TableModel(_COLUMNS, _key, theme)
        empty = "Nothing is held, so nothing moves with the market."
        super().__init__(model, "Greeks", empty, _all_together)

    def show_rows(self, rows: tuple[GreeksRow, ...]) -> None:
        """Show these, sums among them."""
        shown: list[GreeksRow] = []
        for underlying in dict.fromkeys(row.underlying for row in rows):
            own = [row for row in rows if row.underlying == underlying]
            if len(own) > 1:
                shown.append(_sum(underlying, own))
            shown.extend(own)
        self.model.show(shown)


def _sum(underlying: str, rows: list[GreeksRow]) -> GreeksRow:
    greeks, value = LegGreeks(), 0.0
    for row in rows:
        greeks, value = greeks.plus(row.greeks), value + row.delta_value
    lots = [row.lots for row in rows]
    return GreeksRow(f"{underlying}, all", None, sum(lots), greeks, value)


def _all_together(rows: Sequence[GreeksRow]) -> str:
    """What adds up over underlyings: dollars. Shares of several do not."""
    single = [row for row in rows if not row.underlying.endswith(f", {_ALL}")]
    delta = math.fsum(row.delta_value for row in single)
    theta = math.fsum(row.greeks.theta for row in single)
    vega = math.fsum(row.greeks.vega for row in single)
    return (
        f"All together: delta {formatting.number(delta, 0, signed=True)} USD, "
        f"theta {formatting.number(theta, 0, signed=True)} USD a day, "
        f"vega {formatting.number(vega, 0, signed=True)} USD a point"
    )


def _key(row: GreeksRow) -> tuple[str, object]:
    return row.underlying, row.expiry


def _expiry(row: GreeksRow) -> str:
    if row.expiry is not None:
        return formatting.day(row.expiry)
    return _ALL if row.underlying.endswith(", all") else "shares"


_COLUMNS: tuple[Column[GreeksRow], ...] = (
    Column("underlying", "Underlying", lambda row: row.underlying, is_searched=True),
    Column("expiry", "Expiry", _expiry),
    Column("lots", "Lots", lambda row: row.lots, is_number=True),
    Column(
        "delta",
        "Delta, shares",
        lambda row: row.greeks.delta,
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
    ),
    Column(
        "value",
        "Delta, $",
        lambda row: row.delta_value,
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
        tip="Dollars of the underlying held by delta",
    ),
    Column(
        "gamma",
        "Gamma, shares per $",
        lambda row: row.greeks.gamma,
        lambda value: formatting.number(value, 1, signed=True),
        is_number=True,
    ),
    Column(
        "theta",
        "Theta, $ per day",
        lambda row: row.greeks.theta,
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
    ),
    Column(
        "vega",
        "Vega, $ per point",
        lambda row: row.greeks.vega,
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
    ),
)
