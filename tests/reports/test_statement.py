from __future__ import annotations

import pytest

from allusedesk.reports.statement import Chart, ChartKind, Column, Qualifier, Series, Table
from tests.reports.drawn import usd


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="'Orders' has 2 columns, but one of its rows has 1"):
        Table("Orders", (Column("a"), Column("b")), (("one",),))


def test_a_row_of_totals_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="has 1 columns, but one of its rows has 2"):
        Table("Orders", (Column("a"),), (("one",),), totals=("all", 1))


def test_a_series_has_a_value_for_each_category() -> None:
    line = Series("Gen", (usd("1"),), Qualifier.MEASURED)
    with pytest.raises(ValueError, match="'Equity' has 2 categories, but 'Gen' has 1 values"):
        Chart("Equity", ChartKind.LINES, ("W1", "W2"), (line,))
