from __future__ import annotations

import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Adjustment, AdjustmentBasis, Effect, FileRefused
from allusedesk.market.importers.lean_daily import read_lean_daily

GOOD = "20200102 00:00,103000,121000,90000,110050,6315000\n"


def test_prices_come_in_ten_thousandths_and_are_raw(nyse: ExchangeCalendar) -> None:
    bars, defects = read_lean_daily("aapl.zip", GOOD.encode(), nyse)
    assert (bars.symbol, defects) == ("AAPL", ())
    prices = [bars.open, bars.high, bars.low, bars.close, bars.volume]
    assert [float(column[0]) for column in prices] == [10.3, 12.1, 9.0, 11.005, 6315000]
    assert (bars.adjustment, bars.basis) == (Adjustment.RAW, AdjustmentBasis.LAYOUT)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("20200103 00:00,1,2,3", "4 cells where a daily row has 6"),
        ("20209903 00:00,10,12,9,11,5", "is not a date"),
        ("20200103 00:00,0,12,9,11,5", "the open 0 is not above zero"),
        ("20200103 00:00,10,12,9,11,x", "`x` is not a count of shares"),
    ],
)
def test_a_bad_row_is_refused_alone(row: str, reason: str, nyse: ExchangeCalendar) -> None:
    bars, defects = read_lean_daily("aapl.zip", (GOOD + row + "\n").encode(), nyse)
    assert len(bars) == 1
    assert [(defect.row, defect.effect) for defect in defects] == [(2, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_a_file_without_a_symbol_in_its_name_is_refused(nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match="which symbol it is"):
        read_lean_daily("1.zip", GOOD.encode(), nyse)
