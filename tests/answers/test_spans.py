from __future__ import annotations

from datetime import date

import pytest

from allusedesk.answers.spans import Calendar, is_whole

# A Tuesday in the first ISO week of 2020.
TODAY = date(2019, 12, 31)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("last thursday", "2019-12-26", "2019-12-26"),
        ("thursday", "2019-12-26", "2019-12-26"),
        ("tuesday", "2019-12-31", "2019-12-31"),
        ("last tuesday", "2019-12-24", "2019-12-24"),
        ("yesterday", "2019-12-30", "2019-12-30"),
        ("today", "2019-12-31", "2019-12-31"),
        ("this week", "2019-12-30", "2020-01-05"),
        ("last week", "2019-12-23", "2019-12-29"),
        ("two weeks ago", "2019-12-16", "2019-12-22"),
        ("the last 3 weeks", "2019-12-16", "2019-12-31"),
        ("in october", "2019-10-01", "2019-10-31"),
        ("last october", "2019-10-01", "2019-10-31"),
        ("in may", "2019-05-01", "2019-05-31"),
        ("may 2018", "2018-05-01", "2018-05-31"),
        ("this month", "2019-12-01", "2019-12-31"),
        ("last month", "2019-11-01", "2019-11-30"),
        ("this quarter", "2019-10-01", "2019-12-31"),
        ("last quarter", "2019-07-01", "2019-09-30"),
        ("q3", "2019-07-01", "2019-09-30"),
        ("third quarter of 2018", "2018-07-01", "2018-09-30"),
        ("2012-W05", "2012-01-30", "2012-02-05"),
        ("week 5", "2019-01-28", "2019-02-03"),
        ("w20", "2019-05-13", "2019-05-19"),
        ("2019-08-05", "2019-08-05", "2019-08-05"),
        ("14 october", "2019-10-14", "2019-10-14"),
        ("october 14th, 2018", "2018-10-14", "2018-10-14"),
        ("the week of 14 october", "2019-10-14", "2019-10-20"),
        ("2018", "2018-01-01", "2018-12-31"),
        ("this year", "2019-01-01", "2019-12-31"),
        ("ytd", "2019-01-01", "2019-12-31"),
        ("year-to-date", "2019-01-01", "2019-12-31"),
        ("this year so far", "2019-01-01", "2019-12-31"),
        ("y2d", "2019-01-01", "2019-12-31"),
        ("for the year", "2019-01-01", "2019-12-31"),
        ("over the whole year", "2019-01-01", "2019-12-31"),
        ("mtd", "2019-12-01", "2019-12-31"),
        ("month to date", "2019-12-01", "2019-12-31"),
        ("qtd", "2019-10-01", "2019-12-31"),
        ("quarter so far", "2019-10-01", "2019-12-31"),
        ("wtd", "2019-12-30", "2019-12-31"),
        ("ytd 2018", "2018-01-01", "2018-12-31"),
        ("2018 ytd", "2018-01-01", "2018-12-31"),
        ("in '18", "2018-01-01", "2018-12-31"),
        ("fy2018", "2018-01-01", "2018-12-31"),
        ("ttm", "2019-01-01", "2019-12-31"),
        ("trailing twelve months", "2019-01-01", "2019-12-31"),
        ("the last 6m", "2019-07-01", "2019-12-31"),
        ("the year before", "2018-01-01", "2018-12-31"),
        ("since june", "2019-06-01", "2019-12-31"),
        ("between march and may", "2019-03-01", "2019-05-31"),
        ("from november 2018 to february 2019", "2018-11-01", "2019-02-28"),
    ],
)
def test_days_are_meant_from_the_last_day_of_the_record(said: str, first: str, last: str) -> None:
    span, rest = Calendar(TODAY).read(f"what did gen earn {said.lower()}")
    assert span is not None
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)
    assert "daterange" in rest


def test_yesterday_of_a_monday_is_friday() -> None:
    span, _ = Calendar(date(2019, 12, 30)).read("yesterday")
    assert span is not None
    assert span.first == date(2019, 12, 27)


def test_a_month_still_to_come_is_that_of_last_year() -> None:
    span, _ = Calendar(date(2019, 3, 1)).read("in october")
    assert span is not None
    assert span.first == date(2018, 10, 1)


@pytest.mark.parametrize("said", ["so far", "ever", "all time", "on record"])
def test_everything_is_a_span_of_its_own(said: str) -> None:
    span, _ = Calendar(TODAY).read(f"forks {said}")
    assert span is not None
    assert is_whole(span)


@pytest.mark.parametrize(
    "said",
    ["what may the desk do", "week 77", "will it march on", "20%", "$2,019", "second"],
)
def test_what_is_no_day_is_none(said: str) -> None:
    assert Calendar(TODAY).read(said)[0] is None


def test_the_week_before_is_that_before_the_one_asked_about() -> None:
    asked, _ = Calendar(TODAY).read("week 20")
    before, _ = Calendar(TODAY, asked).read("and the week before")
    assert before is not None
    assert before.weeks == ("2019-W19", "2019-W19")
