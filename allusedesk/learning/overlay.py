"""A remark beside a proposal, never a change to it."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.forecasts import ForecastMade, ForecastScore, Likelihood, TargetForecast
from allusedesk.domain.weeks import WeekId
from allusedesk.learning.advice import Advice

NO_FORECAST = "No forecast yet: the model is silent until enough weeks are labelled."
_NAMED_MOST = 3


def advise(week: WeekId | None, forecast: ForecastMade | None) -> Advice:
    """What the forecast says of a proposal made in a week; a forecast for another says nothing."""
    if forecast is None or week != forecast.week:
        return Advice(NO_FORECAST, "", (), "")
    spoken = [one for one in forecast.targets if one.likelihoods]
    if not spoken:
        return Advice(silence_of(forecast), "", (), "")
    remarks = [_remark(one) for one in spoken]
    records = [f"{one.target}: {record_of(one.score)}" for one in spoken]
    return Advice(" ".join(remarks), " ".join(records), spoken[0].likelihoods, spoken[0].model)


def forecast_line(week: WeekId | None, forecast: ForecastMade | None) -> str:
    """The advice in one paragraph, with its record; it binds nobody."""
    advice = advise(week, forecast)
    return f"{advice.remark} {advice.confidence}".strip()


def silence_of(forecast: ForecastMade) -> str:
    """Why a forecast says nothing."""
    if forecast.weeks_labelled < forecast.weeks_needed:
        known = f"{forecast.weeks_labelled} of {forecast.weeks_needed}"
        return f"Silent: {known} labelled weeks are known."
    return next((one.silence for one in forecast.targets if one.silence), NO_FORECAST)


def record_of(score: ForecastScore | None) -> str:
    """How such forecasts have done, in a sentence that says so when they are no better."""
    if score is None:
        return "no record yet."
    band = (
        f"{score.gain:+.3f} nats a week, 95 % from {score.gain_low:+.3f} to {score.gain_high:+.3f}"
    )
    if score.is_better:
        return f"better than the base rates over {score.weeks} weeks ({band})."
    return f"no better than the base rates over {score.weeks} weeks ({band})."


def likeliest(likelihoods: tuple[Likelihood, ...]) -> tuple[Likelihood, ...]:
    """The most probable first; equal ones in the rulebook's order."""
    return tuple(sorted(likelihoods, key=lambda one: -one.probability))


def _remark(target: TargetForecast) -> str:
    named = ", ".join(
        f"{one.code} {_percent(one.probability)} (base {_percent(one.base_rate)})"
        for one in likeliest(target.likelihoods)[:_NAMED_MOST]
    )
    drift = " Drift: " + " ".join(target.drift) if target.drift else ""
    return f"{target.target.capitalize()}: {named}.{drift}"


def _percent(value: Decimal) -> str:
    return f"{value * 100:.0f} %"
