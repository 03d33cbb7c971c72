"""Forecasts in plain words: why one is silent, and how such forecasts have done."""

from __future__ import annotations

from allusedesk.domain.forecasts import ForecastMade, ForecastScore, Likelihood

NO_FORECAST = "No forecast yet: the model is silent until enough weeks are labelled."


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
    low, high = f"{score.gain_low:+.3f}", f"{score.gain_high:+.3f}"
    band = f"{score.gain:+.3f} nats a week, 95% from {low} to {high}"
    if score.is_better:
        return f"better than the base rates over {score.weeks} weeks ({band})."
    return f"no better than the base rates over {score.weeks} weeks ({band})."


def likeliest(likelihoods: tuple[Likelihood, ...]) -> tuple[Likelihood, ...]:
    """The most probable first; equal ones in the rulebook's order."""
    return tuple(sorted(likelihoods, key=lambda one: -one.probability))
