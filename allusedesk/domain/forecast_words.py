"""Forecasts in plain words: why one is silent, and how such forecasts have done."""

from __future__ import annotations

from allusedesk.domain.forecasts import (
    SCORED_LEAST,
    ForecastMade,
    ForecastScore,
    Likelihood,
    TargetForecast,
)

NO_FORECAST = "No forecast yet: the model is silent until enough weeks are labelled."
NO_RECORD = f"no record yet: there is one once {SCORED_LEAST} forecast weeks are over"


def silence_of(forecast: ForecastMade) -> str:
    """Why a forecast says nothing."""
    if forecast.weeks_labelled < forecast.weeks_needed:
        known = f"{forecast.weeks_labelled} of {forecast.weeks_needed}"
        return f"Silent: {known} labelled weeks are known."
    return next((one.silence for one in forecast.targets if one.silence), NO_FORECAST)


def record_of(score: ForecastScore | None) -> str:
    """How such forecasts have done, in a sentence that says so when they are no better."""
    if score is None:
        return f"{NO_RECORD}."
    low, high = f"{score.gain_low:+.3f}", f"{score.gain_high:+.3f}"
    band = f"{score.gain:+.3f} nats a week, 95% from {low} to {high}"
    return f"{verdict_of(score)} ({band})."


def verdict_of(score: ForecastScore | None) -> str:
    """How such forecasts have done, in a few words to stand wherever one is shown."""
    if score is None:
        return NO_RECORD
    how = "better" if score.is_better else "no better"
    return f"{how} than the base rates over {score.weeks} weeks"


def likeliest_of(target: TargetForecast) -> str:
    """The likeliest code with its base rate and the record of such forecasts, on one line.

    Empty where the target is silent.
    """
    for one in likeliest(target.likelihoods)[:1]:
        given, base = f"{one.probability * 100:.0f}%", f"{one.base_rate * 100:.0f}%"
        return f"{target.target} {one.code} {given} (base {base}; {verdict_of(target.score)})"
    return ""


def likeliest(likelihoods: tuple[Likelihood, ...]) -> tuple[Likelihood, ...]:
    """The most probable first; equal ones in the rulebook's order."""
    return tuple(sorted(likelihoods, key=lambda one: -one.probability))
