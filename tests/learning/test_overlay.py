"""The remark beside a proposal: what it says, what it admits, and when it is silent."""

from __future__ import annotations

from dataclasses import fields

from allusedesk.domain.weeks import WeekId
from allusedesk.learning.advice import Advice
from allusedesk.learning.overlay import advise, forecast_line
from tests.learning.forecasts import silent, spoken

WEEK = WeekId(2022, 53)


def test_it_tells_the_likeliest_beside_the_base_rates_with_their_record() -> None:
    advice = advise(WEEK, spoken(WEEK))
    first = "Condition after the week: Red 61% (base 35%), Green 21% (base 37%)"
    assert advice.remark.startswith(first)
    assert "Drift: It has drifted." in advice.remark
    assert "better than the base rates over 470 weeks (+0.246 nats" in advice.confidence
    assert "Record, label of the week: no better than the base rates" in advice.confidence
    assert forecast_line(WEEK, spoken(WEEK)) == f"{advice.remark} {advice.confidence}"
    assert advice.model == "week-type-1/0123456789ab"


def test_silence_says_how_many_weeks_are_known() -> None:
    assert forecast_line(WEEK, silent(WEEK, 23)) == "Silent: 23 of 50 labelled weeks are known."


def test_a_forecast_for_another_week_or_none_says_nothing() -> None:
    for advice in (advise(WEEK, spoken(WeekId(2022, 52))), advise(WEEK, None)):
        assert advice.likelihoods == ()
        assert advice.remark.startswith("No forecast yet")


def test_advice_is_a_value_that_can_do_nothing() -> None:
    names = {field.name for field in fields(Advice)}
    assert {name for name in vars(Advice) if not name.startswith("_")} <= names
