from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from allusedesk.reports.cells import Number, Percent, Qualifier
from allusedesk.reports.chart_values import (
    Chart,
    ChartKind,
    Grid,
    LossRecord,
    Occurrence,
    ProjectionFan,
    Series,
    Step,
    TimeChart,
    Timeline,
    Waterfall,
)
from tests.reports.drawn import usd

DAYS = (date(2013, 2, 11), date(2013, 2, 12))
NOON = datetime(2013, 2, 11, 17, tzinfo=UTC)


def line(name: str, *amounts: str) -> Series:
    return Series(name, tuple(usd(amount) for amount in amounts), Qualifier.MEASURED)


def test_parts_of_a_waterfall_add_up_to_the_cent() -> None:
    begin, end = Step("before", usd("100")), Step("after", usd("90.01"))
    parts = (Step("premium", usd("5.01")), Step("assigned", usd("-15")))
    Waterfall("Result", begin, parts, end, Qualifier.MEASURED)
    with pytest.raises(ValueError, match=r"ends at 90\.02, but its parts add up to 90\.01"):
        Waterfall("Result", begin, parts, Step("after", usd("90.02")), Qualifier.MEASURED)
    with pytest.raises(ValueError, match="mixes money and per cent"):
        Waterfall("Result", begin, (Step("x", Percent(Decimal(0))),), end, Qualifier.MEASURED)


def test_days_rise_and_have_a_figure_each() -> None:
    TimeChart("Equity", DAYS, (line("Gen", "1", "2"),))
    with pytest.raises(ValueError, match="days of the chart 'Equity' do not rise"):
        TimeChart("Equity", DAYS[::-1], (line("Gen", "1", "2"),))
    with pytest.raises(ValueError, match="has 2 days, but 'Drawdown' has 1 values"):
        TimeChart("Equity", DAYS, (line("Gen", "1", "2"),), line("Drawdown", "1"))


def test_quantiles_do_not_cross_and_have_a_middle() -> None:
    years = (Decimal(0), Decimal(1))
    low, middle, high = line("5%", "1", "1"), line("50%", "1", "2"), line("95%", "1", "3")
    ProjectionFan("Fan", years, (low, middle, high))
    with pytest.raises(ValueError, match="has no band in the middle"):
        ProjectionFan("Fan", years, (low, high))
    with pytest.raises(ValueError, match="quantile '95%' lies over '50%'"):
        ProjectionFan("Fan", years, (low, high, middle))
    with pytest.raises(ValueError, match="years of the projection 'Fan' do not rise"):
        ProjectionFan("Fan", years[::-1], (low, middle, high))


def test_a_grid_is_full() -> None:
    row = (usd("1"), None)
    Grid("Stress", "spot", "volatility", ("down",), ("low", "high"), (row,), Qualifier.ESTIMATE)
    with pytest.raises(ValueError, match="has 2 rows and 2 columns, but its cells do not fill"):
        Grid("Stress", "spot", "volatility", ("a", "b"), ("c", "d"), (row,), Qualifier.ESTIMATE)


def test_a_timeline_goes_on_in_time_and_knows_its_zone() -> None:
    first = Occurrence(NOON, "proposed", 7)
    Timeline("Order", (first, first))
    with pytest.raises(ValueError, match="not in the order of time"):
        Timeline("Order", (first, replace(first, instant=NOON - timedelta(seconds=1))))
    with pytest.raises(ValueError, match="has no time zone"):
        Timeline("Order", (replace(first, instant=NOON.replace(tzinfo=None)),))


def test_an_exception_lost_more_than_its_limit() -> None:
    days = (*DAYS, date(2013, 2, 13), date(2013, 2, 14))
    results = Series("day", (usd("-5"), usd("-5.01"), None, usd("9")), Qualifier.MEASURED)
    limits = Series("VaR", (usd("5"),) * 4, Qualifier.ESTIMATE)
    assert LossRecord("Record", days, results, limits).exceptions() == (1,)


def test_what_is_stacked_is_not_below_zero() -> None:
    counts = Series("calm", (Number(Decimal(-1), 0),), Qualifier.MEASURED)
    with pytest.raises(ValueError, match="stacks figures, but one of them is below zero"):
        Chart("Mix", ChartKind.STACKED, ("2013",), (counts,))
