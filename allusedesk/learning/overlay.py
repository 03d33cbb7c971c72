"""A remark beside a proposal, never a change to it."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.forecast_words import NO_FORECAST, likeliest, record_of, silence_of
from allusedesk.domain.forecasts import ForecastMade, TargetForecast
from allusedesk.domain.weeks import WeekId
from allusedesk.learning.advice import Advice

_NAMED_MOST = 3


def advise(week: WeekId | None, forecast: ForecastMade | None) -> Advice:
    """What the forecast says of a proposal made in a week; a forecast for another says nothing."""
    if forecast is None or week != forecast.week:
        return Advice(NO_FORECAST, "", (), "")
    spoken = [one for one in forecast.targets if one.likelihoods]
    if not spoken:
        return Advice(silence_of(forecast), "", (), "")
    remarks = [_remark(one) for one in spoken]
    records = [f"Record, {one.target}: {record_of(one.score)}" for one in spoken]
    return Advice(" ".join(remarks), " ".join(records), spoken[0].likelihoods, spoken[0].model)


def forecast_line(week: WeekId | None, forecast: ForecastMade | None) -> str:
    """The advice in one paragraph, with its record; it binds nobody."""
    advice = advise(week, forecast)
    return f"{advice.remark} {advice.confidence}".strip()


def _remark(target: TargetForecast) -> str:
    named = ", ".join(
        f"{one.code} {_percent(one.probability)} (base {_percent(one.base_rate)})"
        for one in likeliest(target.likelihoods)[:_NAMED_MOST]
    )
    drift = " Drift: " + " ".join(target.drift) if target.drift else ""
    return f"{target.target.capitalize()}: {named}.{drift}"


def _percent(value: Decimal) -> str:
    return f"{value * 100:.0f}%"
