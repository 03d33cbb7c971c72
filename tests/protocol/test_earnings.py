from __future__ import annotations

from datetime import date

import pytest

from allusedesk.protocol.earnings import judge_earnings, marks_of
from tests.protocol.examples import FRIDAY, MONDAY, WEEK, classic, week_of


@pytest.mark.parametrize(
    ("day", "verdict"),
    [(date(2013, 2, 7), "refuse"), (FRIDAY, "refuse"), (date(2013, 2, 9), "allow")],
)
def test_a_known_date_on_or_before_expiry_is_refused(day: date, verdict: str) -> None:
    judged = judge_earnings(day, FRIDAY, WEEK, classic())
    assert (judged.verdict, judged.rule) == (verdict, "earnings.before_expiry")


@pytest.mark.parametrize(
    ("estimate", "verdict"),
    [(date(2013, 2, 13), "refuse"), (date(2013, 2, 14), "allow"), (FRIDAY, "refuse")],
)
def test_an_estimate_counts_from_three_sessions_before_it(estimate: date, verdict: str) -> None:
    judged = judge_earnings(estimate, FRIDAY, WEEK, classic(), is_estimate=True)
    assert (judged.verdict, judged.rule) == (verdict, "earnings.estimate")


def test_a_holiday_of_the_week_is_no_session_before_the_estimate() -> None:
    closed = week_of(MONDAY, closed=(date(2013, 2, 6),))
    judged = judge_earnings(FRIDAY, date(2013, 2, 5), closed, classic(), is_estimate=True)
    assert judged.comparisons[0].value == "2013-02-04"
    assert (
        judge_earnings(FRIDAY, date(2013, 2, 4), WEEK, classic(), is_estimate=True)
        .comparisons[0]
        .value
        == "2013-02-05"
    )


def test_without_a_date_the_entry_goes_on_and_is_marked() -> None:
    judged = judge_earnings(None, FRIDAY, WEEK, classic())
    assert (judged.verdict, judged.rule) == ("allow", "earnings.unknown")
    assert marks_of("expiry.widened", judged.rule) == ("expiry.widened", "earnings.unknown")
    assert marks_of("entry.days_to_expiry", "earnings.before_expiry") == ()
