from __future__ import annotations

import numpy as np
import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Effect, FileRefused
from allusedesk.market.importers.contract_bars import read_contract_bars

HEADER = "date,ticker,open,high,low,close,volume\n"
GOOD = "2026-04-01,O:SPY260402C00655000,3.7,5.61,2.99,4.05,63254\n"


def test_each_day_and_underlying_is_a_chain_of_last_prices(nyse: ExchangeCalendar) -> None:
    other = "2026-04-01,O:SPXW260402P06500000,3,5,2,4,9\n2026-04-02,O:SPY260402P00655000,1,2,1,1,\n"
    chains, (defect,) = read_contract_bars("x.csv", (HEADER + GOOD + other).encode(), nyse)
    assert [(chain.underlying, len(chain)) for chain in chains] == [
        ("SPY", 1),
        ("SPX", 1),
        ("SPY", 1),
    ]
    spy, spx, _ = chains
    assert (spy.strikes[0], spy.lasts[0], spy.volumes[0]) == (655.0, 4.05, 63254.0)
    assert np.isnan([spy.bids[0], spy.underlying_price]).all()
    assert (spy.exercise, spx.exercise, spx.settlement) == ("american", "european", "cash")
    assert (defect.field, defect.row) == ("volume", 4)


def test_missing_sessions_are_told(nyse: ExchangeCalendar) -> None:
    later = GOOD.replace("2026-04-01", "2026-04-07").replace("260402", "260417")
    _, (defect,) = read_contract_bars("x.csv", (HEADER + GOOD + later).encode(), nyse)
    assert (defect.count, defect.effect) == (2, Effect.NOTED)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD, "stands in a row before"),
        (GOOD.replace("O:SPY", "O:"), "no standard option symbol"),
        (GOOD.replace("260402C", "261399C"), "no standard option symbol"),
        (GOOD.replace("2026-04-01", "2026-04-03"), "the exchange was closed"),
        (GOOD.replace("2026-04-01", "2026-04-06"), "had expired"),
        (GOOD.replace("2.99", "0").replace("C", "P"), "not above zero"),
    ],
)
def test_a_bad_row_is_refused_alone(row: str, reason: str, nyse: ExchangeCalendar) -> None:
    chains, defects = read_contract_bars("x.csv", (HEADER + GOOD + row).encode(), nyse)
    assert sum(len(chain) for chain in chains) == 1
    assert [(defect.row, defect.effect) for defect in defects] == [(3, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_a_file_without_a_usable_row_is_refused(nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match="no row of it can be used"):
        read_contract_bars("x.csv", (HEADER + GOOD.replace("O:SPY", "O:")).encode(), nyse)
