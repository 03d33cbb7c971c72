from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from allusedesk.domain.forecast_words import (
    NO_FORECAST,
    NO_RECORD,
    likeliest,
    likeliest_of,
    record_of,
    silence_of,
)
from allusedesk.domain.forecasts import ForecastMade, ForecastScore, Likelihood, TargetForecast
from tests.trading import WEEK

D = Decimal


def made(labelled: int, *silences: str) -> ForecastMade:
    targets = tuple(
        TargetForecast(f"target {number}", (), None, (), "m", "t", (), silence)
        for number, silence in enumerate(silences)
    )
    return ForecastMade(WEEK, labelled, 52, targets)


def score(low: str, high: str) -> ForecastScore:
    return ForecastScore(60, D("1.2"), D("1.3"), D("0.1"), D(low), D(high), D("0.5"), D("0.6"))


@pytest.mark.parametrize(
    ("forecast", "said"),
    [
        (made(51, "no matter"), "Silent: 51 of 52 labelled weeks are known."),
        (made(52, "", "one class alone", "later"), "one class alone"),
        (made(52, "", ""), NO_FORECAST),
        (made(52), NO_FORECAST),
    ],
)
def test_a_silent_forecast_says_why(forecast: ForecastMade, said: str) -> None:
    assert silence_of(forecast) == said


@pytest.mark.parametrize(
    ("low", "said"),
    [("0.001", "better than"), ("0.000", "no better than"), ("-0.020", "no better than")],
)
def test_better_is_said_only_where_the_whole_interval_lies_above_nothing(
    low: str, said: str
) -> None:
    band = f"+0.100 nats a week, 95% from {D(low):+.3f} to +0.200"
    assert record_of(score(low, "0.200")) == f"{said} the base rates over 60 weeks ({band})."


def test_without_a_score_there_is_no_record_yet() -> None:
    assert NO_RECORD == "no record yet: there is one once 13 forecast weeks are over"
    assert record_of(None) == f"{NO_RECORD}."


def test_a_forecast_on_one_line_has_its_base_rate_and_its_record() -> None:
    rates = (Likelihood("Roll", D("0.2"), D("0.4")), Likelihood("Calm", D("0.8"), D("0.6")))
    told = TargetForecast("label", rates, score("-0.1", "0.2"), (), "m", "t", (), "")
    line = "label Calm 80% (base 60%; no better than the base rates over 60 weeks)"
    assert likeliest_of([told]) == ((line,), "")
    young, silent = replace(told, score=None), replace(told, likelihoods=())
    assert likeliest_of([silent]) == ((), "")
    short = f"label Calm 80% (base 60%; {NO_RECORD})"
    assert likeliest_of([told, young, silent]) == ((line, short), "")
    # What none of them has is said once, behind them all.
    bare = "label Calm 80% (base 60%)"
    assert likeliest_of([young, young]) == ((bare, bare), f"; {NO_RECORD}")


def test_the_likeliest_comes_first_and_equals_keep_the_rulebooks_order() -> None:
    codes = [("a", "0.2"), ("b", "0.4"), ("c", "0.2"), ("d", "0.4")]
    shown = likeliest(tuple(Likelihood(code, D(part), D("0.25")) for code, part in codes))
    assert [one.code for one in shown] == ["b", "d", "a", "c"]
