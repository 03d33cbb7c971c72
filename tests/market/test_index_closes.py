from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allusedesk.market.assembly import assembled
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Adjustment, Effect, FileRefused
from allusedesk.market.importers.index_closes import index_of_header, read_index_closes
from tests.market.made_market import bars_of

HEADER = "Date,SP500\n"


def test_an_index_is_known_by_its_column() -> None:
    assert index_of_header(["Date", "SP500"]) == "SPX"
    assert index_of_header(["observation_date", "^GSPC"]) == "SPX"
    assert index_of_header(["Date", "SP500", "Dividend"]) is None
    assert index_of_header(["Date", "DGS10"]) is None


def test_closes_are_raw_and_the_range_of_a_day_is_unknown(nyse: ExchangeCalendar) -> None:
    text = HEADER + "2020-01-02,3257.85\n2020-01-03,.\n2020-01-06,3246.28\n"
    bars, defects = read_index_closes("spx.csv", text.encode(), nyse)
    assert (bars.symbol, bars.adjustment) == ("SPX", Adjustment.RAW)
    assert bars.close.tolist() == [3257.85, 3246.28]
    assert np.isnan([bars.open, bars.high, bars.low]).all()
    assert [defect.reason for defect in defects] == [
        "1 session is missing: 2020-01-03",
        "open, high and low of SPX are not in it; a true range knows closes alone",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2020-01-20,3300", "the exchange was closed on 2020-01-20"),
        ("2020-01-03,", "the open is blank"),
        ("2020-01-03,-1", "not above zero"),
        ("soon,3300", "is not a date"),
    ],
)
def test_a_row_that_is_none_is_refused_alone(nyse: ExchangeCalendar, row: str, reason: str) -> None:
    text = HEADER + f"2020-01-02,3257.85\n{row}\n"
    bars, defects = read_index_closes("spx.csv", text.encode(), nyse)
    assert len(bars) == 1
    (refused,) = [each for each in defects if each.effect is Effect.ROW_REFUSED]
    assert reason in refused.reason


def test_another_table_is_refused(nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match="not the date and the closes of an index"):
        read_index_closes("x.csv", b"Date,IBM\n2020-01-02,100\n", nyse)


def test_whoever_knows_more_than_closes_comes_first() -> None:
    daily = bars_of("SPX", 3, 150.0)
    dates = np.append(daily.dates, daily.dates[-1] + np.array([1, 2]))
    nothing = np.full(len(dates), np.nan)
    closes = replace(
        daily,
        dates=dates,
        open=nothing,
        high=nothing,
        low=nothing,
        close=np.append(daily.close, [151.0, 152.0]),
        volume=np.zeros(len(dates)),
        origin="closes",
    )
    joined = assembled("SPX", (closes, daily), ()).bars
    assert joined is not None
    assert np.isfinite(joined.open).tolist() == [True] * len(daily) + [False] * 2
    assert joined.close[-1] == 152.0
