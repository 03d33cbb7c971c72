from __future__ import annotations

from datetime import date

import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Effect, FileRefused
from allusedesk.market.importers.volatility import read_volatility

HEADER = "DATE,OPEN,HIGH,LOW,CLOSE\n"


def test_levels_are_read_by_session(nyse: ExchangeCalendar) -> None:
    text = HEADER + "2020-01-02,13,14,12,12.5\n2020-01-03,13.5,16,13,14\n"
    levels, defects = read_volatility("vix.csv", text.encode(), nyse)
    assert defects == ()
    assert levels.close.tolist() == [12.5, 14.0]
    assert levels.bars_before(date(2020, 1, 3)).close.tolist() == [12.5]
    assert (levels.index_of(date(2020, 1, 3)), levels.index_of(date(2020, 1, 6))) == (1, None)


def test_days_on_which_all_levels_are_equal_are_noted_once(nyse: ExchangeCalendar) -> None:
    text = HEADER + "2020-01-02,13,13,13,13\n2020-01-03,14,14,14,14\n"
    _, defects = read_volatility("vix.csv", text.encode(), nyse)
    assert [(defect.count, defect.effect) for defect in defects] == [(2, Effect.NOTED)]


def test_a_close_alone_is_enough_and_a_dot_is_no_observation(nyse: ExchangeCalendar) -> None:
    text = "Date,vix\n1/2/2020,12.5\n1/20/2020,.\n"
    levels, defects = read_volatility("v.csv", text.encode(), nyse)
    assert levels.high.tolist() == [12.5]
    assert [defect.effect for defect in defects] == [Effect.NOTED]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2020-01-03,1,2", "3 cells where the header has 5"),
        ("today,1,2,1,1", "is not a date"),
        ("2020-01-03,1,2,1,-1", "not above zero"),
        ("2020-01-04,1,2,1,1", "the exchange was closed"),
    ],
)
def test_a_bad_row_is_refused_alone(row: str, reason: str, nyse: ExchangeCalendar) -> None:
    text = HEADER + "2020-01-02,13,14,12,12.5\n" + row + "\n"
    levels, defects = read_volatility("vix.csv", text.encode(), nyse)
    assert len(levels.dates) == 1
    assert [(defect.row, defect.effect) for defect in defects] == [(3, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_a_file_without_a_close_is_refused(nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match="no column for the date or the close"):
        read_volatility("vix.csv", b"DATE,OPEN\n2020-01-02,1\n", nyse)
