from __future__ import annotations

from datetime import date

import pytest

from allusedesk.market.corporate_actions import EarningsDate
from allusedesk.market.history import Effect, FileRefused
from allusedesk.market.importers.earnings import read_earnings

HEADER = "dates,eps_estimate,eps_actual,ticker,category\n"


def test_a_row_without_earnings_is_scheduled_and_not_reported() -> None:
    text = HEADER + '2024-05-02,1.5,,AAPL,"tech, retail"\n2023-08-03,1.2,1.26,AAPL,tech\n'
    dates, defects = read_earnings("e.csv", text.encode())
    assert dates == (
        EarningsDate("AAPL", date(2023, 8, 3), is_reported=True),
        EarningsDate("AAPL", date(2024, 5, 2), is_reported=False),
    )
    assert [(defect.row, defect.effect) for defect in defects] == [(2, Effect.NOTED)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,1,1,AAPL,t", "not a date"),
        ("2023-08-04,1,1,,t", "no company"),
        ("2023-08-03,1,1,AAPL,t", "earlier row"),
        ("2023-08-04,1,nan,AAPL,t", "not a number"),
        ("2023-08-04,1", "2 cells"),
    ],
)
def test_a_bad_row_is_refused_alone(row: str, reason: str) -> None:
    dates, defects = read_earnings("e.csv", (HEADER + "2023-08-03,1,1,AAPL,t\n" + row).encode())
    assert len(dates) == 1
    assert [(defect.row, defect.effect) for defect in defects] == [(3, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_a_file_without_results_is_refused() -> None:
    with pytest.raises(FileRefused, match="no column for actual"):
        read_earnings("e.csv", b"dates,ticker\n2020-01-02,AAPL\n")
