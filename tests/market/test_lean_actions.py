from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import CashDividend, Split
from allusedesk.market.history import FileRefused
from allusedesk.market.importers.lean_actions import read_factors, read_tickers


def test_the_worked_case_of_apple_in_august_2020(shared_data: Path, nyse: ExchangeCalendar) -> None:
    file = shared_data / "corporate_actions_lean" / "factor_files" / "aapl.csv"
    actions, defects = read_factors("aapl.csv", file.read_bytes(), nyse)
    assert defects == ()
    assert CashDividend("AAPL", date(2020, 8, 7), 0.82) in actions.dividends
    assert actions.splits == (
        Split("AAPL", date(2000, 6, 21), 2.0),
        Split("AAPL", date(2005, 2, 28), 2.0),
        Split("AAPL", date(2014, 6, 9), 7.0),
        Split("AAPL", date(2020, 8, 31), 4.0),
    )
    assert actions.known_to == date(2021, 2, 4)


def test_an_event_takes_effect_on_the_next_session(nyse: ExchangeCalendar) -> None:
    # Maundy Thursday: the next session is Easter Monday.
    text = "20000103,0.98,0.5,1\n20130328,0.98,0.5,100\n20130501,1,0.5,50\n20130502,1,1,10\n"
    actions, _ = read_factors("xyz.csv", (text + "20501231,1,1,0\n").encode(), nyse)
    assert actions.dividends == (CashDividend("XYZ", date(2013, 4, 1), 2.0),)
    assert actions.splits == (Split("XYZ", date(2013, 5, 2), 2.0),)


@pytest.mark.parametrize(
    "text",
    [
        "20200102,1,1\n",
        "2020-99-02,1,1,1\n",
        "20200102,x,1,1\n",
        "20200102,1,0,1\n",
        "20200102,-1,1,1\n",
        "20200102,1,1,-1\n",
        "20200103,1,1,1\n20200102,1,1,1\n",
    ],
)
def test_one_bad_row_refuses_the_whole_factor_file(text: str, nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match=r"a\.csv, row \d"):
        read_factors("a.csv", text.encode(), nyse)


def test_an_event_beyond_the_calendar_is_left_out(nyse: ExchangeCalendar) -> None:
    text = f"{nyse.last:%Y%m%d},0.98,1,100\n20501231,1,1,0\n"
    assert read_factors("xyz.csv", text.encode(), nyse)[0].dividends == ()


def test_a_company_keeps_its_history_of_tickers(shared_data: Path) -> None:
    file = shared_data / "corporate_actions_lean" / "map_files" / "qqq.csv"
    history, _ = read_tickers("qqq.csv", file.read_bytes())
    assert (date(2011, 3, 22), "QQQQ") in history.tickers


@pytest.mark.parametrize("text", ["x,aapl,Q\n", "20200102\n", "20200103,a,Q\n20200102,b,Q\n"])
def test_a_bad_map_file_is_refused(text: str) -> None:
    with pytest.raises(FileRefused, match=r"a\.csv, row \d"):
        read_tickers("a.csv", text.encode())


def test_a_file_must_name_its_company(nyse: ExchangeCalendar) -> None:
    with pytest.raises(FileRefused, match="which symbol"):
        read_factors("1.csv", b"20200102,1,1,1\n", nyse)
    with pytest.raises(FileRefused, match="which symbol"):
        read_tickers("1.csv", b"20200102,a,Q\n")
