from __future__ import annotations

from datetime import date

import pytest

from allusedesk.domain.weeks import TradingWeek, WeekId
from tests.protocol.examples import FRIDAY, MONDAY, week_of


def test_weeks_stand_in_the_order_of_time() -> None:
    weeks = [WeekId(2013, 10), WeekId(2012, 52), WeekId(2013, 9), WeekId(2013, 1)]
    assert [str(week) for week in sorted(weeks)] == [
        "2012-W52",
        "2013-W01",
        "2013-W09",
        "2013-W10",
    ]


def test_a_week_without_a_session_is_no_trading_week() -> None:
    with pytest.raises(ValueError, match=r"2013-W07 has no session"):
        TradingWeek(2013, 7, (), FRIDAY)


def test_an_option_that_ends_on_a_closed_day_trades_the_session_before_for_the_last_time() -> None:
    week = week_of(MONDAY, closed=(FRIDAY,))
    assert week.session_on(FRIDAY) is None
    last = week.last_session_on_or_before(FRIDAY)
    assert last is not None
    assert last.date == date(2013, 2, 7)
    assert week.last_session_on_or_before(date(2013, 2, 3)) is None
