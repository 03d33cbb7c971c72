from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.calendar import DayOutsideCalendar, ExchangeCalendar, calendar_of
from allusedesk.resource_files import resource_path

WRITTEN = resource_path("calendars", "xnys.toml").read_text(encoding="utf-8")
NYSE = calendar_of(WRITTEN)
RECIPE = Path(__file__).resolve().parents[2] / "packaging" / "exchange_calendar.py"


# The source library uses calls that its own dependency is about to drop.
@pytest.mark.filterwarnings("ignore::Warning")
def test_the_written_calendar_is_what_its_source_says() -> None:
    spec = importlib.util.spec_from_file_location("exchange_calendar", RECIPE)
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    assert recipe.calendar_text(NYSE.first.isoformat(), NYSE.last.isoformat()) == WRITTEN


@pytest.mark.parametrize(
    ("day", "opens_at", "closes_at", "is_early"),
    [
        # Winter, summer, the day after Thanksgiving, and the old closing hour of 1990.
        ("2020-01-02", "2020-01-02T14:30", "2020-01-02T21:00", False),
        ("2020-07-01", "2020-07-01T13:30", "2020-07-01T20:00", False),
        ("2026-11-27", "2026-11-27T14:30", "2026-11-27T18:00", True),
        ("1990-12-24", "1990-12-24T14:30", "1990-12-24T19:00", True),
    ],
)
def test_a_session_opens_and_closes_at_new_york_hours(
    day: str, opens_at: str, closes_at: str, is_early: bool
) -> None:
    session = NYSE.session(date.fromisoformat(day))
    assert session.opens_at == datetime.fromisoformat(opens_at).replace(tzinfo=UTC)
    assert session.closes_at == datetime.fromisoformat(closes_at).replace(tzinfo=UTC)
    assert session.is_early_close is is_early


def test_a_week_cut_by_a_holiday_expires_on_its_last_session() -> None:
    good_friday = NYSE.week_of(date(2013, 3, 29))
    assert (good_friday.year, good_friday.number) == (2013, 13)
    assert good_friday.expiry == date(2013, 3, 28)
    assert len(good_friday.sessions) == 4
    storm = NYSE.week_of(date(2012, 10, 30))
    assert [session.date.day for session in storm.sessions] == [31, 1, 2]


def test_the_week_of_a_year_s_turn_belongs_to_its_iso_year() -> None:
    week = NYSE.week_of(date(2021, 1, 1))
    assert (week.year, week.number, week.expiry) == (2020, 53, date(2020, 12, 31))


def test_a_closed_day_has_no_session_and_neighbours_on_both_sides() -> None:
    holiday = date(2019, 7, 4)
    assert not NYSE.is_session(holiday)
    with pytest.raises(DayOutsideCalendar, match="closed on 2019-07-04"):
        NYSE.session(holiday)
    assert NYSE.session_after(holiday) == date(2019, 7, 5)
    assert NYSE.session_on_or_before(holiday) == date(2019, 7, 3)


def test_days_the_calendar_does_not_know_are_refused() -> None:
    for day in (date(1989, 12, 29), date(2090, 1, 3)):
        with pytest.raises(DayOutsideCalendar, match="outside the calendar"):
            NYSE.is_session(day)
    with pytest.raises(DayOutsideCalendar, match="no session after"):
        NYSE.session_after(NYSE.last)
    with pytest.raises(DayOutsideCalendar, match="no session on or before 1990-01-01"):
        NYSE.session_on_or_before(NYSE.first)


def test_a_week_without_any_session_is_refused() -> None:
    short = calendar_of(
        "first = 2020-01-04\nlast = 2020-01-05\nopens = 09:30:00\ncloses = 16:00:00\n"
        "closures = []\n[early_closes]\n"
    )
    with pytest.raises(DayOutsideCalendar, match="no session in the week"):
        short.week_of(date(2020, 1, 4))


@given(st.dates(date(1990, 1, 2), date(2027, 11, 1)), st.integers(0, 60))
def test_sessions_between_two_days_are_the_session_days_between_them(day: date, span: int) -> None:
    last = min(date.fromordinal(day.toordinal() + span), NYSE.last)
    days = [date.fromordinal(number) for number in range(day.toordinal(), last.toordinal() + 1)]
    expected = [each for each in days if NYSE.is_session(each)]
    assert [session.date for session in NYSE.sessions_between(day, last)] == expected


def test_the_calendar_is_read_once() -> None:
    assert isinstance(NYSE, ExchangeCalendar)
    assert calendar_of(WRITTEN) is NYSE
